/// The commands that scripts run in loops and containers run when they start, in the plainest form of
/// their lines.
enum PlainCommand: Sendable {
  case query(Query)
  case migrate(MigrationCommand)

  /// Nil for every other line.
  init?(_ arguments: [String]) {
    if let query = Query(plain: arguments) {
      self = .query(query)
    } else if let migration = MigrationCommand(plain: arguments) {
      self = .migrate(migration)
    } else {
      return nil
    }
  }

  func run(_ context: Context) async throws {
    switch self {
    case .query(let query): try await query.run(context)
    case .migrate(let migration): try await migration.run(context)
    }
  }
}
