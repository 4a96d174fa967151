internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Quantities
internal import Terminal

/// `omcops kube rollout`.
struct KubeRollout: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollout", abstract: "Follow, start, hold and take back rollouts.",
    subcommands: [
      RolloutStatus.self, RolloutRestart.self, RolloutImage.self, RolloutUndo.self,
      RolloutHistory.self, RolloutPause.self, RolloutResume.self,
    ])
}

/// What the commands of `rollout` take.
struct RolloutTargetOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "kind/name, 'kind name', a selector, or a component of omcops.yaml.", valueName: "target"))
  var targets: [String]

  @OptionGroup var kube: KubeOptions

  /// The workloads as they are now.
  func workloads(
    _ context: Context
  ) async throws -> (KubeSession, [(reference: ObjectReference, object: KubeObject)]) {
    let session = try kube.session(context)
    var found: [(reference: ObjectReference, object: KubeObject)] = []
    for reference in try await KubeTargets(session: session, words: targets).workloads() {
      let object = try await session.client.get(
        reference.resource, reference.name, in: reference.namespace)
      found.append((reference, object))
    }
    return (session, found)
  }
}

/// `omcops kube rollout status`.
struct RolloutStatus: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Wait for the end of a rollout, and say why it does not come.",
    discussion: discussion(
      """
      Finished means what kubectl means by it. A pod of the new revision whose image cannot be \
      pulled, whose container keeps ending, or that finds no node, ends the wait with status 1 and \
      the reason when that has lasted for --patience.
      """, exits: [.done, .failed, .usage, .interrupted]))

  @OptionGroup var target: RolloutTargetOptions

  @Option(help: ArgumentHelp("How long to wait in all; 0 for ever.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 0)

  @Option(
    help: ArgumentHelp("How long a new pod may be in trouble.", valueName: "duration"))
  var patience = DurationArgument(seconds: 30)

  @Flag(inversion: .prefixedNo, help: "Wait; else only show how it is now.")
  var watch = true

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let (session, workloads) = try await target.workloads(context)
    var rows: [[Cell]] = []
    for (reference, object) in workloads {
      // A kind without rollouts is refused before anything is waited for.
      let now = try RolloutJudgement(object)
      let end =
        watch ? RolloutJudgement.finished(try await wait(for: reference, session, context)) : now
      rows.append(
        [.text("\(reference)"), Cell(reference.namespace), .text(end.word), .text(end.words)])
    }
    output.emit(RowSet(["object", "namespace", "state", "detail"], rows: rows), to: context)
  }

  private func wait(
    for reference: ObjectReference, _ session: KubeSession, _ context: Context
  ) async throws -> String {
    var rollout = RolloutWatch(
      session.client, reference.resource, reference.name,
      in: reference.namespace ?? session.namespace)
    rollout.timeout = timeout.duration == .zero ? nil : timeout.duration
    rollout.patience = patience.duration
    return try await rollout.run { [error = context.error] in error.write($0.harmless + "\n") }
  }
}

extension RolloutJudgement {
  fileprivate var word: String {
    switch self {
    case .finished: "finished"
    case .waiting: "under-way"
    case .failed: "failed"
    }
  }

  fileprivate var words: String {
    switch self {
    case .finished(let words), .waiting(let words), .failed(let words): words
    }
  }
}

/// What the commands that change a rollout take, and how they do it: all changes are known before
/// the first one is made.
struct RolloutChangeOptions: ParsableArguments {
  @OptionGroup var target: RolloutTargetOptions

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var output: OutputOptions

  func run(
    _ context: Context, _ change: (KubeObject, KubeClient) async throws -> RolloutChange
  ) async throws {
    let (session, workloads) = try await target.workloads(context)
    var changes: [(reference: ObjectReference, change: RolloutChange)] = []
    for (reference, object) in workloads {
      changes.append((reference, try await change(object, session.client)))
    }
    let due = changes.filter { $0.change.action != nil }
    if !plan, !due.isEmpty {
      let words = due.map { "\($0.reference): \($0.change.action ?? "")" }
      try session.require(confirmation.given, for: words.joined(separator: "; "), context)
    }
    for (reference, change) in due {
      _ = try await change.run(with: session.client, on: reference.resource, isDryRun: plan)
    }
    let rows = changes.map { reference, change -> [Cell] in
      [
        .text("\(reference)"), Cell(reference.namespace), Cell(change.action ?? "nothing"),
        .bool(!plan && change.action != nil), Cell(change.reason),
      ]
    }
    output.emit(
      RowSet(["object", "namespace", "action", "changed", "reason"], rows: rows), to: context)
  }
}

/// `omcops kube rollout restart`.
struct RolloutRestart: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart", abstract: "Start all pods of a workload anew, as a rollout.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: RolloutChangeOptions

  func run(_ context: Context) async throws {
    let now = Timestamp.now().rfc3339(fractionDigits: 0)
    try await options.run(context) { object, _ in try RolloutChange.restart(object, at: now) }
  }
}

/// `omcops kube rollout undo`.
struct RolloutUndo: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Go back to the revision before this one, or to another.",
    discussion: discussion(
      "`omcops kube rollout history` shows the revisions.",
      exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: RolloutChangeOptions

  @Option(help: ArgumentHelp("The revision to go back to.", valueName: "number"))
  var toRevision: Int64?

  func validate() throws {
    if let toRevision, toRevision < 1 { throw ValidationError("revisions begin at 1") }
  }

  func run(_ context: Context) async throws {
    try await options.run(context) { object, client in
      try RolloutChange.undo(
        object, to: toRevision, of: try await client.revisions(of: object))
    }
  }
}

/// `omcops kube rollout image`.
struct RolloutImage: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Give a workload another image, as a rollout.",
    discussion: discussion(
      """
      Without --container it is the container whose image has the same repository, or the only one. \
      `omcops kube rollout undo` takes it back.
      """,
      exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: RolloutChangeOptions

  @Option(help: ArgumentHelp("The image; a digest cannot be moved.", valueName: "image"))
  var image: String

  @Option(help: ArgumentHelp("The container that gets it.", valueName: "name"))
  var container: String?

  func run(_ context: Context) async throws {
    try await options.run(context) { object, _ in
      try RolloutChange.image(object, image, container: container)
    }
  }
}

/// `omcops kube rollout pause`.
struct RolloutPause: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause", abstract: "Hold a Deployment's rollout.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: RolloutChangeOptions

  func run(_ context: Context) async throws {
    try await options.run(context) { object, _ in try RolloutChange.pause(object, true) }
  }
}

/// `omcops kube rollout resume`.
struct RolloutResume: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Let a Deployment's rollout go on.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var options: RolloutChangeOptions

  func run(_ context: Context) async throws {
    try await options.run(context) { object, _ in try RolloutChange.pause(object, false) }
  }
}

/// `omcops kube rollout history`.
struct RolloutHistory: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show the revisions of a workload, oldest first.",
    discussion: discussion(exits: [.done, .failed, .usage]))

  @OptionGroup var target: RolloutTargetOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let (session, workloads) = try await target.workloads(context)
    var rows: [[Cell]] = []
    for (reference, object) in workloads {
      for revision in try await session.client.revisions(of: object) {
        rows.append([
          .text("\(reference)"), Cell(revision.number), .text(revision.created),
          .text(revision.images.map { "\($0.container)=\($0.image)" }.joined(separator: " ")),
          Cell(revision.changeCause),
        ])
      }
    }
    output.emit(
      RowSet(
        ["object", .init("revision", isNumeric: true), "created", "images", "change-cause"],
        rows: rows), to: context)
  }
}
