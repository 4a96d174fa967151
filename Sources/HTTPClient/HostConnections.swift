/// How many connections there may be to one host.
///
/// With HTTP/2 libcurl 7.88 opens a connection for each transfer over the limit of streams of the first
/// one; with HTTP/1.1 a transfer over the limit of connections waits, perhaps for the end of a log that
/// has none.
///
/// This limit does what `CURLOPT_PIPEWAIT` is for, which is therefore not used: with it a transfer waits
/// for ever behind a connection that was reset before the request was sent, because libcurl 7.88 keeps
/// that one and never learns whether it could have been shared.
struct HostConnections {
  enum Rule: Sendable {
    /// As many as the running transfers need.
    case automatic
    case atMost(Int)
  }

  var rule: Rule
  private let streamsPerConnection: Int
  private let isLimited: Bool
  private let usesHTTP2: Bool
  private var hasMetHTTP1 = false
  private var limit = 0
  private var extra = 0

  init(_ configuration: HTTPConfiguration, isLimited: Bool) {
    rule = configuration.maximumHostConnections.map { .atMost(max(1, $0)) } ?? .automatic
    streamsPerConnection = max(1, configuration.streamsPerConnection)
    usesHTTP2 = configuration.usesHTTP2
    self.isLimited = isLimited
  }

  /// The limit for so many transfers, if it is another than before; 0 is none.
  mutating func changedLimit(for count: Int) -> Int? {
    var wanted = 0
    switch rule {
    case _ where !isLimited: break
    case .atMost(let limit): wanted = limit
    case .automatic where hasMetHTTP1 || !usesHTTP2: break
    // Never lowered: that would only make transfers wait.
    case .automatic:
      wanted = max(limit, (count + streamsPerConnection - 1) / streamsPerConnection + extra)
    }
    if wanted == limit { return nil }
    limit = wanted
    return wanted
  }

  /// Whether there may be one more, because transfers wait while others run: the server allows fewer
  /// streams than was thought.
  mutating func grow() -> Bool {
    guard isLimited, limit > 0, case .automatic = rule else { return false }
    extra += 1
    return true
  }

  /// Whether the limit has to go because a server speaks HTTP/1.1 only.
  mutating func learn(from operations: some Sequence<any Operation>) -> Bool {
    guard isLimited, usesHTTP2, !hasMetHTTP1, limit > 0, case .automatic = rule else {
      return false
    }
    hasMetHTTP1 = operations.contains { operation in
      guard let head = (operation as? Transfer)?.head else { return false }
      return head.version != .http2
    }
    return hasMetHTTP1
  }
}
