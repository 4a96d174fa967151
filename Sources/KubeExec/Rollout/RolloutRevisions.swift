internal import JSON
internal import OrderedCollections

/// One revision of what a workload's pods are made of.
public struct RolloutRevision: Sendable {
  /// Its number, growing.
  public var number: Int64
  /// The numbers that it had before: a Deployment that comes back to a revision gives it a new one.
  public var former: [Int64]
  /// What somebody wrote down as the reason.
  public var changeCause: String?
  /// When it was made; RFC 3339.
  public var created: String
  /// The images of its containers, by container.
  public var images: [(container: String, image: String)]
  /// What its pods carry beside.
  public var annotations: [String: String]
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
    former = (object.annotation("deployment.kubernetes.io/revision-history") ?? "")
      .split(separator: ",").compactMap { Int64($0) }
    changeCause = object.annotation("kubernetes.io/change-cause")
    annotations = (template?["metadata"]?["annotations"]?.object ?? [:])
      .reduce(into: [:]) { $0[$1.key] = $1.value.string }
    created = object["metadata", "creationTimestamp"]?.string ?? ""
    images = (template?["spec"]?["containers"]?.array ?? []).map {
      ($0["name"]?.string ?? "", $0["image"]?.string ?? "")
    }
  }
}
