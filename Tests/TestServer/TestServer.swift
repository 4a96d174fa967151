public import DBOps
internal import Glibc
public import Postgres
internal import SystemPackage

/// The PostgreSQL server that the tests of one process share, each with a database of its own.
///
/// It is started when the first test asks for it and ends with the process, however that ends.
public actor TestServer {
  /// The server of this process.
  public static let shared = TestServer()

  private var starting: Task<(Sandbox, Connection), any Error>?
  private var lastNumber = 0

  /// The server, running; its database `postgres` is not for tests to change.
  public var sandbox: Sandbox { get async throws { try await running().0 } }

  /// Runs `body` with a fresh, empty database, which is dropped afterwards.
  ///
  /// - Parameter template: a database to copy, to which nobody is connected.
  public static nonisolated(nonsending) func withDatabase<Result>(
    template: String = "template0", _ body: (ConnectionSettings) async throws -> Result
  ) async throws -> Result {
    let settings = try await shared.create(template)
    do {
      let result = try await body(settings)
      try await shared.drop(settings)
      return result
    } catch {
      try await shared.drop(settings)
      throw error
    }
  }

  /// Runs `body` with a connection to a fresh, empty database, which is dropped afterwards.
  public static nonisolated(nonsending) func withConnection<Result>(
    _ body: (Connection) async throws -> Result
  ) async throws -> Result {
    try await withDatabase { settings in
      let connection = try await Connection.open(settings, applicationName: "omcops tests")
      let result = try await body(connection)
      await connection.close()
      return result
    }
  }

  /// Drops a database that a test made by itself; nothing happens when it does not exist.
  public func drop(database: String) async throws {
    try await running().1.execute(
      "DROP DATABASE IF EXISTS \(quoteIdentifier(database)) WITH (FORCE)")
  }

  private func create(_ template: String) async throws -> ConnectionSettings {
    let (sandbox, connection) = try await running()
    lastNumber += 1
    let name = "test_\(lastNumber)"
    // Copying files is quicker than logging them, as nothing here waits for the disk.
    try await connection.execute(
      "CREATE DATABASE \(name) TEMPLATE \(quoteIdentifier(template)) STRATEGY file_copy")
    return sandbox.settings.with(database: name)
  }

  private func drop(_ settings: ConnectionSettings) async throws {
    if let name = settings["dbname"] { try await drop(database: name) }
  }

  private func running() async throws -> (Sandbox, Connection) {
    if let starting { return try await starting.value }
    // A task of its own: the first test to ask may be cancelled, the others still want it.
    let task = Task {
      let folder = FilePath("/tmp/omcops-tests-\(getpid())")
      let sandbox = try await Sandbox.start(
        in: folder,
        Sandbox.Options(
          serverSettings: ["max_connections": "200", "autovacuum": "off"], endsWithProcess: true))
      return (sandbox, try await Connection.open(sandbox.settings, applicationName: "omcops tests"))
    }
    starting = task
    return try await task.value
  }
}
