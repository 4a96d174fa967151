internal import ArgumentParser
internal import Diagnostics
internal import KubeExec
internal import Quantities
internal import Terminal

/// What `cordon` and `uncordon` take.
struct CordonOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp("Names of nodes, with or without node/.", valueName: "node"))
  var nodes: [String]

  @Flag(name: [.long, .customLong("dry-run")], help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context, isCordoned: Bool) async throws {
    let session = try kube.session(context)
    let names = nodes.map(NodeName.plain)
    // All of them are looked at before the first is changed.
    var isDue: [Bool] = []
    for name in names {
      isDue.append(try await session.client.cordon(name, isCordoned, isDryRun: true))
    }
    if !plan, isDue.contains(true) {
      try session.require(
        confirmation.given,
        for: "\(isCordoned ? "cordon" : "uncordon") node \(names.joined(separator: ", "))", context)
      for name in names { _ = try await session.client.cordon(name, isCordoned) }
    }
    output.emit(
      RowSet(
        ["node", "cordoned", "changed"],
        rows: zip(names, isDue).map { name, isDue in
          [.text(name), .bool(plan ? isDue != isCordoned : isCordoned), .bool(!plan && isDue)]
        }), to: context)
  }
}

/// Nodes by what somebody typed.
enum NodeName {
  /// `node/n1` and `n1` are `n1`.
  static func plain(_ word: String) -> String {
    for kind in ["node/", "nodes/", "no/"] where word.hasPrefix(kind) {
      return String(word.dropFirst(kind.count))
    }
    return word
  }
}

/// `omcops kube cordon`.
struct KubeCordon: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "cordon", abstract: "Let nodes take no new pods.",
    discussion: discussion(
      "Pods that are there stay. `omcops kube uncordon` takes it back.",
      exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: CordonOptions

  func run(_ context: Context) async throws { try await options.run(context, isCordoned: true) }
}

/// `omcops kube uncordon`.
struct KubeUncordon: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "uncordon", abstract: "Let nodes take new pods again.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: CordonOptions

  func run(_ context: Context) async throws { try await options.run(context, isCordoned: false) }
}

/// `omcops kube drain`.
struct KubeDrain: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain", abstract: "Empty a node, as its pods' disruption budgets allow.",
    discussion: discussion(
      """
      The node takes no new pods, and those that it has are evicted, all at once; a pod that a \
      PodDisruptionBudget holds is tried again until it may go, and the budget is named. Pods that \
      would lose something are named before anything is changed (status 4): pods of DaemonSets \
      without --ignore-daemonsets, pods with emptyDir volumes without --delete-emptydir-data, pods \
      without a controller without --force. When --timeout is over, the status is 3, the pods that are \
      left are named with the reason, and the node still takes no new ones.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: ArgumentHelp("The node.", valueName: "node"))
  var node: String

  @Flag(help: "Leave pods of DaemonSets where they are.")
  var ignoreDaemonsets = false

  @Flag(help: "Evict pods with emptyDir volumes too: what is in these is lost.")
  var deleteEmptydirData = false

  @Flag(help: "Evict pods too that no controller brings back.")
  var force = false

  @Option(help: ArgumentHelp("Seconds that pods have to end.", valueName: "n"))
  var gracePeriod: Int?

  @Option(help: ArgumentHelp("How long to go on; 0 for ever.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 0)

  @Flag(name: [.long, .customLong("dry-run")], help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let gracePeriod, gracePeriod < 0 {
      throw ValidationError("--grace-period is \(gracePeriod); 0 is the least")
    }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let name = NodeName.plain(node)
    var permissions = NodeDrain.Permissions()
    permissions.ignoresDaemonSets = ignoreDaemonsets
    permissions.deletesEmptyDirs = deleteEmptydirData
    permissions.includesUnmanaged = force
    let drain = NodeDrain(
      session.client, node: name, permissions, gracePeriodSeconds: gracePeriod)
    let steps = try await drain.plan(asksBudgets: plan)
    if plan {
      show(steps.map(row), context)
      return try drain.check(steps)
    }
    try drain.check(steps)
    try session.require(confirmation.given, for: "drain node \(name)", context)
    let limit = timeout.duration == .zero ? nil : timeout.duration
    let outcome: NodeDrain.Outcome
    do {
      outcome = try await drain.run(timeout: limit) { [error = context.error] text in
        error.write("\(text.harmless)\n")
      }
    } catch is CancellationError {
      context.error.write(
        "node \"\(name)\" still takes no new pods; `omcops kube uncordon \(name)` takes it back\n")
      throw CancellationError()
    }
    let left = steps.filter { if case .leave = $0.action { true } else { false } }
    show(
      outcome.gone.map { pod(pod: $0, "gone", nil) }
        + outcome.left.map { pod(pod: $0.pod, "there", $0.reason) } + left.map(row), context)
    guard outcome.left.isEmpty else {
      throw NotEmpty(
        message:
          "\(outcome.left.count) pod\(outcome.left.count == 1 ? " is" : "s are") still on node "
          + "\"\(name)\", which takes no new ones",
        details: outcome.left.map { "\($0.pod.namespace ?? "")/\($0.pod.name): \($0.reason)" },
        status: outcome.left.allSatisfy(\.isLate) ? .blocked : .failed)
    }
  }

  private func show(_ rows: [[Cell]], _ context: Context) {
    output.emit(RowSet(["namespace", "pod", "outcome", "reason"], rows: rows), to: context)
  }

  private func row(_ step: NodeDrain.Step) -> [Cell] {
    switch step.action {
    case .evict:
      pod(pod: step.pod, step.obstacle == nil ? "would-go" : "would-wait", step.obstacle)
    case .leave(let why): pod(pod: step.pod, "stays", why)
    case .refuse(let why): pod(pod: step.pod, "refused", why)
    }
  }

  private func pod(pod: KubeObject, _ outcome: String, _ reason: String?) -> [Cell] {
    [Cell(pod.namespace), .text(pod.name), .text(outcome), Cell(reason)]
  }
}

/// A node that still has pods.
private struct NotEmpty: Failure {
  var message: String
  var details: [String]
  var hint: String? { "run it again to go on, or `omcops kube uncordon` to take it back" }
  var status: Diagnostics.ExitStatus
}
