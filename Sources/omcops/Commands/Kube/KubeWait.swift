internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube wait`.
struct KubeWait: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "wait", abstract: "Wait until objects are as you want them.",
    discussion: discussion(
      """
      TARGET is kind/name, 'kind name...', a kind with -l, a selector (of pods), or a component of \
      omcops.yaml. A Job that has failed ends a wait for its completion. When time is over, the \
      status is 3, and standard error says what was seen last.
      """, exits: [.done, .failed, .usage, .blocked, .interrupted]))

  @Argument(help: ArgumentHelp("What to wait for.", valueName: "target"))
  var targets: [String]

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "condition=NAME[=VALUE], delete, create, or jsonpath='{PATH}'[=VALUE].", valueName: "what"))
  var condition: WaitArgument

  @Option(name: [.customShort("l"), .long], help: "All objects of the kind with these labels.")
  var selector: String?

  @Option(help: ArgumentHelp("How long to wait; 0 for ever.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 30)

  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let objects: [ObjectReference]
    do {
      objects = try await KubeTargets(session: session, words: targets, selector: selector)
        .objects()
    } catch let nothing as NothingMatches {
      // What is not there need not be waited for until it is gone.
      guard condition.condition == .deleted else { throw nothing }
      objects = []
    }
    let limit = timeout.duration == .zero ? nil : timeout.duration
    let outcomes = try await Waiting(session.client, for: condition.condition)
      .run(objects, timeout: limit) { _, _ in }
    let rows = zip(objects, outcomes).map { object, outcome -> [Cell] in
      [.text("\(object)"), Cell(object.namespace), .text(outcome.word), Cell(outcome.reason)]
    }
    output.emit(RowSet(["object", "namespace", "outcome", "reason"], rows: rows), to: context)
    try fail(objects, outcomes, limit)
  }

  private func fail(
    _ objects: [ObjectReference], _ outcomes: [Waiting.Outcome], _ limit: Duration?
  ) throws {
    let failed = zip(objects, outcomes).filter { $0.1.reason != nil }
    guard let first = failed.first else { return }
    let isLate = failed.allSatisfy { if case .timedOut = $0.1 { true } else { false } }
    throw NotAsWanted(
      message:
        "\(failed.count == 1 ? "\(first.0)" : "\(failed.count) of \(objects.count) objects") "
        + (isLate ? "did not reach" : "cannot reach")
        + " \"\(condition.condition)\""
        + (isLate ? " within \(limit.map { $0.canonical } ?? "0s")" : ""),
      details: failed.map { "\($0.0): \($0.1.reason ?? "")" }, status: isLate ? .blocked : .failed)
  }
}

extension Waiting.Outcome {
  fileprivate var word: String {
    switch self {
    case .met: "met"
    case .timedOut: "timed-out"
    case .failed: "failed"
    }
  }

  fileprivate var reason: String? {
    switch self {
    case .met: nil
    case .timedOut(let last): last
    case .failed(let error): error.message
    }
  }
}

/// Objects are not as somebody wanted them.
private struct NotAsWanted: Failure {
  var message: String
  var details: [String]
  var status: Diagnostics.ExitStatus
}

/// `--for`.
struct WaitArgument: ExpressibleByArgument, Sendable {
  var condition: WaitCondition

  init?(argument: String) {
    guard let condition = WaitCondition(parsing: argument) else { return nil }
    self.condition = condition
  }
}

extension DurationArgument {
  /// A default.
  init(seconds: Int) { duration = .seconds(seconds) }
}
