internal import Postgres

/// A plain SQL file as a revision that can be planned and looked at.
public struct SQLFile: Sendable {
  /// Its statements.
  public var revision: PlannedRevision
  /// Where a transaction begins that the file does not end.
  public var openTransaction: PlannedStatement.Origin?

  /// Cuts a file into its statements.
  ///
  /// Statements between `BEGIN` and `COMMIT` share a transaction; others commit themselves.
  ///
  /// - Parameters:
  ///   - isInTransaction: whether whoever runs the file does so in one transaction.
  public init(_ text: String, named file: String, isInTransaction: Bool = false) {
    let script = SQLScript(text)
    let comments = LintComments(sql: text)
    var statements: [PlannedStatement] = []
    var number = 0
    var isOpen = false
    for statement in script.statements + (script.rest.map { [$0] } ?? []) {
      let origin = PlannedStatement.Origin(file: file, line: statement.line)
      let last = statement.line + statement.sql.utf8.count { $0 == 0x0A }
      let control = SQLFile.control(statement.sql)
      if control == .begin {
        (isOpen, openTransaction) = (true, origin)
        number += 1
      }
      statements.append(
        PlannedStatement(
          statement.sql, origin: origin, transaction: isInTransaction || isOpen ? number : nil,
          ignoredRules: comments.rules(for: statement.line...last)))
      if control == .commit || control == .rollback { (isOpen, openTransaction) = (false, nil) }
    }
    revision = PlannedRevision(id: nil, file: file, statements: statements)
  }

  private static func control(_ sql: String) -> TransactionControl? {
    guard case .transactionControl(let control) = StatementParser.parse(sql).body else {
      return nil
    }
    return control
  }

  /// What the file as a whole does wrong.
  public func findings(_ options: LintOptions) -> [LintFinding] {
    let rule = LintRule.uncommitted
    guard let openTransaction, options.level(rule) > .off else { return [] }
    let begin = revision.statements.first { $0.origin == openTransaction }
    if let ignored = begin?.ignoredRules, ignored.contains(rule.name) || ignored.contains("all") {
      return []
    }
    return [
      LintFinding(
        rule: rule, level: options.level(rule),
        message: "the transaction that begins here is not ended: all of it is rolled back",
        alternative: ["COMMIT;"], origin: openTransaction, sql: begin?.sql ?? "BEGIN")
    ]
  }
}
