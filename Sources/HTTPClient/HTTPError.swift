public import Diagnostics

/// What went wrong between this process and an HTTP server.
///
/// Servers are named by host and port. Fields of requests, tokens, and users and passwords of URLs are
/// in none of the texts. A task that is cancelled gets `CancellationError` instead.
public struct HTTPError: Failure, Hashable {
  /// The sort of error, for callers that decide by it.
  public struct Kind: Hashable, Sendable {
    let raw: String

    /// libcurl is not installed, or not one that can do what is needed.
    public static let library = Kind(raw: "library")
    /// The request or the configuration cannot be used; nothing was sent.
    public static let invalidRequest = Kind(raw: "invalid-request")
    /// No address for the host's name.
    public static let resolve = Kind(raw: "resolve")
    /// No connection: refused, unreachable, or too slow; nothing was sent.
    public static let connect = Kind(raw: "connect")
    /// One side does not accept the other's certificate, or they agree on no encryption.
    public static let tls = Kind(raw: "tls")
    /// The proxy is not there, or refused the tunnel; nothing was sent.
    public static let proxy = Kind(raw: "proxy")
    /// The time of the request was over.
    public static let timeout = Kind(raw: "timeout")
    /// The connection, or its stream, ended before the answer did.
    public static let reset = Kind(raw: "reset")
    /// A WebSocket's connection ended in order, though without the closing frame.
    public static let unclosed = Kind(raw: "unclosed")
    /// The answer is not what the protocol allows.
    public static let malformed = Kind(raw: "malformed")
    /// The answer, or a message, is greater than the caller takes.
    public static let tooLarge = Kind(raw: "too-large")
    /// The server answered a request for another protocol with something else; `response` has it.
    public static let notUpgraded = Kind(raw: "not-upgraded")
    /// The client, the channel or the socket was closed by this side.
    public static let closed = Kind(raw: "closed")
  }

  /// The sort of error.
  public let kind: Kind
  /// What happened, in one line.
  public let message: String
  /// What to do next.
  public let hint: String?
  /// The answer in the place of a protocol change (kind `notUpgraded`); its body may be cut.
  public let response: HTTPResponse?

  init(_ kind: Kind, _ message: String, hint: String? = nil, response: HTTPResponse? = nil) {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.response = response
  }

  /// Wrong input for requests that cannot be sent, failed for everything else.
  public var status: ExitStatus { kind == .invalidRequest ? .usage : .failed }
}
