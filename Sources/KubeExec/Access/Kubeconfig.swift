public import Diagnostics
public import JSON
public import OrderedCollections

/// What kubeconfig files say together: for each name the first file that has it wins whole, and
/// nothing is merged inside of an entry.
public struct Kubeconfig: Sendable {
  /// The files that were read, in their order.
  public var files: [String] = []
  /// The context that is meant when nobody names one.
  public var currentContext: Placed<String>?
  /// The clusters by name.
  public var clusters: OrderedDictionary<String, Cluster> = [:]
  /// The users by name.
  public var users: OrderedDictionary<String, User> = [:]
  /// The contexts by name.
  public var contexts: OrderedDictionary<String, Context> = [:]

  /// Says nothing.
  public init() {}

  /// A value and the place where it stands.
  public struct Placed<Value: Sendable>: Sendable {
    /// The value.
    public var value: Value
    /// Where it stands.
    public var location: SourceLocation
  }

  /// A certificate or a key: in the kubeconfig itself, or in a file, whose path is absolute.
  public enum Material: Hashable, Sendable {
    case data([UInt8])
    case file(String)
  }

  /// Where an API server is and how it proves who it is.
  public struct Cluster: Sendable {
    /// Where the entry stands.
    public var location: SourceLocation
    /// The server's URL.
    public var server: Placed<String>?
    /// The authorities that may have signed the server's certificate; PEM.
    public var certificateAuthority: Placed<Material>?
    /// Whether the server's certificate is not looked at.
    public var isInsecure: Placed<Bool>?
    /// The name that the server's certificate must have, in place of the URL's.
    public var tlsServerName: String?
    /// The proxy's URL: http, https or socks5.
    public var proxyURL: Placed<String>?
    /// Whether answers shall come uncompressed.
    public var isCompressionDisabled = false
    /// What a credential plugin gets to know, from the extension `client.authentication.k8s.io/exec`.
    public var pluginExtension: JSON?
  }

  /// Who somebody is to the server.
  public struct User: Sendable {
    /// Where the entry stands.
    public var location: SourceLocation
    /// The certificate; PEM.
    public var clientCertificate: Placed<Material>?
    /// Its key; PEM.
    public var clientKey: Placed<Material>?
    /// A bearer token.
    public var token: Placed<Secret>?
    /// A file with a bearer token, which may change; absolute.
    public var tokenFile: Placed<String>?
    /// The name of basic authentication.
    public var username: Placed<String>?
    /// Its password.
    public var password: Secret?
    /// Who the requests are made as.
    public var impersonation: Impersonation?
    /// A program that gives credentials.
    public var plugin: CredentialPlugin?
    /// The name of an `auth-provider`, which servers and clients have given up.
    public var authProvider: Placed<String>?
  }

  /// A cluster, a user and a namespace.
  public struct Context: Sendable {
    /// Where the entry stands.
    public var location: SourceLocation
    /// The cluster's name.
    public var cluster: Placed<String>?
    /// The user's name.
    public var user: Placed<String>?
    /// The namespace; nil for `default`.
    public var namespace: String?
  }
}

/// Whom requests are made as, which the user needs the right to do.
public struct Impersonation: Hashable, Sendable {
  /// The name.
  public var user: String
  /// The unique id.
  public var uid: String?
  /// The groups; without any the server chooses.
  public var groups: [String]
  /// Anything else that authorisation looks at.
  public var extra: OrderedDictionary<String, [String]>

  /// Names somebody.
  public init(
    user: String, uid: String? = nil, groups: [String] = [],
    extra: OrderedDictionary<String, [String]> = [:]
  ) {
    self.user = user
    self.uid = uid
    self.groups = groups
    self.extra = extra
  }
}

/// A program that gives credentials: `exec` of a kubeconfig's user.
public struct CredentialPlugin: Sendable {
  /// What the program may do with standard input.
  public enum InteractiveMode: String, Sendable, CaseIterable {
    case never = "Never"
    case ifAvailable = "IfAvailable"
    case always = "Always"
  }

  /// Where the entry stands.
  public var location: SourceLocation
  /// `client.authentication.k8s.io/v1` or `/v1beta1`.
  public var apiVersion: String
  /// A name that is looked up in `PATH`, or an absolute path.
  public var command: String
  /// Its arguments.
  public var arguments: [String]
  /// What is added to its environment.
  public var variables: [(name: String, value: String)]
  /// Whether it may talk to the operator.
  public var interactiveMode: InteractiveMode
  /// Whether it is told about the cluster.
  public var wantsClusterInfo: Bool
  /// What to do when the program is missing.
  public var installHint: String?
}
