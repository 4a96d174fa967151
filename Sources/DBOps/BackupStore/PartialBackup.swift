internal import Archive
internal import Glibc
public import SystemPackage

/// A backup that is being written: a folder beside its final name, which it gets at the very end; or
/// which holds a custom archive until that gets its name.
///
/// Its writer holds a lock on a file in it. The kernel lets that go with the process, so what a
/// dead writer left is told from what a living one works on without trusting process numbers,
/// which mean nothing across containers and reboots.
public final class PartialBackup: Sendable {
  private static let marker = ".partial-"
  static let lockName = ".writer"

  /// The final name of the folder: the backup's id.
  public let id: String
  /// Where to write until `commit`.
  public let path: FilePath
  private let target: FilePath
  private let lock: FileLock

  /// Makes the folder, beside `target`, after the leftovers of dead writers there are removed.
  ///
  /// Throws `DBError` when `target` exists and is not an empty folder.
  public static func begin(at target: FilePath) throws -> PartialBackup {
    guard let id = target.lastComponent?.string else {
      throw DBError(.invalidRequest, "\(target) is not a name for a backup")
    }
    try checkFree(target)
    let parent = PartialBackup.parent(of: target)
    return try PartialBackup.exclusively(in: parent) {
      removeLeftovers(in: parent)
      let unique = String(UInt32.random(in: .min ... .max), radix: 16)
      let path = parent.appending("\(id)\(marker)\(getpid())-\(unique)")
      guard mkdir(path.string, 0o700) == 0 else {
        throw DBError(.fileSystem, "cannot create \(path): \(Errno(rawValue: errno))")
      }
      do {
        guard let lock = try FileLock(path.appending(lockName), create: true, wait: false) else {
          throw Errno.wouldBlock
        }
        return PartialBackup(id: id, path: path, target: target, lock: lock)
      } catch {
        try? Folder(path: path).remove()
        throw DBError(.fileSystem, "cannot lock \(path): \(error)")
      }
    }
  }

  private init(id: String, path: FilePath, target: FilePath, lock: FileLock) {
    self.id = id
    self.path = path
    self.target = target
    self.lock = lock
  }

  /// Writes the manifest and gives the folder its final name: from then on, and not a moment
  /// before, the backup exists. Every data file must have been synced.
  public func commit(_ manifest: Manifest) throws {
    try manifest.write(into: path)
    let parent = PartialBackup.parent(of: target)
    try PartialBackup.exclusively(in: parent) {
      try PartialBackup.checkFree(target)
      unlink(path.appending(PartialBackup.lockName).string)
      try DurableFile.syncFolder(path)
      try DurableFile.rename(path, to: target)
    }
  }

  /// The archive of one file that is written into the folder until `commitFile`.
  var file: FilePath { path.appending(id) }

  /// Gives the archive of one file its final name and place, as `commit` does with a folder. It must
  /// have been synced.
  func commitFile() throws {
    try PartialBackup.exclusively(in: PartialBackup.parent(of: target)) {
      try PartialBackup.checkFree(target)
      try DurableFile.rename(file, to: target)
    }
    try Folder(path: path).remove()
  }

  /// Removes everything that was written.
  public func abandon() throws { try Folder(path: path).remove() }

  /// Removes what writers left that were killed: partial folders whose lock nobody holds.
  ///
  /// What cannot be decided or removed stays; the next writer tries again.
  /// - Returns: the names that were removed.
  @discardableResult
  public static func removeLeftovers(in parent: FilePath) -> [String] {
    let names = (try? Folder(path: parent).names()) ?? []
    return names.filter { isPartial($0) }.filter { name in
      let folder = Folder(path: parent.appending(name))
      do {
        guard try FileLock(folder.path.appending(lockName), wait: false) != nil else {
          return false
        }
      } catch Errno.noSuchFileOrDirectory {
        // Killed between two steps that happen while the parent is locked, which it is now.
      } catch {
        return false
      }
      return (try? folder.remove()) != nil
    }
  }

  /// Whether a folder's name is that of an unfinished backup.
  static func isPartial(_ name: String) -> Bool {
    guard let range = name.utf8.lastRange(of: marker.utf8) else { return false }
    let rest = name.utf8[range.upperBound...].split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return rest.count == 2
      && rest[0].allSatisfy { (0x30...0x39).contains($0) } && !rest[0].isEmpty
      && UInt32(String(rest[1]) ?? "", radix: 16) != nil
  }

  private static func parent(of target: FilePath) -> FilePath {
    let parent = target.removingLastComponent()
    return parent.isEmpty ? "." : parent
  }

  private static func checkFree(_ target: FilePath) throws {
    var status = stat()
    guard lstat(target.string, &status) == 0 else { return }
    if Folder(path: target).exists, try Folder(path: target).names().isEmpty { return }
    throw DBError(
      .targetExists, "\(target) exists already", hint: "name one that does not exist")
  }

  /// Holds the parent folder's lock, so that folders do not appear or vanish half-made.
  private static func exclusively<T>(in parent: FilePath, _ body: () throws -> T) throws -> T {
    let lock: FileLock?
    do {
      lock = try FileLock(parent, wait: true)
    } catch Errno.noSuchFileOrDirectory {
      throw DBError(.fileSystem, "the folder \(parent) does not exist")
    } catch let error as Errno where error == .permissionDenied {
      throw DBError(.fileSystem, "cannot read the folder \(parent): \(error)")
    } catch {
      // Network file systems do not lock folders; the lock inside each backup still holds.
      lock = nil
    }
    return try withExtendedLifetime(lock) { try body() }
  }
}

extension Collection where Element == UInt8 {
  /// The place of the last occurrence of `other`.
  fileprivate func lastRange(of other: some Collection<UInt8>) -> Range<Index>? {
    var found: Range<Index>?
    var start = startIndex
    while start != endIndex {
      if self[start...].starts(with: other) {
        found = start..<index(start, offsetBy: other.count)
      }
      start = index(after: start)
    }
    return found
  }
}
