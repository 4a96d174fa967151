internal import Alembic
internal import Postgres

/// The database's connection as scripts see it; lives on the connection's thread.
final class ServerConnection: MigrationConnection {
  private let session: SynchronousSession
  /// Whether anything has been committed since this was last set to false: after that a run that
  /// failed cannot simply be tried again.
  var hasCommitted = false

  init(_ session: SynchronousSession) { self.session = session }

  func execute(_ sql: String) throws -> StatementResult {
    do {
      // What ends a transaction is not called back half-way.
      let ends = sql == "COMMIT" || sql.hasPrefix("ROLLBACK")
      if sql == "COMMIT", session.isCancelled { throw CancellationError() }
      let results = try ends ? session.executeToTheEnd(sql) : session.execute(sql)
      let result = results.last.map(StatementResult.init) ?? StatementResult()
      if !session.isInTransaction, results.contains(where: ServerConnection.changes) {
        hasCommitted = true
      }
      if sql == "COMMIT", result.tag == "ROLLBACK" {
        throw ServerConnection.undone
      }
      return result
    } catch let error as PostgresError where error.kind == .server {
      throw StatementFailure(error, statement: sql)
    }
  }

  func renewTransaction() throws {
    if session.isCancelled { throw CancellationError() }
    let commit = "COMMIT"
    do {
      let results = try session.executeToTheEnd("\(commit); BEGIN")
      if results.first?.commandTag != commit { throw ServerConnection.undone }
      hasCommitted = true
    } catch let error as PostgresError {
      // What went wrong behind the commit undoes nothing.
      if error.statementIndex != nil { hasCommitted = true }
      guard error.kind == .server else { throw error }
      throw StatementFailure(error, statement: commit)
    }
  }

  /// A transaction that its COMMIT has rolled back.
  private static let undone = StatementFailure(
    message: "the transaction was rolled back, because a statement in it had failed",
    sqlState: "25P02", statement: "COMMIT")

  /// Whether a statement outside any transaction has left something behind.
  private static func changes(_ result: QueryResult) -> Bool {
    !["ROLLBACK", "BEGIN", "SET", "RESET", "SHOW"].contains(result.commandTag)
      && !result.commandTag.hasPrefix("SELECT")
  }
}

extension StatementResult {
  fileprivate init(_ result: QueryResult) {
    self.init(
      fields: result.columns.map { Field(name: $0.name, type: $0.typeOID) },
      rows: result.rows.map { row in row.columns.indices.map { row[$0] } },
      tag: result.commandTag)
  }
}

extension StatementFailure {
  fileprivate init(_ error: PostgresError, statement: String) {
    let hint = error.hint.map { ["hint: \($0)"] } ?? []
    self.init(
      message: error.message, sqlState: error.sqlState ?? "", details: error.details + hint,
      statement: statement, constraint: error.constraintName)
  }
}
