internal import ArgumentParser
internal import LogOps
internal import Patterns

/// Which pods' logs are read, and how much of them.
struct LogPodOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A component of omcops.yaml, kind/name, a selector such as app=web, or a regular expression for "
        + "names of pods.", valueName: "target"))
  var targets: [String] = []

  @Option(
    name: [.customShort("l"), .long],
    help: ArgumentHelp("Pods with these labels.", valueName: "labels"))
  var selector: String?

  @Flag(name: .long, help: "Pods of all namespaces; -A without a number says the same.")
  var allNamespaces = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Only containers whose whole name matches.", valueName: "regex"))
  var container: String?

  @Option(help: ArgumentHelp("No containers whose whole name matches.", valueName: "regex"))
  var excludeContainer: String?

  @Flag(inversion: .prefixedNo, help: "Init containers too.")
  var initContainers = true

  @Flag(inversion: .prefixedNo, help: "Ephemeral containers too.")
  var ephemeralContainers = true

  @Flag(name: .shortAndLong, help: "The instances before the last restart.")
  var previous = false

  @Option(help: ArgumentHelp("Only so many bytes of each container.", valueName: "n"))
  var limitBytes: Int?

  @Option(
    help: ArgumentHelp("Read so many logs at the same time; others queue.", valueName: "n"))
  var maxLogRequests = 900

  @Flag(help: "With --follow: wait for pods where there are none.")
  var wait = false

  @Flag(help: "With --follow: end when all pods have ended, as those of a job do.")
  var exitOnJobEnd = false

  @Flag(
    inversion: .prefixedNo,
    help:
      "The cluster's warnings about the pods, between the lines; the default with -f on a terminal."
  )
  var events: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: ArgumentHelp(
      "Lines that the cluster has no longer, from the environment's Loki; the default with --since and "
        + "--follow where it has one."))
  var loki: Bool?

  @Flag(help: "End with 3 where lines may be missing.")
  var strict = false

  /// Whether anything of this is asked for.
  var isWanted: Bool { !targets.isEmpty || selector != nil }

  func validate() throws {
    if previous, exitOnJobEnd {
      throw ValidationError("--previous and --exit-on-job-end exclude each other")
    }
    guard maxLogRequests >= 1 else {
      throw ValidationError("--max-log-requests is \(maxLogRequests); it must be at least 1")
    }
    if let limitBytes, limitBytes < 1 {
      throw ValidationError("--limit-bytes is \(limitBytes); it must be at least 1")
    }
  }

  /// What is read of the pods of some scopes.
  func follow(
    _ scopes: [PodScope], _ input: LogInputOptions, _ filter: RecordFilter, isTerminal: Bool
  ) throws -> FollowOptions {
    var options = FollowOptions(scopes)
    options.container = try container.map { try Pattern("^(?:\($0))$") }
    options.excludedContainer = try excludeContainer.map { try Pattern("^(?:\($0))$") }
    options.includesInit = initContainers
    options.includesEphemeral = ephemeralContainers
    options.follows = input.follow && !previous
    options.previous = previous
    // Live logs begin near their end, unless somebody says from where.
    let isPlainFollow = input.follow && filter.since == nil && input.tail == nil && !previous
    options.tail = try isPlainFollow ? 20 : input.tailLength()
    options.sinceSecond = filter.since?.seconds
    options.limitBytes = limitBytes
    options.waits = wait
    options.maximumStreams = maxLogRequests
    options.endsWithPods = exitOnJobEnd
    options.showsEvents = options.follows && (events ?? isTerminal)
    options.showsNamespace =
      Set(scopes.map(\.query.namespace)).count > 1
      || scopes.contains { $0.query.namespace == nil }
    return options
  }
}
