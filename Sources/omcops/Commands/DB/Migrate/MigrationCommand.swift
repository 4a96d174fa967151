internal import Alembic
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Quantities
internal import Terminal

/// What `migrate`, `downgrade` and `stamp` have in common: confirm, run, tell.
struct MigrationCommand {
  var goal: Migrator.Goal
  var name: String
  var choice: MigrationChoice
  var patience = MigrationPatience()
  var confirmation = Confirmation()
  var output = OutputFormat.table
  var engine = MigrationEngine.native
  var tag: String?

  func run(_ context: Context) async throws {
    let summary = try await MigrationSession.with(
      choice, command: name, tag: tag, reading: .headers, context
    ) { session in
      var migrator = session.migrator(context)
      migrator.patience = patience
      let state = session.state
      let steps = try migrator.steps(to: goal, from: state)
      let display = MigrationDisplay(context)
      if steps.isEmpty && !isPurge {
        return MigrationSummary(before: state.heads, after: state.heads)
      }
      try confirm(steps, session.target, context)
      try await session.connection.takeOwnThread()
      if try usesPython(steps, migrator, session, context) {
        return try await migrator.withLock(on: session.server, display.show) { _ in
          try await PythonEngine(session, context).run(goal)
          let after = try await migrator.state(over: session.connection)
          return MigrationSummary(before: state.heads, after: after.heads)
        }
      }
      return try await migrator.run(
        goal, on: session.server, over: session.connection, from: state
      ) { display.show($0) }
    }
    output.emit(record(summary), to: context)
  }

  /// Whether the project's own alembic runs the steps: where that was asked for, or where this
  /// program cannot and may choose.
  private func usesPython(
    _ steps: [MigrationStep], _ migrator: Migrator, _ session: MigrationSession,
    _ context: Context
  ) throws -> Bool {
    if engine == .python { return true }
    do {
      try EnvironmentReport(session.environment, choice.project, context).check()
      // The migrator looks at the scripts itself; who may choose has to know before.
      if engine == .auto { try migrator.performer.check(steps) }
      return false
    } catch let refusal as any Failure where engine == .auto && refusal.status == .refused {
      context.error.write("\(refusal.message)\nrunning the project's own alembic instead\n")
      return true
    }
  }

  private var isPurge: Bool { if case .stamp(_, let purge) = goal { purge } else { false } }

  private func confirm(
    _ steps: [MigrationStep], _ target: DatabaseTarget, _ context: Context
  ) throws {
    guard target.isProtected else { return }
    let action =
      switch goal {
      case .upgrade: "run \(steps.count) revisions on \(target.name)"
      case .downgrade: "take back \(steps.count) revisions on \(target.name)"
      case .stamp: "change the version table of \(target.name)"
      }
    try confirmation.require(target.name, for: action, context)
  }

  private func record(_ summary: MigrationSummary) -> Record {
    var record = Record()
    func list(_ ids: [String]) -> JSON { .array(ids.map(JSON.string)) }
    func words(_ ids: [String]) -> String { ids.isEmpty ? "base" : ids.joined(separator: ", ") }
    record.add("before", list(summary.before), text: words(summary.before))
    record.add("after", list(summary.after), text: words(summary.after))
    let applied = summary.applied.map { item -> JSON in
      [
        "step": .string(item.step.kind.functionName), "revision": JSON(item.step.revision?.id),
        "from": list(item.step.from), "to": list(item.step.to),
        "milliseconds": .int(item.duration.milliseconds),
      ]
    }
    let text = applied.isEmpty ? "nothing to do" : "\(applied.count)"
    record.add("steps", .array(applied), text: text)
    return record
  }
}

extension MigrationCommand {
  /// Reads a plain `db migrate`, as containers run it when they start; nil for every other line.
  init?(plain arguments: [String]) {
    guard
      let line = PlainLine(
        arguments, of: ["db", "migrate"],
        options: [
          "-c": "config", "--config": "config", "--url": "url", "-e": "environment",
          "--environment": "environment",
        ])
    else { return nil }
    self.init(
      goal: .upgrade(to: DBMigrate.newest), name: DBMigrate.name,
      choice: MigrationChoice(
        project: ProjectChoice(config: line["config"].map { [$0] } ?? []),
        environment: line["environment"], url: line["url"]))
  }
}

/// Shows a run on standard error, in Alembic's words where it has some.
struct MigrationDisplay: Sendable {
  private let error: OutputStream

  init(_ context: Context) { error = context.error }

  func show(_ event: MigrationEvent) {
    switch event {
    case .waiting(let holder):
      let who = holder.map { " (\($0.summary))" } ?? ""
      error.write("waiting while somebody else migrates\(who)\n")
    case .started(let step): error.write("Running \(step.description)\n")
    case .finished: break
    case .blocked(let sessions):
      for session in sessions { error.write("waiting for a lock: \(session.summary)\n") }
    case .retrying(let step, let attempt, let pause):
      error.write(
        "a lock was not to be had in time; \(step.shortDescription) is tried again in "
          + "\(Duration.milliseconds(pause.milliseconds).canonical) (attempt \(attempt))\n")
    }
  }
}

/// What `env.py` does that is not done here: shown, or a reason to stop.
struct EnvironmentReport {
  let environment: Alembic.Environment
  let project: ProjectChoice
  let context: Context

  init(_ environment: Alembic.Environment, _ project: ProjectChoice, _ context: Context) {
    self.environment = environment
    self.project = project
    self.context = context
  }

  /// Throws when something in it could change what a migration does.
  func check() throws {
    for note in environment.notes where !note.isRefusal {
      project.warn("\(note.location): \(note.text)", context)
    }
    try EnvironmentReport.refuse(environment)
  }

  /// The same without showing the rest.
  static func refuse(_ environment: Alembic.Environment) throws {
    let refusals = environment.notes.filter(\.isRefusal)
    guard let first = refusals.first else { return }
    throw EnvironmentRefusal(first: first, others: Array(refusals.dropFirst()))
  }
}

/// `env.py` cannot be honoured.
private struct EnvironmentRefusal: Failure {
  var first: EnvironmentNote
  var others: [EnvironmentNote]
  var message: String {
    "\(first.location): \(first.text), which changes what migrations do and is not done here"
  }
  var details: [String] { others.map { "\($0.location): \($0.text)" } }
  var hint: String? {
    let subject =
      first.subject == .other
      ? ""
      : ", or say accept: [\(first.subject.rawValue)] under "
        + "alembic in omcops.yaml if it changes nothing here"
    return "run it with --engine python\(subject)"
  }
  var status: ExitStatus { .refused }
}
