internal import JSON

/// Waits until objects are as somebody wants them.
public struct Waiting: Sendable {
  private let client: KubeClient
  private let condition: WaitCondition
  /// Which objects are meant, where others of the same names may come; without it those that are there
  /// at the beginning.
  public var uids: [ObjectReference: String] = [:]

  /// Waits for nothing yet.
  public init(_ client: KubeClient, for condition: WaitCondition) {
    self.client = client
    self.condition = condition
  }

  /// How the wait for one object ended.
  public enum Outcome: Sendable {
    case met
    /// Not in time; what was seen last.
    case timedOut(String)
    /// Not, and never.
    case failed(KubeError)
  }

  /// Waits for all of the objects at once; gives an outcome for each, in their order.
  ///
  /// - Parameter finished: gets each object as its wait ends.
  public func run(
    _ objects: [ObjectReference], timeout: Duration?,
    _ finished: @escaping @Sendable (ObjectReference, Outcome) -> Void
  ) async throws -> [Outcome] {
    try await withThrowingTaskGroup(of: (Int, Outcome).self) { group in
      for (index, object) in objects.enumerated() {
        group.addTask {
          let outcome = try await outcome(of: object, timeout: timeout)
          finished(object, outcome)
          return (index, outcome)
        }
      }
      var outcomes: [Int: Outcome] = [:]
      for try await (index, outcome) in group { outcomes[index] = outcome }
      return objects.indices.compactMap { outcomes[$0] }
    }
  }

  private func outcome(
    of object: ObjectReference, timeout: Duration?
  ) async throws -> Outcome {
    let last = LastSeen()
    return try await withThrowingTaskGroup(of: Outcome.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        do {
          return try await follow(object, last)
        } catch let error as KubeError {
          return .failed(error)
        }
      }
      if let timeout {
        group.addTask {
          try await Task.sleep(for: timeout)
          return .timedOut(last.words)
        }
      }
      return try await group.next() ?? .timedOut(last.words)
    }
  }

  private func follow(_ object: ObjectReference, _ last: LastSeen) async throws -> Outcome {
    let query = ObjectQuery(object.resource, namespace: object.namespace, name: object.name)
    let begun = Beginning()
    begun.uid = uids[object]
    return try await ObjectWatch(client, query).first { news in
      switch news {
      case .state(let objects):
        guard let found = objects.first else {
          if condition == .deleted { return .met }
          if condition == .created {
            last.words = "it is not there yet"
            return nil
          }
          return .failed(KubeError(.notFound, "there is no \(object)"))
        }
        return judge(found, begun, last)
      case .changed(let found): return judge(found, begun, last)
      case .deleted:
        if condition == .deleted { return .met }
        return .failed(KubeError(.hopeless, "\(object) was deleted"))
      case .outage(let outage):
        last.note(outage)
        return nil
      }
    }
  }

  private func judge(_ object: KubeObject, _ begun: Beginning, _ last: LastSeen) -> Outcome? {
    // Another object of the same name: the one that was to go is gone.
    if condition == .deleted, let uid = begun.uid, uid != object.uid { return .met }
    begun.uid = begun.uid ?? object.uid
    if condition.holds(for: object) { return .met }
    let name = "\(object.kind.lowercased()) \"\(object.name)\""
    if let reason = condition.hopelessness(of: object) {
      return .failed(KubeError(.hopeless, "\(name) \(reason)"))
    }
    last.words = words(object)
    return nil
  }

  private func words(_ object: KubeObject) -> String {
    let trouble = object.kind == "Pod" ? PodTrouble.all(of: object).first : nil
    if let trouble { return "\(trouble)" }
    switch condition {
    case .condition(let name, _):
      guard let condition = object.condition(name) else { return "it has no condition \(name)" }
      let why = [condition["reason"]?.string, condition["message"]?.string].compactMap { $0 }
        .filter { !$0.isEmpty }.joined(separator: ": ")
      return "\(name) is \(condition["status"]?.string ?? "?")" + (why.isEmpty ? "" : ": \(why)")
    case .path(let path, _):
      let value = path.value(in: object.json)
      return value.map { "\(path) is \($0.string ?? $0.text())" } ?? "it has no \(path)"
    case .deleted:
      guard object.isTerminating else { return "it is still there" }
      return "it is terminating" + (object.held.map { ", held by \($0)" } ?? "")
    case .created: return "it is there"
    }
  }
}
