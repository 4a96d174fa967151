internal import Diagnostics
internal import SystemPackage
internal import Text
internal import YAML

extension ClusterAccess {
  /// Finds out which cluster is meant and how to reach it: by the kubeconfig, or, where there is
  /// none, by what Kubernetes gives to each pod. Connects to nothing and runs no program.
  public static func resolve(
    _ selection: AccessSelection, in surroundings: AccessSurroundings
  ) throws -> ClusterAccess {
    let config = try Kubeconfig.load(
      path: selection.kubeconfig, from: surroundings.workingDirectory,
      variables: surroundings.variables)
    let isSilent = config.contexts.isEmpty && config.clusters.isEmpty && selection.server == nil
    if isSilent, selection.kubeconfig == nil, selection.context == nil {
      if let own = try inCluster(selection, in: surroundings) { return own }
      throw KubeError(
        .badConfiguration,
        config.files.isEmpty
          ? "there is no kubeconfig" : "\(config.files.joined(separator: ", ")) names no cluster",
        hint: "pass --kubeconfig, set KUBECONFIG, or write ~/.kube/config")
    }
    return try Resolution(config: config, selection: selection).access()
  }
}

/// The lookup of a context and what it names.
private struct Resolution {
  let config: Kubeconfig
  let selection: AccessSelection

  private var fileList: String { config.files.joined(separator: ", ") }

  func access() throws -> ClusterAccess {
    let chosen = try context()
    let cluster = try cluster(of: chosen)
    let user = try user(of: chosen)
    let server = try server(of: cluster)
    var access = ClusterAccess(
      source: chosen.map { "context \"\($0.name)\"" } ?? "--server", server: server)
    access.context = chosen?.name
    access.cluster = cluster?.name
    access.user = user?.name
    access.namespace = selection.namespace ?? chosen?.entry.namespace ?? "default"
    if let cluster { try add(cluster, to: &access) }
    if selection.isInsecure {
      access.isInsecure = true
      access.certificateAuthority = nil
    }
    if access.isInsecure, server.isSecure {
      access.warnings.append(
        "\(access.source): the certificate of \(server) is not checked (insecure-skip-tls-verify)")
    }
    if let user { try add(user, to: &access) }
    access.impersonation = selection.impersonation ?? access.impersonation
    return access
  }

  private func context() throws -> (name: String, entry: Kubeconfig.Context)? {
    let named = selection.context ?? config.currentContext?.value
    guard let name = named else {
      if selection.server != nil || selection.cluster != nil { return nil }
      throw KubeError(
        .badConfiguration, "no context is chosen: \(fileList) has no current-context",
        hint: "pass --context; there are \(config.contexts.keys.joined(separator: ", "))")
    }
    if let entry = config.contexts[name] { return (name, entry) }
    let phrase = Suggestion.phrase(for: name, among: config.contexts.keys)
    let place =
      selection.context == nil ? config.currentContext.map { "\($0.location): " } ?? "" : ""
    throw KubeError(
      .badConfiguration, "\(place)there is no context \"\(name)\" in \(fileList)\(phrase)",
      hint: config.contexts.isEmpty
        ? nil : "there are \(config.contexts.keys.joined(separator: ", "))")
  }

  private func cluster(
    of context: (name: String, entry: Kubeconfig.Context)?
  ) throws -> (name: String, entry: Kubeconfig.Cluster)? {
    let reference = selection.cluster ?? context?.entry.cluster?.value ?? ""
    if reference.isEmpty {
      if selection.server != nil { return nil }
      throw KubeError(
        .badConfiguration,
        context.map { "\($0.entry.location): context \"\($0.name)\" names no cluster" }
          ?? "no cluster is chosen")
    }
    if let entry = config.clusters[reference] { return (reference, entry) }
    throw missing(
      "cluster", reference, selection.cluster != nil, context,
      context?.entry.cluster?.location, Array(config.clusters.keys))
  }

  private func user(
    of context: (name: String, entry: Kubeconfig.Context)?
  ) throws -> (name: String, entry: Kubeconfig.User)? {
    let reference = selection.user ?? context?.entry.user?.value ?? ""
    if reference.isEmpty { return nil }
    if let entry = config.users[reference] { return (reference, entry) }
    throw missing(
      "user", reference, selection.user != nil, context, context?.entry.user?.location,
      Array(config.users.keys))
  }

  private func missing(
    _ kind: String, _ name: String, _ isFlag: Bool,
    _ context: (name: String, entry: Kubeconfig.Context)?, _ location: SourceLocation?,
    _ known: [String]
  ) -> KubeError {
    let phrase = Suggestion.phrase(for: name, among: known)
    guard let context, !isFlag else {
      return KubeError(.badConfiguration, "there is no \(kind) \"\(name)\" in \(fileList)\(phrase)")
    }
    let place = location ?? context.entry.location
    return KubeError(
      .badConfiguration,
      "\(place): context \"\(context.name)\" names \(kind) \"\(name)\", which is not in "
        + "\(fileList)\(phrase)")
  }

  private func server(
    of cluster: (name: String, entry: Kubeconfig.Cluster)?
  ) throws -> ServerAddress {
    let entry = cluster?.entry
    let isSecure =
      entry?.certificateAuthority != nil || entry?.isInsecure?.value == true
      || selection.isInsecure
    if let text = selection.server {
      if let address = ServerAddress(text, isSecureByDefault: isSecure) { return address }
      throw KubeError(.badConfiguration, "--server is \"\(text)\", which is no URL of a server")
    }
    guard let cluster, let text = cluster.entry.server, !text.value.isEmpty else {
      throw KubeError(
        .badConfiguration,
        "\(entry.map { "\($0.location): " } ?? "")cluster \"\(cluster?.name ?? "")\" has no server")
    }
    if let address = ServerAddress(text.value, isSecureByDefault: isSecure) { return address }
    throw KubeError(
      .badConfiguration,
      "\(text.location): cluster \"\(cluster.name)\" has the server \"\(text.value)\", "
        + "which is no URL", hint: "write it as https://HOST:PORT")
  }

  private func add(
    _ cluster: (name: String, entry: Kubeconfig.Cluster), to access: inout ClusterAccess
  ) throws {
    access.certificateAuthority = try cluster.entry.certificateAuthority.map {
      try PEM.read($0, "certificate", "the certificate authority of cluster \"\(cluster.name)\"")
    }
    access.isInsecure = cluster.entry.isInsecure?.value ?? false
    access.tlsServerName = cluster.entry.tlsServerName
    access.allowsCompression = !cluster.entry.isCompressionDisabled
    guard let proxy = cluster.entry.proxyURL, !proxy.value.isEmpty else { return }
    guard
      ["http://", "https://", "socks5://"].contains(where: { proxy.value.hasPrefix($0) })
    else {
      throw KubeError(
        .badConfiguration,
        "\(proxy.location): cluster \"\(cluster.name)\" has a proxy-url that is not understood",
        hint: "it begins with http://, https:// or socks5://")
    }
    access.proxy = proxy.value
  }

  private func add(
    _ user: (name: String, entry: Kubeconfig.User), to access: inout ClusterAccess
  ) throws {
    let entry = user.entry
    access.impersonation = entry.impersonation
    access.credentials.owner = "user \"\(user.name)\" (\(entry.location))"
    if let certificate = entry.clientCertificate, let key = entry.clientKey {
      access.credentials.certificate = ClientCertificate(
        certificate: try PEM.read(
          certificate, "certificate", "the client certificate of user \"\(user.name)\""),
        key: try PEM.read(key, "private key", "the client key of user \"\(user.name)\""))
    }
    access.credentials.header = try header(user, access)
  }

  private func header(
    _ user: (name: String, entry: Kubeconfig.User), _ access: ClusterAccess
  ) throws -> CredentialPlan.Header {
    let entry = user.entry
    if let file = entry.tokenFile, !file.value.isEmpty {
      return .tokenFile(file.value, fallback: entry.token?.value)
    }
    if let token = entry.token { return .token(token.value) }
    if let name = entry.username, !name.value.isEmpty {
      return .basic(user: name.value, password: entry.password ?? Secret(""))
    }
    if let plugin = entry.plugin {
      return .plugin(plugin, info: plugin.wantsClusterInfo ? pluginInfo(access) : nil)
    }
    if let provider = entry.authProvider {
      throw KubeError(
        .refused,
        "\(provider.location): user \"\(user.name)\" has the auth-provider \"\(provider.value)\", "
          + "which Kubernetes 1.26 gave up", hint: "let the provider's tool write an exec plugin")
    }
    return .none
  }

  private func pluginInfo(_ access: ClusterAccess) -> PluginClusterInfo {
    PluginClusterInfo(
      server: access.server.description, tlsServerName: access.tlsServerName,
      isInsecure: access.isInsecure, certificateAuthority: access.certificateAuthority,
      proxy: access.proxy,
      extension: access.cluster.flatMap { config.clusters[$0]?.pluginExtension })
  }
}

/// Certificates and keys as text.
enum PEM {
  /// The bytes of a certificate or a key, which must look like one.
  static func read(
    _ material: Kubeconfig.Placed<Kubeconfig.Material>, _ kind: String, _ subject: String
  ) throws(KubeError) -> [UInt8] {
    let bytes: [UInt8]
    var place = "\(material.location)"
    switch material.value {
    case .data(let data): bytes = data
    case .file(let path):
      place += ": \(path)"
      do throws(Errno) {
        bytes = try SmallFile.read(path)
      } catch {
        throw KubeError(
          .badConfiguration, "\(material.location): cannot read \(subject), \(path): \(error)")
      }
    }
    guard holds(kind.uppercased(), bytes) else {
      throw KubeError(
        .badConfiguration, "\(place): \(subject) is no PEM: it holds no \(kind)")
    }
    return bytes
  }

  /// Whether there is a line `-----BEGIN ... KIND-----`.
  static func holds(_ kind: String, _ bytes: [UInt8]) -> Bool {
    bytes.split(separator: 0x0A).contains { line in
      let text = String(decoding: line.prefix(100), as: UTF8.self)
      return text.hasPrefix("-----BEGIN ") && text.contains(text: "\(kind)-----")
    }
  }
}
