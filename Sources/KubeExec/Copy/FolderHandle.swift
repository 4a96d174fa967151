internal import Glibc
internal import SystemPackage

/// An open folder. What is done in it is done by name in this folder and follows no symbolic link,
/// whatever somebody puts in its place meanwhile.
final class FolderHandle {
  let descriptor: Int32

  private init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  private static let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC

  /// Opens a folder that somebody has named; links on the way are theirs.
  convenience init(path: String) throws(Errno) {
    try self.init(checked: open(path, Self.flags))
  }

  private convenience init(checked descriptor: Int32) throws(Errno) {
    guard descriptor >= 0 else { throw Errno(rawValue: errno) }
    self.init(descriptor: descriptor)
  }

  /// Opens a folder in this one.
  func folder(_ name: [UInt8]) throws(Errno) -> FolderHandle {
    try FolderHandle(checked: openat(descriptor, Self.c(name), Self.flags | O_NOFOLLOW))
  }

  /// Makes a folder that only its owner may use for now.
  func makeFolder(_ name: [UInt8]) throws(Errno) {
    try check(mkdirat(descriptor, Self.c(name), 0o700))
  }

  /// What stands under the name; nil for nothing.
  func status(_ name: [UInt8]) throws(Errno) -> stat? {
    var status = stat()
    if fstatat(descriptor, Self.c(name), &status, AT_SYMLINK_NOFOLLOW) == 0 { return status }
    if errno == ENOENT { return nil }
    throw Errno(rawValue: errno)
  }

  /// The names in it in the order of their bytes.
  func names() throws(Errno) -> [[UInt8]] {
    // The stream owns its descriptor, and reads from the beginning.
    let own = openat(descriptor, ".", Self.flags)
    guard own >= 0 else { throw Errno(rawValue: errno) }
    guard let stream = fdopendir(own) else {
      let error = Errno(rawValue: errno)
      close(own)
      throw error
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
      errno = 0
    }
    if errno != 0 { throw Errno(rawValue: errno) }
    return names.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Removes a name with all that is below it.
  func removeTree(_ name: [UInt8]) throws(Errno) {
    if unlinkat(descriptor, Self.c(name), 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw Errno(rawValue: errno) }
    let inner = try folder(name)
    for child in try inner.names() { try inner.removeTree(child) }
    try check(unlinkat(descriptor, Self.c(name), AT_REMOVEDIR))
  }

  /// Moves a name from here to another folder, in place of a file that has the name there.
  func move(_ name: [UInt8], to folder: FolderHandle, as other: [UInt8]) throws(Errno) {
    try check(renameat(descriptor, Self.c(name), folder.descriptor, Self.c(other)))
  }

  /// Opens a file to read.
  func openFile(_ name: [UInt8]) throws(Errno) -> FileDescriptor {
    // Something else may have come in the file's place; a FIFO must not hold us.
    let file = openat(descriptor, Self.c(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: file)
  }

  /// Makes a file that is not there yet.
  func makeFile(_ name: [UInt8]) throws(Errno) -> FileDescriptor {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = openat(descriptor, Self.c(name), flags, 0o600)
    guard file >= 0 else { throw Errno(rawValue: errno) }
    return FileDescriptor(rawValue: file)
  }

  /// Removes a file or link that is in the way; nothing there is fine.
  func removeFile(_ name: [UInt8]) throws(Errno) {
    if unlinkat(descriptor, Self.c(name), 0) != 0, errno != ENOENT {
      throw Errno(rawValue: errno)
    }
  }

  /// Makes a symbolic link.
  func makeLink(_ name: [UInt8], to target: [UInt8]) throws(Errno) {
    try check(symlinkat(Self.c(target), descriptor, Self.c(name)))
  }

  /// Gives what stands under a name in another folder this name too.
  func makeHardLink(_ name: [UInt8], to other: [UInt8], in folder: FolderHandle) throws(Errno) {
    try check(linkat(folder.descriptor, Self.c(other), descriptor, Self.c(name), 0))
  }

  /// Where a link leads.
  func target(of name: [UInt8]) throws(Errno) -> [UInt8] {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = readlinkat(descriptor, Self.c(name), &buffer, buffer.count)
    guard count >= 0 else { throw Errno(rawValue: errno) }
    return buffer[..<count].map { UInt8(bitPattern: $0) }
  }

  /// Sets the time of change of a name, of a link itself.
  func setTime(_ name: [UInt8], _ entry: TarEntry) throws(Errno) {
    try check(utimensat(descriptor, Self.c(name), Self.times(entry), AT_SYMLINK_NOFOLLOW))
  }

  /// The times that a member wants to have, as system calls take them.
  static func times(_ entry: TarEntry) -> [timespec] {
    let changed = timespec(tv_sec: Int(entry.seconds), tv_nsec: entry.nanoseconds)
    return [changed, changed]
  }

  private func check(_ result: Int32) throws(Errno) {
    if result != 0 { throw Errno(rawValue: errno) }
  }

  private static func c(_ name: [UInt8]) -> [CChar] {
    name.map { CChar(bitPattern: $0) } + [0]
  }
}
