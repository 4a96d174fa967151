internal import Alembic
internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import Terminal

extension PlannedRevision {
  /// The same with its files named from the working folder, as people and workflows name them.
  func named(from context: Context) -> PlannedRevision {
    func relative(_ path: String?) -> String? {
      let folder = context.workingDirectory + "/"
      return path.map { $0.hasPrefix(folder) ? String($0.dropFirst(folder.count)) : $0 }
    }
    var named = self
    named.file = relative(file)
    named.statements = statements.map { statement in
      var statement = statement
      statement.origin.file = relative(statement.origin.file)
      return statement
    }
    return named
  }
}

/// `--plan`: what a run would do, without doing it.
struct MigrationPlanning {
  var goal: Migrator.Goal
  var name: String
  var choice: MigrationChoice
  var output: OutputFormat
  var tag: String?

  /// Prints the plan, as lines for people or as JSON.
  func run(_ context: Context) async throws {
    guard output == .table || output == .json else {
      throw MigrationUsage("--plan prints table or json, not \(output.rawValue)")
    }
    let plan = try await MigrationSession.with(
      choice, command: name, tag: tag, context
    ) { session in
      let migrator = session.migrator(context)
      let state = session.state
      let steps = try migrator.steps(to: goal, from: state)
      if !steps.isEmpty {
        try EnvironmentReport(session.environment, choice.project, context).check()
      }
      let revisions = try await migrator.planned(
        steps, from: state.heads, over: session.connection)
      return try await MigrationPlan.make(
        revisions.map { $0.named(from: context) }, against: session.connection)
    }
    if output == .json { return context.output.write(plan.json.text(.pretty) + "\n") }
    if plan.parts.isEmpty { return context.output.write("nothing to do\n") }
    let style = Style(
      for: context.output, environment: context.environment, disabled: choice.project.isPlain)
    for line in MigrationPlanText(plan, width: context.output.columns ?? 100).lines {
      context.output.write(MigrationPlanning.styled(line, style) + "\n")
    }
  }

  private static func styled(_ line: MigrationPlanText.Line, _ style: Style) -> String {
    switch line.role {
    case .heading: style.bold(line.text)
    case .statement: line.text
    case .quiet: style.faint(line.text)
    case .caution: style.yellow(line.text)
    case .danger: style.red(line.text)
    }
  }
}
