internal import JSON

/// Whom a server takes us for.
public struct Identity: Sendable {
  /// Who says so.
  public enum Source: String, Sendable {
    /// The server, asked by a `SelfSubjectReview`.
    case server
    /// The subject of the client certificate: servers before 1.26 do not answer the question.
    case certificate
    /// The claims of the token.
    case token
    /// The kubeconfig, which has basic authentication or nothing.
    case kubeconfig
  }

  /// The user's name.
  public var user: String
  /// The groups.
  public var groups: [String]
  /// The unique id.
  public var uid: String?
  /// Who says so.
  public var source: Source
}

extension KubeClient {
  /// Asks who we are; a server that is too old to say has at least to accept our credentials.
  public func identity() async throws -> Identity {
    for version in ["v1", "v1beta1"] {
      let path = "/apis/authentication.k8s.io/\(version)/selfsubjectreviews"
      let body: JSON = [
        "apiVersion": .string("authentication.k8s.io/\(version)"), "kind": "SelfSubjectReview",
      ]
      do {
        let answer = try await json(APIRequest(.post, path, body, subject: "ask who I am"))
        let info = answer["status"]?["userInfo"]
        return Identity(
          user: info?["username"]?.string ?? "",
          groups: (info?["groups"]?.array ?? []).compactMap(\.string), uid: info?["uid"]?.string,
          source: .server)
      } catch let error as KubeError where [.notFound, .forbidden].contains(error.code) {
        // 403 comes from servers that do not have the kind and let only few look at unknown paths.
        continue
      }
    }
    _ = try await isAllowed(Permission(verb: "get", resource: .pods, namespace: access.namespace))
    return try await ownWord()
  }

  /// What the credential says of itself.
  private func ownWord() async throws -> Identity {
    if let other = access.impersonation {
      return Identity(user: other.user, groups: other.groups, uid: other.uid, source: .kubeconfig)
    }
    let credential = try await currentCredential()
    if let header = credential.authorization?.text {
      let claims =
        header.hasPrefix("Bearer ") ? JSONWebToken.claims(String(header.dropFirst(7))) : nil
      if let subject = claims?["sub"]?.string {
        return Identity(user: subject, groups: [], uid: nil, source: .token)
      }
      if case .basic(let user, _) = access.credentials.header {
        return Identity(user: user, groups: [], uid: nil, source: .kubeconfig)
      }
    }
    if let pem = credential.certificate?.certificate, let subject = CertificateSubject(pem: pem),
      let user = subject.user
    {
      return Identity(user: user, groups: subject.groups, uid: nil, source: .certificate)
    }
    return Identity(
      user: access.user ?? "system:anonymous", groups: [], uid: nil, source: .kubeconfig)
  }

  /// Asks whether we may do something, and why.
  public func isAllowed(
    _ permission: Permission
  ) async throws -> (isAllowed: Bool, reason: String) {
    var attributes: JSON = [
      "verb": .string(permission.verb), "group": .string(permission.resource.group),
      "resource": .string(permission.resource.plural),
    ]
    attributes = attributes.merging([
      "namespace": permission.resource.isNamespaced ? JSON(permission.namespace) : .null,
      "subresource": JSON(permission.subresource), "name": JSON(permission.name),
    ])
    let answer = try await json(
      APIRequest(
        .post, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        [
          "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
          "spec": ["resourceAttributes": attributes],
        ], subject: "ask what I may do"))
    let status = answer["status"]
    return (status?["allowed"]?.bool ?? false, status?["reason"]?.string ?? "")
  }
}

/// Something that a server may allow.
public struct Permission: Sendable {
  /// `get`, `list`, `create`, `delete`, ...
  public var verb: String
  /// The kind.
  public var resource: KubeResource
  /// `exec`, `log`, `scale`, ...
  public var subresource: String?
  /// One object.
  public var name: String?
  /// The namespace; nil for all.
  public var namespace: String?

  /// Names something.
  public init(
    verb: String, resource: KubeResource, subresource: String? = nil, name: String? = nil,
    namespace: String?
  ) {
    self.verb = verb
    self.resource = resource
    self.subresource = subresource
    self.name = name
    self.namespace = namespace
  }
}
