internal import JSON

/// Label selectors as objects have them.
public enum LabelSelector {
  /// The selector of a workload (`matchLabels`, `matchExpressions`) or of a service, whose labels stand
  /// without either, in the words of a query; nil for one that selects everything, and for one with an
  /// operator that no server of today has.
  public static func text(of object: KubeObject) -> String? {
    guard let selector = object["spec", "selector"]?.object, !selector.isEmpty else { return nil }
    let isPlain = selector["matchLabels"] == nil && selector["matchExpressions"] == nil
    let labels = isPlain ? selector : selector["matchLabels"]?.object ?? [:]
    var parts = labels.map { "\($0.key)=\($0.value.string ?? "")" }
    for expression in selector["matchExpressions"]?.array ?? [] {
      let key = expression["key"]?.string ?? ""
      let values = (expression["values"]?.array ?? []).compactMap(\.string).joined(separator: ",")
      switch expression["operator"]?.string {
      case "In": parts.append("\(key) in (\(values))")
      case "NotIn": parts.append("\(key) notin (\(values))")
      case "Exists": parts.append(key)
      case "DoesNotExist": parts.append("!\(key)")
      default: return nil
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ",")
  }
}
