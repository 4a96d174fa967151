internal import Glibc
internal import SystemPackage

/// An empty folder that is gone afterwards.
enum ScratchFolder {
  /// In memory where that is possible: a journal is synced after every record.
  static func with<Result>(_ body: (FilePath) async throws -> Result) async throws -> Result {
    let base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    var template = Array("\(base)/omcops-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw DurableFile.failure("make a folder in", FilePath(base), Errno(rawValue: errno))
    }
    let folder = String(
      decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { remove(folder) }
    return try await body(FilePath(folder))
  }

  /// Removes a folder and all in it, following no symbolic link.
  private static func remove(_ folder: String) {
    if let stream = opendir(folder) {
      while let entry = readdir(stream) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let path = folder + "/" + name
        if unlink(path) != 0 { remove(path) }
      }
      closedir(stream)
    }
    rmdir(folder)
  }
}
