internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import SystemPackage
internal import Terminal
internal import Text

/// `omcops db compare`: two databases, or a database and a backup.
struct DBCompare: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare two databases, or a database and a backup: schema and rows.",
    discussion: discussion(
      """
      Either side is a backup ('latest', an id, a label or a path), a database's URL, or an \
      environment as @NAME. Without the second one, the database of --environment or --url is \
      compared.

      Compares how each object is defined, the number and the hash of each table's rows, the bytes \
      of large objects, sequences and Alembic's revision. A live database is read in one snapshot \
      and nothing is locked; a backup's rows need not be read, its manifest has their hashes. Where a table has a primary \
      key, the first keys of rows that differ are shown. Sequences that would hand out a key which \
      is there already count as differences whatever was expected.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: "What ought to be: a backup, a URL, or @ENVIRONMENT.", completion: .directory)
  var expected: String

  @Argument(help: "What is compared with it; the environment's database unless given.")
  var actual: String?

  @Option(
    name: [.customShort("d"), .customLong("database")],
    help: "Another database of the environment's server, instead of the second side.")
  var name: String?

  @Flag(help: "Compare definitions only.")
  var schemaOnly = false

  @Flag(help: "Compare rows and sequences only.")
  var dataOnly = false

  @OptionGroup(title: "Selection") var objects: ObjectOptions

  @Option(
    help: """
      Leave out definitions by name, with all that belongs to them: 'public.tmp_*', or with the \
      kind before it 'EXTENSION *'. May be repeated.
      """)
  var ignore: [String] = []

  @Flag(help: "Compare owners too.")
  var owners = false

  @Flag(help: "Compare rights too.")
  var privileges = false

  @Flag(
    inversion: .prefixedNo,
    help: "Find the keys of rows that differ, which reads differing tables twice more.")
  var keys = true

  @Option(help: "How many tables are read at once, on each side.")
  var jobs = 2

  @OptionGroup var database: DatabaseOptions

  @Option(help: "How to print: table or json.")
  var output = OutputFormat.table

  func validate() throws {
    try checkJobs(jobs)
    guard output == .table || output == .json else {
      throw ValidationError("--output is \(output.rawValue); it must be table or json")
    }
    if schemaOnly, dataOnly {
      throw ValidationError("--schema-only and --data-only leave nothing to compare")
    }
    if dataOnly, !ignore.isEmpty || owners || privileges {
      throw ValidationError(
        "--ignore, --owners and --privileges are about definitions; --data-only reads none")
    }
    if actual != nil, name != nil {
      throw ValidationError("name the second side, or a database by --database; one of the two")
    }
  }

  func run(_ context: Context) async throws {
    let display = ProgressDisplay(context)
    defer { display.clear() }
    let actualSide =
      if let actual { try await side(actual, context) } else { try await target(context) }
    let report = try await DatabaseComparison(
      expected: try await side(expected, context), actual: actualSide,
      .init(
        jobs: jobs, schema: !dataOnly, data: !schemaOnly,
        definitions: .init(owners: owners, privileges: privileges, ignored: ignore),
        selection: try objects.selection(), findsKeys: keys,
        progress: display.handler)
    ).run()
    display.clear()
    let style = database.global.style(context)
    for note in report.notes {
      context.error.write("\(style.yellow("note:")) \(note)\n")
    }
    let text = ComparisonText(
      report: report,
      style: Style(
        for: context.output, environment: context.environment, disabled: database.global.noColor))
    if output == .json {
      context.output.write(text.json.text(.pretty) + "\n")
    } else {
      context.output.write(text.readable)
      context.error.write(text.summary + "\n")
    }
    if !report.isEqual { throw Ended(status: .blocked) }
  }

  /// A side as the user names it: only an address has `://`, or settings with `=`.
  private func side(
    _ reference: String, _ context: Context
  ) async throws -> DatabaseComparison.Side {
    if reference.hasPrefix("@") {
      var choice = database.choice
      choice.selection = .init(environment: String(reference.dropFirst()))
      return .database(server(try await choice.resolve(context).settings, context))
    }
    let isPath = reference.hasPrefix("/") || reference.hasPrefix(".")
    if !isPath, reference.contains(text: "://") || reference.contains("=") {
      return .database(server(try ConnectionSettings(url: reference), context))
    }
    return .backup(try database.backup(reference, context))
  }

  private func target(_ context: Context) async throws -> DatabaseComparison.Side {
    let settings = try await database.resolve(context).settings
    return .database(server(name.map(settings.with(database:)) ?? settings, context))
  }

  private func server(_ settings: ConnectionSettings, _ context: Context) -> DatabaseServer {
    DatabaseServer(settings, applicationName: context.applicationName("db compare"))
  }
}
