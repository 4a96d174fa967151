/// How much of a project its tests have run, by coverage.py.
public struct Coverage: Hashable, Sendable {
  /// What coverage.py calls the total, from 0 to 100.
  public var percent: Double
  /// How many statements there are.
  public var statements: Int
  /// How many of them no test ran.
  public var missing: Int
  /// How many branches there are; 0 where they were not measured.
  public var branches: Int
  /// How many of them no test took.
  public var missingBranches: Int
  /// The least that the project asks for; nil where it asks for none.
  public var required: Double?

  /// States figures.
  public init(
    percent: Double, statements: Int, missing: Int, branches: Int = 0, missingBranches: Int = 0,
    required: Double? = nil
  ) {
    self.percent = percent
    self.statements = statements
    self.missing = missing
    self.branches = branches
    self.missingBranches = missingBranches
    self.required = required
  }

  /// `87.3 % of 412 statements and 80 branches`.
  public var words: String {
    let branched = branches > 0 ? " and \(branches) branches" : ""
    return "\(Coverage.tenths(percent)) % of \(statements) statements\(branched)"
  }

  /// Whether it is less than the project asks for.
  var isTooLow: Bool { required.map { percent < $0 } ?? false }

  /// Never rounded up to what was not reached.
  static func tenths(_ percent: Double) -> String {
    guard percent.isFinite else { return "?" }
    let tenths = Int((min(max(percent, 0), 100) * 10).rounded(.down))
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
  }
}

/// What is asked of coverage.py in a run of pytest's.
public struct CoverageWish: Sendable {
  /// Whether it is started; else only what the project's own options measure is merged.
  public var isMeasured = false
  /// Where an XML report goes, a whole path.
  public var xml: String?
  /// The folder of an HTML report, a whole path.
  public var html: String?

  /// Asks for nothing beyond the project's own options.
  public init() {}
}
