internal import JSON

/// An API server's word on what it did not do: the object `Status`, which each failure brings.
public struct APIStatus: Hashable, Sendable {
  /// One of several causes.
  public struct Cause: Hashable, Sendable {
    /// `FieldManagerConflict`, `DisruptionBudget`, ...
    public var reason: String
    /// What is wrong.
    public var message: String
    /// The path of the field that it is about.
    public var field: String?
  }

  /// The HTTP status.
  public var code: Int
  /// A word for programs: `NotFound`, `Expired`, ...
  public var reason: String
  /// A sentence for people.
  public var message: String
  /// What it is made of.
  public var causes: [Cause] = []
  /// After how many seconds to come back.
  public var retryAfterSeconds: Int?

  /// Reads a `Status`; nil for anything else.
  init?(_ json: JSON) {
    guard json["kind"]?.string == "Status" else { return nil }
    code = Int(json["code"]?.int ?? 0)
    reason = json["reason"]?.string ?? ""
    message = json["message"]?.string ?? ""
    let details = json["details"]
    causes = (details?["causes"]?.array ?? []).map {
      Cause(
        reason: $0["reason"]?.string ?? "", message: $0["message"]?.string ?? "",
        field: $0["field"]?.string)
    }
    retryAfterSeconds = details?["retryAfterSeconds"]?.int.map(Int.init)
  }

  /// What a server says that is none of Kubernetes: a proxy, a kubelet.
  init(code: Int, text: String) {
    self.code = code
    reason = ""
    message = text
  }
}

extension KubeError {
  /// The error that a refused request leads to.
  ///
  /// - Parameters:
  ///   - subject: what was asked for, as in `get pods "x"`; only for answers that say nothing.
  ///   - identity: whom the server took us for, as far as the kubeconfig says.
  init(_ status: APIStatus, asking subject: String, _ access: ClusterAccess, expiry: String?) {
    let words =
      status.message.isEmpty ? "the answer was \(status.code) without a word" : status.message
    let causes = status.causes.count > 1 || status.code == 409 ? status.causes : []
    self.init(
      KubeError.code(of: status), "\(subject): \(words)",
      details: causes.map { cause in
        (cause.field.map { "\($0): " } ?? "") + cause.message
      }, answer: status)
    switch code {
    case .unauthorized:
      message =
        "the API server of \(access.source) does not accept the credentials of "
        + access.credentials.owner + (expiry.map { ": \($0)" } ?? "")
      hint = "log in again with your provider's tool, or choose another --context"
    case .forbidden:
      message = "the API server of \(access.source) forbids it: \(words)"
      hint = "ask whoever runs the cluster for a Role that allows it, or choose another --context"
    case .notFound:
      message = words
    case .invalid where causes.isEmpty:
      message = words
    default: break
    }
  }

  private static func code(of status: APIStatus) -> Code {
    switch status.code {
    case 401: .unauthorized
    case 403: .forbidden
    case 404: .notFound
    case 409: .conflict
    case 410: .gone
    case 400, 415, 422: .invalid
    case 429: .tooManyRequests
    default: .serverFailed
    }
  }
}
