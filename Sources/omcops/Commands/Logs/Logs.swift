internal import ArgumentParser
internal import COmc
internal import Diagnostics
internal import JSON
internal import LogOps
internal import Terminal

/// `omcops logs`: reads logs, filters them and lays them out.
struct Logs: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Read, filter and follow the logs of pods and files.",
    discussion: discussion(
      """
      Reads all containers of the pods that are meant, or files (--file, repeatable), or standard \
      input. With --follow new pods and restarts are followed too, and a stream that ends goes on \
      where it stopped: no line twice, none lost that the server still has; what may be missing is \
      told. Followed alone, a log begins with its last 20 lines. With --to each container's log is \
      kept in a file, and a later run goes on where the last one stopped, even a killed one.

      With --since, what the cluster has no longer (pods that are gone, lines that the kubelet has \
      rotated away) comes from the Loki that the environment's loki section in omcops.yaml names, each \
      line once. One that gives no answer is told; with --loki it is an error.

      Lines that belong together, such as a traceback, are one record; filters, context and counts \
      are about records. Levels and times are found in JSON, logfmt, klog, syslog and what Python, \
      Java, nginx and PostgreSQL write; a record without either takes that of the one before it. \
      Secrets are hidden, and on a terminal nothing that a log holds can speak to it. While logs are \
      followed, the key s or SIGUSR1 prints a summary.

      A check that did not hold (status 3) is a --fail-on that was found, a --until-match or --expect \
      that was not, no pod that matches, or lines that may be missing with --strict.
      """, exits: [.done, .failed, .usage, .blocked, .locked, .interrupted]))

  @OptionGroup(title: "Pods") var pods: LogPodOptions
  @OptionGroup(title: "Input") var input: LogInputOptions
  @OptionGroup(title: "Filters") var filter: LogFilterOptions
  @OptionGroup(title: "Layout") var layout: LogLayoutOptions
  @OptionGroup(title: "Files") var keep: LogKeepOptions
  @OptionGroup(title: "For scripts") var watch: LogWatchOptions
  @OptionGroup(title: "Cluster") var cluster: ClusterOptions

  @Option(
    help: ArgumentHelp("Environment of omcops.yaml, whose cluster is meant.", valueName: "name"))
  var environment: String?

  func validate() throws {
    if input.follow, input.file.contains("-") {
      throw ValidationError("standard input ends by itself: --follow is for pods and files")
    }
    if input.sort != nil, filter.hasContext {
      throw ValidationError("-A, -B and -C show neighbours in one source: leave --sort out")
    }
    if pods.wait || pods.exitOnJobEnd, !input.follow {
      throw ValidationError("--wait and --exit-on-job-end go with --follow")
    }
    if !input.file.isEmpty, isOfPods {
      throw ValidationError("give targets or --file, not both")
    }
    try validateHistory()
    if keep.to != nil { try validateKeeping() }
  }

  private func validateKeeping() throws {
    guard isOfPods else { throw ValidationError("--to keeps logs of pods: say which") }
    let others = [
      ("--previous", pods.previous), ("--limit-bytes", pods.limitBytes != nil),
      ("--sort", input.sort != nil), ("--summary", input.summary),
    ]
    if let other = others.first(where: \.1) {
      throw ValidationError(
        "--to keeps each log as it comes, for a later run to go on: leave \(other.0) out")
    }
  }

  /// Whether logs of pods are meant.
  private var isOfPods: Bool { pods.isWanted || filter.everywhere?.isEverywhere == true }

  func run(_ context: Context) async throws {
    if !isOfPods, input.file.isEmpty, context.input.isTerminal { throw NoLogs() }
    // One thread reads and lays out; hundreds of logs are to stay small.
    omc_share_heap()
    var options = LogOptions()
    options.filter = try filter.filter(now: .now())
    let sources = keep.to != nil ? 1 : isOfPods ? 2 : input.file.count
    options.style = try layout.style(
      context, sources: sources, noColor: cluster.global.noColor, toFiles: keep.to != nil)
    options.style.highlights += options.filter.include
    options.watch = try watch.watch()
    options.tail = try isOfPods ? nil : input.tailLength()
    options.order = input.sort?.window
    options.prints = !input.summary
    options.summarizes = input.summary || input.follow && context.error.isTerminal
    options.zone = layout.zone?.seconds ?? 0
    options.folder = try keep.folder(since: options.filter.since)
    if let folder = options.folder { options.filter.since = folder.since }
    let pipeline = try LogPipeline(options, descriptor: 1)
    let requests = SummaryRequests(pipeline, context, zone: options.zone)
    let (ending, failures) =
      isOfPods
      ? try await readPods(pipeline, requests, options, context)
      : try await readFiles(pipeline, requests, options)
    try report(ending, failures, pipeline, options, context)
  }

  private func readFiles(
    _ pipeline: LogPipeline, _ requests: SummaryRequests, _ options: LogOptions
  ) async throws -> (Ending, [any Failure]) {
    let reading = try LogFiles(
      input.file.isEmpty ? ["-"] : input.file, follows: input.follow, into: pipeline)
    let ending = try await requests.answering(when: options.summarizes) { try await reading.run() }
    return (ending, await reading.failures)
  }

  private func readPods(
    _ pipeline: LogPipeline, _ requests: SummaryRequests, _ options: LogOptions,
    _ context: Context
  ) async throws -> (Ending, [any Failure]) {
    let session = try cluster.session(context, environment: environment)
    let everywhere = pods.allNamespaces || filter.everywhere?.isEverywhere == true
    let words = pods.targets + (filter.everywhere?.target.map { [$0] } ?? [])
    let history = try history(session, options.filter, context)
    var scopes = try await LogScopes(
      session: session, namespace: everywhere ? nil : session.namespace,
      wantsPast: history != nil && options.filter.since != nil
    ).scopes(words, selector: pods.selector)
    if scopes.isEmpty { scopes = [LogScopes.everything(everywhere ? nil : session.namespace)] }
    var follow = try pods.follow(
      scopes, input, options.filter, isTerminal: context.error.isTerminal)
    follow.history = history
    if let folder = options.folder {
      // All that was written since an earlier run is wanted.
      follow.tail = folder.isContinued ? nil : try input.tailLength()
    }
    let style = cluster.global.style(context)
    let notices = LogNotices { [error = context.error] text in
      error.write(style.faint("-- \(text) --") + "\n")
    }
    let reading = PodLogs(session.client, follow, into: pipeline, notices: notices)
    let ending = try await requests.answering(when: options.summarizes) { try await reading.run() }
    let lost = notices.lost
    return (ending, lost > 0 && pods.strict ? [LinesMissing(count: lost)] : [])
  }

  private func report(
    _ ending: Ending, _ failures: [any Failure], _ pipeline: LogPipeline, _ options: LogOptions,
    _ context: Context
  ) throws {
    if input.summary, let summary = pipeline.summary {
      let newest = pipeline.newestGeneration
      context.output.write(
        layout.output == .json
          ? summary.json(newest: newest).text(.pretty) + "\n"
          : summary.text(zone: options.zone, newest: newest))
    }
    if pipeline.late > 0 {
      context.error.write(
        "\(pipeline.late) records came too late to stand in their place; --sort=1s waits longer\n")
    }
    switch ending {
    case .failed(let pattern, let source):
      throw LogCheckFailed(message: "\(source) says what --fail-on \"\(pattern)\" is about")
    case .missing(let pattern, let reason):
      throw LogCheckFailed(message: "no record matched \"\(pattern)\": \(reason)")
    case .ended, .enough, .matched, .timedOut: break
    }
    guard let first = failures.first else { return }
    throw LogsIncomplete(first: first, others: failures.dropFirst().map(\.message))
  }
}

/// What was waited for was not said, or what must not be said was.
private struct LogCheckFailed: Failure {
  var message: String
  var status: Diagnostics.ExitStatus { .blocked }
}

/// Lines may be missing, and that matters.
private struct LinesMissing: Failure {
  var count: Int
  var message: String { "lines may be missing in \(count) place\(count == 1 ? "" : "s")" }
  var hint: String? { "what stands between the lines says where" }
  var status: Diagnostics.ExitStatus { .blocked }
}

/// Some of the logs could not be read; the rest was shown.
private struct LogsIncomplete: Failure {
  var first: any Failure
  var others: [String]
  var message: String { first.message }
  var details: [String] { first.details + others }
  var hint: String? { first.hint }
  var status: Diagnostics.ExitStatus { first.status }
}

/// Nobody said which logs.
private struct NoLogs: Failure {
  var message: String { "nothing says which logs are meant" }
  var hint: String? {
    "name a component, kind/name, a selector or part of a pod's name; or a file with --file"
  }
  var status: Diagnostics.ExitStatus { .usage }
}
