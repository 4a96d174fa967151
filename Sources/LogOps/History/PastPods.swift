internal import Diagnostics
internal import KubeExec

/// The logs of pods that are gone, from a Loki that has kept them.
struct PastPods {
  /// So many pods are asked for in one query.
  private static let together = 40
  /// Shorter than that nothing is made of it where a Loki's logs begin.
  private static let slack = Duration.seconds(60)

  let client: KubeClient
  let history: LogHistory
  let options: FollowOptions
  let pipeline: LogPipeline
  let notices: LogNotices

  /// Reads all that is wanted of pods that are not there any more, in the order of time; says whether
  /// there was any.
  ///
  /// - Parameter present: whether a pod of a namespace is there.
  func read(isPresent present: (_ namespace: String, _ pod: String) -> Bool) async throws -> Bool {
    guard let second = options.sinceSecond else { return false }
    let since = LogTime(nanoseconds: second * 1_000_000_000)
    let end = history.until ?? .now()
    var found = false
    for scope in options.scopes where scope.past == nil {
      notices.lose(
        "which pods of \(scope.description) are gone cannot be told: nothing that has made them is there, "
          + "or may be read")
    }
    do {
      for namespace in Set(options.scopes.map(\.query.namespace)).sorted(by: { $0 ?? "" < $1 ?? "" }
      ) {
        try await tellReach(of: namespace, since)
        let places = try await history.places(in: namespace, from: since, to: end).filter {
          wants($0) && !present($0.namespace, $0.pod)
        }
        if places.isEmpty { continue }
        if pipeline.folder != nil {
          notices.lose(
            "\(PastPods.names(places)): gone, and kept by \(history.title) only; --to keeps what the "
              + "cluster gives")
          continue
        }
        found = true
        notices.tell("\(PastPods.names(places)): gone; from \(history.title)")
        try await read(places, from: since, to: end)
      }
    } catch let trouble as LokiTrouble {
      if history.isRequired { throw trouble }
      notices.lose(
        (history.isNews(trouble) ? "\(trouble.message); " : "") + "pods that are gone are missing")
    }
    return found
  }

  /// Whether a container is one of those that are meant, as far as its names tell.
  private func wants(_ place: LogHistory.Place) -> Bool {
    let isMeant = options.scopes.contains { scope in
      (scope.query.namespace ?? place.namespace) == place.namespace
        && (scope.container ?? place.container) == place.container
        && scope.past?.matches(place.pod) == true
    }
    return isMeant && options.wants(container: place.container)
  }

  private func tellReach(of namespace: String?, _ since: LogTime) async throws {
    let what = namespace.map { "namespace \"\($0)\"" } ?? "any namespace"
    switch try await history.reach(of: namespace, to: since) {
    case .from(let first) where first > since + PastPods.slack:
      // A namespace that is younger than that had nothing to say.
      if let made = await creation(of: namespace), first <= made + PastPods.slack { return }
      notices.lose(
        "\(history.title) has nothing of \(what) before \(first.stamp): what is older is missing where "
          + "the cluster has it no longer")
    case .nothing:
      notices.lose(
        "\(history.title) has nothing of \(what) since \(since.stamp), label "
          + "\(history.labels.namespace)")
    case .from, .whole: break
    }
  }

  private func creation(of namespace: String?) async -> LogTime? {
    guard let namespace else { return nil }
    let object = try? await client.find(.namespaces, namespace, in: nil)
    return object?["metadata", "creationTimestamp"]?.string.flatMap { text in
      Array(text.utf8).withUnsafeBytes { StampedLine.stamp(of: $0)?.time }
    }
  }

  private func read(
    _ places: Set<LogHistory.Place>, from start: LogTime, to end: LogTime
  ) async throws {
    let namespaces = Dictionary(grouping: places, by: \.namespace)
    for (namespace, places) in namespaces.sorted(by: { $0.key < $1.key }) {
      let pods = Set(places.map(\.pod)).sorted()
      for first in stride(from: 0, to: pods.count, by: PastPods.together) {
        let some = Array(pods[first..<min(pods.count, first + PastPods.together)])
        try await read(some, in: namespace, places: Set(places), from: start, to: end)
      }
    }
  }

  /// Some pods of a namespace, page by page.
  private func read(
    _ pods: [String], in namespace: String, places: Set<LogHistory.Place>, from start: LogTime,
    to end: LogTime
  ) async throws {
    var sources: [LogHistory.Place: Int] = [:]
    defer { for source in sources.values { try? pipeline.end(source, isOver: true) } }
    // All of them are known before the first line: those that are put in order wait for each other.
    for place in places where pods.contains(place.pod) {
      sources[place] = pipeline.addStamped(label(of: place), notices)
    }
    var feed = PastFeed(sources: sources, pipeline: pipeline)
    let cut = try await history.read(
      history.selector(of: pods, in: namespace), from: start, to: end
    ) { lines in
      for line in lines {
        if let place = history.place(of: line) { try feed.add(line, of: place) }
      }
      try feed.flush()
      return true
    }
    for moment in cut { notices.tellCut(moment, "namespace \"\(namespace)\"", history) }
  }

  private func label(of place: LogHistory.Place) -> SourceLabel {
    let name = "\(place.pod)/\(place.container)"
    var label = SourceLabel(
      options.showsNamespace ? "\(place.namespace)/\(name)" : name,
      fields: [
        ("namespace", place.namespace), ("pod", place.pod), ("container", place.container),
      ])
    label.generation = PastNames.generation(of: place.pod)
    return label
  }

  /// `pods a, b and 3 more`.
  private static func names(_ places: Set<LogHistory.Place>) -> String {
    let pods = Set(places.map(\.pod)).sorted()
    let rest = pods.count > 5 ? " and \(pods.count - 5) more" : ""
    return "pod\(pods.count == 1 ? "" : "s") \(pods.prefix(5).joined(separator: ", "))\(rest)"
  }
}
