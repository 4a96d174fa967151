internal import Configuration
internal import Postgres

/// The databases that the configuration calls live on the server of `target`: what must never be
/// dropped. An environment whose secrets are not at hand counts by what can be read of it.
func liveNames(
  beside target: DatabaseTarget, in configuration: Configuration, variables: [String: String]
) -> Set<String> {
  var names: Set<String> = []
  // The database of an environment is live; one that only a URL names need not be.
  if target.environment.name != nil { names.insert(target.settings.effectiveDatabase(variables)) }
  for name in configuration.environments.keys {
    guard
      let environment = try? configuration.resolve(
        Selection(environment: name), variables: variables),
      let settings = try? environment.connectionSettings(),
      settings.isSameServer(as: target.settings, variables)
    else { continue }
    names.insert(settings.effectiveDatabase(variables))
  }
  return names
}

extension ConnectionSettings {
  /// The database by libpq's rules: what is set, `PGDATABASE`, the user's name.
  fileprivate func effectiveDatabase(_ variables: [String: String]) -> String {
    self["dbname"] ?? variables["PGDATABASE"] ?? self["user"] ?? variables["PGUSER"]
      ?? variables["USER"] ?? ""
  }

  fileprivate func isSameServer(
    as other: ConnectionSettings, _ variables: [String: String]
  ) -> Bool {
    func place(_ settings: ConnectionSettings) -> [String?] {
      [
        settings["host"] ?? settings["hostaddr"] ?? variables["PGHOST"],
        settings["port"] ?? variables["PGPORT"] ?? "5432", settings["service"],
      ]
    }
    return place(self) == place(other)
  }
}
