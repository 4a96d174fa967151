internal import ArgumentParser
internal import Diagnostics
internal import KubeExec
internal import Quantities
internal import Terminal

/// `omcops kube delete`.
struct KubeDelete: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete objects and wait until they are gone.",
    discussion: discussion(
      """
      TARGET is kind/name, 'kind name...', or a kind with -l; a selector or a component alone is not \
      enough here. The server is asked first whether each may be deleted, so that nothing is when one \
      may not; an object that was made anew meanwhile is left alone. What is still there after \
      --timeout (status 3) is named with the finalizer that holds it.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: ArgumentHelp("What to delete.", valueName: "target"))
  var targets: [String]

  @Option(name: [.customShort("l"), .long], help: "All objects of the kind with these labels.")
  var selector: String?

  @Option(
    help: ArgumentHelp(
      "What becomes of that which the objects own: background (goes after them), foreground (goes "
        + "before them), orphan (stays).", valueName: "how"))
  var cascade = Cascade.background

  @Option(help: ArgumentHelp("Seconds that pods have to end; 0 ends them at once.", valueName: "n"))
  var gracePeriod: Int?

  @Flag(help: "What is not there is no error.")
  var ignoreNotFound = false

  @Flag(inversion: .prefixedNo, help: "Wait until they are gone.")
  var wait = true

  @Option(help: ArgumentHelp("How long to wait; 0 for ever.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 300)

  @Flag(name: [.long, .customLong("dry-run")], help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let gracePeriod, gracePeriod < 0 {
      throw ValidationError("--grace-period is \(gracePeriod); 0 is the least")
    }
    let isKind = targets.count > 1 || selector != nil
    for word in targets where !word.contains("/") && (!isKind || KubeTargets.isSelector(word)) {
      throw ValidationError("\"\(word)\" does not say what to delete: write KIND/NAME")
    }
    let named = targets.filter { $0.contains("/") }
    guard named.isEmpty || (named.count == targets.count && selector == nil) else {
      throw ValidationError("write each object as KIND/NAME, or all as KIND NAME...")
    }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let objects: [ObjectReference]
    do {
      objects = try await KubeTargets(session: session, words: targets, selector: selector)
        .objects()
    } catch let nothing as NothingMatches {
      guard ignoreNotFound else { throw nothing }
      objects = []
    }
    let deletion = Deletion(
      session.client, propagation: cascade.propagation, gracePeriodSeconds: gracePeriod)
    let steps = try await deletion.plan(objects, isMissingFine: ignoreNotFound)
    if plan || steps.isEmpty { return show(steps, plan ? "would-go" : "gone", [], context) }
    let names = steps.map { "\($0.reference)" }.joined(separator: ", ")
    try session.require(confirmation.given, for: "delete \(names)", context)
    try await deletion.run(steps)
    guard wait else { return show(steps, "going", [], context) }
    let limit = timeout.duration == .zero ? nil : timeout.duration
    let left = try await deletion.wait(steps, timeout: limit)
    show(steps, "gone", left, context)
    guard let first = left.first else { return }
    throw StillThere(
      message: (left.count == 1
        ? "\(first.reference) is" : "\(left.count) of \(steps.count) objects are")
        + " still there after \(limit?.canonical ?? "0s")",
      details: left.map { "\($0.reference): \($0.reason)" })
  }

  private func show(
    _ steps: [Deletion.Step], _ outcome: String,
    _ left: [(reference: ObjectReference, reason: String)], _ context: Context
  ) {
    let reasons = Dictionary(left.map { ($0.reference, $0.reason) }, uniquingKeysWith: { $1 })
    output.emit(
      RowSet(
        ["object", "namespace", "outcome", "held"],
        rows: steps.map { step in
          let reason = reasons[step.reference]
          return [
            .text("\(step.reference)"), Cell(step.reference.namespace),
            .text(reason == nil ? outcome : "there"), Cell(reason ?? (plan ? step.held : nil)),
          ]
        }), to: context)
  }
}

/// `--cascade`.
enum Cascade: String, CaseIterable, ExpressibleByArgument, Sendable {
  case background, foreground, orphan

  var propagation: Deletion.Propagation {
    switch self {
    case .background: .background
    case .foreground: .foreground
    case .orphan: .orphan
    }
  }
}

/// Something did not go in time.
private struct StillThere: Failure {
  var message: String
  var details: [String]
  var status: Diagnostics.ExitStatus { .blocked }
}
