internal import DBOps
internal import Diagnostics
internal import Glibc
internal import SystemPackage

/// The place of one drill's throwaway server and backups, held by a lock for as long as the drill
/// lives: what nobody holds any more is what a killed drill left behind.
final class DrillSite: Sendable {
  /// Everything of the drill; the server's sandbox makes it, and takes all of it away.
  let folder: FilePath
  private let lock: FileDescriptor

  /// The folder of all drills of this user.
  static var drills: FilePath { FilePath("/tmp/omcops-drills-\(geteuid())") }

  /// Takes a new place.
  init() throws {
    try DrillSite.makeFolder()
    let letters = Array("abcdefghjkmnpqrstuvwxyz23456789")
    let name = String((0..<6).map { _ in letters[Int.random(in: letters.indices)] })
    folder = DrillSite.drills.appending(name)
    lock = try DrillSite.open(DrillSite.lock(of: folder))
    guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      throw DrillSiteTaken(folder: folder)
    }
  }

  /// Gives the place up.
  func release() {
    unlink(DrillSite.lock(of: folder).string)
    try? lock.close()
  }

  /// Ends and removes what drills left behind that were killed; gives their folders.
  static func clean() async throws -> [FilePath] {
    var cleaned: [FilePath] = []
    for lock in locks() {
      guard let file = try? open(lock) else { continue }
      defer { try? file.close() }
      guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else { continue }
      let folder = FilePath(String(lock.string.dropLast(".lock".count)))
      if try await Sandbox.stop(in: folder) { cleaned.append(folder) }
      rmdir(folder.string)
      unlink(lock.string)
    }
    return cleaned
  }

  private static func lock(of folder: FilePath) -> FilePath { FilePath(folder.string + ".lock") }

  private static func open(_ path: FilePath) throws -> FileDescriptor {
    try FileDescriptor.open(
      path, .readWrite, options: [.create, .closeOnExec], permissions: [.ownerReadWrite])
  }

  private static func locks() -> [FilePath] {
    guard let stream = opendir(drills.string) else { return [] }
    defer { closedir(stream) }
    var found: [FilePath] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".lock") { found.append(drills.appending(name)) }
    }
    return found
  }

  /// Others may pass through it: the server need not run as this user.
  private static func makeFolder() throws {
    if mkdir(drills.string, 0o755) != 0, errno != EEXIST { throw Errno(rawValue: errno) }
    var status = stat()
    guard lstat(drills.string, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid()
    else { throw DrillSiteTaken(folder: drills) }
  }
}

/// Somebody else has the folder.
private struct DrillSiteTaken: Failure {
  var folder: FilePath
  var message: String { "\(folder) is no folder of yours" }
  var hint: String? { "look at it, and take it away if nobody needs it" }
}
