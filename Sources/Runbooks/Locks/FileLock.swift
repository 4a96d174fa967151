internal import Digest
internal import Glibc
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import SystemPackage

/// `lock: file`: keeps the runs of one machine and one state folder apart.
///
/// The kernel gives the lock back when the process ends, however it ends; the file stays, because
/// a file that goes away while somebody waits for it can be locked twice.
public struct FileLock: LockKind {
  private let folder: FilePath

  /// Locks in a folder, which is made when it is needed.
  public init(folder: String) { self.folder = FilePath(folder) }

  /// Takes the lock or throws `LockBusy`.
  public func acquire(
    group: String, holder: LockHolder, wait: Duration
  ) async throws -> any HeldLock {
    try DurableFile.makeFolder(folder)
    let path = folder.appending(SHA256.hex(of: group).prefix(32) + ".lock")
    let clock = ContinuousClock()
    let deadline = clock.now + wait
    let file = try open(path)
    do {
      while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else {
          throw DurableFile.failure("lock", path, Errno(rawValue: errno))
        }
        guard clock.now < deadline else {
          throw LockBusy(group: group, holder: LockHolder.read(from: file))
        }
        try await Task.sleep(for: min(.milliseconds(100), max(.zero, deadline - clock.now)))
      }
      try holder.write(to: file)
    } catch {
      try? file.close()
      throw error
    }
    return HeldFileLock(file: file)
  }

  private func open(_ path: FilePath) throws(RunError) -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
    } catch {
      throw DurableFile.failure("open", path, error)
    }
  }
}

private struct HeldFileLock: HeldLock {
  let file: FileDescriptor

  /// The kernel keeps it for as long as the process lives.
  func isHeld() async -> Bool { true }

  func release() async {
    _ = ftruncate(file.rawValue, 0)
    try? file.close()
  }
}

extension LockHolder {
  /// Leaves the record in the locked file, for those who come too late.
  func write(to file: FileDescriptor) throws {
    let record: JSON = [
      "user": .string(user), "host": .string(host), "pid": .int(Int64(pid)), "run": .string(run),
      "since": .string(since.rfc3339()),
    ]
    guard ftruncate(file.rawValue, 0) == 0 else { throw Errno(rawValue: errno) }
    _ = try file.writeAll(toAbsoluteOffset: 0, record.text().utf8)
  }

  /// Reads who holds the file; nil in the moment before the holder has written it.
  static func read(from file: FileDescriptor) -> LockHolder? {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count =
      (try? bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) })
    guard let record = try? JSON(parsing: bytes.prefix(count ?? 0)),
      let user = record["user"]?.string, let host = record["host"]?.string,
      let pid = record["pid"]?.int, let run = record["run"]?.string,
      let since = record["since"]?.string.flatMap(Timestamp.init(parsing:))
    else { return nil }
    return LockHolder(user: user, host: host, pid: Int32(clamping: pid), run: run, since: since)
  }
}
