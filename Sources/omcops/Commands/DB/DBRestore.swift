internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import SystemPackage
internal import Terminal

/// `omcops db restore`: a new database out of a backup, or none.
struct DBRestore: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Make a new database from a backup, and prove it whole.",
    discussion: discussion(
      """
      The database must not exist. Every file is checked before anything is made, every row \
      count and sequence afterwards; the database gets its name at the very end. Whatever fails, \
      nothing is left over.

      --url names the database to make; with an environment, --into does. Archives of pg_dump \
      (-Fd, -Fc) are read too; they have no manifest to compare with.

      With a selection the new database holds that part: patterns are psql's, as pg_dump has them. \
      Partitions go with their table, types and functions with what needs them; what needs a table \
      that is not selected, such as a foreign key, is left out and named.

      With --existing the database is there and what is selected is put into it, in one transaction: \
      all of it or nothing. Nothing that is there is changed or replaced; a table that exists is \
      refused, unless it gets another name with --rename-table or --rename-schema. Types, functions \
      and schemas that are there are used as they are. With --data-only the rows are added to \
      tables that are there, and sequences are moved forwards only.

      A script of SQL, as pg_dump writes without -F (dump.sql, dump.sql.gz, .zst, .lz4), is read to \
      its end first, and refused where it is cut or would touch anything but the database; then it \
      is run over one connection, and the first error, shown with file and line, ends it. \
      Commands of psql's other than \\connect to its own database, \\restrict, \\unrestrict and \\set \
      are refused.
      """, exits: [.done, .failed, .usage, .refused, .locked, .interrupted]))

  @Argument(help: "A backup: 'latest', an id, a label or a path.", completion: .file())
  var backup: String

  @Option(help: "The database to make, on the server of the environment or URL.")
  var into: String?

  @Flag(help: "The database is there: put what is restored into it, in one transaction.")
  var existing = false

  @Option(
    name: .customLong("rename-table"),
    help: ArgumentHelp("Another name for a table, in its schema.", valueName: "old=new"))
  var renamedTables: [String] = []

  @Option(
    name: .customLong("rename-schema"),
    help: ArgumentHelp("Another name for a schema.", valueName: "old=new"))
  var renamedSchemas: [String] = []

  @Option(help: "How many connections load tables and build indexes at once.")
  var jobs = 2

  @OptionGroup(title: "Selection") var selected: SelectionOptions
  @OptionGroup(title: "Owners and rights") var roles: RoleOptions

  @Flag(inversion: .prefixedNo, help: "Restore security labels, whose providers must be loaded.")
  var securityLabels = true

  @Flag(inversion: .prefixedNo, help: "Make the planner's statistics.")
  var analyze = true

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try checkJobs(jobs)
    if into == nil, database.url == nil {
      throw ValidationError("name the database to make: --into NAME, or its --url")
    }
    for text in renamedTables { _ = try RoleOptions.pair(text, of: "--rename-table") }
    for text in renamedSchemas { _ = try RoleOptions.pair(text, of: "--rename-schema") }
  }

  func run(_ context: Context) async throws {
    let target = try await database.resolve(context)
    guard let name = into ?? target.settings["dbname"] else {
      throw DBError(
        .invalidRequest, "the URL \(target.settings.redacted) names no database to make",
        hint: "add /NAME to it, or pass --into NAME")
    }
    let display = ProgressDisplay(context)
    defer { display.clear() }
    var options = Restore.Options(
      path: try database.backup(backup, context), server: target.settings, database: name,
      jobs: jobs, ownership: try roles.ownership(target), analyze: analyze,
      applicationName: context.applicationName("db restore"), progress: display.handler)
    options.keepsRights = roles.privileges
    options.keepsLabels = securityLabels
    options.selection = try selected.selection()
    options.isIntoExisting = existing
    options.renamedTables = try renamedTables.map { text in
      let (old, new) = try RoleOptions.pair(text, of: "--rename-table")
      return try RenamedTable(old, to: new)
    }
    for text in renamedSchemas {
      let (old, new) = try RoleOptions.pair(text, of: "--rename-schema")
      options.renamedSchemas[old] = new
    }
    let summary = try await Restore(options).run()
    display.clear()
    for note in summary.notes {
      context.error.write("\(database.global.style(context).yellow("note:")) \(note)\n")
    }
    output.emit(record(summary), to: context)
  }

  private func record(_ summary: RestoreSummary) -> Record {
    var record = Record()
    record.add("database", .string(summary.database))
    record.add("backup", JSON(summary.manifest?.id))
    if let partial = summary.manifest?.selection {
      record.add("partial", .string(partial.joined(separator: " ")))
    }
    if let statements = summary.statements { record.add("statements", JSON(statements)) }
    record.add("tables", JSON(summary.tables))
    let isCounted = summary.manifest != nil || summary.statements != nil
    record.add("rows", isCounted ? .int(summary.rows) : .null)
    record.add("bytes", .int(summary.bytes.bytes), text: summary.bytes.readable)
    record.add("proved", .bool(summary.manifest != nil))
    record.add(
      "milliseconds", .int(summary.duration.milliseconds), text: summary.duration.readable)
    return record
  }
}
