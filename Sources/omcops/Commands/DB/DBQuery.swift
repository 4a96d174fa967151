internal import ArgumentParser
internal import Diagnostics
internal import Postgres
internal import Terminal

/// `omcops db query`.
struct DBQuery: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Run SQL and print its rows.",
    discussion: discussion(
      """
      The statements come from -c, from a file, or from standard input. They run one after the \
      other, each in a transaction of its own, up to the first that fails. Rows go to standard \
      output, what else the statements say to standard error.
      """, exits: [.done, .failed, .usage, .interrupted]))

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var writing: WriteOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("The SQL itself.", valueName: "sql"))
  var command: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "A value for :name in the SQL, sent apart from it.", valueName: "name=value"))
  var parameter: [String] = []

  @Argument(help: "A file of SQL; - or nothing is standard input.", completion: .file())
  var file: String?

  func validate() throws {
    if command != nil, file != nil { throw ValidationError("give -c or a file, not both") }
    for text in parameter where !text.contains("=") || text.hasPrefix("=") {
      throw ValidationError("-p is \"\(text)\"; it must be name=value")
    }
  }

  func run(_ context: Context) async throws {
    let values = Dictionary(
      parameter.map { text in
        let name = text.prefix { $0 != "=" }
        return (String(name), String(text.dropFirst(name.count + 1)))
      }, uniquingKeysWith: { $1 })
    let script = SQLScript(try text(context), parameters: Set(values.keys))
    let statements = script.statements + (script.rest.map { [$0] } ?? [])
    let unused = Set(values.keys).subtracting(statements.flatMap(\.names))
    if let name = unused.min() { throw UnusedParameter(name: name) }

    let target = try database.resolve(context)
    let connection = try await Connection.open(
      writing.settings(target), applicationName: writing.applicationName("db query", context)
    ) { notice in
      context.error.write(notice.text)
    }
    for statement in statements {
      let result: QueryResult
      do {
        result = try await connection.query(
          statement.sql, statement.names.map { values[$0].map { SQLValue($0) } })
      } catch let error as PostgresError {
        throw error.located(
          in: file.map { $0 == "-" ? "standard input" : $0 }, line: statement.line)
      }
      if result.hasRows {
        context.output.write(RowSet(result).text(as: output.output))
      } else {
        context.error.write(result.commandTag + "\n")
      }
    }
    await connection.close()
  }

  /// What holds the statements, for messages; nil where a person has typed them.
  private var source: String? {
    if command != nil { return nil }
    if let file, file != "-" { return file }
    return "standard input"
  }

  private func text(_ context: Context) throws -> String {
    if let command { return command }
    return try TextFile.read(file ?? "-", context)
  }
}

/// A parameter that no statement asks for: most likely a slip in a name.
private struct UnusedParameter: Failure {
  var name: String
  var message: String { "no statement uses the parameter :\(name)" }
  var hint: String? { "write :\(name) where the value belongs, outside quotes" }
  var status: ExitStatus { .usage }
}
