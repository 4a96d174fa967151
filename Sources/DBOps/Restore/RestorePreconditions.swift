internal import Archive
internal import Postgres

/// What the server must have before anything is made.
struct RestorePreconditions {
  let options: Restore.Options
  let contents: BackupContents
  let plan: RestorePlan

  func check(_ connection: Connection) async throws {
    try await requireRoles(connection)
    try await requireTablespaces(connection)
  }

  private func requireRoles(_ connection: Connection) async throws {
    let keepsOwners = options.ownership == .keep
    var needed = RoleNames.needed(by: contents.toc.entries, owners: keepsOwners)
    if case .all(let role?) = options.ownership { needed.insert(role) }
    if let owner = options.databaseOwner {
      needed.insert(owner)
    } else if keepsOwners, let owner = plan.database.owner {
      needed.insert(owner)
    }
    let missing = try await absent(needed, from: "pg_roles", "rolname", connection)
    guard let first = missing.first else { return }
    let hint =
      keepsOwners
      ? "create them first, or restore with --owner target"
      : "create them first: the backup gives them rights"
    throw DBError(
      .missingRoles,
      missing.count == 1
        ? "the server has no role \"\(first)\", which the backup names"
        : "the server lacks \(missing.count) roles that the backup names: "
          + missing.map { "\"\($0)\"" }.joined(separator: ", "),
      hint: hint)
  }

  private func requireTablespaces(_ connection: Connection) async throws {
    let needed = Set(contents.toc.entries.compactMap(\.tablespace).filter { !$0.isEmpty })
    let missing = try await absent(needed, from: "pg_tablespace", "spcname", connection)
    guard !missing.isEmpty else { return }
    throw DBError(
      .unsupported,
      "the server lacks tablespaces that the backup names: "
        + missing.map { "\"\($0)\"" }.joined(separator: ", "),
      hint: "create them first")
  }

  private func absent(
    _ names: Set<String>, from catalog: String, _ column: String, _ connection: Connection
  ) async throws -> [String] {
    if names.isEmpty { return [] }
    let rows = try await connection.query(
      """
      SELECT name FROM pg_catalog.unnest($1::text[]) AS name
      WHERE NOT EXISTS (SELECT FROM pg_catalog.\(catalog) WHERE \(column) = name) ORDER BY name
      """, [SQLValue(array: names.sorted().map { SQLValue($0) })]
    ).rows
    return rows.compactMap { $0[0] }
  }
}
