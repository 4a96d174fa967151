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

      --url names the database to make; with an environment, --into does. Archives of pg_dump in \
      the directory format are read too; they have no manifest to compare with.
      """, exits: [.done, .failed, .usage, .refused, .locked, .interrupted]))

  @Argument(help: "A backup: 'latest', an id, a label or a path.", completion: .directory)
  var backup: String

  @Option(help: "The database to make, on the server of the environment or URL.")
  var into: String?

  @Option(help: "How many connections load tables and build indexes at once.")
  var jobs = 2

  @Option(help: "keep: objects belong to whom they did; target: to the environment's owner.")
  var owner = OwnerChoice.keep

  @Flag(inversion: .prefixedNo, help: "Make the planner's statistics.")
  var analyze = true

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try checkJobs(jobs)
    if into == nil, database.url == nil {
      throw ValidationError("name the database to make: --into NAME, or its --url")
    }
  }

  func run(_ context: Context) async throws {
    let target = try database.resolve(context)
    guard let name = into ?? target.settings["dbname"] else {
      throw DBError(
        .invalidRequest, "the URL \(target.settings.redacted) names no database to make",
        hint: "add /NAME to it, or pass --into NAME")
    }
    let display = ProgressDisplay(context)
    defer { display.clear() }
    let summary = try await Restore(
      Restore.Options(
        path: try database.backup(backup, context), server: target.settings, database: name,
        jobs: jobs, ownership: owner == .keep ? .keep : .all(target.owner),
        analyze: analyze, applicationName: context.applicationName("db restore"),
        progress: display.handler)
    ).run()
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
    record.add("tables", JSON(summary.tables))
    record.add("rows", summary.manifest == nil ? .null : .int(summary.rows))
    record.add("bytes", .int(summary.bytes.bytes), text: summary.bytes.readable)
    record.add("proved", .bool(summary.manifest != nil))
    record.add(
      "milliseconds", .int(summary.duration.milliseconds), text: summary.duration.readable)
    return record
  }
}

/// Who owns what is restored.
enum OwnerChoice: String, ExpressibleByArgument, CaseIterable {
  case keep
  case target
}
