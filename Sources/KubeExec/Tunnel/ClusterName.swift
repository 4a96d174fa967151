internal import Text

/// What a host name means to the DNS of a cluster: a Service, or a pod behind one.
struct ClusterName: Hashable, Sendable {
  /// The Service.
  var service: String
  /// Its namespace.
  var namespace: String
  /// The pod, for names as `db-0.db`, which StatefulSets have.
  var pod: String?
  /// Whether it can be nothing else: names with `svc` are those of a cluster only.
  var isCertain = false

  /// What a host name can mean to a pod in a namespace, the likelier first; nothing for an address.
  static func candidates(_ host: String, in namespace: String) -> [ClusterName] {
    if Address(host) != nil { return [] }
    var labels = host.lowercased().split(separator: ".").map(String.init)
    guard !host.hasPrefix("."), !host.contains(text: ".."), !labels.isEmpty else { return [] }
    let mark = labels.dropFirst(2).firstIndex(of: "svc")
    if let mark { labels = Array(labels[..<mark]) }
    let isCertain = mark != nil
    switch labels.count {
    case 1: return [ClusterName(service: labels[0], namespace: namespace)]
    case 2:
      let whole = ClusterName(service: labels[0], namespace: labels[1], isCertain: isCertain)
      if isCertain { return [whole] }
      return [whole, ClusterName(service: labels[1], namespace: namespace, pod: labels[0])]
    case 3:
      return [
        ClusterName(
          service: labels[1], namespace: labels[2], pod: labels[0], isCertain: isCertain)
      ]
    default: return []
    }
  }
}
