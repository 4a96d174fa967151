public import Alembic

/// Takes the statements of scripts instead of a server, and writes down which would be sent in which
/// transaction.
///
/// Questions may be answered by a database that is only read: then scripts that look before they act
/// do in the plan what they would do in the run. Where a question is about something that an earlier
/// statement of the plan would have changed, the answer may be another one in the run: that is a
/// gap.
public final class PlanRecorder: MigrationConnection {
  /// A database that answers, in a transaction that can only read; nil where nothing is answered.
  private let answers: (any MigrationConnection)?
  /// Whether statements are written down; those about the version table are not.
  public var isRecording = false
  /// Whether somebody looks at answers; nobody does for plain SQL, whose queries are statements as
  /// the others.
  public var isAnswering = true
  /// What a statement comes from, asked when it is written down.
  public var origin: () -> PlannedStatement.Origin = { PlannedStatement.Origin() }
  private var statements: [PlannedStatement] = []
  private var gaps: [String] = []
  private var transaction: Int?
  private var lastTransaction = 0
  private var analyzer = StatementAnalyzer()
  private var touched: Set<ObjectName> = []
  private var isSchemaTouched = false

  /// - Parameter answers: a session in a read-only transaction, which answers questions.
  public init(answers: (any MigrationConnection)? = nil) { self.answers = answers }

  /// What was written down since the last time, and why it may not be all.
  public func take() -> (statements: [PlannedStatement], gaps: [String]) {
    defer { (statements, gaps) = ([], []) }
    return (statements, gaps)
  }

  /// Writes the statement down, or answers it.
  public func execute(_ sql: String) throws -> StatementResult {
    let parsed = StatementParser.parse(sql)
    switch parsed.body {
    case .transactionControl(let control):
      follow(control)
      return StatementResult(tag: control.rawValue.uppercased())
    case .query(let reads, locksRows: false)
    where isAnswering && answers != nil && reads.writes.isEmpty:
      return try answer(sql, reads)
    default:
      if isRecording {
        statements.append(PlannedStatement(sql, origin: origin(), transaction: transaction))
        remember(parsed)
      }
      return StatementResult(tag: PlanRecorder.tag(parsed))
    }
  }

  private func follow(_ control: TransactionControl) {
    switch control {
    case .begin:
      lastTransaction += 1
      transaction = lastTransaction
    case .commit, .rollback: transaction = nil
    case .savepoint: break
    }
  }

  /// One row, for whoever looks at the number: a run checks that the version table had its row.
  private static func tag(_ parsed: ParsedStatement) -> String {
    guard case .change(let change) = parsed.body else { return parsed.command }
    return change.kind == .insert ? "INSERT 0 1" : "\(change.kind.rawValue.uppercased()) 1"
  }

  private func remember(_ parsed: ParsedStatement) {
    let effects = analyzer.analyze(parsed)
    if case .change(let change) = parsed.body {
      touched.insert(analyzer.facts.resolve(change.table))
      return
    }
    touched.formUnion(effects.created)
    touched.formUnion(effects.locks.filter { $0.mode > .rowExclusive }.map(\.relation))
    switch parsed.body {
    case .setting: break
    default: isSchemaTouched = true
    }
  }

  private func answer(_ sql: String, _ reads: Reads) throws -> StatementResult {
    note(reads)
    guard let answers else { return StatementResult() }
    _ = try answers.execute("SAVEPOINT omcops_plan")
    do {
      let result = try answers.execute(sql)
      _ = try answers.execute("RELEASE SAVEPOINT omcops_plan")
      return result
    } catch let failure as StatementFailure {
      _ = try answers.execute("ROLLBACK TO SAVEPOINT omcops_plan")
      add(gap: "it asks what the database cannot answer yet: \(failure.message)")
      throw failure
    }
  }

  private func note(_ reads: Reads) {
    let names = reads.reads.map(analyzer.facts.resolve)
    for name in names.sorted() where touched.contains(name) {
      add(gap: "it asks for rows of \(name), which the plan changes before")
    }
    let isCatalog = reads.reads.contains {
      $0.schema == "pg_catalog" || $0.schema == "information_schema" || $0.name.hasPrefix("pg_")
    }
    if isCatalog, isSchemaTouched {
      add(gap: "it asks for objects of the schema, which the plan changes before")
    }
  }

  private func add(gap: String) {
    if isRecording, !gaps.contains(gap) { gaps.append(gap) }
  }
}
