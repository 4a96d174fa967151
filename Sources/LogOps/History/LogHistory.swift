internal import Diagnostics
internal import Synchronization

/// What a Loki has kept of the logs of containers, for what the cluster has no longer.
public struct LogHistory: Sendable {
  /// What the labels are called that tell where a line is from.
  public struct Labels: Sendable, Hashable {
    /// The pod's namespace.
    public var namespace = "namespace"
    /// The pod.
    public var pod = "pod"
    /// The container.
    public var container = "container"

    /// Those that Promtail and Alloy set.
    public init() {}
  }

  /// One container.
  struct Place: Hashable, Sendable {
    var namespace: String
    var pod: String
    var container: String
  }

  private let loki: Loki
  let labels: Labels
  /// Whether what it does not give at the beginning is an error: it was asked for.
  public var isRequired = false
  /// The end of what is wanted; nil where that is the present moment.
  public var until: LogTime?
  /// A server of logs is asked by few at the same time, whatever the number of containers is.
  private let gate = StreamGate(4)
  private let outage = Outage()

  /// What a Loki has, whose collector sets these labels.
  public init(_ loki: Loki, labels: Labels = Labels()) {
    self.loki = loki
    self.labels = labels
  }

  var title: String { loki.title }

  /// Asks while few others do. A server that gave no answer is not waited for again within half a
  /// minute.
  private func asking<Result>(_ body: (Loki) async throws -> Result) async throws -> Result {
    try await gate.enter()
    defer { gate.leave() }
    if let trouble = outage.recent { throw trouble }
    do { return try await body(loki) } catch let trouble as LokiTrouble {
      if trouble.kind == .unreachable { outage.note(trouble) }
      throw trouble
    }
  }

  /// Gives the lines of a selector from one moment to another, the oldest first, to `take` page by page;
  /// `take` says whether more is wanted.
  ///
  /// - Returns: nanoseconds of which the server does not give all lines.
  func read(
    _ selector: LokiSelector, from start: LogTime, to end: LogTime,
    _ take: ([LokiLine]) throws -> Bool
  ) async throws -> [LogTime] {
    var pages = LokiPages(selector.text, from: start, to: end)
    while let lines = try await asking({ try await pages.next($0) }) {
      if !lines.isEmpty, try !take(lines) { break }
      try Task.checkCancellation()
    }
    return pages.cut
  }

  /// Whether it has a line of that very nanosecond.
  func has(_ place: Place, at time: LogTime) async throws -> Bool {
    let range = LokiRange(
      selector(of: place).text, from: time, to: LogTime(nanoseconds: time.nanoseconds + 1), limit: 1
    )
    return try await !asking { try await $0.lines(range) }.isEmpty
  }

  /// The containers that have lines from one moment to another.
  func places(
    in namespace: String?, from start: LogTime, to end: LogTime
  ) async throws -> Set<Place> {
    var selector = LokiSelector()
    selector.require(labels.namespace, namespace)
    selector.require(labels.pod, nil)
    var places: Set<Place> = []
    var from = start
    while from < end {
      let to = min(end, from + .seconds(7 * 86_400))
      let (text, start) = (selector.text, from)
      for series in try await asking({ try await $0.series(text, from: start, to: to) }) {
        guard let namespace = series[labels.namespace], let pod = series[labels.pod],
          let container = series[labels.container]
        else { continue }
        places.insert(Place(namespace: namespace, pod: pod, container: container))
      }
      from = to
    }
    return places
  }

  /// How far back it reaches, where that is not as far as a moment.
  enum Reach: Equatable {
    case whole
    /// Its first line of all is so new.
    case from(LogTime)
    case nothing
  }

  /// How far back the logs of a namespace reach; nil: of all.
  func reach(of namespace: String?, to start: LogTime) async throws -> Reach {
    var selector = LokiSelector()
    selector.require(labels.namespace, namespace)
    let text = selector.text
    let older = LokiRange(
      text, from: start - .seconds(7 * 86_400), to: start, limit: 1, isBackward: true)
    if try await !asking({ try await $0.lines(older) }).isEmpty { return .whole }
    var first: LogTime?
    _ = try await read(selector, from: start, to: until ?? .now()) {
      first = $0[0].time
      return false
    }
    return first.map { .from($0) } ?? .nothing
  }

  /// The streams of a container.
  func selector(of place: Place) -> LokiSelector {
    var selector = LokiSelector()
    selector.require(labels.namespace, place.namespace)
    selector.require(labels.pod, place.pod)
    selector.require(labels.container, place.container)
    return selector
  }

  /// The streams of several pods.
  func selector(of pods: [String], in namespace: String) -> LokiSelector {
    var selector = LokiSelector()
    selector.require(labels.namespace, namespace)
    selector.require(labels.pod, among: pods)
    return selector
  }

  /// Where a line is from.
  func place(of line: LokiLine) -> Place? {
    guard let namespace = line.labels[labels.namespace], let pod = line.labels[labels.pod],
      let container = line.labels[labels.container]
    else { return nil }
    return Place(namespace: namespace, pod: pod, container: container)
  }

  /// Whether this trouble was not told yet: an outage is told once, however many containers meet it.
  func isNews(_ trouble: LokiTrouble) -> Bool { trouble.kind != .unreachable || outage.tell() }
}

/// That the server gave no answer, and when.
private final class Outage: Sendable {
  private struct State {
    var trouble: LokiTrouble?
    var noticed = ContinuousClock.now
    var isTold = false
  }

  private static let length = Duration.seconds(30)
  private let state = Mutex(State())

  var recent: LokiTrouble? {
    state.withLock { $0.noticed.duration(to: .now) < Outage.length ? $0.trouble : nil }
  }

  func note(_ trouble: LokiTrouble) {
    state.withLock { $0 = State(trouble: trouble, isTold: $0.trouble != nil && $0.isTold) }
  }

  /// Whether it is told now for the first time.
  func tell() -> Bool {
    state.withLock { state in
      defer { state.isTold = true }
      return !state.isTold
    }
  }
}
