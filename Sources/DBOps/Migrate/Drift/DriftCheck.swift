public import Postgres
internal import Text

/// Whether a database is what its migrations make.
///
/// The migrations are replayed into a throwaway database, and the catalogs of both are compared:
/// what somebody has changed by hand shows up, object by object.
public struct DriftCheck: Sendable {
  /// What came of it.
  public struct Report: Sendable {
    /// What differs; none for a database that is as it should be.
    public var differences: [DefinitionDifference]
    /// How many objects were compared.
    public var objects: Int
    /// What a reader should know: servers of different versions.
    public var notes: [String]
  }

  /// The database that is looked at; it is only read.
  public var database: ConnectionSettings
  /// Where the migrations are replayed.
  public var scratch: ScratchDatabase
  /// What is compared.
  public var options: DefinitionComparison.Options
  /// What the servers' administrators see.
  public var applicationName: String

  /// Describes a check.
  public init(
    of database: ConnectionSettings, scratch: ScratchDatabase = .ownServer(),
    options: DefinitionComparison.Options = .init(), applicationName: String
  ) {
    self.database = database
    self.scratch = scratch
    self.options = options
    self.applicationName = applicationName
  }

  /// Compares.
  ///
  /// - Parameter replay: brings an empty database to where the other one says that it is.
  /// - Throws: what `replay` throws; `PostgresError`.
  public func run(
    replay: (ConnectionSettings) async throws -> Void
  ) async throws -> Report {
    let server = DatabaseServer(database, applicationName: applicationName)
    let (actual, roles, live, searchPath) = try await server.withConnection { connection in
      // What the comparison itself sets would be found instead.
      let path: String = try await connection.query("SHOW search_path").single()
      let roles = try await connection.query("SELECT rolname FROM pg_roles").rows
      return (
        try await Definitions.read(connection), roles.compactMap { $0[0] }, connection.info, path
      )
    }
    return try await scratch.with(roles: roles, applicationName: applicationName) { settings in
      var settings = settings
      // A database or a role may look for names elsewhere; so must the migrations.
      let escaped = DriftCheck.escaped(searchPath)
      settings["options"] = [settings["options"], "-c search_path=\(escaped)"]
        .compactMap { $0 }.joined(separator: " ")
      try await replay(settings)
      let scratchServer = DatabaseServer(settings, applicationName: applicationName)
      return try await scratchServer.withConnection { connection in
        let expected = try await Definitions.read(connection)
        let differences = DefinitionComparison(options).differences(
          expected: expected, actual: actual)
        return Report(
          differences: differences, objects: expected.objects.count,
          notes: DriftCheck.notes(live, connection.info))
      }
    }
  }

  /// In `options` of a connection blanks part the words.
  private static func escaped(_ text: String) -> String {
    text.replacing(text: "\\", with: "\\\\").replacing(text: " ", with: "\\ ")
  }

  private static func notes(_ live: ConnectionInfo, _ scratch: ConnectionInfo) -> [String] {
    guard live.majorVersion != scratch.majorVersion else { return [] }
    return [
      "the database is on version \(live.majorVersion), the replay on \(scratch.majorVersion): "
        + "the servers may word the same definition in two ways"
    ]
  }
}
