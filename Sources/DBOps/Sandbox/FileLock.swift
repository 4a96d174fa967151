internal import Glibc
internal import SystemPackage

/// A lock on a file, held until it is released or the process ends.
struct FileLock {
  private let descriptor: FileDescriptor

  /// Takes the lock, or throws `Errno.wouldBlock` when somebody else has it.
  init(_ path: FilePath) throws {
    descriptor = try FileDescriptor.open(
      path, .readWrite, options: [.create, .closeOnExec, .noFollow],
      permissions: .ownerReadWrite)
    if flock(descriptor.rawValue, LOCK_EX | LOCK_NB) != 0 {
      let failure = errno
      try descriptor.close()
      throw Errno(rawValue: failure)
    }
  }

  /// Lets the lock go.
  func release() { try? descriptor.close() }
}
