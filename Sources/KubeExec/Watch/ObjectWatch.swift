internal import HTTPClient
internal import OrderedCollections

/// Follows the objects of a query: lists them, then watches from that state on, for as long as the
/// reader wants. Ends of the connection, the server's own time limits and forgotten states (410,
/// which comes as an answer or as an event) are dealt with; what was deleted meanwhile is found by
/// listing again and comparing.
public struct ObjectWatch: Sendable {
  /// What the reader is told.
  public enum News: Sendable {
    /// All objects that there are, at the beginning.
    case state([KubeObject])
    /// An object came or changed.
    case changed(KubeObject)
    /// An object went; its last state that is known.
    case deleted(KubeObject)
    /// The server cannot be reached, or can be reached again.
    case outage(Outage)
  }

  /// A time in which the server cannot be reached: what a person is to know of it.
  public enum Outage: Sendable, CustomStringConvertible {
    /// The first failure; further ones are told once a minute.
    case begun(KubeError)
    /// The server answers again, after this time.
    case over(Duration)

    /// One line.
    public var description: String {
      switch self {
      case .begun(let error): "\(error.message); trying again"
      case .over(let time):
        "the API server answers again, after \(time < .seconds(1) ? "less than 1s" : time.brief)"
      }
    }
  }

  private let client: KubeClient
  private let query: ObjectQuery
  private let asRows: Bool

  /// Watches nothing yet.
  ///
  /// - Parameter asRows: whether objects are only their metadata and their cells of the server's table.
  public init(_ client: KubeClient, _ query: ObjectQuery, asRows: Bool = false) {
    self.client = client
    self.query = query
    self.asRows = asRows
  }

  /// Tells everything to `reader` until it gives something other than nil, which is the result.
  ///
  /// What the server refuses for good (401, 403, 404, 400) is thrown.
  public func first<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ reader: (News) async throws -> Result?
  ) async throws -> Result {
    var position = WatchPosition()
    while true {
      do {
        let version: String
        if let known = position.resourceVersion {
          version = known
        } else {
          let list = try await client.list(query, asRows: asRows)
          if let over = position.opened(), let result = try await reader(over) { return result }
          for news in position.begin(list) {
            if let result = try await reader(news) { return result }
          }
          version = list.resourceVersion
        }
        if let result = try await follow(from: version, &position, reader) { return result }
        position.failures = 0
      } catch let error as KubeError where error.code == .gone {
        position.resourceVersion = nil
      } catch let error as KubeError where ObjectWatch.isPassing(error) {
        if let begun = position.failed(error), let result = try await reader(begun) {
          return result
        }
      }
      try Task.checkCancellation()
      try await Task.sleep(for: position.pause())
    }
  }

  /// One connection, to its end.
  private func follow<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    from version: String, _ position: inout WatchPosition,
    _ reader: (News) async throws -> Result?
  ) async throws -> Result? {
    let inbox = WatchInbox()
    var request = APIRequest(query.path, subject: "watch \(query.resource.plural)")
    request.query =
      query.parameters + [
        ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
      ]
    // The server ends the watch after some minutes; one that does not answer any more ends all the same.
    let seconds = Int.random(in: 270...330)
    request.query.append(("timeoutSeconds", "\(seconds)"))
    request.timeout = .seconds(seconds + 30)
    request.hasOwnConnection = true
    if asRows { request.accept = ObjectTable.contentType }
    let ready = request
    position.connected = .now
    let stream = Task { [client] in
      defer { inbox.end() }
      try await client.stream(ready, into: inbox)
    }
    defer { stream.cancel() }
    while true {
      let batch = await inbox.next()
      try Task.checkCancellation()
      if batch.isOpen, let over = position.opened(), let result = try await reader(over) {
        return result
      }
      for event in batch.events {
        guard let news = position.take(event) else { continue }
        if let result = try await reader(news) { return result }
      }
      position.resourceVersion = batch.resourceVersion ?? position.resourceVersion
      if let failure = batch.failure { throw KubeError(watch: failure, query) }
      if batch.isEnded {
        try await stream.value
        return nil
      }
    }
  }

  /// Whether an error goes away by itself.
  private static func isPassing(_ error: KubeError) -> Bool {
    [.unreachable, .serverFailed, .tooManyRequests].contains(error.code)
  }
}

extension KubeError {
  /// What an event of type `ERROR` means.
  fileprivate init(watch status: APIStatus, _ query: ObjectQuery) {
    let code: Code = status.code == 410 || status.reason == "Expired" ? .gone : .serverFailed
    self.init(code, "watch \(query.resource.plural): \(status.message)", answer: status)
  }
}

/// Where a watch stands and what it knows.
struct WatchPosition {
  var resourceVersion: String?
  /// How many attempts in a row came to nothing.
  var failures = 0
  var connected: ContinuousClock.Instant?
  /// When the server answered last.
  private var answered: ContinuousClock.Instant?
  /// Since when it does not.
  private var outage: ContinuousClock.Instant?
  private var told: ContinuousClock.Instant?
  private var isBegun = false
  /// The objects that are known to be there, by uid.
  private var known: OrderedDictionary<String, KubeObject> = [:]

  /// Takes a whole list: at the beginning that is the news, later what is different from before.
  mutating func begin(_ list: ObjectList) -> [ObjectWatch.News] {
    defer {
      resourceVersion = list.resourceVersion
      known = OrderedDictionary(
        list.items.map { ($0.uid, $0) }, uniquingKeysWith: { $1 })
    }
    guard isBegun else {
      isBegun = true
      return [.state(list.items)]
    }
    let present = Set(list.items.map(\.uid))
    let gone = known.values.filter { !present.contains($0.uid) }
    let changed = list.items.filter { known[$0.uid]?.resourceVersion != $0.resourceVersion }
    return gone.map { .deleted($0) } + changed.map { .changed($0) }
  }

  /// Takes an event; nil for those that are no news.
  mutating func take(_ event: WatchEvent) -> ObjectWatch.News? {
    switch event {
    case .changed(let object):
      known[object.uid] = object
      return .changed(object)
    case .deleted(let object):
      known[object.uid] = nil
      return .deleted(object)
    case .bookmark, .failed: return nil
    }
  }

  /// An attempt came to nothing; gives what is to be told of that.
  mutating func failed(_ error: KubeError) -> ObjectWatch.News? {
    let now = ContinuousClock.now
    // A connection that did its work for a while makes up for what failed before it.
    if let answered, answered.duration(to: now) > .seconds(10) { failures = 0 }
    answered = nil
    failures += 1
    outage = outage ?? now
    if let told, told.duration(to: now) < .seconds(60) { return nil }
    told = now
    return .outage(.begun(error))
  }

  /// The server has answered; gives what is to be told of that.
  mutating func opened() -> ObjectWatch.News? {
    let now = ContinuousClock.now
    answered = answered ?? now
    defer { (outage, told) = (nil, nil) }
    return outage.map { .outage(.over($0.duration(to: now))) }
  }

  /// How long to wait before the next attempt: not at all after a connection that had lived for a
  /// second, else longer each time, so that a server that ends every watch at once is not flooded.
  mutating func pause() -> Duration {
    let lived = connected.map { $0.duration(to: .now) } ?? .zero
    connected = nil
    if failures == 0, lived > .seconds(1) { return .zero }
    let most = min(Duration.milliseconds(250) * (1 << min(failures, 7)), .seconds(30))
    return most * Double.random(in: 0.5...1)
  }
}
