/// What was said on the command line or in omcops.yaml about the cluster that is meant; it stands
/// above the kubeconfig.
public struct AccessSelection: Sendable {
  /// `--kubeconfig`: the only file to read.
  public var kubeconfig: String?
  /// `--context`.
  public var context: String?
  /// `--cluster`: a cluster of the kubeconfig in place of the context's.
  public var cluster: String?
  /// `--user`: a user of the kubeconfig in place of the context's.
  public var user: String?
  /// `--namespace`.
  public var namespace: String?
  /// `--server`: a URL in place of the cluster's.
  public var server: String?
  /// `--as` and what belongs to it.
  public var impersonation: Impersonation?
  /// `--insecure-skip-tls-verify`.
  public var isInsecure = false

  /// Says nothing.
  public init() {}
}

/// What the outside world gives to those who reach for a cluster.
public struct AccessSurroundings: Sendable {
  /// The process's environment.
  public var variables: [String: String]
  /// The folder that relative paths are seen from.
  public var workingDirectory: String
  /// Whether a credential plugin may talk to the operator: standard input is a terminal, and
  /// nothing else reads from it.
  public var isInteractive: Bool
  /// Where a pod finds who it is.
  public var serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// Describes the surroundings.
  public init(variables: [String: String], workingDirectory: String, isInteractive: Bool) {
    self.variables = variables
    self.workingDirectory = workingDirectory
    self.isInteractive = isInteractive
  }
}

/// How to reach a cluster, and as whom: everything looked up but the credentials that change.
public struct ClusterAccess: Sendable {
  /// What it was taken from, for people: `context "prod"`, `the pod's service account`.
  public var source: String
  /// The context's name; nil without a kubeconfig.
  public var context: String?
  /// The cluster's name in the kubeconfig.
  public var cluster: String?
  /// The user's name in the kubeconfig.
  public var user: String?
  /// Where the API server is.
  public var server: ServerAddress
  /// The authorities that may have signed the server's certificate, PEM; nil for the system's.
  public var certificateAuthority: [UInt8]?
  /// Whether the server's certificate is not looked at.
  public var isInsecure = false
  /// The name that the server's certificate must have, in place of the URL's.
  public var tlsServerName: String?
  /// The proxy's URL; nil for what `HTTPS_PROXY` and `NO_PROXY` say.
  public var proxy: String?
  /// Whether answers may come compressed.
  public var allowsCompression = true
  /// Where credentials come from.
  public var credentials = CredentialPlan()
  /// Whom requests are made as.
  public var impersonation: Impersonation?
  /// The namespace that is meant when nobody names one.
  public var namespace = "default"
  /// Whether this process runs in a pod of the cluster.
  public var isInPod = false
  /// What is allowed but unwise.
  public var warnings: [String] = []
}

/// A certificate and its key, both PEM.
public struct ClientCertificate: Hashable, Sendable {
  /// The certificate, with those between it and the authority.
  public var certificate: [UInt8]
  /// Its private key.
  public var key: [UInt8]
}

/// Where the credentials of an access come from.
public struct CredentialPlan: Sendable {
  /// A certificate of the connection.
  public var certificate: ClientCertificate?
  /// What goes into the header `Authorization`.
  public var header = Header.none
  /// Who they belong to, for messages: `user "prod" (FILE:LINE:COLUMN)`.
  public var owner = "the user"

  /// No credentials.
  public init() {}

  /// What goes into the header `Authorization`.
  public enum Header: Sendable {
    case none
    case token(Secret)
    /// A file with a token, which may change, and what counts as long as it cannot be read.
    case tokenFile(String, fallback: Secret?)
    case basic(user: String, password: Secret)
    /// A program's answer, which may also be a certificate.
    case plugin(CredentialPlugin, info: PluginClusterInfo?)
  }
}
