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
      Reads SQL files; - is standard input. With --environment or --url each finding is judged \
      against the sizes of the tables there: what is done to an empty table hurts nobody, on a \
      small one it is a warning at most. Without a database every table may be large.

      A comment "-- omcops-lint: ignore RULE" beside a statement or above it silences a rule there. \
      --list-rules shows all rules.
      """, exits: [.done, .failed, .usage, .blocked]))

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var rules: LintRuleOptions

  @Option(help: "How to print: text, json, or github for annotations of a workflow.")
  var output = FindingFormat.text

  @Flag(help: "The files are run in one transaction each, as most migration tools do.")
  var inTransaction = false

  @Option(help: "Major version of the server to judge by, where no database is named.")
  var serverVersion = 12

  @Flag(help: "Print the rules and end.")
  var listRules = false

  @Argument(help: "SQL files; - is standard input.", completion: .file(extensions: ["sql"]))
  var files: [String] = []

  func validate() throws {
    guard (12...18).contains(serverVersion) else {
      throw ValidationError("--server-version is \(serverVersion); it must be 12 to 18")
    }
    if files.isEmpty, !listRules { throw ValidationError("name the files to look at") }
  }

  func run(_ context: Context) async throws {
    if listRules { return printRules(context) }
    let options = try rules.options()
    let sources = try files.map { file in
      SQLFile(
        try TextFile.read(file, context), named: file == "-" ? "stdin" : file,
        isInTransaction: inTransaction)
    }
    let facts = try await facts(sources, context)
    var findings: [LintFinding] = []
    for source in sources {
      findings += StatementLint(facts, options: options).findings(in: [source.revision])
      findings += source.findings(options)
    }
    try FindingReport(
      findings: findings,
      style: Style(
        for: context.output, environment: context.environment, disabled: database.global.noColor)
    ).print(as: output, to: context)
  }

  /// What is known of the database that the options name; nothing where they name none.
  private func facts(_ sources: [SQLFile], _ context: Context) async throws -> SchemaFacts {
    guard database.url != nil || database.environment != nil else {
      return SchemaFacts(serverVersion: serverVersion * 10000)
    }
    let target = try database.resolve(context)
    let statements = sources.flatMap { $0.revision.statements.map(\.sql) }
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName("db lint"))
    return try await server.withConnection { try await SchemaFacts.read($0, for: statements) }
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
