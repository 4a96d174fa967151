internal import OrderedCollections

/// A value that stands in a ConfigMap or a Secret of the environment's cluster.
public struct KubernetesKey: Hashable, Sendable, CustomStringConvertible {
  /// The kinds of objects that hold values by key.
  public enum Kind: String, Sendable {
    case configMap = "configmap"
    case secret
  }

  /// The kind of the object.
  public var kind: Kind
  /// The object's name.
  public var object: String
  /// The key in its `data`.
  public var key: String

  /// Reads `configmap/NAME/KEY` or `secret/NAME/KEY`; nil for anything else.
  public init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 3, let kind = Kind(rawValue: parts[0]), !parts[1].isEmpty,
      !parts[2].isEmpty
    else { return nil }
    (self.kind, object, key) = (kind, parts[1], parts[2])
  }

  /// As the file has it.
  public var description: String { "\(kind.rawValue)/\(object)/\(key)" }
}

extension Configuration {
  /// The same with nothing but what tells one database from another: without passwords and owners, so
  /// that it can be looked up by those who are not given them.
  public var addresses: Configuration {
    var copy = self
    copy.environments = environments.mapValues { environment in
      var environment = environment
      let isPlace = { (keyword: String) in
        ["host", "port", "dbname", "user", "service"].contains(keyword)
      }
      environment.database.parameters = environment.database.parameters.filter { isPlace($0.key) }
      environment.database.owner = nil
      environment.api = nil
      return environment
    }
    return copy
  }
}

extension DatabaseSource {
  /// How it is reached: what is said, or else `auto` where only the cluster knows where it is.
  var tunnelMode: TunnelMode {
    if let tunnel { return tunnel.value }
    let address = [url] + ["host", "port", "dbname"].map { parameters[$0] }
    return address.contains { $0?.value.isInCluster == true } ? .auto : .none
  }

  /// Where a value stands that has to be read from the cluster; nil where none has.
  var firstInCluster: Located<TextSource>? {
    ([url, owner] + parameters.values.map { Optional($0) }).lazy.compactMap { $0 }.first {
      $0.value.isInCluster
    }
  }
}

extension TextSource {
  /// Whether only the cluster can tell.
  var isInCluster: Bool { if case .kubernetes = self { true } else { false } }
}
