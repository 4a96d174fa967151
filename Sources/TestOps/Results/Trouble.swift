/// Something that befell a run beside its tests: because of it there may be tests that nobody has
/// heard of.
public struct Trouble: Hashable, Sendable {
  /// What kind it is of.
  public enum Kind: String, Sendable, CaseIterable {
    /// A file of tests could not be read by its runner.
    case collection
    /// The runner's process ended by itself in the midst of its work.
    case crashed
    /// The runner's process, or its pod, was killed.
    case killed
    /// The suite or a test took longer than it may.
    case timedOut = "timed-out"
    /// The runner found no test.
    case nothingRan = "nothing-ran"
    /// A file of results could not be read, or not to its end.
    case unreadable
    /// The database's server is gone, or a database could not be made.
    case database
    /// Less of the project was run than it asks for, or nobody knows how much: the tests themselves are
    /// none the worse.
    case coverage
    /// Anything else that kept tests from being run.
    case other
  }

  /// What kind it is of.
  public var kind: Kind
  /// What happened, to what and why: lower case, one line, no full stop.
  public var message: String
  /// What stands behind it: the traceback of a collection error, the last lines that a process wrote.
  public var details: String?
  /// The test that was running, or the file that was read.
  public var during: String?
  /// Which worker it befell; nil where it was none.
  public var worker: Int?
  /// Whether all that it took away was run again: then it is told, and fails nothing.
  public var isRecovered: Bool

  /// Creates a trouble that nobody has made good yet.
  public init(
    _ kind: Kind, _ message: String, details: String? = nil, during: String? = nil,
    worker: Int? = nil, isRecovered: Bool = false
  ) {
    self.kind = kind
    self.message = message
    self.details = details
    self.during = during
    self.worker = worker
    self.isRecovered = isRecovered
  }
}

extension Trouble {
  /// A worker could not begin for that.
  init(_ failure: TestFailure, worker: Int) {
    let details = failure.details.joined(separator: "\n")
    self.init(.other, failure.message, details: details.isEmpty ? nil : details, worker: worker)
  }
}
