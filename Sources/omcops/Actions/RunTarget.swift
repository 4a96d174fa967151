internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Postgres
internal import Runbooks
internal import Synchronization

/// The database that the steps of this process's run mean.
///
/// Actions are registered before the engine knows the environment; it resolves the environment
/// before it calls the first of them.
final class RunTarget: Sendable {
  private let current = Mutex<DatabaseTarget?>(nil)

  /// Makes an environment the one that is meant; nil for one without a database.
  func choose(_ target: DatabaseTarget?) { current.withLock { $0 = target } }

  /// The environment that is meant.
  func chosen() throws -> DatabaseTarget {
    guard let target = current.withLock({ $0 }) else {
      throw ActionError(
        .refused, "this environment has no database",
        hint: "give it a database section in omcops.yaml")
    }
    return target
  }

  /// The server that a call means, at the environment's database or the one that `with` names; `host`
  /// names another server that takes the environment's credentials, as one that was restored beside it.
  func server(for call: ActionCall) throws -> DatabaseServer {
    var settings = try chosen().settings
    if let database = call.with["database"]?.string { settings["dbname"] = database }
    if let host = call.with["host"]?.string, !host.isEmpty {
      settings["host"] = host
      // The way that was found leads to the environment's own server, and so does its address.
      settings["hostaddr"] = nil
      settings.detour = nil
    }
    return DatabaseServer(settings, applicationName: applicationName(of: call.run))
  }

  /// `omcops k7q2 ada@laptop`: PostgreSQL keeps 63 bytes.
  func applicationName(of run: RunIdentity) -> String {
    String("omcops \(run.shortID) \(run.user)@\(run.host)".prefix(63))
  }
}

/// Runs `body` and words what it throws as the engine reads it.
///
/// - Parameter writes: whether a lost connection leaves it open if the effect happened.
func actionErrors<Result>(
  writes: Bool = false, _ body: () async throws -> Result
) async throws -> Result {
  do {
    return try await body()
  } catch let error as PostgresError {
    throw ActionError(error, writes: writes)
  } catch let error as DBError where error.code == .backupNotFound || error.code == .databaseMissing
  {
    // What is not there was looked for: an answer, where other errors leave it open.
    throw ActionError(.assertion, error.message, hint: error.hint)
  } catch let error as any Failure {
    let details = error.details.isEmpty ? "" : ": " + error.details.joined(separator: "; ")
    throw ActionError(
      error.status == .refused ? .refused : .other, error.message + details, hint: error.hint)
  }
}

extension ActionError {
  /// The same error in the engine's words.
  init(_ error: PostgresError, writes: Bool) {
    let isConnection = error.kind == .connectionFailed || error.kind == .connectionLost
    // 57014: the statement or lock timeout, or a cancel that nobody here asked for.
    let isTimeout = error.sqlState == "57014" || error.sqlState == "55P03"
    var message = error.message
    if let detail = error.detail { message += " (\(detail))" }
    self.init(
      isConnection ? .connection : isTimeout ? .timeout : .sql, message, hint: error.hint,
      sqlState: error.sqlState, isInDoubt: writes && error.kind == .connectionLost)
  }
}
