internal import Configuration
internal import OrderedCollections

extension ResolvedEnvironment {
  /// Every value in force as a key, a text without secrets, and where it came from.
  func explained(
    in configuration: Configuration, variables: [String: String]
  ) -> [(key: String, value: String, origin: String)] {
    var rows: [(String, String, String)] = []
    func add(_ key: String, _ value: Sourced<String>?) {
      if let value { rows.append((key, value.value, value.origin.description)) }
    }
    if let file = configuration.file { rows.append(("configuration", file, "file")) }
    add("environment", name)
    if let url {
      rows.append(("database.url", SecretMask.url(url.value), url.origin.description))
    }
    for (keyword, value) in parameters {
      let shown = keyword == "password" ? SecretMask.mask : value.value
      rows.append(("database.\(keyword)", shown, value.origin.description))
    }
    for (variable, keyword) in libpqVariables where parameters[keyword] == nil && url == nil {
      guard let value = variables[variable], !value.isEmpty else { continue }
      let shown = keyword == "password" ? SecretMask.mask : value
      rows.append(("database.\(keyword)", shown, "$\(variable)"))
    }
    add("database.owner", owner)
    rows.append(("protected", "\(isProtected.value)", isProtected.origin.description))
    add("backups.path", backups)
    add("api.url", api)
    add("runbooks", configuration.runbooksFolder(variables: variables))
    for (name, path) in configuration.tools {
      rows.append(("tools.\(name)", path.value, path.location.description))
    }
    return rows
  }
}

/// What libpq takes from the environment where nothing else says it.
private let libpqVariables: [(String, String)] = [
  ("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"), ("PGPORT", "port"), ("PGDATABASE", "dbname"),
  ("PGUSER", "user"), ("PGPASSWORD", "password"), ("PGSERVICE", "service"),
  ("PGSSLMODE", "sslmode"),
]
