internal import Archive
internal import Postgres

/// What the server must have before anything is made.
struct RestorePreconditions {
  let options: Restore.Options
  let contents: BackupContents

  func check(_ connection: Connection) async throws {
    try await RolePreconditions(options: options).require(roles, connection)
    let needed = Set(contents.toc.entries.compactMap(\.tablespace).filter { !$0.isEmpty })
    let missing = try await connection.absent(needed, from: "pg_tablespace", "spcname")
    guard !missing.isEmpty else { return }
    throw DBError(
      .unsupported,
      "the server lacks tablespaces that the backup names: "
        + missing.map { "\"\($0)\"" }.joined(separator: ", "),
      hint: "create them first")
  }

  /// The roles that the server lacks and that only rights name which may be left out.
  func absentRoles(_ connection: Connection) async throws -> Set<String> {
    let wanted = treatment.roles(of: contents.toc.entries).wanted
    return try await RolePreconditions(options: options).absent(wanted, connection)
  }

  private var treatment: RoleTreatment {
    RoleTreatment(options.ownership, keepsRights: options.keepsRights)
  }

  private var roles: Set<String> {
    var needed = treatment.roles(of: contents.toc.entries).needed
    if case .all(let role?) = options.ownership { needed.insert(role) }
    let owner = DatabaseStatements(contents.toc.entries, encoding: nil).owner
    if let owner = options.databaseOwner ?? owner.flatMap({ treatment.owner($0) }) {
      needed.insert(owner)
    }
    return needed
  }
}
