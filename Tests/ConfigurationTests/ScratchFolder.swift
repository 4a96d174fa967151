import Glibc
import SystemPackage

/// A folder of its own for a test, removed with all that the test wrote when the value goes away.
final class ScratchFolder {
  let path: FilePath
  private var made: [FilePath] = []

  init() throws {
    var template = Array("/tmp/omcops-configuration-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = FilePath(
      String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  deinit {
    for path in made.reversed() { remove(path.string) }
    rmdir(path.string)
  }

  /// Makes a folder and those above it.
  func folder(_ name: String) throws -> String {
    var folder = path
    for component in FilePath(name).components {
      folder.append(component)
      if mkdir(folder.string, 0o700) == 0 {
        made.append(folder)
      } else if errno != EEXIST {
        throw Errno(rawValue: errno)
      }
    }
    return folder.string
  }

  /// Writes a file for its owner alone; gives its path.
  func write(_ text: String, to name: String) throws -> String {
    let file = path.pushing(FilePath(name))
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
    made.append(file)
    return file.string
  }
}
