internal import Diagnostics
internal import OrderedCollections
internal import SystemPackage
internal import YAML

extension Configuration {
  /// Reads a file's bytes.
  ///
  /// Throws one error that names everything that is wrong, each with its place and, for a key
  /// that does not exist, what was probably meant.
  public init(parsing bytes: [UInt8], file: String, home: String?) throws {
    let document = try YAMLDocument(parsing: bytes, file: file)
    let problems = YAMLProblems()
    let folder = FilePath(file).removingLastComponent().string
    var reader = ConfigurationReader(
      texts: TextSourceReader(folder: folder, home: home, problems: problems))
    self = reader.read(document.root)
    self.file = file
    try problems.throwIfAny(showing: document.source)
    if reader.hasLiteralPassword, Configuration.isReadableByOthers(file) {
      warnings.append(
        "\(file) holds a password or a token and can be read by others; use from-env or from-file, "
          + "or chmod 600 it")
    }
  }
}

private struct ConfigurationReader {
  let texts: TextSourceReader
  var hasLiteralPassword = false

  private var problems: YAMLProblems { texts.problems }

  mutating func read(_ root: YAMLNode) -> Configuration {
    var configuration = Configuration()
    if root.isNull { return configuration }
    guard let reader = MappingReader(root, as: "the configuration", problems: problems) else {
      return configuration
    }
    configuration.defaultEnvironment = reader.word("default-environment")
    configuration.runbooks = texts.path("runbooks", reader)
    configuration.tools = tools(reader)
    if let alembic = reader.mapping("alembic") {
      configuration.alembic = AlembicReader(texts: texts).read(alembic)
    }
    configuration.components = KubernetesReader(texts: texts).components(
      reader.entries("components") ?? [])
    for entry in reader.entries("environments") ?? [] {
      checkName(entry)
      configuration.environments[entry.key] = environment(entry)
    }
    configuration.tests = TestsReader(texts: texts).read(reader.entries("tests") ?? [])
    reader.finish()
    checkDefault(configuration)
    checkTests(configuration)
    return configuration
  }

  private func checkDefault(_ configuration: Configuration) {
    guard let name = configuration.defaultEnvironment,
      configuration.environments[name.value] == nil
    else { return }
    problems.report(
      "default-environment names \"\(name.value)\", which is not an environment"
        + Suggestion.phrase(for: name.value, among: configuration.environments.keys),
      at: name.location)
  }

  private func checkTests(_ configuration: Configuration) {
    for suite in configuration.tests.values {
      guard let name = suite.valuesOf,
        configuration.environments[name.value]?.kubernetes == nil
      else { continue }
      let known = configuration.environments.filter { $0.value.kubernetes != nil }.keys
      problems.report(
        "values-of names \"\(name.value)\", which is no environment with a cluster"
          + Suggestion.phrase(for: name.value, among: known), at: name.location)
    }
  }

  private func checkName(_ entry: YAMLMapping.Entry) {
    let isName = entry.key.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (0x30...0x39).contains($0)
        || $0 == UInt8(ascii: "-")
    }
    if !isName || entry.key.isEmpty || entry.key.hasPrefix("-") {
      problems.report(
        "\"\(entry.key)\" cannot be the name of an environment", at: entry.location,
        hint: "Use small letters, digits and hyphens.")
    }
  }

  private mutating func environment(_ entry: YAMLMapping.Entry) -> EnvironmentConfiguration {
    var environment = EnvironmentConfiguration(
      name: Located(entry.key, at: entry.location), database: DatabaseSource())
    guard
      let reader = MappingReader(
        entry.value, as: "environment \"\(entry.key)\"", problems: problems)
    else { return environment }
    if let database = reader.mapping("database", as: "the database of \"\(entry.key)\"") {
      environment.database = self.database(database)
    }
    if let flag = reader.bool("protected"), let node = reader.node("protected") {
      environment.isProtected = Located(flag, at: node.location)
    }
    if let backups = reader.mapping("backups", as: "the backups of \"\(entry.key)\"") {
      _ = backups.requiredNode("path")
      environment.backups = texts.path("path", backups)
      environment.metrics = texts.path("metrics", backups)
      backups.finish()
    }
    if let cluster = reader.mapping("kubernetes", as: "the cluster of \"\(entry.key)\"") {
      environment.kubernetes = KubernetesReader(texts: texts)
        .target(cluster)
    }
    if let api = reader.mapping("api", as: "the api of \"\(entry.key)\"") {
      _ = api.requiredNode("url")
      environment.api = texts.text("url", api)
      api.finish()
    }
    environment.targets = TargetsReader(texts: texts).read(reader, of: entry.key)
    if environment.targets.hasLiteralSecret { hasLiteralPassword = true }
    reader.finish()
    checkCluster(environment)
    return environment
  }

  /// Values of a cluster need one that is named: the kubeconfig's current context could be any.
  private func checkCluster(_ environment: EnvironmentConfiguration) {
    let api = environment.api.flatMap { $0.value.isInCluster ? $0 : nil }
    let hint = "Give it a kubernetes section."
    let (name, database) = (environment.name.value, environment.database)
    if let relay = database.relay, ![.auto, .relay].contains(database.tunnelMode) {
      problems.report(
        "environment \"\(name)\" has a relay, but no tunnel that could use it", at: relay.location,
        hint: "Say tunnel: relay, or tunnel: auto.")
    }
    guard environment.kubernetes == nil else { return }
    if let place = environment.targets.firstService {
      problems.report(
        "environment \"\(name)\" has a service in a cluster, but no cluster", at: place, hint: hint)
    }
    if let value = database.firstInCluster ?? api ?? environment.targets.firstInCluster {
      problems.report(
        "environment \"\(name)\" has a value from-kubernetes, but no cluster", at: value.location,
        hint: hint)
    } else if let tunnel = database.tunnel, tunnel.value != .none {
      problems.report(
        "environment \"\(name)\" has a tunnel, but no cluster that it could lead through",
        at: tunnel.location, hint: hint)
    }
  }

  /// A database is named as a whole (`url`, `from-env`, `from-file`, `from-kubernetes`) or in parts.
  private mutating func database(_ reader: MappingReader) -> DatabaseSource {
    var source = DatabaseSource()
    source.url = texts.text("url", reader)
    noteLiteralPassword(source.url)
    if let whole = texts.reference(reader) {
      if source.url != nil {
        problems.report(
          "the database has a url and a \(whole.key); only one can be meant",
          at: whole.source.location)
      }
      source.url = whole.source
    }
    for (key, keyword) in databaseParts {
      guard let part = texts.text(key, reader, allowsNumber: key == "port") else { continue }
      if source.url != nil, !partsBesideURL.contains(key) {
        problems.report(
          "\"\(key)\" cannot stand beside a whole address", at: part.location,
          hint: "Put it into the URL, or give all parts one by one.")
      }
      if key == "password", case .literal = part.value { hasLiteralPassword = true }
      source.parameters[keyword] = part
    }
    source.owner = texts.text("owner", reader)
    source.tunnel = TunnelReader(problems: problems).mode(reader)
    source.relay = TunnelReader(problems: problems).relay(reader)
    reader.finish()
    if let port = source.parameters["port"], case .literal(let text) = port.value,
      !(Int(text).map { (1...65535).contains($0) } ?? false)
    {
      problems.report("\"\(text)\" is not a port; ports are 1 to 65535", at: port.location)
    }
    return source
  }

  private mutating func noteLiteralPassword(_ url: Located<TextSource>?) {
    if case .literal(let text)? = url?.value, SecretMask.url(text) != text {
      hasLiteralPassword = true
    }
  }

  private func tools(_ reader: MappingReader) -> OrderedDictionary<String, Located<String>> {
    var tools: OrderedDictionary<String, Located<String>> = [:]
    guard let inner = reader.mapping("tools") else { return tools }
    for name in Configuration.toolNames { tools[name] = texts.path(name, inner) }
    inner.finish()
    return tools
  }
}

/// The keys of a database's parts and libpq's keywords for them.
private let databaseParts: [(key: String, keyword: String)] = [
  ("host", "host"), ("port", "port"), ("name", "dbname"), ("user", "user"),
  ("password", "password"), ("sslmode", "sslmode"), ("sslrootcert", "sslrootcert"),
  ("service", "service"),
]

/// What may complete an address that names the rest.
private let partsBesideURL: Set<String> = ["password", "sslmode", "sslrootcert"]
