/// What is run of a suite, and how often.
public struct RunOptions: Sendable {
  /// The suite's name.
  public var suite: String
  /// How many interpreters share the tests.
  public var workers: Int
  /// How often a test that failed is tried again.
  public var retries = 0
  /// How often each test is run, whatever it says.
  public var rounds = 1
  /// Whether the first failure ends the run.
  public var failFast = false
  /// Shuffles the tests; nil runs the slowest first.
  public var seed: UInt64?
  /// How long a test may take; nil is for ever.
  public var timeout: Duration?
  /// The tests that are meant; nil is all that the runner finds.
  public var chosen: Choice?
  /// Whether only tests are meant that changed files may have an effect on.
  public var onlyAffected = false
  /// What tests took when they were run last, in seconds by id.
  public var durations: [String: Double] = [:]

  /// A part of the tests.
  public struct Choice: Sendable {
    /// Their ids.
    public var tests: Set<String>
    /// What they are, for messages: `that failed in the last run`.
    public var phrase: String

    /// Names tests.
    public init(_ tests: Set<String>, phrase: String) {
      self.tests = tests
      self.phrase = phrase
    }
  }

  /// Runs every test once.
  public init(suite: String, workers: Int) {
    self.suite = suite
    self.workers = workers
  }
}

/// What a run tells while it is on its way.
public enum RunEvent: Sendable {
  /// The tests are known; how many will be run.
  case collected(Int)
  /// A test has ended, to be tried again or for good.
  case ended(TestResult, isFinal: Bool)
  /// Something befell the run.
  case trouble(Trouble)
  /// A line for people: what is waited for, what an interpreter in a pod writes.
  case said(String)
}

/// How far a run is.
public struct RunSnapshot: Sendable {
  /// A test that runs right now.
  public struct Running: Sendable {
    /// Its id.
    public var id: String
    /// For how long.
    public var time: Duration
  }

  /// How many tests there are; nil while they are collected.
  public var total: Int?
  /// How many have ended.
  public var done = 0
  /// How many of these failed for good.
  public var failed = 0
  /// What runs.
  public var running: [Running] = []
  /// What is left, by the durations of earlier runs; nil where there were none.
  public var left: Duration?
}
