internal import Archive
internal import Postgres

/// What the server must have before anything is made.
struct RestorePreconditions {
  let options: Restore.Options
  let contents: BackupContents

  func check(_ connection: Connection) async throws {
    try await RolePreconditions(options: options).require(roles, connection)
    try await requireTablespaces(connection)
    try await requireLabelProviders(connection)
  }

  private func requireTablespaces(_ connection: Connection) async throws {
    let entries = contents.toc.entries
    var needed = Set(entries.compactMap(\.tablespace).filter { !$0.isEmpty })
    if let tablespace = DatabaseStatements(entries, encoding: nil).tablespace {
      needed.insert(tablespace)
    }
    let missing = try await connection.absent(needed, from: "pg_tablespace", "spcname")
    guard !missing.isEmpty else { return }
    throw DBError(
      .unsupported,
      "the server lacks tablespaces that the backup names: "
        + missing.map { "\"\($0)\"" }.joined(separator: ", "),
      hint: "create them first")
  }

  private func requireLabelProviders(_ connection: Connection) async throws {
    let missing = try await LabelProviders.absent(
      LabelProviders.needed(by: contents.toc.entries), connection)
    guard !missing.isEmpty else { return }
    throw DBError(
      .unsupported,
      "the server has not loaded the providers of security labels that the backup names: "
        + missing.map { "\"\($0)\"" }.joined(separator: ", "),
      hint: "name their libraries in session_preload_libraries or shared_preload_libraries, or "
        + "restore without labels: --no-security-labels")
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
