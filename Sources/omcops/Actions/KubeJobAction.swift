internal import JSON
internal import KubeExec
internal import LogOps
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.job`: a Job run to its end. It fails where the Job does; of what the pods wrote the end is kept.
///
/// The Job carries the run's id and the step's place: a run that is resumed waits for the Job that it
/// has started, and one of the same step that failed makes room for another attempt.
struct KubeJobAction: Action {
  let cluster: RunCluster

  let name = "kube.job"
  let effect = Effect.write
  let parameters = [
    ActionParameter("manifest", .any), ActionParameter("from", .string),
    ActionParameter("name", .string), KubeParameters.namespace,
    ActionParameter("timeout", .duration), ActionParameter("delete", .bool),
  ]
  let result = Shape.object([
    "job": .string, "namespace": .string, "succeeded": .number, "failed": .number,
    "stdout": .string,
  ])

  private static let mark = "omcops/run"
  /// What is kept of the logs, from their end.
  private static let keptLines = 2000

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let session = try cluster.session(for: call)
      let wanted = try await wanted(call, session)
      let place = wanted.namespace ?? session.namespace
      let job = try await started(wanted, in: place, call, session)
      var watch = JobWatch(session.client, job, in: place)
      watch.timeout = call.duration("timeout")
      let report = try await end(of: watch, job, in: place, call)
      let log = try await log(of: watch.pods, session)
      if let failure = report.failure {
        let lines = log.split(separator: "\n").suffix(5).map { String($0.prefix(300)) }
        let error = KubeError(
          .hopeless, "job \"\(job.name)\" failed: \(failure)",
          details: report.bad.map(\.description)
            + (lines.isEmpty ? [] : ["its last words: " + lines.joined(separator: " / ")]))
        throw ActionError(error, writes: true).keeping(stdout: Array(log.utf8))
      }
      if call.with["delete"]?.bool == true {
        try await session.client.delete(.jobs, job.name, in: place, uid: job.uid)
      }
      return ActionOutcome(
        result: value(report.job, in: place, log), stdout: Array(log.utf8))
    }
  }

  /// There when the Job of this run is complete. One that runs is waited for by `run`.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let session = try cluster.session(for: call)
      let wanted = try await wanted(call, session)
      let place = wanted.namespace ?? session.namespace
      guard let job = try await session.client.find(.jobs, wanted.name, in: place),
        job.annotation(Self.mark) == mark(call)
      else {
        // One that is taken away at its end leaves no trace of having been.
        let leaves =
          call.with["delete"]?.bool != true
          && wanted["spec", "ttlSecondsAfterFinished"] == nil
        return leaves ? .absent : .unknown
      }
      guard job.holds("Complete") else { return .absent }
      let pods = JobWatch(session.client, job, in: place).pods
      return .there(value(job, in: place, try await log(of: pods, session)))
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    var words = "omcops kube job run --follow"
    if let name = with["name"]?.text { words += " --name \(shellQuoted(name))" }
    if let timeout = with["timeout"]?.text { words += " --timeout \(timeout)" }
    if with["delete"]?.bool == true { words += " --delete" }
    if let namespace = with["namespace"]?.text { words += " -n \(shellQuoted(namespace))" }
    if let from = with["from"]?.text { return "\(words) \(shellQuoted(from))" }
    return "\(words) - <<< \(shellQuoted(KubeParameters.manifest(with["manifest"] ?? .null)))"
  }

  /// The Job as the step describes it, with a name that the same run finds again.
  private func wanted(_ call: ActionCall, _ session: KubeSession) async throws -> KubeObject {
    let name = call.with["name"]?.string
    switch (call.with["from"]?.string, call.with["manifest"]) {
    case (let from?, nil):
      let parts = from.split(separator: "/").map(String.init)
      guard parts.count == 2, KubeResource.cronJobs.answers(to: parts[0]) else {
        throw ActionError(.other, "from is \"\(from)\"; it must be cronjob/NAME")
      }
      let resource = try await session.client.resource(named: "cronjobs")
      let found = try await session.client.get(resource, parts[1], in: session.namespace)
      let line = call.place.split(separator: ":").dropFirst().first ?? "0"
      let own = "\(parts[1].prefix(48))-\(call.run.shortID)-\(line)"
      return try JobTemplate.job(of: found, named: name ?? own).annotated(Self.mark, mark(call))
    case (nil, let manifest?):
      let manifests = try Manifest.read(
        Array(KubeParameters.manifest(manifest).utf8), file: "manifest",
        allowsGeneratedNames: name != nil)
      let job = try JobTemplate.job(of: manifests, file: "manifest", named: name)
      return job.annotated(Self.mark, mark(call))
    default:
      throw ActionError(.other, "kube.job needs either manifest or from: what to run")
    }
  }

  /// The Job as the server has it: this run's own that is there already, or a new one.
  private func started(
    _ wanted: KubeObject, in place: String, _ call: ActionCall, _ session: KubeSession
  ) async throws -> KubeObject {
    let client = session.client
    guard let present = try await client.find(.jobs, wanted.name, in: place) else {
      return try await client.create(job: wanted, in: place)
    }
    guard present.annotation(Self.mark) == mark(call) else {
      throw KubeError(
        .conflict, "there is a job \"\(wanted.name)\" already, which this step did not start",
        hint: "give the step a name of its own, or delete that job")
    }
    guard present.holds("Failed") else { return present }
    call.progress("another attempt of job \"\(wanted.name)\"")
    try await client.delete(.jobs, present.name, in: place, uid: present.uid)
    let isGone = try await call.poll(for: KubeScaleAction.patience) { () -> Bool? in
      try await client.find(.jobs, present.name, in: place) == nil ? true : nil
    }
    guard isGone != nil else {
      throw KubeError(.timedOut, "job \"\(present.name)\" failed before, and does not go away")
    }
    return try await client.create(job: wanted, in: place)
  }

  /// Waits. A Job that is late goes on, and may have its effect yet.
  private func end(
    of watch: JobWatch, _ job: KubeObject, in place: String, _ call: ActionCall
  ) async throws -> JobReport {
    do {
      return try await watch.run(call.progress)
    } catch let error as KubeError where error.code == .timedOut {
      let details = error.details.isEmpty ? "" : ": " + error.details.joined(separator: "; ")
      throw ActionError(
        .timeout, "\(error.message)\(details); it goes on",
        hint: "`omcops kube delete job/\(job.name) -n \(place)` ends it", isInDoubt: true)
    }
  }

  private func mark(_ call: ActionCall) -> String { "\(call.run.id)/\(call.place)" }

  /// The end of what the pods wrote, secrets hidden.
  private func log(of pods: ObjectQuery, _ session: KubeSession) async throws -> String {
    var follow = FollowOptions([PodScope("the job", pods)])
    follow.tail = Self.keptLines
    follow.limitBytes = 1 << 20
    let output = try MemoryFile()
    let pipeline = try LogPipeline(LogOptions(), descriptor: output.descriptor)
    do {
      _ = try await PodLogs(session.client, follow, into: pipeline, notices: LogNotices { _ in })
        .run()
    } catch is NoPods {
      return ""  // the cluster has cleaned up already
    }
    return output.text()
  }

  private func value(_ job: KubeObject, in place: String, _ log: String) -> Value {
    [
      "job": .string(job.name), "namespace": .string(place),
      "succeeded": .int(job["status", "succeeded"]?.int ?? 0),
      "failed": .int(job["status", "failed"]?.int ?? 0), "stdout": .string(log),
    ]
  }
}
