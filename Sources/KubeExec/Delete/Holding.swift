internal import JSON

extension KubeObject {
  /// What keeps an object that is to go: its finalizers, and what a namespace says of its contents; nil
  /// where nothing is known to.
  var held: String? {
    var reasons: [String] = []
    let finalizers = (self["metadata", "finalizers"]?.array ?? []).compactMap(\.string)
    if !finalizers.isEmpty { reasons.append("finalizer \(finalizers.joined(separator: ", "))") }
    if kind == "Namespace" {
      for condition in self["status", "conditions"]?.array ?? []
      where condition["status"]?.string == "True" {
        if let message = condition["message"]?.string { reasons.append(message) }
      }
    }
    return reasons.isEmpty ? nil : reasons.joined(separator: "; ")
  }
}
