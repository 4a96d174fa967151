internal import Glibc
public import Postgres
public import SystemPackage

/// An empty database for a moment, to replay migrations into.
public enum ScratchDatabase: Sendable {
  /// A server of our own on this machine, which is gone afterwards; nil looks for the newest
  /// programs of PostgreSQL.
  case ownServer(binaries: FilePath? = nil)
  /// A database of a name of its own on a server, whose role may make databases.
  case on(ConnectionSettings)

  /// Runs `body` with the database, which is dropped whatever happens.
  ///
  /// - Parameters:
  ///   - roles: roles that the migrations may name; made where they are missing on a server of our
  ///     own, without the right to log in.
  /// - Throws: what `body` throws; `SandboxError` or `PostgresError` when there is no database.
  public func with<Result: Sendable>(
    roles: [String] = [], applicationName: String,
    _ body: (ConnectionSettings) async throws -> Result
  ) async throws -> Result {
    switch self {
    case .ownServer(let binaries):
      return try await ScratchDatabase.withServer(binaries) { settings in
        let server = DatabaseServer(settings, applicationName: applicationName)
        try await server.withConnection { try await ScratchDatabase.make(roles, over: $0) }
        return try await ScratchDatabase.withDatabase(on: server, body)
      }
    case .on(let settings):
      return try await ScratchDatabase.withDatabase(
        on: DatabaseServer(settings, applicationName: applicationName), body)
    }
  }

  /// Runs `body` with a server of its own, which is gone afterwards.
  ///
  /// - Parameter parent: the folder in which it has one of its own; others must be able to reach it.
  static func withServer<Result: Sendable>(
    _ binaries: FilePath?, in parent: FilePath = "/tmp",
    _ body: (ConnectionSettings) async throws -> Result
  ) async throws -> Result {
    var template = Array(parent.appending("omcops-scratch-XXXXXX").string.utf8CString)
    guard mkdtemp(&template) != nil else {
      throw DBError(
        .fileSystem, "cannot make a folder in \(parent): \(Errno(rawValue: errno))")
    }
    let name = template.dropLast().map { UInt8(bitPattern: $0) }
    let folder = FilePath(String(decoding: name, as: UTF8.self))
    let sandbox: Sandbox
    do {
      sandbox = try await Sandbox.start(
        in: folder, .init(binaries: binaries, endsWithProcess: true))
    } catch {
      // Where no server was found, the folder is still there, and empty.
      rmdir(folder.string)
      throw error
    }
    do {
      let result = try await body(sandbox.settings)
      try await sandbox.stop()
      return result
    } catch {
      // A task of its own: the server must go when this one was cancelled, too.
      try? await Task { try await sandbox.stop() }.value
      throw error
    }
  }

  /// Makes the roles that are missing, without the right to log in.
  static func make(_ roles: [String], over connection: Connection) async throws {
    let known = try await connection.query("SELECT rolname FROM pg_roles").rows
    let missing = Set(roles).subtracting(known.compactMap { $0[0] })
    // Names of this kind are the server's own.
    for role in missing.sorted() where !role.hasPrefix("pg_") {
      try await connection.execute("CREATE ROLE \(quoteIdentifier(role))")
    }
  }

  private static func withDatabase<Result: Sendable>(
    on server: DatabaseServer, _ body: (ConnectionSettings) async throws -> Result
  ) async throws -> Result {
    let name = "omcops_scratch_\(String(UInt64.random(in: .min ... .max), radix: 36))"
    let quoted = quoteIdentifier(name)
    try await server.withMaintenance { connection in
      _ = try await connection.execute("CREATE DATABASE \(quoted) TEMPLATE template0")
    }
    do {
      let result = try await body(server.settings.with(database: name))
      try await drop(quoted, on: server)
      return result
    } catch {
      try? await Task { try await drop(quoted, on: server) }.value
      throw error
    }
  }

  static func drop(_ quoted: String, on server: DatabaseServer) async throws {
    try await server.withMaintenance { connection in
      // FORCE came with 13; whoever used the database here has closed the connection.
      let force = connection.info.majorVersion >= 13 ? " WITH (FORCE)" : ""
      _ = try await connection.execute("DROP DATABASE IF EXISTS \(quoted)\(force)")
    }
  }
}
