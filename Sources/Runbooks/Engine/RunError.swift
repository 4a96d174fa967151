public import Diagnostics

/// Why a run cannot begin, go on or be read.
public struct RunError: Failure, Hashable {
  /// What kind of error it is.
  public struct Code: Hashable, Sendable {
    let raw: String
    /// There is no such run, or no run where one is needed.
    public static let notFound = Code(raw: "not-found")
    /// An input or an option does not fit.
    public static let input = Code(raw: "input")
    /// The journal was changed or cannot be read.
    public static let journal = Code(raw: "journal")
    /// The systems are not those of the plan or of the run's beginning.
    public static let identity = Code(raw: "identity")
    /// The runbook is not the one that the run began with.
    public static let changed = Code(raw: "changed")
    /// The program does not offer what the runbook needs.
    public static let unsupported = Code(raw: "unsupported")
    /// Another run holds the lock.
    public static let locked = Code(raw: "locked")
    /// A secret cannot be had.
    public static let secret = Code(raw: "secret")
    /// The plan that was approved is not what a plan would say now.
    public static let stale = Code(raw: "stale")
    /// Somebody's word was not given, or does not count.
    public static let declined = Code(raw: "declined")
    /// A finished step's check no longer holds.
    public static let recheck = Code(raw: "recheck")
    /// A signal came before anything was done.
    public static let interrupted = Code(raw: "interrupted")
    /// The same, by SIGTERM.
    public static let terminated = Code(raw: "terminated")
    /// A test ended the run here, as a crash would have.
    public static let cut = Code(raw: "cut")
    /// A test or a drill does not say what something is to answer.
    public static let unanswered = Code(raw: "unanswered")
    /// A file of the run cannot be written or read.
    public static let file = Code(raw: "file")
  }

  /// What kind of error it is.
  public let code: Code
  /// What happened.
  public let message: String
  /// Context, a line each.
  public let details: [String]
  /// What to do next.
  public let hint: String?

  init(_ code: Code, _ message: String, details: [String] = [], hint: String? = nil) {
    self.code = code
    self.message = message
    self.details = details
    self.hint = hint
  }

  /// The exit status that the kind of error leads to.
  public var status: ExitStatus {
    switch code {
    case .input, .notFound, .changed: .usage
    case .identity, .stale, .recheck: .blocked
    case .interrupted: .interrupted
    case .terminated: .terminated
    case .unsupported, .secret, .declined: .refused
    case .locked: .locked
    default: .failed
    }
  }
}
