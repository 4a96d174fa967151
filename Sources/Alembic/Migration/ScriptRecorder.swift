/// A connection that sends nothing and writes down what it would send, as `alembic upgrade --sql`
/// does.
public final class ScriptRecorder: MigrationConnection {
  private let write: (String) -> Void

  /// Hands over the script piece by piece.
  public init(_ write: @escaping (String) -> Void) { self.write = write }

  /// Writes the statement with the semicolon that ends it; there are no rows.
  public func execute(_ sql: String) throws -> StatementResult {
    let text = sql.split(separator: "\t", omittingEmptySubsequences: false)
      .joined(separator: "    ")
    write(text.stripped + ";\n\n")
    return StatementResult()
  }

  /// Writes which step begins.
  public func note(_ step: MigrationStep) { write("-- Running \(step.shortDescription)\n\n") }
}
