internal import DBOps
internal import Glibc
internal import Processes
public import SystemPackage

/// What a run has on this machine beside its databases: a folder, and processes, which are known by a
/// variable of their environment.
///
/// A record of it is there before either, and locked as long as the run lives. A record whose lock is free
/// is of a run that was killed: the next one takes away what it names, and nothing else.
public final class RunTraces: Sendable {
  /// What a run that was killed had left.
  public struct Leftovers: Sendable {
    /// Folders that are gone now.
    public var folders: [String] = []
    /// How many processes were ended.
    public var processes = 0
    /// How many runs are on their way, of which nothing was touched.
    public var alive = 0
  }

  static let variable = "OMCOPS_TEST_RUN"

  /// An empty folder that only this user can enter.
  public let folder: String
  let id: String
  private let record: FilePath
  private let lock: FileLock

  private init(id: String, folder: String, record: FilePath, lock: FileLock) {
    self.id = id
    self.folder = folder
    self.record = record
    self.lock = lock
  }

  /// Runs `body` with a folder; afterwards it and the run's processes are gone.
  ///
  /// - Parameters:
  ///   - records: where records are kept; made where it is not there.
  ///   - parent: the folder that the run's own is made in.
  public static func with<Result>(
    recordsIn records: FilePath, under parent: String,
    _ body: (RunTraces) async throws -> Result
  ) async throws -> Result {
    let traces = try RunTraces.begin(records, parent)
    do {
      let result = try await body(traces)
      await traces.remove()
      return result
    } catch {
      await traces.remove()
      throw error
    }
  }

  /// The mark of a part of the run: what bears it can be ended alone.
  public func mark(_ part: String) -> [String: String] { [RunTraces.variable: "\(id)/\(part);"] }

  /// Ends what bears a part's mark.
  func end(_ part: String) async {
    // With the sign at its end: "shard-1" begins "shard-12", too.
    await MarkedProcesses(variable: RunTraces.variable, beginning: "\(id)/\(part);").end()
  }

  // MARK: Beginning and end

  /// Whether a folder is there, made where it was not, that is this user's own and can be written to.
  public static func canKeepRecords(in records: FilePath) -> Bool {
    makeFolders(records)
    var status = stat()
    // Nobody else may have put it there, not even as a link: what is named in it is removed.
    return lstat(records.string, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      && status.st_uid == geteuid() && access(records.string, W_OK | X_OK) == 0
  }

  private static func begin(_ records: FilePath, _ parent: String) throws -> RunTraces {
    guard canKeepRecords(in: records) else {
      throw TestFailure(
        "no record of this run can be kept: \(records) cannot be written to, or is not yours",
        hint: "name another folder: XDG_STATE_HOME, or TMPDIR")
    }
    for _ in 0..<10 {
      let id = String(UInt64.random(in: .min ... .max), radix: 16)
      let record = records.appending(id)
      let folder = "\(parent)/\(folderName(id))"
      guard let lock = try FileLock(record, create: true, wait: false) else { continue }
      do {
        try write(folder, to: record)
      } catch let reason as Errno {
        unlink(record.string)
        throw TestFailure(
          "no record of this run can be kept in \(records): \(reason)",
          hint: "name another folder: XDG_STATE_HOME")
      }
      // Whoever cleans up may have had the lock before us, and taken the record away.
      guard access(record.string, F_OK) == 0 else { continue }
      guard mkdir(folder, 0o700) == 0 else {
        let reason = Errno(rawValue: errno)
        unlink(record.string)
        throw TestFailure("cannot make \(folder): \(reason)")
      }
      return RunTraces(id: id, folder: folder, record: record, lock: lock)
    }
    throw TestFailure("cannot keep a record of this run in \(records)")
  }

  private func remove() async {
    await MarkedProcesses(variable: RunTraces.variable, beginning: id + "/").end()
    try? FolderTree.remove(FilePath(folder))
    unlink(record.string)
    withExtendedLifetime(lock) {}
  }

  private static func folderName(_ id: String) -> String { "omcops-test-\(id)" }

  // MARK: What killed runs left

  /// Takes away what runs have left whose records are in a folder.
  public static func removeLeftovers(recordsIn records: FilePath) async -> Leftovers {
    var leftovers = Leftovers()
    for id in FolderTree.names(in: records) where UInt64(id, radix: 16) != nil {
      let record = records.appending(id)
      let free: FileLock?
      do { free = try FileLock(record, wait: false) } catch { continue }
      guard let lock = free else {
        leftovers.alive += 1
        continue
      }
      leftovers.processes += await MarkedProcesses(variable: variable, beginning: id + "/").end()
      let named = FilePath(text(of: record))
      // Whatever a record says, nothing else is ever removed.
      if named.isAbsolute, named.lastComponent?.string == folderName(id),
        access(named.string, F_OK) == 0, (try? FolderTree.remove(named)) != nil
      {
        leftovers.folders.append(named.string)
      }
      unlink(record.string)
      withExtendedLifetime(lock) {}
    }
    return leftovers
  }

  private static func makeFolders(_ path: FilePath) {
    var built = FilePath("/")
    for component in path.components {
      built.append(component)
      mkdir(built.string, 0o700)
    }
  }

  private static func write(_ folder: String, to record: FilePath) throws {
    let file = try FileDescriptor.open(record, .writeOnly, options: .closeOnExec)
    try file.closeAfter { _ = try file.writeAll(folder.utf8) }
  }

  private static func text(of record: FilePath) -> String {
    guard let file = try? FileDescriptor.open(record, .readOnly, options: .closeOnExec) else {
      return ""
    }
    defer { try? file.close() }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = (try? bytes.withUnsafeMutableBytes { try file.read(into: $0) }) ?? 0
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}
