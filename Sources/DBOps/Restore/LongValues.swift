internal import Postgres

/// Spares the server to try and compress values that the backup's server could not make smaller either.
///
/// While a table is loaded its columns of such values store them as they are; then they are as they were
/// defined. What is stored is the same in both ways, but the trying takes more than half of such a load.
struct LongValues {
  private let table: TableData

  /// Nil where the table has no such columns.
  ///
  /// - Parameter table: one that this restore has made, so that nobody has set its columns otherwise.
  init?(of table: TableData) {
    guard table.isDirect, !table.uncompressed.isEmpty else { return nil }
    self.table = table
  }

  /// Before the first row comes.
  func keepAsTheyAre(_ connection: Connection) async throws {
    try await store("EXTERNAL", connection)
  }

  /// After the last row, and before an index is built: it would take this over.
  func compressAgain(_ connection: Connection) async throws {
    try await store("EXTENDED", connection)
  }

  private func store(_ storage: String, _ connection: Connection) async throws {
    let columns = table.uncompressed.map {
      "ALTER COLUMN \(quoteIdentifier($0)) SET STORAGE \(storage)"
    }
    do {
      try await connection.execute(
        "ALTER TABLE ONLY \(table.name) \(columns.joined(separator: ", "))")
    } catch {
      throw RestoreSession.explained(error, loading: table)
    }
  }
}
