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
      "A value for :name in the SQL, or for $1 where NAME is 1, sent apart from it.",
      valueName: "name=value"))
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
    var query = Query(
      choice: database.choice, permission: writing.permission, format: output.output,
      text: command.map(Query.Text.given) ?? .file(file ?? "-"))
    for text in parameter {
      let name = text.prefix { $0 != "=" }
      query.parameters[String(name)] = String(text.dropFirst(name.count + 1))
    }
    try await query.run(context)
  }
}
