internal import JSON
internal import KubeExec
internal import LogOps

/// What the pods of a scope that are gone were called. Labels go with their pods; what made those has
/// names that begin theirs.
extension LogScopes {
  /// What makes pods: an object's kind and name.
  private struct Maker: Hashable {
    var kind: String
    var name: String
  }

  /// The names of the pods that labels mean, from what has made such pods and carries their labels; nil
  /// where nothing tells.
  func pastNames(selector: String, in namespace: String?) async throws -> PastNames? {
    guard wantsPast else { return nil }
    var makers: Set<Maker> = []
    for kind in ["replicasets", "controllerrevisions", "jobs", "pods"] {
      do {
        let resource = try await session.client.resource(named: kind)
        let found = try await session.client.list(
          ObjectQuery(resource, namespace: namespace, labelSelector: selector))
        makers.formUnion(found.items.compactMap { maker(of: $0, resource) })
      } catch let error as KubeError where error.answer != nil {
        // Who may read logs need not be allowed to read what makes pods.
        continue
      }
    }
    let names = try makers.compactMap { try PastNames.made(by: $0.kind, $0.name) }
    return names.isEmpty ? nil : .any(of: names)
  }

  private func maker(of object: KubeObject, _ resource: KubeResource) -> Maker? {
    let owner = object["metadata", "ownerReferences"]?.array?.first {
      $0["controller"]?.bool == true
    }
    if let kind = owner?["kind"]?.string, let name = owner?["name"]?.string {
      return Maker(kind: kind, name: name)
    }
    return ["ReplicaSet", "Job"].contains(resource.kind)
      ? Maker(kind: resource.kind, name: object.name) : nil
  }

  /// The names of the pods of an object; nil where its kind does not tell.
  func pastNames(of reference: ObjectReference) throws -> PastNames? {
    wantsPast ? try PastNames.made(by: reference.resource.kind, reference.name) : nil
  }
}
