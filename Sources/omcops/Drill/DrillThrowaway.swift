internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import OrderedCollections
internal import Postgres
internal import Runbooks
internal import SystemPackage

/// The throwaway PostgreSQL of a drill: a server of its own, with a database that the project's
/// revisions and the seed have filled, and a backup of that.
///
/// It is known by its own address only: nothing of an environment is looked up.
final class DrillThrowaway: Sendable {
  /// What it is filled with.
  struct Filling: Sendable {
    /// The revision that the database is brought to; nil where there is no project of revisions.
    var revision: String?
    /// SQL that runs then.
    var seed: FilePath?
  }

  static let database = "drill"
  let target: DatabaseTarget
  private let sandbox: Sandbox
  private static let applicationName = "omcops runbook drill"

  private init(_ sandbox: Sandbox, _ target: DatabaseTarget) {
    self.sandbox = sandbox
    self.target = target
  }

  /// Starts the server; it ends with this process, also when that is killed.
  static func start(in folder: FilePath, binaries: FilePath?) async throws -> DrillThrowaway {
    let sandbox = try await Sandbox.start(
      in: folder, Sandbox.Options(binaries: binaries, endsWithProcess: true))
    do {
      let backups = folder.appending("backups")
      if mkdir(backups.string, 0o700) != 0 { throw Errno(rawValue: errno) }
      let connection = try await Connection.open(
        sandbox.settings, applicationName: applicationName)
      try await connection.execute("CREATE DATABASE \(database)")
      await connection.close()
      return DrillThrowaway(
        sandbox, try target(sandbox.settings.with(database: database), backups))
    } catch {
      try? await sandbox.stop()
      throw error
    }
  }

  /// The database as an environment without a name.
  private static func target(
    _ settings: ConnectionSettings, _ backups: FilePath
  ) throws -> DatabaseTarget {
    let words = settings.parameters.sorted { $0.key < $1.key }
      .map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
    let environment = try Configuration().resolve(
      Selection(url: words), variables: ["OMCOPS_BACKUPS": backups.string])
    return try DatabaseTarget(environment)
  }

  /// Fills the database and backs it up, by the same actions that runbooks use.
  func fill(
    _ filling: Filling, by actions: [any Action], _ context: Context,
    progress: @escaping @Sendable (String) -> Void
  ) async throws {
    @discardableResult
    func perform(_ name: String, _ with: OrderedDictionary<String, Value>) async throws -> Value {
      guard let action = actions.first(where: { $0.name == name }) else { return .null }
      let run = RunIdentity(
        id: "drill", shortID: "drill", startedAt: .now(), user: "drill", host: "drill")
      return try await action.run(ActionCall(with: with, run: run, progress: progress)).result
    }
    let isBelow = filling.revision == "previous"
    do {
      if let revision = filling.revision {
        progress("bringing the throwaway database to \(revision)")
        try await perform("db.migrate", ["to": .string(isBelow ? "heads" : revision)])
      }
      if let seed = filling.seed {
        progress("filling it with \(seed)")
        try await run(seed, context)
      }
      if isBelow {
        let status = try await perform("db.migrate.status", ["to": "-1", "direction": "down"])
        let below = status["target"]?.array?.first ?? "base"
        try await perform("db.migrate", ["to": below, "direction": "down"])
      }
      progress("backing it up")
      try await perform("db.backup", ["label": "drill"])
      try await endSessions()
    } catch let error as ActionError {
      throw UnreadyDrill(message: "cannot prepare the drill: \(error.message)", hint: error.hint)
    }
  }

  /// Nobody is connected when the drill begins: runbooks look whether a client still is.
  private func endSessions() async throws {
    let connection = try await Connection.open(
      sandbox.settings, applicationName: DrillThrowaway.applicationName)
    _ = try await connection.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
      [SQLValue(DrillThrowaway.database)])
    await connection.close()
  }

  private func run(_ seed: FilePath, _ context: Context) async throws {
    let script = SQLScript(try TextFile.read(seed.string, context))
    let connection = try await Connection.open(
      target.settings, applicationName: DrillThrowaway.applicationName)
    for statement in script.statements + (script.rest.map { [$0] } ?? []) {
      do {
        _ = try await connection.query(statement.sql, [])
      } catch let error as PostgresError {
        throw error.located(in: seed.string, line: statement.line)
      }
    }
    await connection.close()
  }

  /// Ends the server and takes everything away.
  func remove() async throws { try await sandbox.stop() }
}

/// The drill cannot begin.
struct UnreadyDrill: Failure {
  var message: String
  var hint: String?
  var status: ExitStatus = .failed
}
