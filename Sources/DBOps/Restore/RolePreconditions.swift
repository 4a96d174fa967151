internal import Postgres

/// Asks the server whether it has the roles that a restore names.
struct RolePreconditions {
  let options: Restore.Options

  /// Throws `DBError` that names every role that is missing.
  func require(_ roles: Set<String>, _ connection: Connection) async throws {
    let missing = try await absent(roles, connection).sorted()
    guard let first = missing.first else { return }
    let hint =
      switch options.ownership {
      case .keep: "create them first, give others with --owner map, or restore with --owner target"
      case .mapped: "create them first, or give others in their place with --map-role OLD=NEW"
      case .all: "create them first: the backup needs them whoever owns it"
      }
    throw DBError(
      .missingRoles,
      missing.count == 1
        ? "the server has no role \"\(first)\", which the backup names"
        : "the server lacks \(missing.count) roles that the backup names: "
          + missing.map { "\"\($0)\"" }.joined(separator: ", "),
      hint: hint)
  }

  /// Whether everything is to belong to a role that is no superuser.
  func isLimited(_ connection: Connection) async throws -> Bool {
    guard case .all(let role?) = options.ownership else { return false }
    return try await connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1 AND NOT rolsuper)
      """, [SQLValue(role)]
    ).single()
  }

  /// Those of the roles that the server lacks.
  func absent(_ roles: Set<String>, _ connection: Connection) async throws -> Set<String> {
    Set(try await connection.absent(roles, from: "pg_roles", "rolname"))
  }
}

extension Connection {
  /// Those of the names that a catalog's column does not hold, sorted.
  func absent(
    _ names: Set<String>, from catalog: String, _ column: String
  ) async throws -> [String] {
    if names.isEmpty { return [] }
    let rows = try await query(
      """
      SELECT name FROM pg_catalog.unnest($1::text[]) AS name
      WHERE NOT EXISTS (SELECT FROM pg_catalog.\(catalog) WHERE \(column) = name) ORDER BY name
      """, [SQLValue(array: names.sorted().map { SQLValue($0) })]
    ).rows
    return rows.compactMap { $0[0] }
  }
}
