public import Postgres

/// What a migration would do to a database: read before the first statement is sent.
public struct MigrationPlan: Sendable {
  /// What is known of the size of a table.
  public struct Size: Hashable, Sendable {
    /// The bytes of the table with its indexes and its TOAST table; nil where they are not known.
    public var bytes: Int64?
    /// The number of rows; nil where it is not known.
    public var rows: Int64?
    /// Whether the rows were counted, not estimated.
    public var isCounted: Bool

    /// Whether there is no row for certain.
    public var isEmpty: Bool { isCounted && rows == 0 }
  }

  /// A table up to this size is worked through in a moment. Bytes.
  public static let smallTable: Int64 = 16 << 20

  /// A lock with what it means to those who use the table.
  public struct Lock: Hashable, Sendable {
    /// The relation and the mode.
    public var lock: StatementEffects.Lock
    /// The table's size; nil where no database was looked at, and for what is no table.
    public var size: Size?
    /// What is done while it is held.
    public var work: [StatementEffects.Work]

    /// Whether others are kept waiting for as long as it takes to work through the table.
    public var isLong: Bool { !work.isEmpty && lock.mode >= .share }
  }

  /// A loss with how much there is to lose.
  public struct Loss: Hashable, Sendable {
    /// What is lost.
    public var loss: StatementEffects.Loss
    /// The rows of the table, or the values of the column that are not NULL.
    public var rows: Int64?
    /// Whether they were counted, not estimated.
    public var isCounted: Bool
  }

  /// One statement.
  public struct Step: Hashable, Sendable {
    /// What is sent.
    public var statement: PlannedStatement
    /// The words that it begins with, as `ALTER TABLE`.
    public var command: String
    /// What it does.
    public var effects: StatementEffects
    /// Its locks on what is not made by the same plan, the strongest first.
    public var locks: [Lock]
    /// What is lost.
    public var losses: [Loss]
    /// Locks of earlier statements of the same transaction that last while this one works.
    public var heldMeanwhile: [StatementEffects.Lock]
    /// The revision it belongs to, and its place there, both from 1: `2.1`.
    public var number: String
  }

  /// One revision.
  public struct Part: Sendable {
    /// The revision.
    public var revision: PlannedRevision
    /// Its statements.
    public var steps: [Step]

    /// Whether its downgrade brings back what there was.
    public var canBeUndone: Bool {
      revision.downgrade == .present
        && steps.allSatisfy { $0.losses.isEmpty && $0.effects.irreversible == nil }
    }
  }

  /// The revisions in order.
  public var parts: [Part]
  /// Sessions that hold locks in the way of the plan's, at the moment when it was made.
  public var obstacles: [BlockingSession]
  /// The database; nil where none was looked at.
  public var database: String?
  /// The server's version as it names it.
  public var serverVersion: String?

  /// All statements.
  public var steps: [Step] { parts.flatMap(\.steps) }

  /// Makes a plan of what is known without a database.
  public init(_ revisions: [PlannedRevision], serverVersion: Int = 120000) {
    var planner = Planner(SchemaFacts(serverVersion: serverVersion))
    parts = planner.parts(revisions)
    obstacles = []
  }

  /// Makes a plan against a database, which is only read: one exchange for sizes and sessions, and
  /// one for the numbers of rows that would be lost.
  public static func make(
    _ revisions: [PlannedRevision], against connection: Connection
  ) async throws -> MigrationPlan {
    let facts = try await SchemaFacts.read(
      connection, for: revisions.flatMap { $0.statements.map(\.sql) })
    var planner = Planner(facts)
    var plan = MigrationPlan([])
    plan.parts = planner.parts(revisions)
    plan.database = connection.info.database
    plan.serverVersion = connection.info.serverVersionText
    plan.obstacles = try await BlockingSession.obstacles(to: plan.steps, connection)
    try await plan.count(connection)
    return plan
  }
}

/// Goes through the statements and puts the sizes to what they do.
struct Planner {
  private var analyzer: StatementAnalyzer
  /// The locks that the transaction holds so far.
  private var held: [StatementEffects.Lock] = []
  private var transaction: Int?

  private let smallTable: Int64

  /// - Parameter smallTable: the bytes up to which a table is worked through in a moment.
  init(_ facts: SchemaFacts, smallTable: Int64 = MigrationPlan.smallTable) {
    analyzer = StatementAnalyzer(facts)
    self.smallTable = smallTable
  }

  mutating func parts(_ revisions: [PlannedRevision]) -> [MigrationPlan.Part] {
    revisions.enumerated().map { index, revision in
      let steps = revision.statements.enumerated().map { place, statement in
        step(statement, number: "\(index + 1).\(place + 1)")
      }
      return MigrationPlan.Part(revision: revision, steps: steps)
    }
  }

  /// A statement with what was known before it ran.
  struct Judgement {
    var step: MigrationPlan.Step
    var parsed: ParsedStatement
    var facts: SchemaFacts
  }

  private mutating func step(
    _ statement: PlannedStatement, number: String
  ) -> MigrationPlan.Step {
    judge(statement, number: number).step
  }

  mutating func judge(_ statement: PlannedStatement, number: String) -> Judgement {
    let parsed = StatementParser.parse(statement.sql)
    let facts = analyzer.facts
    let effects = analyzer.analyze(parsed)
    if statement.transaction == nil || statement.transaction != transaction { held = [] }
    transaction = statement.transaction
    let locks = effects.locks.map { lock in
      MigrationPlan.Lock(
        lock: lock, size: facts.size(of: lock.relation),
        work: effects.work.filter { $0.relation == lock.relation })
    }
    let losses = effects.losses.filter { !isEmpty($0, facts) }.map { loss in
      let size = facts.size(of: loss.object)
      return MigrationPlan.Loss(
        loss: loss, rows: size?.rows, isCounted: size?.isCounted ?? false)
    }
    let isLong = effects.work.contains { work in
      facts.size(of: work.relation)?.bytes.map { $0 > smallTable } ?? true
    }
    let meanwhile = isLong ? lasting(beside: effects) : []
    remember(effects)
    let step = MigrationPlan.Step(
      statement: statement, command: parsed.command, effects: effects, locks: locks,
      losses: losses, heldMeanwhile: meanwhile, number: number)
    return Judgement(step: step, parsed: parsed, facts: facts)
  }

  /// Forgets that tables are new: what the statements so far have made may have users by now.
  mutating func settle() { analyzer.settle() }

  /// What was never filled cannot be lost; a view over nothing is still a view.
  private func isEmpty(_ loss: StatementEffects.Loss, _ facts: SchemaFacts) -> Bool {
    facts[loss.object]?.isEmpty == true && loss.kind != .table
  }

  /// Locks that keep others waiting while this statement works on something large.
  private func lasting(beside effects: StatementEffects) -> [StatementEffects.Lock] {
    held.filter { lock in
      lock.mode.blocksWrites
        && !effects.locks.contains { $0.relation == lock.relation && $0.mode >= lock.mode }
    }
  }

  private mutating func remember(_ effects: StatementEffects) {
    guard transaction != nil else { return }
    for lock in effects.locks {
      if let place = held.firstIndex(where: { $0.relation == lock.relation }) {
        held[place].mode = max(held[place].mode, lock.mode)
      } else {
        held.append(lock)
      }
    }
  }
}

extension SchemaFacts {
  /// The size of a table; nil where nothing is known of it and for what has no rows.
  func size(of name: ObjectName) -> MigrationPlan.Size? {
    guard isLive, let relation = relations[name] else { return nil }
    switch relation.kind {
    case .table, .materializedView:
      return MigrationPlan.Size(
        bytes: relation.totalBytes, rows: relation.rows,
        isCounted: relation.isCounted || relation.isEmpty)
    case .partitioned:
      let parts = descendants(name).compactMap { relations[$0] }.filter { $0.kind == .table }
      guard parts.allSatisfy({ $0.totalBytes != nil }) else { return nil }
      return MigrationPlan.Size(
        bytes: parts.reduce(0) { $0 + ($1.totalBytes ?? 0) },
        rows: parts.contains { $0.rows == nil } ? nil : parts.reduce(0) { $0 + ($1.rows ?? 0) },
        isCounted: parts.allSatisfy(\.isEmpty))
    default: return nil
    }
  }
}
