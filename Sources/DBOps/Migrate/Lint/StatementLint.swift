internal import Text

/// Finds what would hurt in the statements of migrations.
///
/// Judged against what is known of a database: what is done to a table that the same migration
/// makes, or to an empty one, hurts nobody; on a small one it is over in a moment. Without a
/// database every table may be large.
public struct StatementLint: Sendable {
  private let options: LintOptions
  private let facts: SchemaFacts

  /// Judges by what is known; `SchemaFacts()` knows of no database.
  public init(_ facts: SchemaFacts = SchemaFacts(), options: LintOptions = LintOptions()) {
    self.facts = facts
    self.options = options
  }

  /// The findings of all statements, in their order.
  public func findings(in revisions: [PlannedRevision]) -> [LintFinding] {
    var planner = Planner(facts, smallTable: options.smallTable)
    var found: [LintFinding] = []
    var memory = LintMemory()
    for (index, revision) in revisions.enumerated() {
      // Without a database nobody says which revisions are released together.
      if !facts.isLive { planner.settle() }
      if let gap = revision.gaps.first { report(gap, in: revision, &found) }
      for (place, statement) in revision.statements.enumerated() {
        let judgement = planner.judge(statement, number: "\(index + 1).\(place + 1)")
        memory.enter(statement.transaction)
        var context = LintContext(judgement, options, memory, revision)
        context.check()
        found += context.findings
        memory.remember(judgement.parsed, statement)
      }
    }
    return found
  }
}

extension StatementLint {
  private func report(
    _ gap: String, in revision: PlannedRevision, _ found: inout [LintFinding]
  ) {
    let level = options.level(.unanalyzed)
    guard level > .off else { return }
    found.append(
      LintFinding(
        rule: .unanalyzed, level: level,
        message: "the revision may send other statements than those looked at: \(gap)",
        alternative: [], revision: revision.id, origin: .init(file: revision.file), sql: ""))
  }
}

/// What earlier statements have done that matters to the rules.
struct LintMemory {
  private(set) var transaction: Int?
  /// Constraints that this transaction has added without looking at the rows.
  private(set) var unvalidated: Set<String> = []
  /// Values that this transaction has added to enums.
  private(set) var enumValues: [String: ObjectName] = [:]
  private(set) var hasLockTimeout = false

  mutating func enter(_ transaction: Int?) {
    guard transaction == nil || transaction != self.transaction else { return }
    self.transaction = transaction
    unvalidated = []
    enumValues = [:]
  }

  mutating func remember(_ parsed: ParsedStatement, _ statement: PlannedStatement) {
    switch parsed.body {
    case .alterTable(let alteration):
      for case .addConstraint(let constraint) in alteration.actions where constraint.isNotValid {
        if let name = constraint.name { unvalidated.insert(name) }
      }
    case .addEnumValue(let type, let value): if transaction != nil { enumValues[value] = type }
    case .setting(let name, let value, _) where name == "lock_timeout" && value != "0":
      hasLockTimeout = true
    default: break
    }
  }
}

/// One statement under the eyes of the rules.
struct LintContext {
  let step: MigrationPlan.Step
  let parsed: ParsedStatement
  let facts: SchemaFacts
  let memory: LintMemory
  private let options: LintOptions
  private let revision: PlannedRevision
  private(set) var findings: [LintFinding] = []

  init(
    _ judgement: Planner.Judgement, _ options: LintOptions, _ memory: LintMemory,
    _ revision: PlannedRevision
  ) {
    step = judgement.step
    parsed = judgement.parsed
    facts = judgement.facts
    self.options = options
    self.memory = memory
    self.revision = revision
  }

  /// Whether the statement would be sent in a transaction.
  var isInTransaction: Bool { step.statement.transaction != nil }

  mutating func report(
    _ rule: LintRule, _ message: String, _ alternative: [String] = [], atMost: LintLevel = .error
  ) {
    // A level that somebody has chosen holds; the rule's own bows to the size of the table.
    let chosen = options.levels[rule.name]
    let level = chosen ?? min(rule.level, atMost)
    let ignored = step.statement.ignoredRules
    guard level > .off, !ignored.contains(rule.name), !ignored.contains("all") else { return }
    findings.append(
      LintFinding(
        rule: rule, level: level, message: message, alternative: alternative,
        revision: revision.id, origin: step.statement.origin, sql: step.statement.sql))
  }

  /// Reports what lasts the longer the larger the table is, unless nobody would notice.
  mutating func report(
    _ rule: LintRule, on table: ObjectName, _ message: String, _ alternative: [String] = []
  ) {
    let name = facts.resolve(table)
    guard let relation = facts[name] else {
      return report(rule, message, alternative)
    }
    if relation.isNew || relation.isEmpty { return }
    let size = facts.size(of: name)
    let isSmall = size?.bytes.map { $0 <= options.smallTable } ?? false
    report(rule, message, alternative, atMost: isSmall ? .warning : .error)
  }

  /// Reports what breaks programs that use a table, whatever its size.
  mutating func report(
    _ rule: LintRule, ofUsed table: ObjectName, _ message: String, _ alternative: [String] = []
  ) {
    if facts[facts.resolve(table)]?.isNew == true { return }
    report(rule, message, alternative)
  }

  /// A table with its size: `orders (1.2 GiB, about 3,400,000 rows)`.
  func named(_ table: ObjectName) -> String {
    let size = facts.size(of: facts.resolve(table)).flatMap(MigrationPlanText.size)
    return "\(table)" + (size.map { " (\($0))" } ?? "")
  }

  mutating func check() {
    checkTransaction()
    switch parsed.body {
    case .createTable(let table): check(table)
    case .alterTable(let alteration): check(alteration)
    case .createIndex(let index): check(index)
    case .drop(let dropped): check(dropped)
    case .reindex(let reindexing): check(reindexing)
    case .truncate(let names, let cascades): check(truncated: names, cascades)
    case .change(let change): check(change)
    case .vacuum(let names, true, _):
      for name in names { reportRepack(name, "VACUUM FULL") }
    case .cluster(let name?): reportRepack(name, "CLUSTER")
    case .refresh(let name, concurrently: false): checkRefresh(name)
    case .alterDomain(let alteration): check(alteration)
    case .createDomain(let name, isConstrained: true):
      report(
        .createDomain, "domain \(name) has a constraint, which every later change must check again",
        ["put the constraint on the columns"])
    case .addEnumValue(let type, _):
      if !step.statement.sql.lowercased().contains(text: " before ")
        && !step.statement.sql.lowercased().contains(text: " after ")
      {
        report(.enumOrder, "where the value stands among those of \(type) is not said")
      }
    case .opaque(let reason): checkOpaque(reason)
    default: break
    }
    checkEnumValues()
    checkHeldLocks()
    checkTimeouts()
  }

  private mutating func checkOpaque(_ reason: String) {
    if reason.contains(text: "inside a quote") {
      report(.syntax, reason)
    } else {
      report(.unanalyzed, reason)
    }
  }

  private mutating func checkTransaction() {
    if case .transactionControl(let control) = parsed.body, control != .savepoint,
      revision.id != nil
    {
      report(
        .nesting,
        "\(control.rawValue.uppercased()) inside the transaction of a migration: what stands "
          + "before is kept even when the rest fails",
        ["take it out; op.get_context().autocommit_block() runs statements on their own"])
    }
    guard isInTransaction, case .outside(let reason) = step.effects.transactionUse else { return }
    let block = ["with op.get_context().autocommit_block():", "    op.execute(...)"]
    if case .createIndex(let index) = parsed.body {
      report(.concurrentInTransaction, reason, OperationCall.concurrentIndex(index))
    } else {
      report(.outsideTransaction, reason, block)
    }
  }

  private mutating func checkEnumValues() {
    guard !memory.enumValues.isEmpty, isInTransaction else { return }
    let texts = Set(SQLTokens.tokens(of: step.statement.sql).compactMap(\.text))
    for (value, type) in memory.enumValues.sorted(by: { $0.key < $1.key })
    where texts.contains(value) {
      report(
        .enumValue,
        "the value '\(value)' of \(type) cannot be used in the transaction that adds it",
        [
          "with op.get_context().autocommit_block():",
          "    op.execute(\"ALTER TYPE \(type) ADD VALUE IF NOT EXISTS '\(value)'\")",
        ])
    }
  }

  private mutating func checkHeldLocks() {
    for lock in step.heldMeanwhile {
      let work = step.effects.work.map { "\($0.relation): \($0.reason)" }
      report(
        .longWork, on: lock.relation,
        "\(lock.mode.consequence) \(named(lock.relation)) until this is done: its "
          + "\(lock.mode.sql) lock, taken before, lasts to the end of the transaction "
          + "(\(work.joined(separator: "; ")))",
        ["put the change of \(lock.relation) into a revision of its own, behind the long work"])
    }
  }

  private mutating func checkTimeouts() {
    guard !memory.hasLockTimeout,
      let lock = step.locks.first(where: { $0.lock.mode >= .share })?.lock
    else { return }
    report(
      .timeouts,
      "waits for \(lock.mode.sql) on \(lock.relation) without end, and everybody else behind it",
      ["SET lock_timeout = '5s';"])
  }
}
