internal import JSON
internal import Synchronization

/// How a Job ended.
public struct JobReport: Sendable {
  /// The Job at its end.
  public var job: KubeObject
  /// Why it failed, as the Job itself says: `BackoffLimitExceeded: ...`; nil where it succeeded.
  public var failure: String?
  /// How its containers ended, those of pods that are gone too as far as they were seen.
  public var pods: [PodEnd]

  /// The containers that ended badly.
  public var bad: [PodEnd] { pods.filter { !$0.isGood } }
}

/// Waits for the end of a Job, and finds out how it came.
public struct JobWatch: Sendable {
  private let client: KubeClient
  private let job: KubeObject
  private let namespace: String
  /// How long to wait; nil for as long as it takes.
  public var timeout: Duration?

  /// Waits for nothing yet.
  ///
  /// - Parameter job: as the server gave it when it was made.
  public init(_ client: KubeClient, _ job: KubeObject, in namespace: String) {
    self.client = client
    self.job = job
    self.namespace = namespace
  }

  /// The query for the pods of the Job.
  public var pods: ObjectQuery {
    ObjectQuery(
      .pods, namespace: namespace,
      labelSelector: LabelSelector.text(of: job) ?? "job-name=\(job.name)")
  }

  private var subject: String { "job \"\(job.name)\"" }

  /// Waits until the Job is over.
  ///
  /// - Parameter report: gets in words what happens: numbers, pods that end badly or cannot run.
  /// - Throws: a `KubeError` of code `timedOut` with what was seen last, `hopeless` when somebody has
  ///   deleted the Job, or what the server refuses.
  public func run(_ report: @escaping @Sendable (String) -> Void) async throws -> JobReport {
    let seen = JobSeen()
    return try await withThrowingTaskGroup(of: JobReport?.self) { group in
      defer { group.cancelAll() }
      group.addTask { try await followJob(seen, report) }
      group.addTask {
        try await followPods(seen, report)
        return nil
      }
      if let timeout {
        group.addTask {
          try await Task.sleep(for: timeout)
          throw KubeError(
            .timedOut, "\(subject) did not end within \(timeout.brief): \(seen.words)",
            details: seen.troubles + seen.ends.all.filter { !$0.isGood }.map(\.description))
        }
      }
      while let next = try await group.next() {
        if let result = next { return result }
      }
      throw CancellationError()
    }
  }

  private func followJob(
    _ seen: JobSeen, _ report: @escaping @Sendable (String) -> Void
  ) async throws -> JobReport {
    let query = ObjectQuery(.jobs, namespace: namespace, name: job.name)
    let (last, failure) = try await ObjectWatch(client, query).first { news in
      switch news {
      case .state(let objects):
        guard let found = objects.first(where: { $0.uid == job.uid }) else { throw gone() }
        return judge(found, seen, report)
      case .changed(let found) where found.uid == job.uid: return judge(found, seen, report)
      case .deleted(let found) where found.uid == job.uid:
        // One that is removed as soon as it is over shows its end only here.
        guard let end = judge(found, seen, report) else { throw gone() }
        return end
      case .changed, .deleted: return nil
      case .outage(let outage):
        report("\(outage)")
        return nil
      }
    }
    do {
      // The pods' own watch may be behind.
      for pod in try await client.list(pods).items { _ = seen.ends.take(pod) }
    } catch let error as KubeError where error.code == .forbidden {
      // Whoever may not look at pods is told of the Job alone.
    }
    return JobReport(job: last, failure: failure, pods: seen.ends.all)
  }

  private func gone() -> KubeError {
    KubeError(.hopeless, "\(subject) was deleted before it ended")
  }

  /// The Job and why it failed, once it is over. Only these two conditions are final.
  private func judge(
    _ job: KubeObject, _ seen: JobSeen, _ report: (String) -> Void
  ) -> (KubeObject, String?)? {
    if job.holds("Complete") { return (job, nil) }
    if job.holds("Failed") {
      let failed = job.condition("Failed")
      let words = [failed?["reason"]?.string, failed?["message"]?.string].compactMap { $0 }
        .filter { !$0.isEmpty }
      return (job, words.isEmpty ? "Failed" : words.joined(separator: ": "))
    }
    if seen.note(JobWatch.words(job)) { report("\(subject): \(seen.words)") }
    return nil
  }

  private static func words(_ job: KubeObject) -> String {
    if job["spec", "suspend"]?.bool == true { return "it is suspended" }
    let wanted = job["spec", "completions"]?.int.map { " of \($0)" } ?? ""
    return "\(job.count("status", "active")) active, "
      + "\(job.count("status", "succeeded"))\(wanted) succeeded, "
      + "\(job.count("status", "failed")) failed"
  }

  private func followPods(
    _ seen: JobSeen, _ report: @escaping @Sendable (String) -> Void
  ) async throws {
    do {
      let _: Never = try await ObjectWatch(client, pods).first { news in
        switch news {
        case .state(let pods): for pod in pods { look(pod, seen, report) }
        case .changed(let pod), .deleted(let pod): look(pod, seen, report)
        case .outage: break  // the Job's own watch says so
        }
        return nil
      }
    } catch let error as KubeError where error.code == .forbidden {
      report("how the pods do cannot be seen: \(error.message)")
    }
  }

  private func look(_ pod: KubeObject, _ seen: JobSeen, _ report: (String) -> Void) {
    for end in seen.ends.take(pod) where !end.isGood { report("\(end)") }
    // How a pod ended is told above.
    let isOver = pod["status", "phase"]?.string == "Failed"
    for trouble in seen.take(isOver ? [] : PodTrouble.all(of: pod), of: pod.uid) { report(trouble) }
  }
}

/// What is known of a Job under way.
private final class JobSeen: Sendable {
  let ends = PodEnds()
  private struct State {
    var words = "nothing was seen of it"
    var troubles: [String: [String]] = [:]
  }
  private let state = Mutex(State())

  var words: String { state.withLock { $0.words } }

  /// What keeps pods from running now.
  var troubles: [String] { state.withLock { $0.troubles.values.flatMap(\.self) } }

  /// Whether the words are new.
  func note(_ words: String) -> Bool {
    state.withLock { state in
      defer { state.words = words }
      return state.words != words
    }
  }

  /// Takes what ails a pod, and gives the words that are new.
  func take(_ troubles: [PodTrouble], of uid: String) -> [String] {
    let words = troubles.map(\.description)
    return state.withLock { state in
      let known = state.troubles[uid] ?? []
      state.troubles[uid] = words
      return words.filter { !known.contains($0) }
    }
  }
}
