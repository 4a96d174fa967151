public import Diagnostics
internal import JSON

/// Changes how many pods a workload has.
public struct Scaling: Sendable {
  private let client: KubeClient
  private let object: ObjectReference
  private let replicas: Int64

  /// Changes nothing yet.
  public init(_ client: KubeClient, _ object: ObjectReference, to replicas: Int64) {
    self.client = client
    self.object = object
    self.replicas = replicas
  }

  /// How many pods are wanted now.
  public func current() async throws -> Int64 { try await scale()["spec", "replicas"]?.int ?? 0 }

  /// Sets the number. The change is made only to the state that was judged: who changes the object
  /// at the same moment is not overwritten unseen.
  ///
  /// - Throws: `WrongCount` when `expected` pods are not what is wanted now.
  public func run(expecting expected: Int64? = nil) async throws {
    for attempt in 1... {
      let scale = try await scale()
      let count = scale["spec", "replicas"]?.int ?? 0
      if let expected, count != expected {
        throw WrongCount(object: "\(object)", count: count, expected: expected)
      }
      if count == replicas { return }
      do {
        _ = try await client.patch(
          object.resource, object.name, in: object.namespace,
          [
            "metadata": ["resourceVersion": JSON(scale.resourceVersion)],
            "spec": ["replicas": .int(replicas)],
          ], as: .merge, subresource: "scale")
        return
      } catch let error as KubeError where error.code == .conflict && attempt < 10 {
        continue
      }
    }
  }

  /// Waits until so many pods are ready and no other is left.
  public func wait(_ timeout: Duration) async throws {
    let last = LastSeen()
    try await withThrowingTaskGroup(of: Void.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await follow(last) }
      group.addTask {
        try await Task.sleep(for: timeout)
        throw KubeError(
          .timedOut,
          "\(object) did not reach \(replicas) pods within \(timeout.brief): \(last.words)")
      }
      try await group.next()
    }
  }

  private func follow(_ last: LastSeen) async throws {
    let query = ObjectQuery(object.resource, namespace: object.namespace, name: object.name)
    try await ObjectWatch(client, query).first { news -> Void? in
      switch news {
      case .state(let objects):
        guard let found = objects.first else {
          throw KubeError(.notFound, "there is no \(object)")
        }
        return judge(found, last)
      case .changed(let found): return judge(found, last)
      case .deleted: throw KubeError(.hopeless, "\(object) was deleted")
      case .outage(let outage):
        last.note(outage)
        return nil
      }
    }
  }

  private func judge(_ found: KubeObject, _ last: LastSeen) -> Void? {
    let all = found.count("status", "replicas")
    let ready = found.count("status", "readyReplicas")
    last.words = "\(ready) of \(all) pods are ready"
    let isSeen = found.generation <= found.count("status", "observedGeneration")
    let wanted = found["spec", "replicas"]?.int ?? 1
    return isSeen && wanted == replicas && all == replicas && ready == replicas ? () : nil
  }

  private func scale() async throws -> KubeObject {
    let path = object.resource.path(
      namespace: object.namespace, name: object.name, subresource: "scale")
    do {
      return KubeObject(
        try await client.json(APIRequest(path, subject: "read the scale of \(object)")))
    } catch let error as KubeError where error.code == .notFound {
      // The server says the same of an object that is not there, and of one that has no number.
      _ = try await client.get(object.resource, object.name, in: object.namespace)
      throw KubeError(.invalidRequest, "a \(object.resource.kind) cannot be scaled")
    }
  }
}

/// There are not as many pods wanted as somebody thought.
public struct WrongCount: Failure {
  var object: String
  var count: Int64
  var expected: Int64

  /// Describes it.
  public init(object: String, count: Int64, expected: Int64) {
    self.object = object
    self.count = count
    self.expected = expected
  }

  /// The numbers.
  public var message: String {
    "\(object) has \(count) replicas, not \(expected); nothing was changed"
  }
  /// A check did not hold.
  public var status: ExitStatus { .blocked }
}
