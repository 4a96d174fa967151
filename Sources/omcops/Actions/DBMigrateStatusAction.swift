internal import Alembic
internal import DBOps
internal import OrderedCollections
internal import Postgres
internal import Runbooks

/// `db.migrate.status`: where the database stands, and what lies between it and a revision.
struct DBMigrateStatusAction: Action {
  let target: RunTarget
  let project: MigrationProject

  let name = "db.migrate.status"
  let effect = Effect.read
  let parameters = MigrationProject.parameters + [ActionParameter("plan", .bool)]
  let result = Shape.object([
    "current": .array(.string), "at": .optional(.string), "heads": .array(.string),
    "head": .optional(.string), "relation": .string, "target": .optional(.array(.string)),
    "pending": .array(
      .object([
        "revision": .string, "message": .string, "file": .string, "kind": .string,
        "can-be-undone": .optional(.bool), "losses": .array(.string),
      ])),
    "plan": .optional(.string), "losses": .array(.string),
    "impossible": .array(.string),
    "findings": .array(
      .object([
        "rule": .string, "level": .string, "message": .string, "revision": .optional(.string),
        "file": .optional(.string), "line": .optional(.number),
      ])),
    "obstacles": .array(.string),
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let place = try MigrationTarget(call, isFixed: false)
    let server = try target.server(for: call)
    return try await migrationErrors {
      try await project.withMigrator(call, on: server) { migrator, scripts in
        try await server.withConnection { connection in
          let state = try await migrator.state(over: connection)
          let position = try migrator.position(of: state, to: place.revision, place.direction)
          var status = MigrationStatus(position, scripts.directory)
          if call.with["plan"]?.bool == true {
            if !position.steps.isEmpty { try scripts.check() }
            try await status.plan(migrator, from: state.heads, over: connection)
          }
          return ActionOutcome(result: try status.value)
        }
      }
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    guard with["plan"]?.bool == true else { return "omcops db current --check-heads" }
    let revision = with["to"]?.string
    return with["direction"]?.string == "down"
      ? "omcops db downgrade --plan \(shellQuoted(revision ?? ""))"
      : "omcops db migrate --plan" + (revision.map { " --to \(shellQuoted($0))" } ?? "")
  }
}

/// What is known of a database's place, as a step sees it.
private struct MigrationStatus {
  private let position: MigrationPosition
  private let scripts: ScriptDirectory
  private var plan: MigrationPlan?
  private var findings: [LintFinding] = []

  init(_ position: MigrationPosition, _ scripts: ScriptDirectory) {
    self.position = position
    self.scripts = scripts
  }

  /// Finds out what the steps would send; not where one of them is known to be impossible.
  mutating func plan(
    _ migrator: Migrator, from heads: [String], over connection: Connection
  ) async throws {
    guard try impossible.isEmpty else { return }
    let planned = try await migrator.planned(position.steps, from: heads, over: connection)
    plan = try await MigrationPlan.make(planned, against: connection)
    let facts = try await SchemaFacts.read(
      connection, for: planned.flatMap { $0.statements.map(\.sql) })
    findings = StatementLint(facts).findings(in: planned)
  }

  /// Steps downwards whose scripts have no way down.
  private var impossible: [String] {
    get throws {
      try position.steps.filter { !$0.isUpgrade }.compactMap(\.revision)
        .filter { try scripts.downgrade(of: $0) == .missing }.map(\.id)
    }
  }

  var value: Value {
    get throws {
      let impossible = try impossible
      return [
        "current": list(position.current), "at": Value(position.name),
        "heads": list(position.heads),
        "head": Value(position.heads.count == 1 ? position.heads[0] : nil),
        "relation": .string(position.relation.rawValue),
        "target": position.target.map(list) ?? .null,
        "pending": .array(position.steps.compactMap { pending($0, impossible) }),
        "plan": Value(plan.map { MigrationPlanText($0).text }),
        "losses": list((plan?.parts ?? []).flatMap(losses)),
        "impossible": list(impossible + cutShort), "findings": value(findings),
        "obstacles": list((plan?.obstacles ?? []).map(\.summary)),
      ]
    }
  }

  private func list(_ texts: [String]) -> Value { .array(texts.map { .string($0) }) }

  /// Steps downwards that raise an exception, as those that say they cannot be undone do.
  private var cutShort: [String] {
    guard position.steps.contains(where: { !$0.isUpgrade }) else { return [] }
    return (plan?.parts ?? []).filter(\.revision.isCutShort).compactMap(\.revision.id)
  }

  private func losses(_ part: MigrationPlan.Part) -> [String] {
    part.steps.flatMap { step in
      let rows = step.losses.map { loss in
        let count = loss.rows.map { " (\(loss.isCounted ? "" : "about ")\($0) rows)" } ?? ""
        return "\(loss.loss.description)\(count)"
      }
      return rows + [step.effects.irreversible].compactMap { $0 }
    }
  }

  private func pending(_ step: MigrationStep, _ impossible: [String]) -> Value? {
    guard let revision = step.revision else { return nil }
    let part = plan?.parts.first { $0.revision.id == revision.id }
    let losses = part.map(losses) ?? []
    let isImpossible = (impossible + cutShort).contains(revision.id)
    let kind =
      isImpossible
      ? "impossible" : part == nil ? "unknown" : losses.isEmpty ? "lossless" : "lossy"
    return [
      "revision": .string(revision.id), "message": .string(revision.doc),
      "file": .string(revision.path), "kind": .string(kind),
      "can-be-undone": part.map { .bool($0.canBeUndone) } ?? .null, "losses": list(losses),
    ]
  }

  private func value(_ findings: [LintFinding]) -> Value {
    .array(
      findings.map { finding in
        [
          "rule": .string(finding.rule.name), "level": .string(finding.level.rawValue),
          "message": .string(finding.message), "revision": Value(finding.revision),
          "file": Value(finding.origin.file),
          "line": Value(finding.origin.line.map(Int64.init)),
        ]
      })
  }
}
