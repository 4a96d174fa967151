import Glibc
import SystemPackage

/// A folder of its own for a test, removed with everything in it when the value goes away.
final class ScratchFolder: Sendable {
  let path: FilePath

  init() throws {
    var template = Array("/tmp/omcops-dbops-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = FilePath(
      String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  deinit { Self.remove(path) }

  static func remove(_ folder: FilePath) {
    guard let stream = opendir(folder.string) else { return }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name == "." || name == ".." { continue }
      let path = folder.appending(name)
      if unlink(path.string) != 0 { remove(path) }
    }
    closedir(stream)
    rmdir(folder.string)
  }

  /// The names in a folder under this one.
  func names(in folder: FilePath? = nil) -> [String] { Self.names(in: folder ?? path) }

  /// The names in any folder.
  static func names(in folder: FilePath) -> [String] {
    guard let stream = opendir(folder.string) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> FilePath {
    let file = path.appending(name)
    let descriptor = try FileDescriptor.open(
      file, .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    _ = try descriptor.closeAfter { try descriptor.writeAll(bytes) }
    return file
  }

  func read(_ name: String) throws -> [UInt8] {
    let descriptor = try FileDescriptor.open(path.appending(name), .readOnly)
    return try descriptor.closeAfter {
      let size = Int(try descriptor.seek(offset: 0, from: .end))
      try descriptor.seek(offset: 0, from: .start)
      return try [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = try descriptor.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }
}
