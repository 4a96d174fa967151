internal import Diagnostics
public import OrderedCollections

/// What the procedures of an environment work with besides its database and its cluster, in the
/// file's words.
public struct TargetsConfiguration: Sendable {
  /// The server of the metrics and the alert rules.
  public var prometheus: ServerConfiguration?
  /// The server that sends alerts on.
  public var alertmanager: ServerConfiguration?
  /// The server of the logs.
  public var loki: ServerConfiguration?
  /// What the labels of its logs are called.
  public var logLabels = LogLabels()
  /// The account in the cloud.
  public var aws: AWSConfiguration?
  /// The repository.
  public var github: GitHubConfiguration?
  /// The infrastructure's description.
  public var terraform: TerraformConfiguration?
  /// Names and numbers of the team's own: `target.values.NAME`.
  public var values: OrderedDictionary<String, Located<Scalar>> = [:]

  /// Nothing.
  public init() {}

  /// The servers that are asked by HTTP, by the names of their sections.
  public var servers: [(name: String, server: ServerConfiguration)] {
    [("prometheus", prometheus), ("alertmanager", alertmanager), ("loki", loki)]
      .compactMap { name, server in server.map { (name, $0) } }
  }

  /// A value that stands in the file as it is.
  public enum Scalar: Hashable, Sendable, CustomStringConvertible {
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)

    /// As the file has it.
    public var description: String {
      switch self {
      case .bool(let flag): "\(flag)"
      case .int(let number): "\(number)"
      case .double(let number): "\(number)"
      case .string(let text): text
      }
    }
  }
}

/// A server that is asked by HTTP: Prometheus, Alertmanager, Loki.
public struct ServerConfiguration: Sendable {
  /// Its address.
  public var url: Located<TextSource>?
  /// The Service of the environment's cluster that leads to it, where there is no address.
  public var service: Located<ClusterService>?
  /// Fields that go with each request, such as a tenant's `X-Scope-OrgID`.
  public var headers: OrderedDictionary<String, Located<TextSource>> = [:]
  /// What goes with each request as `Authorization: Bearer`.
  public var token: Located<TextSource>?
  /// A file of the authorities that its certificate is verified with, absolute.
  public var authorities: Located<String>?

  init() {}

  /// Everything that may have to be looked up.
  var sources: [Located<TextSource>] {
    ([url, token] + headers.values.map { Optional($0) }).compactMap(\.self)
  }
}

/// The labels that tell where a line of a log is from, where they are not called as what they tell.
public struct LogLabels: Sendable {
  /// That of the pod's namespace.
  public var namespace: Located<String>?
  /// That of the pod.
  public var pod: Located<String>?
  /// That of the container.
  public var container: Located<String>?

  init() {}
}

/// A port of a Service, as `monitoring/prometheus:9090`.
public struct ClusterService: Hashable, Sendable, CustomStringConvertible {
  /// Its namespace.
  public var namespace: String
  /// Its name.
  public var name: String
  /// Its port.
  public var port: Int

  /// Reads `NAMESPACE/NAME:PORT`; nil for anything else.
  public init?(parsing text: String) {
    guard let slash = text.firstIndex(of: "/"), let colon = text.lastIndex(of: ":"), slash < colon,
      let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
    else { return nil }
    (namespace, name) = (
      String(text[..<slash]), String(text[text.index(after: slash)..<colon])
    )
    self.port = port
    let isName = { (word: String) in
      !word.isEmpty
        && word.utf8.allSatisfy {
          (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
    }
    guard isName(namespace), isName(name) else { return nil }
  }

  /// As the file has it.
  public var description: String { "\(namespace)/\(name):\(port)" }
}

/// An account in the cloud, as the AWS CLI is told of it.
public struct AWSConfiguration: Sendable {
  /// A profile of the CLI's own configuration.
  public var profile: Located<String>?
  /// The region.
  public var region: Located<String>?
  /// The number of the account that the credentials must be of.
  public var account: Located<String>?
  /// Where the service's API is, for stand-ins.
  public var endpoint: Located<TextSource>?

  init() {}
}

/// A repository and its API.
public struct GitHubConfiguration: Sendable {
  /// `owner/name`.
  public var repository: Located<String>
  /// What its API is asked with.
  public var token: Located<TextSource>?
  /// Its API; that of github.com where it is left out.
  public var api: Located<TextSource>?
}

/// The root module of an environment.
public struct TerraformConfiguration: Sendable {
  /// The folder, absolute.
  public var folder: Located<String>
  /// The program; `terraform` in PATH where it is left out.
  public var binary: Located<String>?
}

extension TargetsConfiguration {
  /// Everything that may have to be looked up, and stands elsewhere or is a secret.
  var sources: [Located<TextSource>] {
    servers.flatMap { $0.server.sources }
      + [aws?.endpoint, github?.token, github?.api].compactMap(\.self)
  }

  /// A value that has to be read from the cluster.
  var firstInCluster: Located<TextSource>? { sources.first { $0.value.isInCluster } }

  /// Where a server is reached by a Service.
  var firstService: SourceLocation? {
    servers.lazy.compactMap { $0.server.service }.first?.location
  }

  /// Whether a token, or a password in an address, stands in the file as it is.
  var hasLiteralSecret: Bool {
    let tokens = servers.map(\.server.token) + [github?.token]
    let addresses = servers.map(\.server.url) + [github?.api, aws?.endpoint]
    return tokens.contains { if case .literal? = $0?.value { true } else { false } }
      || addresses.contains {
        if case .literal(let text)? = $0?.value { SecretMask.url(text) != text } else { false }
      }
  }
}
