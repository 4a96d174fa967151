internal import HTTPClient
internal import JSON

/// A command to run in a container.
public struct ExecRequest: Sendable {
  /// The pod.
  public var pod: String
  /// Its namespace.
  public var namespace: String
  /// The container; nil where the pod has one.
  public var container: String?
  /// The program and its arguments; no shell is between.
  public var command: [String]
  /// Whether something is sent to its standard input.
  public var hasInput: Bool
  /// Whether it gets a terminal; then its errors come with its output.
  public var isTerminal: Bool
  /// Whether the command has to hear of the end of its input before it ends: where it does not, servers
  /// before 1.30 need no shell in the container. A connection that breaks off is an end always.
  public var endsInput = true

  /// Describes a command.
  public init(
    pod: String, namespace: String, container: String?, command: [String],
    hasInput: Bool = false, isTerminal: Bool = false
  ) {
    self.pod = pod
    self.namespace = namespace
    self.container = container
    self.command = command
    self.hasInput = hasInput
    self.isTerminal = isTerminal
  }

  /// The request for the session.
  func request(running command: [String]) -> APIRequest {
    let path = KubeResource.pods.path(namespace: namespace, name: pod, subresource: "exec")
    var request = APIRequest(path, subject: "run a command in pod \"\(pod)\"")
    request.query = command.map { ("command", $0) }
    if let container { request.query.append(("container", container)) }
    if hasInput { request.query.append(("stdin", "true")) }
    request.query.append(("stdout", "true"))
    request.query.append((isTerminal ? "tty" : "stderr", "true"))
    return request
  }
}

/// How a command in a container ended.
public enum ExecOutcome: Hashable, Sendable {
  /// It ran and gave this code.
  case exited(Int32)
  /// It did not run, or nobody knows; why.
  case failed(String)

  /// Reads the `Status` of the error channel; nil for what is none.
  init?(_ bytes: [UInt8]) {
    guard let json = try? JSON(parsing: bytes), let status = json["status"]?.string else {
      return nil
    }
    if status == "Success" {
      self = .exited(0)
      return
    }
    let causes = json["details"]?["causes"]?.array ?? []
    let code = causes.first { $0["reason"]?.string == "ExitCode" }?["message"]?.string
    if let code = code.flatMap({ Int32($0) }) {
      self = .exited(code)
    } else {
      self = .failed(json["message"]?.string ?? "the server does not say why")
    }
  }
}
