public import OrderedCollections

/// A server that is asked by HTTP, with every value looked up.
public struct ResolvedServer: Sendable {
  /// Its address, without a slash at its end; nil where a Service leads to it.
  public var url: String?
  /// The Service that leads to it.
  public var service: ClusterService?
  /// Fields that go with each request, the token's among them.
  public var headers: OrderedDictionary<String, String> = [:]
  /// The authorities that its certificate is verified with, as PEM; nil for the system's.
  public var authorities: [UInt8]?
  /// What must never be seen.
  public var secrets: [String] = []
  /// Values of the cluster that were not given: these are left out above.
  public var unread: [Located<KubernetesKey>] = []
}

/// A repository with every value looked up.
public struct ResolvedRepository: Sendable {
  /// `owner/name`.
  public var name: String
  /// Its API, without a slash at its end.
  public var api: String
  /// What the API is asked with.
  public var token: String?
  /// Values of the cluster that were not given: these are left out above.
  public var unread: [Located<KubernetesKey>] = []

  /// The API of github.com.
  public static let publicAPI = "https://api.github.com"
}

extension ServerConfiguration {
  /// Looks its values up.
  ///
  /// - Parameter values: what was read from the environment's cluster.
  /// - Throws: `ConfigurationError` where a variable is not set or a file cannot be read.
  public func resolve(
    variables: [String: String], values: [KubernetesKey: String] = [:]
  ) throws -> ResolvedServer {
    var lookup = Lookup(variables: variables.filter { !$0.value.isEmpty }, values: values)
    var resolved = ResolvedServer()
    resolved.service = service?.value
    resolved.url = try url.flatMap { try lookup.text($0) }?.value.withoutSlash
    for (name, source) in headers {
      guard let value = try lookup.text(source)?.value else { continue }
      resolved.headers[name] = value
      // What stands in the file is no secret; what is kept elsewhere may be one.
      if case .literal = source.value { continue }
      resolved.secrets.append(value)
    }
    if let token = try token.flatMap({ try lookup.text($0) })?.value {
      resolved.headers["Authorization"] = "Bearer \(token)"
      resolved.secrets.append(token)
    }
    if let url = resolved.url, let password = SecretMask.password(ofURL: url) {
      resolved.secrets.append(password)
    }
    resolved.authorities = try authorities.map { place in
      do throws(ConfigurationError) {
        return try Configuration.bytes(of: place.value)
      } catch {
        throw ConfigurationError("\(place.location): \(error.message)")
      }
    }
    resolved.unread = lookup.unread
    return resolved
  }
}

extension GitHubConfiguration {
  /// Looks its values up; throws like a server's.
  public func resolve(
    variables: [String: String], values: [KubernetesKey: String] = [:]
  ) throws -> ResolvedRepository {
    var lookup = Lookup(variables: variables.filter { !$0.value.isEmpty }, values: values)
    let api = try api.flatMap { try lookup.text($0) }?.value.withoutSlash
    let token = try token.flatMap { try lookup.text($0) }?.value
    return ResolvedRepository(
      name: repository.value, api: api ?? ResolvedRepository.publicAPI, token: token,
      unread: lookup.unread)
  }
}

extension AWSConfiguration {
  /// The address of the API, where it is another than the cloud's.
  public func resolvedEndpoint(
    variables: [String: String], values: [KubernetesKey: String] = [:]
  ) throws -> String? {
    var lookup = Lookup(variables: variables.filter { !$0.value.isEmpty }, values: values)
    return try endpoint.flatMap { try lookup.text($0) }?.value.withoutSlash
  }
}

extension TargetsConfiguration {
  /// Looks everything up and throws at the first variable that is not set and the first file that
  /// cannot be read. What stands in a cluster is not asked for.
  public func check(variables: [String: String]) throws {
    for (_, server) in servers { _ = try server.resolve(variables: variables) }
    _ = try aws?.resolvedEndpoint(variables: variables)
    _ = try github?.resolve(variables: variables)
  }

  /// Every value as a key, a text without secrets, and where it came from. A variable is not looked
  /// up: an environment is shown to those who have no token for it as well.
  public func explained(
    variables: [String: String]
  ) -> [(key: String, value: String, origin: String)] {
    var rows: [(key: String, value: String, origin: String)] = []
    func add(_ key: String, _ value: Located<String>?) {
      if let value { rows.append((key, value.value, "\(value.location)")) }
    }
    func add(_ key: String, _ source: Located<TextSource>?, isSecret: Bool = false) {
      guard let source else { return }
      let (text, origin) = source.shown(variables, isSecret: isSecret)
      rows.append((key, text, origin))
    }
    for (name, server) in servers {
      add("\(name).url", server.url)
      add("\(name).service", server.service.map { Located("\($0.value)", at: $0.location) })
      for (field, value) in server.headers {
        var isSecret = true
        if case .literal = value.value { isSecret = false }
        add("\(name).headers.\(field)", value, isSecret: isSecret)
      }
      add("\(name).token", server.token, isSecret: true)
      add("\(name).ca", server.authorities)
    }
    add("loki.labels.namespace", logLabels.namespace)
    add("loki.labels.pod", logLabels.pod)
    add("loki.labels.container", logLabels.container)
    add("aws.profile", aws?.profile)
    add("aws.region", aws?.region)
    add("aws.account", aws?.account)
    add("aws.endpoint-url", aws?.endpoint)
    add("github.repository", github?.repository)
    add("github.token", github?.token, isSecret: true)
    add("github.api", github?.api)
    add("terraform.folder", terraform?.folder)
    add("terraform.binary", terraform?.binary)
    for (name, value) in values {
      add("values.\(name)", Located("\(value.value)", at: value.location))
    }
    return rows
  }
}

extension Located<TextSource> {
  /// What can be shown of it, and where it is.
  fileprivate func shown(
    _ variables: [String: String], isSecret: Bool
  ) -> (text: String, origin: String) {
    switch value {
    case .literal(let text):
      (isSecret ? SecretMask.mask : SecretMask.url(text), "\(location)")
    case .variable(let name):
      if let text = variables[name], !text.isEmpty {
        (isSecret ? SecretMask.mask : SecretMask.url(text), "$\(name)")
      } else {
        ("(not set)", "$\(name)")
      }
    case .file(let path): (isSecret ? SecretMask.mask : "(contents)", path)
    case .kubernetes(let key): (SecretMask.mask, "\(key)")
    }
  }
}

extension String {
  /// An address to which a path can be added.
  fileprivate var withoutSlash: String {
    var text = self
    while text.hasSuffix("/") { text.removeLast() }
    return text
  }
}

extension Configuration {
  /// The environment that is meant where no database is: the one that was named, that of
  /// `OMCOPS_ENVIRONMENT`, the default one, or the only one; nil for none.
  public func chosen(_ named: String?, variables: [String: String]) throws -> String? {
    let variable = variables["OMCOPS_ENVIRONMENT"].flatMap { $0.isEmpty ? nil : $0 }
    let name =
      named ?? variable ?? defaultEnvironment?.value
      ?? (environments.count == 1 ? environments.keys.first : nil)
    if let name, environments[name] == nil { throw unknown(name) }
    return name
  }
}
