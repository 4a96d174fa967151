internal import Alembic
internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import Quantities
internal import SystemPackage
internal import Terminal

/// `omcops db lint`: what would hurt in migrations, before they run.
struct DBLint: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Find statements in migrations that would hurt a live service.",
    discussion: discussion(
      """
      Looks at the project's revisions, or at plain SQL files; - is standard input. With \
      --environment or --url those that the database does not have yet, judged against the sizes \
      of its tables: what is done to an empty table hurts nobody, on a small one it is a warning \
      at most. Without a database all of them, as if every table were large.

      A comment "-- omcops-lint: ignore RULE" beside a statement or above it silences a rule there. \
      --list-rules shows all rules.
      """, exits: [.done, .failed, .usage, .blocked, .refused]))

  @OptionGroup var migration: MigrationOptions
  @OptionGroup var rules: LintRuleOptions

  @Option(help: "How to print: text, json, or github for annotations of a workflow.")
  var output = FindingFormat.text

  @Option(help: "Which revisions to look at: REV for one, FROM:TO for those above FROM up to TO.")
  var revisions: String?

  @Flag(help: "The SQL files are run in one transaction each, as most migration tools do.")
  var inTransaction = false

  @Option(help: "Major version of the server to judge by, where no database is named.")
  var serverVersion = 12

  @Flag(help: "Print the rules and end.")
  var listRules = false

  @Argument(
    help: "SQL files instead of revisions; - is standard input.",
    completion: .file(extensions: ["sql"]))
  var files: [String] = []

  func validate() throws {
    guard (12...18).contains(serverVersion) else {
      throw ValidationError("--server-version is \(serverVersion); it must be 12 to 18")
    }
    if !files.isEmpty, revisions != nil {
      throw ValidationError("name revisions or files, not both")
    }
  }

  func run(_ context: Context) async throws {
    if listRules { return printRules(context) }
    let options = try rules.options()
    let findings =
      try await files.isEmpty
      ? findingsInRevisions(options, context) : findingsInFiles(options, context)
    let style = Style(
      for: context.output, environment: context.environment, disabled: migration.project.noColor)
    try FindingReport(findings: findings, style: style).print(as: output, to: context)
  }

  private var namesDatabase: Bool { migration.url != nil || migration.environment != nil }

  private var unknownDatabase: SchemaFacts { SchemaFacts(serverVersion: serverVersion * 10000) }

  private func findingsInFiles(
    _ options: LintOptions, _ context: Context
  ) async throws -> [LintFinding] {
    let sources = try files.map { file in
      SQLFile(
        try TextFile.read(file, context), named: file == "-" ? "stdin" : file,
        isInTransaction: inTransaction)
    }
    var facts = unknownDatabase
    if namesDatabase {
      let server = DatabaseServer(
        try await migration.choice.target(
          try migration.project.choice.configuration(context), context
        ).settings,
        applicationName: context.applicationName("db lint"))
      let statements = sources.flatMap { $0.revision.statements.map(\.sql) }
      facts = try await server.withConnection { try await SchemaFacts.read($0, for: statements) }
    }
    return sources.flatMap { source in
      StatementLint(facts, options: options).findings(in: [source.revision])
        + source.findings(options)
    }
  }

  private func findingsInRevisions(
    _ options: LintOptions, _ context: Context
  ) async throws -> [LintFinding] {
    guard namesDatabase else {
      let source = try migration.project.choice.source(context)
      let scripts = try migration.project.choice.scripts(source, context)
      let environment = try source.environment(of: scripts.project)
      let (steps, heads) = try steps(scripts, from: [])
      let planned = try source.migrator(scripts, environment.offline, context)
        .planned(steps, from: heads)
      return StatementLint(unknownDatabase, options: options)
        .findings(in: planned.map { $0.named(from: context) })
    }
    return try await MigrationSession.with(migration.choice, command: "db lint", context) {
      session in
      let state = session.state
      let (steps, heads) = try steps(session.scripts, from: state.heads)
      let planned = try await session.migrator(context).planned(
        steps, from: heads, over: session.connection)
      let facts = try await SchemaFacts.read(
        session.connection, for: planned.flatMap { $0.statements.map(\.sql) })
      return StatementLint(facts, options: options)
        .findings(in: planned.map { $0.named(from: context) })
    }
  }

  /// The steps to look at, and the version rows that they begin from.
  private func steps(
    _ scripts: ScriptDirectory, from heads: [String]
  ) throws -> ([MigrationStep], [String]) {
    guard let revisions else {
      return (try scripts.map.upgradeSteps(to: "heads", from: heads), heads)
    }
    func ids(_ text: Substring) throws -> [String] {
      let name = String(text)
      return name.isEmpty || name == "base"
        ? [] : try scripts.map.views(of: .many([name])).map(\.revision.id)
    }
    guard let colon = revisions.firstIndex(of: ":") else {
      let all = try scripts.map.upgradeSteps(to: revisions, from: [])
      return (Array(all.suffix(1)), all.last?.from ?? [])
    }
    let from = try ids(revisions[..<colon])
    let end = revisions[revisions.index(after: colon)...]
    return (
      try scripts.map.upgradeSteps(to: end.isEmpty ? "heads" : String(end), from: from), from
    )
  }

  private func printRules(_ context: Context) {
    switch output {
    case .json:
      let rows = LintRule.all.map { rule -> JSON in
        [
          "rule": .string(rule.name), "level": .string(rule.level.rawValue),
          "summary": .string(rule.summary),
        ]
      }
      context.output.write(JSON.array(rows).text(.pretty) + "\n")
    case .text, .github:
      let rows = LintRule.all.map { rule -> [Cell] in
        [.text(rule.name), .text(rule.level.rawValue), .text(rule.summary)]
      }
      context.output.write(
        RowSet(["rule", "level", "finds"], rows: rows)
          .text(as: .table, width: context.output.columns))
    }
  }
}

/// Which rules speak, and how loud.
struct LintRuleOptions: ParsableArguments {
  @Option(
    name: .customLong("rule"),
    help: "Set a rule's level, as ban-drop-column=error: error, warning, notice or off.")
  var levels: [String] = []

  @Option(help: "Only these rules speak, at their own level or as --rule says; may be repeated.")
  var only: [String] = []

  @Option(help: "Tables up to this size are worked through in a moment: warnings at most.")
  var smallTable = "16MiB"

  func validate() throws { _ = try options() }

  /// - Throws: a usage error that names a rule or a level which does not exist.
  func options() throws -> LintOptions {
    guard let small = ByteCount(parsing: smallTable) else {
      throw ValidationError("--small-table is \"\(smallTable)\"; it must be a size as 16MiB")
    }
    var levels: [String: LintLevel] = [:]
    if !only.isEmpty {
      let chosen = Set(try only.map { try rule($0, "--only").name })
      for rule in LintRule.all {
        if !chosen.contains(rule.name) {
          levels[rule.name] = .off
        } else if rule.level == .off {
          levels[rule.name] = .warning
        }
      }
    }
    for text in self.levels {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, let level = LintLevel(rawValue: parts[1]) else {
        throw ValidationError(
          "--rule is \"\(text)\"; it must be RULE=LEVEL, the level one of "
            + LintLevel.allCases.map(\.rawValue).joined(separator: ", "))
      }
      levels[try rule(parts[0], "--rule").name] = level
    }
    return LintOptions(levels: levels, smallTable: small.bytes)
  }

  private func rule(_ name: String, _ option: String) throws -> LintRule {
    if let rule = LintRule.named(name) { return rule }
    let guess = Suggestion.phrase(for: name, among: LintRule.all.map(\.name))
    throw ValidationError("\(option): there is no rule \"\(name)\"\(guess)")
  }
}
