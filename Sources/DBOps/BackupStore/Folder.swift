internal import Archive
internal import Glibc
public import SystemPackage

/// A folder in the file system.
struct Folder {
  let path: FilePath

  /// The names in it, sorted, without `.` and `..`.
  func names() throws -> [String] {
    guard let stream = opendir(path.string) else { throw failure("read the folder") }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Makes it, readable by its owner alone, if it is not there.
  func create() throws {
    guard mkdir(path.string, 0o700) == 0 || errno == EEXIST else { throw failure("create") }
  }

  /// Removes the files in it, and it. Folders within are not expected and keep it alive.
  func remove() throws {
    for name in try names() {
      guard unlink(path.appending(name).string) == 0 || errno == ENOENT else {
        throw failure("remove \(name) from")
      }
    }
    guard rmdir(path.string) == 0 || errno == ENOENT else { throw failure("remove") }
  }

  /// Whether there is a folder of this name.
  var exists: Bool {
    var status = stat()
    return stat(path.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// How many bytes an ordinary user can still write to its file system.
  func freeBytes() throws -> Int64 {
    var status = statvfs()
    guard statvfs(path.string, &status) == 0 else { throw failure("look at") }
    return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
  }

  private func failure(_ deed: String) -> DBError {
    DBError(.fileSystem, "cannot \(deed) \(path): \(Errno(rawValue: errno))")
  }
}

/// An advisory lock on a file or folder, which the kernel lets go when the process ends in
/// whatever way.
public final class FileLock: Sendable {
  private let descriptor: FileDescriptor

  /// Takes the lock, waiting for it if told so; nil when somebody else holds it.
  ///
  /// Throws `Errno` when the file cannot be opened or its file system has no locks.
  public init?(_ path: FilePath, create: Bool = false, wait: Bool) throws {
    descriptor =
      create
      ? try .open(
        path, .readWrite, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
      : try .open(path, .readOnly, options: .closeOnExec)
    while flock(descriptor.rawValue, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0 {
      let error = Errno(rawValue: errno)
      if error == .interrupted { continue }
      try? descriptor.close()
      if error == .wouldBlock { return nil }
      throw error
    }
  }

  deinit { try? descriptor.close() }
}
