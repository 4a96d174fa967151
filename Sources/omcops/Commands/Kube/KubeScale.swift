internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube scale`.
struct KubeScale: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale", abstract: "Change how many pods a workload has.",
    discussion: discussion(
      """
      TARGET is kind/name, 'kind name', a selector, or a component of omcops.yaml. With \
      --current-replicas nothing is changed unless that is the number now (status 3). An object \
      that somebody else changes at the same moment is read and judged again. --wait waits until \
      the pods are there and ready, or gone.
      """, exits: [.done, .failed, .usage, .blocked, .refused, .interrupted]))

  @Argument(help: ArgumentHelp("What to scale.", valueName: "target"))
  var targets: [String]

  @Option(help: ArgumentHelp("The number to have.", valueName: "n"))
  var replicas: Int

  @Option(help: ArgumentHelp("The number that there must be now.", valueName: "n"))
  var currentReplicas: Int?

  @Flag(help: "Wait until it is so.")
  var wait = false

  @Option(help: ArgumentHelp("How long --wait waits.", valueName: "duration"))
  var timeout = DurationArgument(seconds: 300)

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard replicas >= 0 else { throw ValidationError("--replicas is \(replicas); 0 is the least") }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let objects = try await KubeTargets(session: session, words: targets).workloads()
    var scalings: [(object: ObjectReference, scaling: Scaling)] = []
    for object in objects {
      let scaling = Scaling(session.client, object, to: Int64(replicas))
      scalings.append((object, scaling))
    }
    let before = try await check(scalings)
    if !plan {
      let names = objects.map { "\($0)" }.joined(separator: ", ")
      try session.require(confirmation.given, for: "scale \(names) to \(replicas)", context)
      for (_, scaling) in scalings {
        try await scaling.run(expecting: currentReplicas.map(Int64.init))
      }
    }
    let rows = zip(objects, before).map { object, count -> [Cell] in
      [
        .text("\(object)"), Cell(object.namespace), Cell(count), Cell(replicas),
        .bool(!plan && count != Int64(replicas)),
      ]
    }
    output.emit(
      RowSet(
        [
          "object", "namespace", .init("from", isNumeric: true), .init("to", isNumeric: true),
          "changed",
        ], rows: rows), to: context)
    if wait, !plan {
      for (_, scaling) in scalings { try await scaling.wait(timeout.duration) }
    }
  }

  /// The numbers now; nothing is changed when one of them is not what it must be.
  private func check(
    _ scalings: [(object: ObjectReference, scaling: Scaling)]
  ) async throws -> [Int64] {
    var counts: [Int64] = []
    for (object, scaling) in scalings {
      let count = try await scaling.current()
      if let currentReplicas, count != Int64(currentReplicas) {
        throw WrongCount(object: "\(object)", count: count, expected: Int64(currentReplicas))
      }
      counts.append(count)
    }
    return counts
  }
}
