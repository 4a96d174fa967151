public import Diagnostics

/// Why something could not be done with a cluster.
public struct KubeError: Failure, Hashable {
  /// What kind of trouble it is, for callers that must tell.
  public struct Code: Hashable, Sendable {
    let raw: String
    /// The kubeconfig, or what was asked of it, cannot be used.
    public static let badConfiguration = Code(raw: "bad-configuration")
    /// The request makes no sense.
    public static let invalidRequest = Code(raw: "invalid-request")
    /// A credential plugin, or a file with a credential, gave none.
    public static let noCredential = Code(raw: "no-credential")
    /// What the kubeconfig asks for is not done by omcops.
    public static let refused = Code(raw: "refused")
  }

  /// What kind of trouble it is.
  public let code: Code
  /// What happened, to what and why.
  public var message: String
  /// What to do next.
  public var hint: String?
  /// Context, a line each.
  public var details: [String]

  /// Describes trouble.
  public init(_ code: Code, _ message: String, hint: String? = nil, details: [String] = []) {
    self.code = code
    self.message = message
    self.hint = hint
    self.details = details
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
