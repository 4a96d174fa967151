internal import Postgres

/// Spares the server to try and compress values that the backup's server could not make smaller either.
///
/// While a table is loaded its columns of such values store them as they are; then they are as they were
/// defined. What is stored is the same in both ways, but the trying takes a third of such a load.
struct LongValues {
  private let statements: (before: String, after: String)

  /// Nil where the table has no such columns.
  ///
  /// - Parameter table: one that this restore has made, so that nobody has set its columns otherwise.
  init?(of table: TableData) {
    guard table.isDirect, !table.uncompressed.isEmpty else { return nil }
    func statement(_ storage: String) -> String {
      "ALTER TABLE ONLY \(table.name) "
        + table.uncompressed.map {
          "ALTER COLUMN \(quoteIdentifier($0)) SET STORAGE \(storage)"
        }.joined(separator: ", ")
    }
    statements = (statement("EXTERNAL"), statement("EXTENDED"))
  }

  /// Before the first row comes.
  func keepAsTheyAre(_ connection: Connection) async throws {
    try await connection.execute(statements.before)
  }

  /// After the last row, and before an index is built: it would take this over.
  func compressAgain(_ connection: Connection) async throws {
    try await connection.execute(statements.after)
  }
}
