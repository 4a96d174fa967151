public import Diagnostics
public import OrderedCollections
internal import Quantities
internal import YAML

/// How a database is reached.
public enum TunnelMode: String, Sendable, CaseIterable {
  /// As its host's name and address suggest.
  case auto
  /// By a port of the pods of a Service.
  case forward
  /// By a pod that connects to it.
  case relay
  /// From here.
  case none
}

/// The pod that connects to a database, in the file's words: one of a component, or one of our own.
public struct RelayConfiguration: Sendable {
  /// The component whose pods have a container for it.
  public var component: Located<String>?
  /// The image of a pod of our own; nil for the usual one.
  public var image: Located<String>?
  /// When that pod ends by itself.
  public var lifetime: Located<Duration>?
  /// The labels of its node.
  public var nodeSelector: OrderedDictionary<String, String> = [:]
  /// The taints that its node may have: for each Kubernetes' own keys and their values.
  public var tolerations: [OrderedDictionary<String, String>] = []
  /// Where the section begins.
  public var location: SourceLocation
}

/// Reads what `omcops.yaml` says about the way to a database.
struct TunnelReader {
  let problems: YAMLProblems

  func mode(_ reader: MappingReader) -> Located<TunnelMode>? {
    let words = TunnelMode.allCases.map(\.rawValue)
    guard let text = reader.choice("tunnel", of: words), let mode = TunnelMode(rawValue: text)
    else { return nil }
    return Located(mode, at: reader.location(of: "tunnel"))
  }

  func relay(_ reader: MappingReader) -> RelayConfiguration? {
    guard let inner = reader.mapping("relay", as: "the relay") else { return nil }
    var relay = RelayConfiguration(location: reader.location(of: "relay"))
    relay.component = inner.word("component")
    relay.image = inner.word("image")
    relay.lifetime = lifetime(inner)
    let nodes = PlacementReader(problems: problems)
    relay.nodeSelector = nodes.nodeSelector(inner)
    relay.tolerations = nodes.tolerations(inner)
    inner.finish()
    let isOwnPod =
      relay.image != nil || relay.lifetime != nil || !relay.nodeSelector.isEmpty
      || !relay.tolerations.isEmpty
    if let component = relay.component, isOwnPod {
      problems.report(
        "the relay is a pod of component \"\(component.value)\": nothing else can be said of it",
        at: component.location)
    }
    return relay
  }

  private func lifetime(_ reader: MappingReader) -> Located<Duration>? {
    guard let found = reader.word("lifetime") else { return nil }
    guard let duration = Duration(parsing: found.value), duration >= .seconds(60) else {
      problems.report(
        "\"\(found.value)\" is no lifetime of a relay pod", at: found.location,
        hint: "Write a duration of a minute or more, as 12h.")
      return nil
    }
    return Located(duration, at: found.location)
  }
}
