internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import LogOps
internal import Quantities
internal import SystemPackage
internal import Terminal

/// `omcops kube job`.
struct KubeJob: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Run work with an end.", subcommands: [JobRun.self])
}

/// `omcops kube job run`.
struct JobRun: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Start a Job, wait for its end and say how it came.",
    discussion: discussion(
      """
      WHAT is a file of YAML or JSON with one Job (- for standard input), or cronjob/NAME: then the \
      Job is what that CronJob would start now. --follow prints the logs of all its pods, retries \
      too, to their ends. Standard error tells of pods that fail or cannot run.

      Status 0: the Job is complete. 1: it failed, with its own reason (backoff limit, deadline) and \
      the exit code of each container that ended badly. 3: it was not over within --timeout. A Job \
      that was not over, or was interrupted, goes on in the cluster, unless --delete is given, which \
      takes the Job and its pods away however it went.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: ArgumentHelp("File with a Job, or cronjob/NAME.", valueName: "what"))
  var what: String

  @Option(help: ArgumentHelp("The Job's name, instead of the file's own.", valueName: "name"))
  var name: String?

  @Flag(name: .shortAndLong, help: "Print the logs of its pods.")
  var follow = false

  @Option(help: ArgumentHelp("How long it may take; 0 for ever.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 0)

  @Flag(help: "Delete the Job and its pods in the end, however it went.")
  var delete = false

  @Flag(help: "Only ask the server whether it would take the Job.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if follow, output.output != .table {
      throw ValidationError("with --follow standard output has the logs: leave --output out")
    }
    if follow, plan { throw ValidationError("--plan runs nothing that --follow could print") }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context, readsInput: what == "-")
    let wanted = try await job(session, context)
    let place = wanted.namespace ?? session.namespace
    if plan {
      let job = try await session.client.create(job: wanted, in: place, isDryRun: true)
      return show(job, place, "would-start", nil, context)
    }
    try session.require(confirmation.given, for: "run a job from \(what)", context)
    let job = try await session.client.create(job: wanted, in: place)
    context.error.write("job \"\(job.name)\" started in namespace \"\(place)\"\n")
    let ending = JobEnding(session: session, job: job, namespace: place, deletes: delete)
    let report: JobReport
    do {
      report = try await watch(job, in: place, session, context)
    } catch {
      throw await ending.after(error, context)
    }
    try await ending.end(context)
    if !follow {
      show(report.job, place, report.failure == nil ? "complete" : "failed", report, context)
    }
    if let failure = report.failure {
      throw KubeError(
        .hopeless, "job \"\(job.name)\" failed: \(failure)", details: report.bad.map(\.description))
    }
    if follow { context.error.write("job \"\(job.name)\" is complete\n") }
  }

  private func job(_ session: KubeSession, _ context: Context) async throws -> KubeObject {
    let parts = what.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let isFile = [".yaml", ".yml", ".json"].contains(where: what.hasSuffix)
    if parts.count == 2, !isFile, KubeResource.cronJobs.answers(to: parts[0]) {
      let resource = try await session.client.resource(named: "cronjobs")
      let found = try await session.client.get(resource, parts[1], in: session.namespace)
      return try JobTemplate.job(of: found, named: name)
    }
    let file = what == "-" ? "standard input" : what
    let bytes = try what == "-" ? context.input.readAll() : ManifestFolder.bytes(what, in: context)
    let manifests = try Manifest.read(bytes, file: file, allowsGeneratedNames: true)
    return try JobTemplate.job(of: manifests, file: file, named: name)
  }

  private func watch(
    _ job: KubeObject, in place: String, _ session: KubeSession, _ context: Context
  ) async throws -> JobReport {
    var watch = JobWatch(session.client, job, in: place)
    watch.timeout = timeout.duration == .zero ? nil : timeout.duration
    let tell: @Sendable (String) -> Void = { [error = context.error] text in
      error.write("\(text.harmless)\n")
    }
    guard follow else { return try await watch.run(tell) }
    return try await JobLogs(session: session, watch: watch, job: job).run(
      noColor: kube.global.noColor, context, tell)
  }

  private func show(
    _ job: KubeObject, _ place: String, _ outcome: String, _ report: JobReport?,
    _ context: Context
  ) {
    var record = Record()
    record.add("job", .string(job.name))
    record.add("namespace", .string(place))
    record.add("outcome", .string(outcome))
    record.add("reason", JSON(report?.failure))
    record.add("started", JSON(job["status", "startTime"]?.string))
    record.add("completed", JSON(job["status", "completionTime"]?.string))
    record.add("succeeded", job["status", "succeeded"] ?? 0)
    record.add("failed", job["status", "failed"] ?? 0)
    let ends = report?.pods ?? []
    record.add(
      "pods",
      .array(
        ends.map {
          [
            "pod": .string($0.pod), "container": JSON($0.container), "exit-code": JSON($0.exitCode),
            "reason": .string($0.reason), "message": .string($0.message),
          ]
        }), text: ends.isEmpty ? "-" : ends.map(\.description).joined(separator: "; "))
    output.emit(record, to: context)
  }
}

/// What becomes of a Job that nobody waits for any more.
private struct JobEnding: Sendable {
  let session: KubeSession
  let job: KubeObject
  let namespace: String
  let deletes: Bool

  /// Takes the Job away if that was asked for.
  func end(_ context: Context) async throws {
    guard deletes else { return }
    // An interrupted task could send nothing any more.
    let (client, job, namespace) = (session.client, job, namespace)
    try await Task {
      do {
        try await client.delete(.jobs, job.name, in: namespace, uid: job.uid)
      } catch let error as KubeError where error.code == .notFound {
        // Somebody was faster.
      }
    }.value
    context.error.write("job \"\(job.name)\" was deleted, with its pods\n")
  }

  /// The error to end with, when waiting was over before the Job was.
  func after(_ error: any Error, _ context: Context) async -> any Error {
    let isOpen = (error as? KubeError)?.code != .hopeless
    guard isOpen else { return error }
    do {
      try await end(context)
    } catch let other {
      context.error.write("job \"\(job.name)\" could not be deleted: \(other)\n")
    }
    if !deletes {
      context.error.write(
        "job \"\(job.name)\" goes on; `omcops kube delete job/\(job.name) -n \(namespace)` ends it\n"
      )
    }
    if let late = error as? KubeError, late.code == .timedOut {
      return JobLate(message: late.message, details: late.details)
    }
    return error
  }
}

/// A Job was not over in time.
private struct JobLate: Failure {
  var message: String
  var details: [String]
  var status: Diagnostics.ExitStatus { .blocked }
}

/// The logs of a Job's pods, while it is waited for.
private struct JobLogs {
  let session: KubeSession
  let watch: JobWatch
  let job: KubeObject

  /// Prints the logs to their ends; comes back with how the Job ended.
  func run(
    noColor: Bool, _ context: Context, _ tell: @escaping @Sendable (String) -> Void
  ) async throws -> JobReport {
    let outcome = Task { [watch] in try await watch.run(tell) }
    defer { outcome.cancel() }
    var follow = FollowOptions([PodScope("job \"\(job.name)\"", watch.pods)])
    follow.follows = true
    follow.waits = true
    follow.lastPods = { _ = try await outcome.value }
    var options = LogOptions()
    options.style.isTerminal = context.output.isTerminal
    options.style.isColoured =
      Style(for: context.output, environment: context.environment, disabled: noColor).isColoured
    options.style.hasPrefix = hasSeveral
    let pipeline = try LogPipeline(options, descriptor: 1)
    let style = Style(for: context.error, environment: context.environment, disabled: noColor)
    let notices = LogNotices { [error = context.error] text in
      error.write(style.faint("-- \(text) --") + "\n")
    }
    let logs = PodLogs(session.client, follow, into: pipeline, notices: notices)
    return try await withTaskCancellationHandler {
      _ = try await logs.run()
      return try await outcome.value
    } onCancel: {
      outcome.cancel()
    }
  }

  /// Whether lines may be of several containers at the same time.
  private var hasSeveral: Bool {
    let containers = ["containers", "initContainers"].map { key in
      job["spec", "template", "spec"]?[key]?.array?.count ?? 0
    }
    return containers.reduce(0, +) > 1 || job["spec", "parallelism"]?.int ?? 1 > 1
  }
}
