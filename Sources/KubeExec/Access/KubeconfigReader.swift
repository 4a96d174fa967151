internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import OrderedCollections
internal import SystemPackage
internal import YAML

/// Reads one kubeconfig file. Keys that it does not know are passed over, as every client of
/// Kubernetes does; what it knows must be right.
struct KubeconfigReader {
  private let folder: FilePath
  private let problems = YAMLProblems()

  /// - Parameter file: its absolute path; what stands in it is seen from its folder.
  static func read(_ bytes: [UInt8], file: String) throws -> Kubeconfig {
    // Inline certificates of many clusters make some of these files large.
    let document = try YAMLDocument(
      parsing: bytes, file: file, limits: YAMLLimits(bytes: 16 << 20))
    let reader = KubeconfigReader(folder: FilePath(file).removingLastComponent())
    var config = Kubeconfig()
    config.files = [file]
    if !document.root.isNull, let section = reader.section(document.root, "a kubeconfig") {
      reader.readAll(section, into: &config)
    }
    try reader.problems.throwIfAny(showing: document.source)
    return config
  }

  private init(folder: FilePath) { self.folder = folder }

  private func readAll(_ section: KubeconfigSection, into config: inout Kubeconfig) {
    checkVersion(section)
    if let name = section.placed("current-context"), !name.value.isEmpty {
      config.currentContext = name
    }
    config.clusters = entries("cluster", in: section, read: cluster)
    config.users = entries("user", in: section, read: user)
    config.contexts = entries("context", in: section) { section in
      Kubeconfig.Context(
        location: section.location, cluster: section.placed("cluster"),
        user: section.placed("user"), namespace: section.text("namespace"))
    }
  }

  private func checkVersion(_ section: KubeconfigSection) {
    if let version = section.placed("apiVersion"), version.value != "v1" {
      problems.report(
        "this kubeconfig is of version \"\(version.value)\"; only v1 is known",
        at: version.location)
    }
    if let kind = section.placed("kind"), kind.value != "Config" {
      problems.report(
        "this is a \(kind.value), not a kubeconfig", at: kind.location,
        hint: "A kubeconfig has kind: Config.")
    }
  }

  /// A list of `{name: ..., KIND: {...}}`.
  private func entries<Entry>(
    _ kind: String, in section: KubeconfigSection, read: (KubeconfigSection) -> Entry
  ) -> OrderedDictionary<String, Entry> {
    var found: OrderedDictionary<String, Entry> = [:]
    for node in section.list(kind + "s") {
      guard let item = self.section(node, "a \(kind)") else { continue }
      guard let name = item.placed("name"), !name.value.isEmpty else {
        problems.report("a \(kind) has no name", at: item.location)
        continue
      }
      if found[name.value] != nil {
        problems.report("there are two \(kind)s \"\(name.value)\"", at: name.location)
      }
      let body =
        item.section(kind, "\(kind) \"\(name.value)\"")
        ?? KubeconfigSection(
          nil, at: item.location, "\(kind) \"\(name.value)\"", problems)
      found[name.value] = read(body)
    }
    return found
  }

  private func cluster(_ section: KubeconfigSection) -> Kubeconfig.Cluster {
    var cluster = Kubeconfig.Cluster(location: section.location)
    cluster.server = section.placed("server")
    cluster.certificateAuthority = material("certificate-authority", section)
    cluster.isInsecure = section.placedFlag("insecure-skip-tls-verify")
    cluster.tlsServerName = section.text("tls-server-name")
    cluster.proxyURL = section.placed("proxy-url")
    cluster.isCompressionDisabled = section.placedFlag("disable-compression")?.value ?? false
    for node in section.list("extensions") {
      guard let item = self.section(node, "an extension"),
        item.text("name") == "client.authentication.k8s.io/exec"
      else { continue }
      cluster.pluginExtension = item.node("extension").map(JSON.init(yaml:))
    }
    if let insecure = cluster.isInsecure, insecure.value, cluster.certificateAuthority != nil {
      problems.report(
        "\(section.subject) has a certificate authority, and insecure-skip-tls-verify too",
        at: insecure.location, hint: "Remove one of them.")
    }
    return cluster
  }

  private func user(_ section: KubeconfigSection) -> Kubeconfig.User {
    var user = Kubeconfig.User(location: section.location)
    user.clientCertificate = material("client-certificate", section)
    user.clientKey = material("client-key", section)
    user.token = section.placed("token").flatMap {
      $0.value.isEmpty ? nil : .init(value: Secret($0.value), location: $0.location)
    }
    user.tokenFile = section.placed("tokenFile").map(path)
    user.username = section.placed("username")
    user.password = section.text("password").map(Secret.init)
    user.impersonation = impersonation(section)
    user.plugin = section.section("exec", "the plugin of \(section.subject)").flatMap(plugin)
    if let provider = section.section("auth-provider", "auth-provider") {
      user.authProvider = .init(
        value: provider.text("name") ?? "", location: provider.location)
    }
    if let half = [user.clientCertificate, user.clientKey].compactMap({ $0 }).first,
      user.clientCertificate == nil || user.clientKey == nil
    {
      problems.report(
        "\(section.subject) has a client "
          + (user.clientKey == nil ? "certificate without its key" : "key without its certificate"),
        at: half.location)
    }
    return user
  }

  private func impersonation(_ section: KubeconfigSection) -> Impersonation? {
    let groups = section.texts("as-groups")
    var extra: OrderedDictionary<String, [String]> = [:]
    if let map = section.section("as-user-extra", "as-user-extra") {
      for entry in map.entries { extra[entry.key] = map.texts(entry.key) }
    }
    if let name = section.text("as") {
      return Impersonation(
        user: name, uid: section.text("as-uid"), groups: groups, extra: extra)
    }
    if !groups.isEmpty || !extra.isEmpty || section.text("as-uid") != nil {
      problems.report(
        "\(section.subject) impersonates groups but no user: \"as\" is missing",
        at: section.location)
    }
    return nil
  }

  private func plugin(_ section: KubeconfigSection) -> CredentialPlugin? {
    guard let command = section.placed("command"), !command.value.isEmpty else {
      problems.report("\(section.subject) has no command", at: section.location)
      return nil
    }
    guard let version = section.placed("apiVersion") else {
      problems.report("\(section.subject) has no apiVersion", at: section.location)
      return nil
    }
    let group = "client.authentication.k8s.io/"
    if ![group + "v1", group + "v1beta1"].contains(version.value) {
      problems.report(
        "\(section.subject) speaks \"\(version.value)\"; known are \(group)v1 and \(group)v1beta1",
        at: version.location,
        hint: version.value == group + "v1alpha1"
          ? "Kubernetes 1.24 gave v1alpha1 up; write the entry anew, as the provider's tool does."
          : nil)
    }
    return CredentialPlugin(
      location: section.location, apiVersion: version.value,
      command: command.value.contains("/") ? path(command).value : command.value,
      arguments: section.texts("args"), variables: variables(section),
      interactiveMode: mode(section, version: version.value),
      wantsClusterInfo: section.placedFlag("provideClusterInfo")?.value ?? false,
      installHint: section.text("installHint"))
  }

  private func variables(_ section: KubeconfigSection) -> [(name: String, value: String)] {
    section.list("env").compactMap { node in
      guard let item = self.section(node, "a variable"), let name = item.text("name") else {
        problems.report("a variable of \(section.subject) has no name", at: node.location)
        return nil
      }
      return (name, item.text("value") ?? "")
    }
  }

  private func mode(
    _ section: KubeconfigSection, version: String
  ) -> CredentialPlugin.InteractiveMode {
    guard let word = section.placed("interactiveMode") else {
      if version.hasSuffix("/v1") {
        problems.report(
          "\(section.subject) has no interactiveMode", at: section.location,
          hint: "It can be Never, IfAvailable or Always.")
      }
      return .ifAvailable
    }
    if let mode = CredentialPlugin.InteractiveMode(rawValue: word.value) { return mode }
    problems.report(
      "interactiveMode is \"\(word.value)\"", at: word.location,
      hint: "It can be Never, IfAvailable or Always.")
    return .ifAvailable
  }

  /// `KEY-data` wins over the file that `KEY` names.
  private func material(
    _ key: String, _ section: KubeconfigSection
  ) -> Kubeconfig.Placed<Kubeconfig.Material>? {
    if let text = section.placed(key + "-data"), !text.value.isEmpty {
      guard let bytes = Base64.decode(text.value) else {
        problems.report("\(key)-data is not base64", at: text.location)
        return nil
      }
      return .init(value: .data(bytes), location: text.location)
    }
    guard let file = section.placed(key), !file.value.isEmpty else { return nil }
    return .init(value: .file(path(file).value), location: file.location)
  }

  /// Relative paths are seen from the kubeconfig's folder.
  private func path(_ text: Kubeconfig.Placed<String>) -> Kubeconfig.Placed<String> {
    .init(
      value: folder.pushing(FilePath(text.value)).lexicallyNormalized().string,
      location: text.location)
  }

  private func section(_ node: YAMLNode, _ subject: String) -> KubeconfigSection? {
    guard let mapping = node.mapping else {
      problems.report("\(subject) must be a mapping, but is \(node.kind)", at: node.location)
      return nil
    }
    return KubeconfigSection(mapping, at: node.location, subject, problems)
  }
}
