internal import DBOps
internal import Postgres
internal import SystemPackage

/// Takes away what runs leave on purpose, or because they were killed.
public struct TestServerCleaning: Sendable {
  /// What became of it.
  public struct Outcome: Sendable {
    /// Databases that are gone, and the server where it is gone.
    public var removed: [String] = []
    /// The numbers of runs that are on their way.
    public var inUse: [String] = []
  }

  private let source: TestServerSource

  /// Names the server.
  public init(_ source: TestServerSource) { self.source = source }

  /// Drops the databases of runs that are no more, and the templates; where no run is on its way, a
  /// server of our own goes altogether.
  public func run() async throws -> Outcome {
    var outcome = Outcome()
    switch source {
    case .given(let settings): try await clean(settings, &outcome)
    case .sandbox(let folder, _, _):
      switch try Sandbox.status(in: folder) {
      case .absent: return outcome
      case .running(_, let settings): try await clean(settings, &outcome)
      case .stale: break
      }
      if outcome.inUse.isEmpty, try await Sandbox.stop(in: folder) {
        outcome.removed.append("the server in \(folder)")
      }
    }
    return outcome
  }

  private func clean(_ settings: ConnectionSettings, _ outcome: inout Outcome) async throws {
    let server = DatabaseServer(settings, applicationName: "omcops test clean")
    let result = try await server.withConnection(to: "postgres") { connection in
      var removed = try await TestDatabases.removeLeftovers(over: connection)
      let inUse = try await TestDatabases.runs(over: connection)
      // A run in its beginning may be about to copy its template.
      if inUse.isEmpty { removed += try await TestDatabases.removeTemplates(over: connection) }
      return (removed, inUse)
    }
    outcome.removed += result.0
    outcome.inUse += result.1
  }
}
