/// A test as its runner found it.
public struct TestCase: Hashable, Sendable {
  /// pytest's node id.
  public var id: String
  /// The file that it stands in.
  public var file: String?
  /// The line, from 1.
  public var line: Int?
  /// The module and class that it belongs to.
  public var suite: String
  /// Its name in there.
  public var name: String
  /// Whether the files that were changed, where these are what matters, may have an effect on it.
  public var isAffected: Bool

  /// Describes a test.
  public init(
    id: String, file: String?, line: Int?, suite: String, name: String, isAffected: Bool = true
  ) {
    self.id = id
    self.file = file
    self.line = line
    self.suite = suite
    self.name = name
    self.isAffected = isAffected
  }

  /// The file's part of the id: where pytest's module-scoped fixtures live and die.
  var module: Substring { id.prefix { $0 != ":" } }
}

extension TestResult {
  /// The result of a test whose process did not live to tell it.
  init(of test: TestCase, _ outcome: Outcome, _ message: String, start: Double, worker: Int) {
    self.init(
      id: test.id, suite: test.suite, name: test.name, outcome: outcome, file: test.file,
      line: test.line, start: start, worker: worker, message: message)
  }

  /// Adds where the test stands.
  mutating func place(at test: TestCase) {
    (suite, name, file, line) = (test.suite, test.name, test.file, test.line)
  }
}
