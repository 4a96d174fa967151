import Glibc
import SystemPackage

@testable import Alembic

/// A folder with files that is gone when nobody holds it any more.
final class TemporaryProject: Sendable {
  let folder: String

  init(_ files: [String: String]) throws {
    var template = Array("/tmp/omcops-project-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else { throw Errno(rawValue: errno) }
    folder = Folder.resolved(String(cString: path))
    for (name, text) in files { try write(name, text) }
  }

  deinit {
    TemporaryProject.remove(folder)
  }

  func write(_ name: String, _ text: String) throws {
    let path = FilePath(folder).pushing(FilePath(name))
    var parent = FilePath(folder)
    for component in FilePath(name).removingLastComponent().components {
      parent.append(component)
      mkdir(parent.string, 0o755)
    }
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  func project(_ files: [String] = [], section: String = "alembic") throws -> Project {
    try Project(ProjectLocator(files: files, section: section, workingFolder: folder))
  }

  private static func remove(_ path: String) {
    if let contents = try? Folder.contents(of: path) {
      for name in contents.folders { remove(path + "/" + name) }
      for name in contents.files { unlink(path + "/" + name) }
    }
    rmdir(path)
  }
}
