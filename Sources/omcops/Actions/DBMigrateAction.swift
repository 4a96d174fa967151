internal import Alembic
internal import DBOps
internal import Diagnostics
internal import OrderedCollections
internal import Postgres
internal import Quantities
internal import Runbooks

/// `db.migrate`: brings the database to a revision of its project, up or down.
struct DBMigrateAction: Action {
  let target: RunTarget
  let project: MigrationProject

  let name = "db.migrate"
  let effect = Effect.write
  let parameters =
    MigrationProject.parameters + [
      ActionParameter("lock-wait", .duration), ActionParameter("lock-timeout", .duration),
      ActionParameter("retry-for", .duration), ActionParameter("statement-timeout", .duration),
    ]
  let result = Shape.object([
    "before": .array(.string), "after": .array(.string),
    "steps": .array(
      .object(["revision": .string, "message": .string, "milliseconds": .number])),
  ])

  /// The version rows: what an undo has to come back to.
  func observe(_ call: ActionCall) async throws -> Value {
    try await withPosition(call) { position in
      ["current": .array(position.current.map { .string($0) })]
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let goal = try MigrationTarget(call, isFixed: true).goal
    let server = try target.server(for: call)
    let patience = try MigrationPatience(call)
    return try await migrationErrors {
      try await project.withMigrator(call, on: server) { migrator, scripts in
        try scripts.check()
        var migrator = migrator
        migrator.patience = patience
        let summary = try await server.withConnection { connection in
          try await migrator.run(goal, on: server, over: connection) { event in
            if let line = event.shortLine { call.progress(line) }
          }
        }
        return ActionOutcome(result: value(of: summary))
      }
    }
  }

  /// A transaction holds a revision's changes and its version row: the row tells whether it was
  /// done.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await withPosition(call) { position in
      guard position.relation == .same else { return .absent }
      return .there([
        "before": call.before["current"] ?? .array(position.current.map { .string($0) }),
        "after": .array(position.current.map { .string($0) }), "steps": [],
      ])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var command = "omcops db "
    let revision = with["to"]?.string
    if with["direction"]?.string == "down" {
      command += "downgrade \(shellQuoted(revision ?? ""))"
    } else {
      command += "migrate"
      if let revision, revision != "image" { command += " --to \(shellQuoted(revision))" }
    }
    if let file = with["project"]?.string { command += " --config \(shellQuoted(file))" }
    for option in ["lock-wait", "lock-timeout", "retry-for", "statement-timeout"] {
      if case .duration(let duration)? = with[option] {
        command += " --\(option) \(duration.canonical)"
      }
    }
    return command
  }

  private func withPosition<Result: Sendable>(
    _ call: ActionCall, _ body: @Sendable (MigrationPosition) throws -> Result
  ) async throws -> Result {
    let place = try MigrationTarget(call, isFixed: true)
    let server = try target.server(for: call)
    return try await migrationErrors {
      try await project.withMigrator(call, on: server) { migrator, _ in
        let state = try await server.withConnection { try await migrator.state(over: $0) }
        return try body(try migrator.position(of: state, to: place.revision, place.direction))
      }
    }
  }

  private func value(of summary: MigrationSummary) -> Value {
    [
      "before": .array(summary.before.map { .string($0) }),
      "after": .array(summary.after.map { .string($0) }),
      "steps": .array(
        summary.applied.map { item in
          [
            "revision": Value(item.step.revision?.id),
            "message": .string(item.step.revision?.doc ?? ""),
            "milliseconds": .int(item.duration.milliseconds),
          ]
        }),
    ]
  }
}

extension MigrationPatience {
  /// What a step says about waiting; the rest is as in `omcops db migrate`. Zero is for ever.
  fileprivate init(_ call: ActionCall) throws {
    self.init()
    func duration(_ key: String) throws -> Duration? {
      guard case .duration(let duration)? = call.with[key] else { return nil }
      guard duration >= .zero else { throw ActionError(.other, "\(key) is less than nothing") }
      return duration
    }
    lockWait = try duration("lock-wait") ?? lockWait
    retry = try duration("retry-for") ?? retry
    if let limit = try duration("lock-timeout") { lockTimeout = limit == .zero ? nil : limit }
    if let limit = try duration("statement-timeout") {
      statementTimeout = limit == .zero ? nil : limit
    }
  }
}

extension MigrationEvent {
  /// What a run's log says of it.
  fileprivate var shortLine: String? {
    switch self {
    case .waiting(let holder):
      "waiting while somebody else migrates" + (holder.map { " (\($0.summary))" } ?? "")
    case .started(let step): step.description
    case .finished: nil
    case .blocked(let sessions):
      "waiting for a lock: " + sessions.map(\.summary).joined(separator: "; ")
    case .retrying(let step, let attempt, _):
      "\(step.shortDescription) is tried again (attempt \(attempt))"
    }
  }
}

/// As `actionErrors`, and tells a lock that was not to be had from a statement that is wrong.
func migrationErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
  try await actionErrors {
    do {
      return try await body()
    } catch let failure as MigrationFailure {
      let details = failure.details.joined(separator: "; ")
      let isTimeout = ["55P03", "57014"].contains(failure.sqlState)
      throw ActionError(
        failure.status == .refused ? .refused : isTimeout ? .timeout : .sql,
        "\(failure.message): \(details)", hint: failure.hint, sqlState: failure.sqlState)
    } catch let error as RevisionError {
      throw ActionError(.assertion, error.message, hint: error.hint)
    }
  }
}
