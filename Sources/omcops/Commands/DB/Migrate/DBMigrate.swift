internal import Alembic
internal import ArgumentParser
internal import DBOps
internal import Diagnostics

/// `omcops db migrate`.
struct DBMigrate: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate", abstract: "Bring a database to the newest revision of its project.",
    discussion: discussion(
      """
      Runs the revision scripts of an Alembic project as Alembic would and keeps the same version \
      table. All pending scripts are checked before the first statement. Only one omcops migrates \
      a database at a time; a statement that waits too long for a lock is given up and its \
      transaction tried again, so that nobody queues behind it.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .locked, .interrupted]))

  /// What the command is called in reports.
  static let name = "db migrate"
  /// Where it goes unless it is told.
  static let newest = "heads"

  @OptionGroup var migration: MigrationOptions

  @Option(help: "Where to: a revision, head, heads, label@head, +1; with --sql also from:to.")
  var to = newest

  @Flag(help: "Print the script instead of running it, as from an empty database.")
  var sql = false

  @Option(
    help: "native runs the scripts itself, python the project's own alembic, auto native if it can."
  )
  var engine = MigrationEngine.native

  @Flag(help: "Print what would be sent, locked and lost, and who is in the way; change nothing.")
  var plan = false

  @OptionGroup var tagging: TagOptions
  @OptionGroup var patience: PatienceOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    if sql {
      return try MigrationScript(migration.project.choice, tag: tagging.tag, context).write(
        upgradeTo: to)
    }
    if to.contains(":") { throw MigrationUsage("Range revision not allowed") }
    if plan {
      return try await MigrationPlanning(
        goal: .upgrade(to: to), name: DBMigrate.name, choice: migration.choice,
        output: output.output,
        tag: tagging.tag
      ).run(context)
    }
    try await MigrationCommand(
      goal: .upgrade(to: to), name: DBMigrate.name, choice: migration.choice,
      patience: patience.patience,
      confirmation: confirmation.given, output: output.output, engine: engine, tag: tagging.tag
    ).run(context)
  }
}

/// `omcops db downgrade`.
struct DBDowngrade: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "downgrade", abstract: "Take a database back to an earlier revision.",
    discussion: discussion(
      "Runs downgrade() of every revision above the target, the newest first.",
      exits: [.done, .failed, .usage, .blocked, .refused, .locked, .interrupted]))

  @OptionGroup var migration: MigrationOptions

  // A target like -1 looks like an option, which is why whatever is no option is taken.
  @Argument(
    parsing: .allUnrecognized,
    help: "Where to: a revision, base, -1, label@-1; with --sql from:to.")
  var revision: [String]

  @Flag(help: "Print the script instead of running it.")
  var sql = false

  @Option(
    help: "native runs the scripts itself, python the project's own alembic, auto native if it can."
  )
  var engine = MigrationEngine.native

  @Flag(help: "Print what would be sent, locked and lost, and who is in the way; change nothing.")
  var plan = false

  @OptionGroup var tagging: TagOptions
  @OptionGroup var patience: PatienceOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let option = revision.first(where: { $0.hasPrefix("-") && Int($0) == nil }) {
      throw ValidationError("Unknown option '\(option)'")
    }
    guard revision.count == 1 else { throw ValidationError("name one revision to go down to") }
  }

  func run(_ context: Context) async throws {
    let revision = revision[0]
    if sql {
      return try MigrationScript(migration.project.choice, tag: tagging.tag, context).write(
        downgrade: revision)
    }
    if revision.contains(":") { throw MigrationUsage("Range revision not allowed") }
    if plan {
      return try await MigrationPlanning(
        goal: .downgrade(to: revision), name: "db downgrade", choice: migration.choice,
        output: output.output, tag: tagging.tag
      ).run(context)
    }
    try await MigrationCommand(
      goal: .downgrade(to: revision), name: "db downgrade", choice: migration.choice,
      patience: patience.patience, confirmation: confirmation.given, output: output.output,
      engine: engine,
      tag: tagging.tag
    ).run(context)
  }
}

/// `omcops db stamp`.
struct DBStamp: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "stamp", abstract: "Set the version table to a revision; run nothing.",
    discussion: discussion(exits: [.done, .failed, .usage, .blocked, .refused, .locked]))

  @OptionGroup var migration: MigrationOptions

  @Argument(help: "Revisions, base or heads; with --sql from:to.")
  var revisions: [String]

  @Flag(help: "Print the statements instead of running them.")
  var sql = false

  @Flag(help: "Empty the version table before.")
  var purge = false

  @OptionGroup var tagging: TagOptions
  @OptionGroup var patience: PatienceOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if sql, purge { throw ValidationError("Can't use --purge with --sql mode") }
  }

  func run(_ context: Context) async throws {
    if sql {
      return try MigrationScript(migration.project.choice, tag: tagging.tag, context).write(
        stamp: revisions)
    }
    try await MigrationCommand(
      goal: .stamp(revisions, purge: purge), name: "db stamp", choice: migration.choice,
      patience: patience.patience, confirmation: confirmation.given, output: output.output
    ).run(context)
  }
}

/// Words on the command line that do not go together.
struct MigrationUsage: Failure {
  var message: String
  var status: ExitStatus { .usage }

  init(_ message: String) { self.message = message }
}
