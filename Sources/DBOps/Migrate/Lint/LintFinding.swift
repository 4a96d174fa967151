/// Something that a rule has found in a statement.
public struct LintFinding: Hashable, Sendable {
  /// The rule.
  public var rule: LintRule
  /// How much it counts here: on a small table less than the rule's own level.
  public var level: LintLevel
  /// What happens, to which table of what size.
  public var message: String
  /// What to write instead, a line each: SQL, and the call of a revision where there is one.
  public var alternative: [String]
  /// The revision; nil for a file that is none.
  public var revision: String?
  /// Where the statement stands.
  public var origin: PlannedStatement.Origin
  /// The statement.
  public var sql: String
}

/// Which rules speak, and how loud.
public struct LintOptions: Sendable {
  /// Levels that are not the rules' own, by the rules' names.
  public var levels: [String: LintLevel]
  /// Tables up to this size are worked through in a moment: findings about time are warnings
  /// there at most. Bytes.
  public var smallTable: Int64

  /// Chooses.
  public init(levels: [String: LintLevel] = [:], smallTable: Int64 = 16 << 20) {
    self.levels = levels
    self.smallTable = smallTable
  }

  func level(_ rule: LintRule) -> LintLevel { levels[rule.name] ?? rule.level }
}
