public import Diagnostics

/// Why a sandbox could not be started, found or ended.
public struct SandboxError: Failure, Hashable {
  /// The sort of error, for callers that decide by it.
  public struct Code: Hashable, Sendable {
    let raw: String

    /// No server binaries were found.
    public static let noServer = Code(raw: "no-server")
    /// The folder cannot hold a sandbox: it holds something else, or is out of reach.
    public static let unfitFolder = Code(raw: "unfit-folder")
    /// A sandbox runs there already.
    public static let alreadyRunning = Code(raw: "already-running")
    /// Somebody else starts or stops it right now.
    public static let busy = Code(raw: "busy")
    /// No sandbox runs there.
    public static let notRunning = Code(raw: "not-running")
    /// A program of the server failed.
    public static let failed = Code(raw: "failed")
  }

  /// The sort of error.
  public let code: Code
  /// What happened.
  public let message: String
  /// What to do next.
  public var hint: String?
  /// The last lines of what the server's program said.
  public var details: [String] = []

  init(_ code: Code, _ message: String, hint: String? = nil, details: [String] = []) {
    self.code = code
    self.message = message
    self.hint = hint
    self.details = details
  }

  /// Wrong input for a folder that will not do; somebody else has the lock; failed otherwise.
  public var status: ExitStatus {
    switch code {
    case .busy: .locked
    case .unfitFolder: .usage
    case .notRunning: .blocked
    default: .failed
    }
  }
}
