public import Diagnostics

/// Why something could not be done with a cluster.
public struct KubeError: Failure, Hashable {
  /// What kind of trouble it is, for callers that must tell.
  public struct Code: Hashable, Sendable {
    let raw: String
    /// The kubeconfig, or what was asked of it, cannot be used.
    public static let badConfiguration = Code(raw: "bad-configuration")
    /// The request makes no sense: an unknown kind, a selector that cannot be read.
    public static let invalidRequest = Code(raw: "invalid-request")
    /// A credential plugin, or a file with a credential, gave none.
    public static let noCredential = Code(raw: "no-credential")
    /// What was asked for is not done by omcops, or would take something from somebody else.
    public static let refused = Code(raw: "refused")
    /// The API server cannot be reached, or went away.
    public static let unreachable = Code(raw: "unreachable")
    /// The server does not believe who we are (401).
    public static let unauthorized = Code(raw: "unauthorized")
    /// The server forbids it (403).
    public static let forbidden = Code(raw: "forbidden")
    /// There is no such object (404).
    public static let notFound = Code(raw: "not-found")
    /// Somebody else has changed the object, or owns the field (409).
    public static let conflict = Code(raw: "conflict")
    /// What was known is too old to go on from (410).
    public static let gone = Code(raw: "gone")
    /// The server does not accept the object (422, 400).
    public static let invalid = Code(raw: "invalid")
    /// The server asks to come back later (429); for an eviction: a budget forbids it now.
    public static let tooManyRequests = Code(raw: "too-many-requests")
    /// The server failed (5xx), or answered with what nobody understands.
    public static let serverFailed = Code(raw: "server-failed")
    /// What was waited for did not come in time.
    public static let timedOut = Code(raw: "timed-out")
    /// What was waited for cannot come any more.
    public static let hopeless = Code(raw: "hopeless")
  }

  /// What kind of trouble it is.
  public let code: Code
  /// What happened, to what and why.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// Context, a line each.
  public var details: [String]
  /// The server's own words.
  public var answer: APIStatus?
  /// Whether the request had been sent before and its connection broke: what the server refuses may be
  /// what the first one has done.
  public internal(set) var followsBreak = false

  /// Describes trouble.
  public init(
    _ code: Code, _ message: String, hint: String? = nil, details: [String] = [],
    answer: APIStatus? = nil
  ) {
    self.code = code
    self.message = message
    self.hint = hint
    self.details = details
    self.answer = answer
  }

  /// 2 for configuration and requests that make no sense, 4 for what is refused; else 1.
  public var status: ExitStatus {
    switch code {
    case .badConfiguration, .invalidRequest: .usage
    case .refused: .refused
    default: .failed
    }
  }
}
