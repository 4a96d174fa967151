internal import Configuration
internal import Diagnostics
internal import OrderedCollections

extension ResolvedEnvironment {
  /// Every value in force as a key, a text without secrets, and where it came from.
  func explained(
    in configuration: Configuration, variables: [String: String]
  ) -> [(key: String, value: String, origin: String)] {
    var rows: [(String, String, String)] = []
    func add(_ key: String, _ value: Sourced<String>?) {
      if let value { rows.append((key, value.shown, value.origin.description)) }
    }
    if let file = configuration.file { rows.append(("configuration", file, "file")) }
    add("environment", name)
    if let url {
      rows.append(("database.url", SecretMask.url(url.value), url.origin.description))
    }
    for (keyword, value) in parameters {
      let shown = keyword == "password" ? SecretMask.mask : value.shown
      rows.append(("database.\(keyword)", shown, value.origin.description))
    }
    for (variable, keyword) in libpqVariables where parameters[keyword] == nil && url == nil {
      guard let value = variables[variable], !value.isEmpty else { continue }
      let shown = keyword == "password" ? SecretMask.mask : value
      rows.append(("database.\(keyword)", shown, "$\(variable)"))
    }
    add("database.owner", owner)
    if tunnel.value != .none || tunnel.origin != .builtIn {
      rows.append(("database.tunnel", tunnel.value.rawValue, tunnel.origin.description))
    }
    rows.append(("protected", "\(isProtected.value)", isProtected.origin.description))
    add("backups.path", backups)
    add("backups.metrics", metrics)
    add("api.url", api)
    rows += configuration.explainedClusters(name?.value)
    let targets = name.flatMap { configuration.environments[$0.value]?.targets }
    rows += targets?.explained(variables: variables) ?? []
    add("runbooks", configuration.runbooksFolder(variables: variables))
    for (name, path) in configuration.tools {
      rows.append(("tools.\(name)", path.value, path.location.description))
    }
    rows += configuration.alembic?.explained ?? []
    return rows
  }
}

extension Sourced<String> {
  /// The value, unless it stands in a Secret.
  fileprivate var shown: String {
    if case .cluster(let key) = origin, key.kind == .secret { SecretMask.mask } else { value }
  }
}

extension Configuration {
  /// The cluster of an environment, and the parts of the service in it.
  fileprivate func explainedClusters(
    _ environment: String?
  ) -> [(key: String, value: String, origin: String)] {
    let target = environment.flatMap { environments[$0]?.kubernetes }
    let relay = environment.flatMap { environments[$0]?.database.relay }
    var rows: [(key: String, value: String, origin: String)] = []
    func add(_ key: String, _ value: Located<String>?) {
      if let value { rows.append((key, value.value, "\(value.location)")) }
    }
    add("kubernetes.kubeconfig", target?.kubeconfig)
    add("kubernetes.context", target?.context)
    add("kubernetes.namespace", target?.namespace)
    add("kubernetes.cluster-name", target?.clusterName)
    add("kubernetes.probe-image", target?.probeImage)
    add("database.relay.component", relay?.component)
    add("database.relay.image", relay?.image)
    if let lifetime = relay?.lifetime {
      rows.append(("database.relay.lifetime", lifetime.value.canonical, "\(lifetime.location)"))
    }
    for (name, component) in components {
      add("components.\(name).selector", component.selector)
      add("components.\(name).kind", component.kind)
      add("components.\(name).name", component.objectName)
      add("components.\(name).namespace", component.namespace)
      add("components.\(name).container", component.container)
    }
    return rows
  }
}

extension AlembicConfiguration {
  /// What stands above the project's own files.
  fileprivate var explained: [(key: String, value: String, origin: String)] {
    var rows: [(String, String, String)] = []
    func add(_ key: String, _ value: String?, _ location: SourceLocation?) {
      if let value, let location { rows.append(("alembic.\(key)", value, "\(location)")) }
    }
    add("config", config?.value, config?.location)
    add("section", section?.value, section?.location)
    add("script-location", scriptLocation?.value, scriptLocation?.location)
    add("version-table", versionTable?.value, versionTable?.location)
    add("version-table-schema", versionTableSchema?.value, versionTableSchema?.location)
    add(
      "transaction-per-migration", isTransactionPerMigration.map { "\($0.value)" },
      isTransactionPerMigration?.location)
    if let naming = namingConvention {
      if naming.value.isEmpty { add("naming-convention", "none", naming.location) }
      for (kind, template) in naming.value {
        add("naming-convention.\(kind)", template, naming.location)
      }
    }
    for (key, value) in arguments { add("x.\(key)", value.value, value.location) }
    for subject in accepted { add("accept", subject.value, subject.location) }
    return rows
  }
}

/// What libpq takes from the environment where nothing else says it.
private let libpqVariables: [(String, String)] = [
  ("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"), ("PGPORT", "port"), ("PGDATABASE", "dbname"),
  ("PGUSER", "user"), ("PGPASSWORD", "password"), ("PGSERVICE", "service"),
  ("PGSSLMODE", "sslmode"),
]
