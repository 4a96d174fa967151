internal import Configuration
internal import Diagnostics
internal import Postgres
internal import Terminal

/// Statements to run one after the other, and how to print their rows.
struct Query: Sendable {
  /// Where the statements come from.
  enum Text: Sendable {
    case given(String)
    /// A file; `-` is standard input.
    case file(String)
  }

  var choice: DatabaseChoice
  var permission = WritePermission()
  var format = OutputFormat.table
  var text: Text
  /// Values for `:name` in the statements.
  var parameters: [String: String] = [:]

  func run(_ context: Context) async throws {
    let script = SQLScript(try read(context), parameters: Set(parameters.keys))
    let statements = script.statements + (script.rest.map { [$0] } ?? [])
    let unused = Set(parameters.keys).subtracting(statements.flatMap(\.names))
    if let name = unused.min() { throw UnusedParameter(name: name) }

    let target = try await choice.resolve(context)
    let connection = try await Connection.open(
      permission.settings(target),
      applicationName: permission.applicationName("db query", context)
    ) { notice in
      context.error.write(notice.text)
    }
    for statement in statements {
      let result = try await rows(of: statement, over: connection)
      if result.hasRows {
        context.output.write(RowSet(result).text(as: format))
      } else {
        context.error.write(result.commandTag + "\n")
      }
    }
    await connection.close()
  }

  private func rows(
    of statement: SQLScript.Statement, over connection: Connection
  ) async throws -> QueryResult {
    do {
      return try await connection.query(
        statement.sql, statement.names.map { parameters[$0].map { SQLValue($0) } })
    } catch let error as PostgresError {
      throw error.located(in: source, line: statement.line)
    }
  }

  /// What holds the statements, for messages; nil where a person has typed them.
  private var source: String? {
    switch text {
    case .given: nil
    case .file(let path): path == "-" ? "standard input" : path
    }
  }

  private func read(_ context: Context) throws -> String {
    switch text {
    case .given(let sql): sql
    case .file(let path): try TextFile.read(path, context)
    }
  }
}

extension Query {
  /// Reads a plain `db query --url URL -c SQL`; nil for every other line.
  init?(plain arguments: [String]) {
    guard
      let line = PlainLine(
        arguments, of: ["db", "query"],
        options: ["--url": "url", "-c": "command", "--command": "command"]),
      let url = line["url"], let sql = line["command"]
    else { return nil }
    self.init(choice: DatabaseChoice(selection: Selection(url: url)), text: .given(sql))
  }
}

/// A parameter that no statement asks for: most likely a slip in a name.
private struct UnusedParameter: Failure {
  var name: String
  var message: String { "no statement uses the parameter :\(name)" }
  var hint: String? { "write :\(name) where the value belongs, outside quotes" }
  var status: ExitStatus { .usage }
}
