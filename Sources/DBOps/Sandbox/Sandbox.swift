internal import Glibc
public import Postgres
internal import Quantities
public import SystemPackage

/// A throwaway PostgreSQL server in a folder of its own, reachable by a Unix socket only where nothing else is
/// asked for.
///
/// It keeps nothing safe: it never waits for the disk, and stopping it removes everything.
public final class Sandbox: Sendable {
  /// How a sandbox is made.
  public struct Options: Sendable {
    /// The folder of the server's programs; nil looks for the newest installed ones.
    public var binaries: FilePath?
    /// Settings of the server beyond our own, as `["wal_level": "logical"]`.
    public var serverSettings: [String: String]
    /// Whether it also listens at a free port of `address`, where it asks for a password.
    public var listensOnPort: Bool
    /// An address of this machine; at others than 127.0.0.1 anybody may ask who reaches it.
    public var address = "127.0.0.1"
    /// Whether the server ends with this process, even when that is killed.
    public var endsWithProcess: Bool

    /// Creates options.
    public init(
      binaries: FilePath? = nil, serverSettings: [String: String] = [:],
      listensOnPort: Bool = false, endsWithProcess: Bool = false
    ) {
      self.binaries = binaries
      self.serverSettings = serverSettings
      self.listensOnPort = listensOnPort
      self.endsWithProcess = endsWithProcess
    }
  }

  /// The folder that holds everything of it.
  public let folder: FilePath
  /// How to connect to its database `postgres` as its superuser.
  public let settings: ConnectionSettings
  private let watch: SandboxGuard?

  private init(folder: FilePath, settings: ConnectionSettings, watch: SandboxGuard?) {
    self.folder = folder
    self.settings = settings
    self.watch = watch
  }

  /// Starts a server in `folder`, which must be absent, empty, or what is left of a sandbox that
  /// crashed; gives it when it takes connections.
  ///
  /// - Throws: `SandboxError`; nothing is left over then.
  public static func start(
    in folder: FilePath, _ options: Options = Options()
  ) async throws -> Sandbox {
    let site = try SandboxSite(folder)
    let binaries = try await ServerBinaries.find(in: options.binaries)
    let lock = try site.claim()
    defer { withExtendedLifetime(lock) {} }
    if site.record != nil {
      guard !site.processes.isRunning else {
        throw SandboxError(
          .alreadyRunning, "a sandbox runs in \(site.folder) already",
          hint: "`omcops sandbox url` says how to reach it, `omcops sandbox stop` ends it")
      }
      try await site.clear()
    }
    var watch: SandboxGuard?
    do {
      let record = try site.prepare(
        binaries, listensAt: options.listensOnPort ? options.address : nil)
      if options.endsWithProcess {
        watch = try SandboxGuard(folder: site.folder, socketFolder: FilePath(record.socketFolder))
      }
      try await ServerStart(site: site, binaries: binaries, record: record)
        .run(options.serverSettings)
      return Sandbox(folder: site.folder, settings: record.settings, watch: watch)
    } catch {
      // A task of its own: the clearing has to happen when this one was cancelled, too.
      try await Task { try await site.removeAll() }.value
      watch?.release()
      throw error
    }
  }

  /// Ends the server and removes all that it had.
  public func stop() async throws {
    _ = try await Sandbox.stop(in: folder)
    watch?.release()
  }

  /// Ends whatever runs in a sandbox's folder and removes the folder; false when there was nothing.
  public static func stop(in folder: FilePath) async throws -> Bool {
    let site = try SandboxSite(folder)
    guard site.record != nil else { return false }
    let lock = try site.claim()
    defer { withExtendedLifetime(lock) {} }
    try await site.removeAll()
    return true
  }

  /// What is in a sandbox's folder.
  public enum Status: Sendable {
    /// Nothing of ours.
    case absent
    /// A server, with the way to reach it.
    case running(SandboxRecord, ConnectionSettings)
    /// What is left of one that crashed.
    case stale(SandboxRecord)
  }

  /// Looks into a folder.
  public static func status(in folder: FilePath) throws -> Status {
    let site = try SandboxSite(folder)
    guard let record = site.record else { return .absent }
    return site.processes.isRunning ? .running(record, record.settings) : .stale(record)
  }
}

extension SandboxRecord {
  var settings: ConnectionSettings {
    if let port, let password {
      return ConnectionSettings(parameters: [
        "host": address, "port": String(port), "user": "postgres", "password": password,
        "dbname": "postgres",
      ])
    }
    return ConnectionSettings(parameters: [
      "host": socketFolder, "port": "5432", "user": "postgres", "dbname": "postgres",
    ])
  }
}
