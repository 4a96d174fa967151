public import JSON
public import Synchronization

/// A Loki that has kept some lines and answers as its API is documented: `query_range` with selectors of
/// labels, forward and backward, with limits, and `series`.
public final class FakeLoki: Sendable {
  /// A line that was kept.
  public struct Line: Sendable, Hashable {
    /// Its stamp, in nanoseconds.
    public var time: Int64
    /// What it says.
    public var text: String
    /// Its stream.
    public var labels: [String: String]

    /// A line of a container.
    public init(
      _ time: Int64, _ text: String, pod: String, container: String = "c", namespace: String = "n",
      stream: String = "stdout"
    ) {
      self.time = time
      self.text = text
      labels = [
        "namespace": namespace, "pod": pod, "container": container, "stream": stream,
      ]
    }
  }

  /// The lines.
  public let lines: Mutex<[Line]>
  /// The queries that came, decoded.
  public let queries = Mutex<[[String: String]]>([])
  /// What the next requests are answered with instead, the first first: a status, and fields.
  public let refusals = Mutex<[(status: Int, headers: [String: String])]>([])
  private let greatestLimit: Int

  /// - Parameter greatestLimit: more lines may not be asked for at once.
  public init(_ lines: [Line], greatestLimit: Int = 5000) {
    self.lines = Mutex(lines)
    self.greatestLimit = greatestLimit
  }

  /// An answer, as the server gives it: a status, and a body.
  public func answer(
    _ path: String, _ query: [(name: String, value: String)]
  ) -> (status: Int, body: JSON) {
    let words = Dictionary(query.map { ($0.name, $0.value) }) { $1 }
    queries.withLock { $0.append(words) }
    guard let start = words["start"].flatMap({ Int64($0) }),
      let end = words["end"].flatMap({ Int64($0) }), start <= end
    else { return (400, "end timestamp must not be before or equal to start time") }
    // 30 days and an hour, as of a server that was not told otherwise.
    if end - start > 2_595_600_000_000_000 {
      return (400, "the query time range exceeds the limit")
    }
    switch path {
    case "/loki/api/v1/query_range": return range(words, start, end)
    case "/loki/api/v1/series":
      let found = kept(words["match[]"] ?? "", start, end)
      return (
        200, ["status": "success", "data": .array(Set(found.map(\.labels)).map(Self.object))]
      )
    default: return (404, "404 page not found")
    }
  }

  private func range(_ words: [String: String], _ start: Int64, _ end: Int64) -> (Int, JSON) {
    guard let limit = words["limit"].flatMap({ Int($0) }), limit > 0, limit <= greatestLimit else {
      return (400, "max entries limit per query exceeded")
    }
    let found = kept(words["query"] ?? "", start, end)
    let some = words["direction"] == "forward" ? found.prefix(limit) : found.suffix(limit)
    let streams = Dictionary(grouping: some, by: \.labels).map { labels, lines -> JSON in
      let values = lines.map { JSON.array([.string("\($0.time)"), .string($0.text)]) }
      return ["stream": Self.object(labels), "values": .array(values)]
    }
    return (
      200, ["status": "success", "data": ["resultType": "streams", "result": .array(streams)]]
    )
  }

  private static func object(_ labels: [String: String]) -> JSON {
    .object(
      labels.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[$1.key] = .string($1.value) })
  }

  /// The start counts, the end does not; the oldest first.
  private func kept(_ selector: String, _ start: Int64, _ end: Int64) -> [Line] {
    let matchers = Self.matchers(selector)
    return lines.withLock { lines in
      lines.filter { line in
        start <= line.time && line.time < end
          && matchers.allSatisfy { label, isPattern, value in
            let own = line.labels[label] ?? ""
            guard isPattern else { return own == value }
            return (try? Regex(value).wholeMatch(in: own)) != nil
          }
      }.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
        .map(\.element)
    }
  }

  /// `{a="b",c=~"d|e"}`.
  private static func matchers(
    _ selector: String
  ) -> [(label: String, isPattern: Bool, value: String)] {
    var matchers: [(String, Bool, String)] = []
    var rest = selector.dropFirst().dropLast()
    while let equals = rest.firstIndex(of: "=") {
      let label = String(rest[..<equals])
      rest = rest[rest.index(after: equals)...]
      let isPattern = rest.first == "~"
      if isPattern { rest = rest.dropFirst() }
      rest = rest.dropFirst()
      var value = ""
      while let character = rest.popFirst(), character != "\"" {
        guard character == "\\", let escaped = rest.popFirst() else {
          value.append(character)
          continue
        }
        value.append(escaped == "n" ? "\n" : escaped)
      }
      matchers.append((label, isPattern, value))
      if rest.first == "," { rest = rest.dropFirst() }
    }
    return matchers
  }
}

extension FakeLoki {
  /// The answer to a request that came over HTTP.
  public func answer(_ request: FakeAPI.Request) -> FakeAPI.Answer {
    let refusal = refusals.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    if let refusal {
      return FakeAPI.Answer(
        status: refusal.status, body: "too many outstanding requests", headers: refusal.headers)
    }
    let query = request.query.map { (name: Self.decoded($0.key), value: Self.decoded($0.value)) }
    let (status, body) = answer(request.path, query)
    return FakeAPI.Answer(status: status, body: body.string ?? body.text())
  }

  private static func decoded(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
