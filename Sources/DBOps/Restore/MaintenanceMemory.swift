internal import Archive
internal import Postgres

/// How much memory a session that builds indexes and checks foreign keys may take.
///
/// More than the server's default saves it from sorting on disk. How much memory the server's machine
/// has, no setting tells; so what its administrator gave it stands for that: an eighth of
/// `effective_cache_size` where somebody has set it, else as much as `shared_buffers`, for all sessions
/// together. Of a server on this machine, reached by its socket, the kernel tells: an eighth of what is
/// available. Never less than the server's own setting, and never more than a gigabyte for one.
struct MaintenanceMemory: Hashable, Sendable {
  /// What the server's settings say, in kilobytes.
  var current: Int64
  var sharedBuffers: Int64
  /// Nil where nobody has set it: the default is not about this machine.
  var cacheSize: Int64?
  /// What is available on the server's machine, where that is this one.
  var available: Int64?

  private static let most: Int64 = 1 << 20

  /// The setting for each of so many sessions, in kilobytes.
  func perSession(of sessions: Int) -> Int64 {
    let given = max(cacheSize.map { $0 / 8 } ?? sharedBuffers, (available ?? 0) / 8)
    return max(current, min(given / Int64(max(1, sessions)), MaintenanceMemory.most))
  }

  /// Asks the server.
  static func ask(_ connection: Connection) async throws -> MaintenanceMemory {
    let row = try await connection.query(
      """
      SELECT pg_size_bytes(current_setting('maintenance_work_mem')) / 1024,
        pg_size_bytes(current_setting('shared_buffers')) / 1024,
        (SELECT pg_size_bytes(current_setting('effective_cache_size')) / 1024
          FROM pg_settings WHERE name = 'effective_cache_size' AND source <> 'default')
      """
    ).rows[0]
    return MaintenanceMemory(
      current: try row.decode(0, as: Int64.self), sharedBuffers: try row.decode(1, as: Int64.self),
      cacheSize: try row.decode(2, as: Int64?.self),
      available: connection.info.host.hasPrefix("/") ? availableHere() : nil)
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
