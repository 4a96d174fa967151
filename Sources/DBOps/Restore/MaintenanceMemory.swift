internal import Archive
internal import Postgres

/// How much memory a session that builds indexes and checks foreign keys may take.
///
/// More than the server's default serves foreign keys, GIN and the like. How much memory the server's
/// machine has, no setting tells; so what its administrator gave it stands for that: an eighth of
/// `effective_cache_size` where somebody has set it, else as much as `shared_buffers`, for all sessions
/// together. Of a server on this machine, reached by its socket, the kernel tells: an eighth of what is
/// available. Never less than the server's own setting, and never more than a gigabyte for one.
///
/// B-trees are another matter: a sort that does not fit in its memory writes runs and merges them, and
/// runs that a processor's cache holds are sorted the faster. The key of 4.8 million rows takes 2.5 s
/// with 16 MB, 3.1 s with the default of 64 MB and 4.2 s with a gigabyte, in which all of it fits; an
/// index on as many random texts 5.5, 6.4 and 8.5 s. So one that has to write gets the least memory with
/// which a single merge will do.
struct MaintenanceMemory: Hashable, Sendable {
  /// How many sessions share it.
  var sessions = 1
  /// What the server's settings say, in kilobytes.
  var current: Int64
  var sharedBuffers: Int64
  /// Nil where nobody has set it: the default is not about this machine.
  var cacheSize: Int64?
  /// What is available on the server's machine, where that is this one.
  var available: Int64?
  /// How many more processes may build an index with the session's own.
  var workers: Int64 = 0
  /// Whether the administrator has set a limit to what a session writes when it sorts.
  var isWritingLimited = false

  private static let most: Int64 = 1 << 20

  private static let leastToSort: Int64 = 16 << 10
  /// What a merge takes for each run: the tuplesort of the server reads 32 pages of 8 KB ahead.
  private static let mergedRun: Int64 = 272
  /// A merge takes no more runs than these, whatever its memory.
  private static let mostRuns: Int64 = 500
  /// With less for each process the server lets one build an index alone.
  private static let leastPerWorker: Int64 = 32 << 10

  /// The setting for each session, in kilobytes.
  var perSession: Int64 {
    let given = max(cacheSize.map { $0 / 8 } ?? sharedBuffers, (available ?? 0) / 8)
    return max(current, min(given / Int64(max(1, sessions)), MaintenanceMemory.most))
  }

  /// The setting for a B-tree on a table of so many bytes, in kilobytes; nil where what it sorts fits
  /// in what the server would give, which then writes nothing.
  func toSort(tableBytes: Int64, isAlone: Bool) -> Int64? {
    // A row has 28 bytes and more before its first column, and takes a little over 40 in a sort.
    let most = tableBytes / 1024 * 2
    if most <= current || isWritingLimited { return nil }
    let oneMerge = max(
      Int64((Double(most) * Double(MaintenanceMemory.mergedRun)).squareRoot()),
      most / MaintenanceMemory.mostRuns)
    let least =
      isAlone && workers > 0
      ? MaintenanceMemory.leastPerWorker * (workers + 1) : MaintenanceMemory.leastToSort
    return min(max(least, oneMerge), perSession)
  }

  /// Asks the server.
  static func ask(
    _ connection: Connection, for sessions: Int
  ) async throws -> MaintenanceMemory {
    let row = try await connection.query(
      """
      SELECT pg_size_bytes(current_setting('maintenance_work_mem')) / 1024,
        pg_size_bytes(current_setting('shared_buffers')) / 1024,
        (SELECT pg_size_bytes(current_setting('effective_cache_size')) / 1024
          FROM pg_settings WHERE name = 'effective_cache_size' AND source <> 'default'),
        current_setting('max_parallel_maintenance_workers')::bigint,
        current_setting('temp_file_limit') <> '-1'
      """
    ).rows[0]
    return MaintenanceMemory(
      sessions: sessions, current: try row.decode(0, as: Int64.self),
      sharedBuffers: try row.decode(1, as: Int64.self),
      cacheSize: try row.decode(2, as: Int64?.self),
      available: connection.info.host.hasPrefix("/") ? availableHere() : nil,
      workers: try row.decode(3, as: Int64.self), isWritingLimited: try row.decode(4, as: Bool.self)
    )
  }

  /// What this machine, and the container that this process is in, have left, in kilobytes.
  private static func availableHere() -> Int64? {
    guard let machine = number("/proc/meminfo", after: "MemAvailable:") else { return nil }
    let limit = number("/sys/fs/cgroup/memory.max", after: "")
    let used = number("/sys/fs/cgroup/memory.current", after: "")
    guard let limit, let used else { return machine }
    return min(machine, max(0, limit - used) / 1024)
  }

  private static func number(_ path: String, after label: String) -> Int64? {
    guard let bytes = try? DurableFile.read(.init(path), atMost: 1 << 16) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    for line in text.split(separator: "\n") where line.hasPrefix(label) {
      return line.dropFirst(label.count).split(separator: " ").first.flatMap { Int64($0) }
    }
    return nil
  }
}
