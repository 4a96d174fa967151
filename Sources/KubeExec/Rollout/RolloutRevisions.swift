internal import JSON
internal import OrderedCollections

/// One revision of what a workload's pods are made of.
public struct RolloutRevision: Sendable {
  /// Its number, growing.
  public var number: Int64
  /// What somebody wrote down as the reason.
  public var changeCause: String?
  /// When it was made; RFC 3339.
  public var created: String
  /// The images of its containers, by container.
  public var images: [(container: String, image: String)]
  /// The ReplicaSet or ControllerRevision that keeps it.
  public var object: KubeObject
}

extension KubeClient {
  /// The revisions of a workload, oldest first.
  public func revisions(of workload: KubeObject) async throws -> [RolloutRevision] {
    let isDeployment = workload.kind == "Deployment"
    let resource = isDeployment ? KubeResource.replicaSets : .controllerRevisions
    let query = ObjectQuery(
      resource, namespace: workload.namespace, labelSelector: LabelSelector.text(of: workload))
    let owned = try await list(query).items.filter { $0.isOwned(by: workload.uid) }
    return owned.compactMap { isDeployment ? .init(replicaSet: $0) : .init(controllerRevision: $0) }
      .sorted { $0.number < $1.number }
  }
}

extension RolloutRevision {
  fileprivate init?(replicaSet object: KubeObject) {
    guard let number = object.annotation("deployment.kubernetes.io/revision").flatMap(Int64.init)
    else { return nil }
    self.init(number, object, object["spec", "template"])
  }

  fileprivate init?(controllerRevision object: KubeObject) {
    guard let number = object["revision"]?.int else { return nil }
    self.init(number, object, object["data", "spec", "template"])
  }

  private init(_ number: Int64, _ object: KubeObject, _ template: JSON?) {
    self.number = number
    self.object = object
    changeCause = object.annotation("kubernetes.io/change-cause")
    created = object["metadata", "creationTimestamp"]?.string ?? ""
    images = (template?["spec"]?["containers"]?.array ?? []).map {
      ($0["name"]?.string ?? "", $0["image"]?.string ?? "")
    }
  }
}

/// Label selectors as objects have them.
enum LabelSelector {
  /// The selector of a workload in the words of a query; nil for one that selects everything.
  static func text(of workload: KubeObject) -> String? {
    guard let selector = workload["spec", "selector"] else { return nil }
    // A Service's selector has no `matchLabels` above it.
    let labels =
      selector["matchLabels"]?.object ?? (workload.kind == "Service" ? selector.object : nil)
    var parts = (labels ?? [:]).map { "\($0.key)=\($0.value.string ?? "")" }
    for expression in selector["matchExpressions"]?.array ?? [] {
      let key = expression["key"]?.string ?? ""
      let values = (expression["values"]?.array ?? []).compactMap(\.string).joined(separator: ",")
      switch expression["operator"]?.string {
      case "In": parts.append("\(key) in (\(values))")
      case "NotIn": parts.append("\(key) notin (\(values))")
      case "Exists": parts.append(key)
      case "DoesNotExist": parts.append("!\(key)")
      default: break
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: ",")
  }
}
