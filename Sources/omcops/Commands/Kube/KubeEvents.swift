internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Quantities
internal import Terminal

/// `omcops kube events`.
struct KubeEvents: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "events", abstract: "Show what happened in a namespace, or to one object.",
    discussion: discussion(
      """
      Oldest first. A cluster keeps events for an hour or so. With --watch new ones follow until \
      you interrupt it; then each event is one JSON object a line with '--output json'.
      """, exits: [.done, .failed, .usage, .interrupted]))

  @Argument(help: ArgumentHelp("kind/name, or a component of omcops.yaml.", valueName: "target"))
  var targets: [String] = []

  @Flag(name: [.customShort("A"), .long], help: "The events of all namespaces.")
  var allNamespaces = false

  @Option(help: ArgumentHelp("Only these: Normal, Warning.", valueName: "types"))
  var types: String?

  @Option(help: ArgumentHelp("Only what happened since, as 10m.", valueName: "duration"))
  var since: DurationArgument?

  @Flag(name: .shortAndLong, help: "Go on with new ones.")
  var watch = false

  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if allNamespaces, !targets.isEmpty {
      throw ValidationError("a target is of one namespace: --all-namespaces cannot be meant")
    }
    if watch, output.output == .csv || output.output == .markdown {
      throw ValidationError("--watch prints as table or json")
    }
    if watch, targets.count > 1 { throw ValidationError("--watch takes one target") }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let subjects = try await KubeTargets(session: session, words: targets).workloads()
    let place = allNamespaces ? nil : session.namespace
    let queries =
      subjects.isEmpty
      ? [KubeClient.events(in: place)] : subjects.map { KubeClient.events(about: $0, in: place) }
    if watch { return try await follow(queries[0], session, context) }
    var events: [KubeEvent] = []
    for query in queries {
      events += try await session.client.list(query).items.map(KubeEvent.init)
    }
    let shown = sorted(events)
    if shown.isEmpty { context.error.write("no events\n") }
    output.emit(RowSet(columns, rows: shown.map(row)), to: context)
  }

  private func sorted(_ events: [KubeEvent]) -> [KubeEvent] {
    let types = types?.split(separator: ",").map { $0.lowercased() }
    let start = since.map { Timestamp.now() + (.zero - $0.duration) }
    return events.filter { event in
      if let types, !types.contains(event.type.lowercased()) { return false }
      if let start, event.time.map({ $0 < start }) ?? false { return false }
      return true
    }.sorted { ($0.time?.microseconds ?? 0) < ($1.time?.microseconds ?? 0) }
  }

  private func follow(
    _ query: ObjectQuery, _ session: KubeSession, _ context: Context
  ) async throws {
    _ = try await ObjectWatch(session.client, query).first { news -> Bool? in
      switch news {
      case .state(let objects): show(sorted(objects.map(KubeEvent.init)), context)
      case .changed(let object): show(sorted([KubeEvent(object)]), context)
      case .deleted: break
      case .outage(let outage): context.error.write("\("\(outage)".harmless)\n")
      }
      return nil
    }
  }

  private func show(_ events: [KubeEvent], _ context: Context) {
    for event in events {
      if output.output == .json {
        context.output.write(json(event).text() + "\n")
      } else {
        let cells = row(event).map { ($0.text ?? "").harmless }
        context.output.write(cells.joined(separator: "  ") + "\n")
      }
    }
  }

  private var columns: [RowSet.Column] {
    (allNamespaces ? ["namespace"] : [])
      + ["time", "type", "reason", "object", .init("count", isNumeric: true), "message"]
  }

  private func row(_ event: KubeEvent) -> [Cell] {
    (allNamespaces ? [.text(event.namespace)] : [])
      + [
        Cell(event.time?.rfc3339(fractionDigits: 0)), .text(event.type), .text(event.reason),
        .text(event.subject), Cell(event.count), .text(event.message),
      ]
  }

  private func json(_ event: KubeEvent) -> JSON {
    [
      "namespace": .string(event.namespace), "time": JSON(event.time?.rfc3339(fractionDigits: 0)),
      "type": .string(event.type), "reason": .string(event.reason),
      "object": .string(event.subject), "count": .int(event.count),
      "message": .string(event.message),
    ]
  }
}
