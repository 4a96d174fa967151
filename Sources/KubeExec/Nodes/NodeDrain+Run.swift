extension NodeDrain {
  /// How the drain of a node ended.
  public struct Outcome: Sendable {
    /// The pods that are gone.
    public var gone: [KubeObject] = []
    /// The pods that are still there, and why: the time was over, or the server refuses for good.
    public var left: [(pod: KubeObject, reason: String, isLate: Bool)] = []
  }

  /// What came of one pod.
  private enum End: Sendable {
    case gone(KubeObject)
    case late(KubeObject, String)
    case refused(KubeObject, String)
  }

  /// Cordons the node, evicts its pods and waits until they are gone. A pod that a disruption budget
  /// holds is tried again until the time is over.
  ///
  /// - Parameters:
  ///   - timeout: nil for as long as it takes.
  ///   - report: gets in words what happens.
  /// - Throws: before the first eviction, a `KubeError` of code `refused` when a pod has come that may
  ///   not go, or what kept the pods from being seen; then the node takes pods again if it did before.
  public func run(
    timeout: Duration?, _ report: @escaping @Sendable (String) -> Void
  ) async throws -> Outcome {
    let isChanged = try await client.cordon(node, true)
    report("node \"\(node)\" takes no new pods")
    let steps: [Step]
    do {
      // Only now no more can come.
      steps = try await plan(asksBudgets: false)
      try check(steps)
    } catch {
      if isChanged { await uncordon(report) }
      throw error
    }
    let deadline = timeout.map { ContinuousClock.now + $0 }
    return try await withThrowingTaskGroup(of: End.self) { group in
      for step in steps where step.action == .evict {
        group.addTask { try await take(step.pod, until: deadline, report) }
      }
      var outcome = Outcome()
      while let end = try await group.next() {
        switch end {
        case .gone(let pod):
          report("\(NodeDrain.name(pod)) is gone")
          outcome.gone.append(pod)
        case .late(let pod, let reason): outcome.left.append((pod, reason, true))
        case .refused(let pod, let reason): outcome.left.append((pod, reason, false))
        }
      }
      return outcome
    }
  }

  /// Takes the cordon back, or says that it stays.
  private func uncordon(_ report: @Sendable (String) -> Void) async {
    let (client, node) = (client, node)
    do {
      // An interrupted task could send nothing any more.
      _ = try await Task { try await client.cordon(node, false) }.value
      report("node \"\(node)\" takes pods again")
    } catch {
      let reason = (error as? KubeError)?.message ?? "\(error)"
      report("node \"\(node)\" still takes no new pods: \(reason)")
    }
  }

  /// Evicts a pod and waits until it is gone.
  private func take(
    _ pod: KubeObject, until deadline: ContinuousClock.Instant?,
    _ report: @Sendable (String) -> Void
  ) async throws -> End {
    if !pod.isTerminating, let end = try await evict(pod, until: deadline, report) { return end }
    let reference = ObjectReference(.pods, pod.name, in: pod.namespace)
    var waiting = Waiting(client, for: .deleted)
    waiting.uids = [reference: pod.uid]
    let rest = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) }
    switch try await waiting.run([reference], timeout: rest, { _, _ in }).first {
    case .timedOut(let last): return .late(pod, last)
    case .failed(let error): return .refused(pod, error.message)
    case .met, nil: return .gone(pod)
    }
  }

  /// Evicts a pod as soon as it may be; gives an end only where it could not be.
  private func evict(
    _ pod: KubeObject, until deadline: ContinuousClock.Instant?,
    _ report: @Sendable (String) -> Void
  ) async throws -> End? {
    var told: String?
    while true {
      do {
        try await client.evict(
          pod: pod.name, in: pod.namespace ?? "", uid: pod.uid,
          gracePeriodSeconds: gracePeriodSeconds)
        return nil
      } catch let error as KubeError where NodeDrain.isLeaving(error) {
        return nil
      } catch let error as KubeError {
        let pause: Int
        switch error.code {
        case .tooManyRequests: pause = min(error.answer?.retryAfterSeconds ?? 5, 60)
        case .unreachable: pause = 5
        default: return .refused(pod, NodeDrain.reason(error))
        }
        let reason = NodeDrain.reason(error)
        if told != reason { report("\(NodeDrain.name(pod)) waits: \(reason)") }
        told = reason
        let next = ContinuousClock.now + .seconds(max(pause, 1))
        if let deadline, next > deadline {
          try await Task.sleep(until: deadline)
          return .late(pod, reason)
        }
        try await Task.sleep(until: next)
      }
    }
  }
}
