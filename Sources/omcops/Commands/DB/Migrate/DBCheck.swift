internal import Alembic
internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import SystemPackage
internal import Terminal

/// `omcops db check`: whether a database is what its migrations make.
struct DBCheck: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find what was changed in a database beside its migrations.",
    discussion: discussion(
      """
      Replays the revisions that the database says it has into a throwaway database and compares \
      how every object is defined. The throwaway database is on a server of its own on this \
      machine, or on the one that --scratch-url names; the database itself is only read. Rows, \
      places of sequences, and unless they are asked for owners and rights do not matter.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @OptionGroup var migration: MigrationOptions

  @Option(help: "A server to make the throwaway database on; the role must be allowed to.")
  var scratchUrl: String?

  @Option(
    help: """
      Leave out objects by name, with all that belongs to them: 'public.tmp_*', or with the kind \
      before it 'EXTENSION *'. May be repeated.
      """)
  var ignore: [String] = []

  @Flag(help: "Compare owners too.")
  var owners = false

  @Flag(help: "Compare rights too.")
  var privileges = false

  @Option(help: "How to print: table or json.")
  var output = OutputFormat.table

  func validate() throws {
    guard output == .table || output == .json else {
      throw ValidationError("--output is \(output.rawValue); it must be table or json")
    }
  }

  func run(_ context: Context) async throws {
    let report = try await MigrationSession.with(
      migration.choice, command: "db check", context
    ) { session in
      let state = session.state
      guard !state.heads.isEmpty else { throw NoRevision(database: session.target.name) }
      try EnvironmentReport(session.environment, migration.project.choice, context).check()
      let check = DriftCheck(
        of: session.target.settings, scratch: try scratch(),
        options: .init(owners: owners, privileges: privileges, ignored: ignore),
        applicationName: session.server.applicationName)
      return try await check.run { settings in
        try await replay(state.heads, into: settings, session, context)
      }
    }
    for note in report.notes { migration.project.choice.warn(note, context) }
    if output == .json {
      context.output.write(json(report).text(.pretty) + "\n")
    } else {
      show(report, context)
    }
    if !report.differences.isEmpty { throw Ended(status: .blocked) }
  }

  private func scratch() throws -> ScratchDatabase {
    guard let scratchUrl else { return .ownServer() }
    return .on(try ConnectionSettings(url: try DatabaseURL.libpq(scratchUrl)))
  }

  private func replay(
    _ heads: [String], into settings: ConnectionSettings, _ session: MigrationSession,
    _ context: Context
  ) async throws {
    let server = DatabaseServer(settings, applicationName: session.server.applicationName)
    let migrator = session.migrator(context)
    try await server.withConnection { connection in
      for head in heads {
        _ = try await migrator.run(.upgrade(to: head), on: server, over: connection)
      }
    }
  }

  private func show(_ report: DriftCheck.Report, _ context: Context) {
    let style = Style(
      for: context.output, environment: context.environment, disabled: migration.project.noColor)
    for difference in report.differences {
      let words = "\(difference.change.phrase) \(difference.object.kind.lowercased()) "
      context.output.write(style.bold(words + difference.object.identity) + "\n")
      for line in difference.lines {
        let text = "  " + line
        context.output.write(
          (line.hasPrefix("- ") ? style.red(text) : line.hasPrefix("+ ") ? style.green(text) : text)
            + "\n")
      }
    }
    let count = report.differences.count
    context.error.write(
      count == 0
        ? "no drift: \(report.objects) objects are as the migrations make them\n"
        : "\(count) difference\(count == 1 ? "" : "s") among \(report.objects) objects; "
          + "- is what the migrations make, + is what is there\n")
  }

  private func json(_ report: DriftCheck.Report) -> JSON {
    let differences = report.differences.map { difference -> JSON in
      [
        "change": .string(difference.change.rawValue), "kind": .string(difference.object.kind),
        "schema": JSON(difference.object.schema), "name": .string(difference.object.name),
        "expected": JSON(difference.expected), "actual": JSON(difference.actual),
      ]
    }
    return [
      "objects": JSON(report.objects), "differences": .array(differences),
      "notes": .array(report.notes.map(JSON.string)),
    ]
  }
}

extension DefinitionDifference.Change {
  fileprivate var phrase: String {
    switch self {
    case .missing: "missing:"
    case .extra: "not of the migrations:"
    case .changed: "changed:"
    case .owner: "of another owner:"
    }
  }
}

/// A database that does not say what it ought to be.
private struct NoRevision: Failure {
  var database: String
  var message: String { "\(database) has no revision, so there is nothing to compare it with" }
  var hint: String? { "`omcops db stamp` says which revision a database is at" }
  var status: ExitStatus { .usage }
}
