public import Diagnostics
public import OrderedCollections

/// What was said on the command line; it stands above everything else.
public struct Selection: Sendable {
  /// `--environment`.
  public var environment: String?
  /// `--url`.
  public var url: String?

  /// Names what was said.
  public init(environment: String? = nil, url: String? = nil) {
    self.environment = environment
    self.url = url
  }
}

/// Where a value came from.
public enum Origin: Hashable, Sendable, CustomStringConvertible {
  case flag(String)
  case variable(String)
  case place(SourceLocation)
  /// The contents of a file that the configuration names.
  case contents(String)
  /// A value in the environment's cluster.
  case cluster(KubernetesKey)
  case builtIn

  /// As `config show` prints it.
  public var description: String {
    switch self {
    case .flag(let name): name
    case .variable(let name): "$\(name)"
    case .place(let location): location.description
    case .contents(let path): path
    case .cluster(let key): key.description
    case .builtIn: "default"
    }
  }
}

/// A value and where it came from.
public struct Sourced<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// Where it came from.
  public var origin: Origin

  init(_ value: Value, _ origin: Origin) {
    self.value = value
    self.origin = origin
  }
}

/// An environment with every value looked up.
public struct ResolvedEnvironment: Sendable {
  /// Its name; nil when the database comes from `--url` or from libpq's own variables.
  public var name: Sourced<String>?
  /// The database's address; nil where parameters, or libpq's defaults, say all.
  public var url: Sourced<String>?
  /// libpq's keywords and their values, above the address.
  public var parameters: OrderedDictionary<String, Sourced<String>> = [:]
  /// The role that shall own what is restored.
  public var owner: Sourced<String>?
  /// Whether changes need the operator's word.
  public var isProtected = Sourced(false, .builtIn)
  /// The folder of the backups.
  public var backups: Sourced<String>?
  /// The file of their metrics.
  public var metrics: Sourced<String>?
  /// The address of the service's API.
  public var api: Sourced<String>?
  /// How the database is reached.
  public var tunnel = Sourced(TunnelMode.none, .builtIn)
  /// What stands in the cluster and was not given: these values are left out above.
  public var unread: [Located<KubernetesKey>] = []

  /// Nothing but an address from `--url`; without one, what libpq finds by itself.
  public init(url: String? = nil) {
    self.url = url.map { Sourced($0, .flag("--url")) }
  }
}

extension Configuration {
  /// Looks up everything for the environment that is meant.
  ///
  /// The order is: flags, then `OMCOPS_URL` and `OMCOPS_ENVIRONMENT`, then libpq's `PGHOST`,
  /// `PGHOSTADDR`, `PGSERVICE` and `PGDATABASE`, then the default environment of the file. An
  /// environment that was named is never bent by `PG*` variables: those fill in only what it
  /// leaves open, as libpq itself does.
  ///
  /// - Parameter values: what was read from the environment's cluster. What is not among them is left
  ///   out, and listed as `unread`.
  public func resolve(
    _ selection: Selection, variables: [String: String], values: [KubernetesKey: String] = [:]
  ) throws -> ResolvedEnvironment {
    let variables = variables.filter { !$0.value.isEmpty }
    var resolved = ResolvedEnvironment()
    if let name = chosenEnvironment(selection, variables) {
      resolved = try resolve(
        name, isURLReplaced: address(selection, variables) != nil,
        Lookup(variables: variables, values: values))
    }
    if let address = address(selection, variables) {
      resolved.url = address
      resolved.parameters = [:]
    }
    if let folder = variables["OMCOPS_BACKUPS"] {
      resolved.backups = Sourced(folder, .variable("OMCOPS_BACKUPS"))
    }
    if let file = variables["OMCOPS_METRICS"] {
      resolved.metrics = Sourced(file, .variable("OMCOPS_METRICS"))
    }
    return resolved
  }

  /// The folder of the team's runbooks.
  public func runbooksFolder(variables: [String: String]) -> Sourced<String>? {
    if let folder = variables["OMCOPS_RUNBOOKS"], !folder.isEmpty {
      return Sourced(folder, .variable("OMCOPS_RUNBOOKS"))
    }
    return runbooks.map { Sourced($0.value, .place($0.location)) }
  }

  private func address(
    _ selection: Selection, _ variables: [String: String]
  ) -> Sourced<String>? {
    if let url = selection.url { return Sourced(url, .flag("--url")) }
    if selection.environment != nil { return nil }
    return variables["OMCOPS_URL"].map { Sourced($0, .variable("OMCOPS_URL")) }
  }

  private func chosenEnvironment(
    _ selection: Selection, _ variables: [String: String]
  ) -> Sourced<String>? {
    if let name = selection.environment { return Sourced(name, .flag("--environment")) }
    if selection.url != nil { return nil }
    if let name = variables["OMCOPS_ENVIRONMENT"] {
      return Sourced(name, .variable("OMCOPS_ENVIRONMENT"))
    }
    let libpq = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE", "OMCOPS_URL"]
    if libpq.contains(where: { variables[$0] != nil }) { return nil }
    if let name = defaultEnvironment { return Sourced(name.value, .place(name.location)) }
    guard environments.count == 1, let only = environments.values.first else { return nil }
    return Sourced(only.name.value, .place(only.name.location))
  }

  private func resolve(
    _ name: Sourced<String>, isURLReplaced: Bool, _ lookup: Lookup
  ) throws -> ResolvedEnvironment {
    guard let environment = environments[name.value] else { throw unknown(name.value) }
    var lookup = lookup
    var resolved = ResolvedEnvironment()
    resolved.name = name
    if !isURLReplaced {
      resolved.url = try environment.database.url.flatMap { try lookup.text($0) }
      resolved.parameters = try environment.database.parameters.compactMapValues {
        try lookup.text($0)
      }
      resolved.tunnel = Sourced(
        environment.database.tunnelMode,
        environment.database.tunnel.map { .place($0.location) } ?? .builtIn)
    }
    resolved.owner = try environment.database.owner.flatMap { try lookup.text($0) }
    resolved.api = try environment.api.flatMap { try lookup.text($0) }
    resolved.backups = environment.backups.map { Sourced($0.value, .place($0.location)) }
    resolved.metrics = environment.metrics.map { Sourced($0.value, .place($0.location)) }
    if let flag = environment.isProtected {
      resolved.isProtected = Sourced(flag.value, .place(flag.location))
    }
    resolved.unread = lookup.unread
    return resolved
  }

  func unknown(_ name: String) -> ConfigurationError {
    let known = environments.keys
    let phrase = Suggestion.phrase(for: name, among: known)
    guard let file else {
      return ConfigurationError(
        "there is no environment \"\(name)\": no omcops.yaml was found",
        hint: "write one, or name it with --config; --url needs none")
    }
    return ConfigurationError(
      "\(file) has no environment \"\(name)\"\(phrase)",
      hint: known.isEmpty ? nil : "it has \(known.joined(separator: ", "))")
  }
}

/// Finds the values that the file only points at.
struct Lookup {
  let variables: [String: String]
  let values: [KubernetesKey: String]
  /// What stands in the cluster and is not known.
  var unread: [Located<KubernetesKey>] = []

  /// The value; nil where only the cluster has it.
  mutating func text(_ source: Located<TextSource>) throws(ConfigurationError) -> Sourced<String>? {
    switch source.value {
    case .literal(let text): return Sourced(text, .place(source.location))
    case .variable(let name):
      guard let value = variables[name] else {
        throw ConfigurationError(
          "\(source.location): the variable \(name) is not set", hint: "export \(name) first")
      }
      return Sourced(value, .variable(name))
    case .file(let path):
      do throws(ConfigurationError) {
        let text = String(decoding: try Configuration.bytes(of: path), as: UTF8.self)
        let value = text.hasSuffix("\n") ? String(text.dropLast()) : text
        guard !value.isEmpty else { throw ConfigurationError("\(path) is empty") }
        return Sourced(value, .contents(path))
      } catch {
        throw ConfigurationError("\(source.location): \(error.message)", hint: error.hint)
      }
    case .kubernetes(let key):
      if let value = values[key] { return Sourced(value, .cluster(key)) }
      unread.append(Located(key, at: source.location))
      return nil
    }
  }
}
