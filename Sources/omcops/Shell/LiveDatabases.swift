internal import Configuration
internal import Diagnostics
internal import Postgres

/// The databases that the configuration calls live: what must never be dropped.
struct LiveDatabases: Sendable {
  let configuration: Configuration
  let context: Context

  /// Those on the server of `target`.
  ///
  /// - Throws: where it cannot be told of an environment which database is its own: that could be the
  ///   one to be dropped.
  func names(beside target: DatabaseTarget) async throws -> Set<String> {
    let variables = context.environment
    var names: Set<String> = []
    // The database of an environment is live; one that only a URL names need not be.
    if target.environment.name != nil {
      names.insert(target.settings.effectiveDatabase(variables))
    }
    for name in configuration.environments.keys {
      let settings = try await address(of: name)
      if settings.isSameServer(as: target.settings, variables) {
        names.insert(settings.effectiveDatabase(variables))
      }
    }
    return names
  }

  private func address(of name: String) async throws -> ConnectionSettings {
    do {
      return try await configuration.addresses
        .resolved(Selection(environment: name), context).connectionSettings()
    } catch let failure as any Failure {
      throw UnknownEnvironment(name: name, failure: failure)
    }
  }
}

/// Nobody can say which database an environment has.
private struct UnknownEnvironment: Failure {
  var name: String
  var failure: any Failure
  var message: String {
    "cannot tell which database environment \"\(name)\" has, and it must not be dropped: "
      + failure.message
  }
  var hint: String? { failure.hint }
  var details: [String] { failure.details }
  var status: ExitStatus { .refused }
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
