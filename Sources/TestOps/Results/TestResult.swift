/// One try of one test, as the program that ran it told of it.
public struct TestResult: Hashable, Sendable {
  /// How a try ended.
  public enum Outcome: String, Sendable, CaseIterable {
    /// It held what it claims.
    case passed
    /// A claim of the test did not hold.
    case failed
    /// It came to no answer: its set-up or tear-down failed, or its process died.
    case error
    /// It was not run, on purpose.
    case skipped
    /// It failed, and is known to.
    case expectedFailure = "expected-failure"
    /// It is known to fail and did not. No failure: a runner that is strict about it says `failed`.
    case unexpectedPass = "unexpected-pass"

    /// Whether the run cannot be green with it.
    public var isBad: Bool { self == .failed || self == .error }

    /// Whether the test was run to its end and did what it should.
    public var isGood: Bool { self == .passed || self == .unexpectedPass }
  }

  /// What names the test among all of its suite: pytest's node id, `class::name` elsewhere.
  public var id: String
  /// The file that it stands in, as its runner says it: mostly relative to the suite's folder.
  public var file: String?
  /// The line, from 1, that it begins or failed at.
  public var line: Int?
  /// The class or module that it belongs to.
  public var suite: String
  /// Its name in there.
  public var name: String
  /// How the try ended.
  public var outcome: Outcome
  /// When it began, in seconds since 1970; 0 where nobody said.
  public var start: Double
  /// How long it took, in seconds, with set-up and tear-down.
  public var duration: Double
  /// Which worker ran it, from 0.
  public var worker: Int
  /// Which try it is, from 1: the second one follows a failure.
  public var attempt: Int
  /// Which repetition it belongs to, from 1: these are made whatever the one before it said.
  public var round: Int
  /// Why it failed or was skipped, in a line.
  public var message: String?
  /// Where and how it failed: a traceback.
  public var details: String?
  /// What it wrote to its standard output.
  public var output: String?
  /// What it wrote to its standard error.
  public var errors: String?
  /// What it was warned of.
  public var warnings: [String]

  /// Creates a result; what is left out is what most tests have.
  public init(
    id: String, suite: String, name: String, outcome: Outcome, file: String? = nil,
    line: Int? = nil, start: Double = 0, duration: Double = 0, worker: Int = 0, attempt: Int = 1,
    round: Int = 1, message: String? = nil, details: String? = nil, output: String? = nil,
    errors: String? = nil, warnings: [String] = []
  ) {
    self.id = id
    self.file = file
    self.line = line
    self.suite = suite
    self.name = name
    self.outcome = outcome
    self.start = start
    self.duration = duration
    self.worker = worker
    self.attempt = attempt
    self.round = round
    self.message = message
    self.details = details
    self.output = output
    self.errors = errors
    self.warnings = warnings
  }
}
