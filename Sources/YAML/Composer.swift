internal import Diagnostics

/// Bounds of what is read, so that a hostile file costs no more than an honest one.
public struct YAMLLimits: Sendable {
  /// The size of the file.
  public var bytes: Int
  /// How deep lists and mappings may stand in each other.
  public var depth: Int
  /// How many values there may be, those that aliases repeat counted each time.
  public var nodes: Int

  /// Sets the bounds; the defaults are far above any file that a person writes.
  public init(bytes: Int = 1 << 20, depth: Int = 64, nodes: Int = 100_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }
}

/// A whole file: its value and its text.
public struct YAMLDocument: Sendable {
  /// The value; null for an empty file.
  public let root: YAMLNode
  /// The text, for excerpts.
  public let source: YAMLSource

  /// Reads the one document of a file.
  ///
  /// Refused are: what is not UTF-8, several documents, duplicate keys, keys that are no scalars,
  /// merge keys, tags, whole numbers beyond 64 bits, and whatever exceeds `limits`.
  public init(
    parsing bytes: [UInt8], file: String, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) {
    let (source, body) = try YAMLDocument.open(bytes, file: file, limits: limits)
    self.source = source
    var composer = Composer(EventStream(body, source: source), source: source, limits: limits)
    root = try composer.document(emptyAt: SourceLocation(file: file, line: 1, column: 1))
  }

  /// Reads all documents of a file, one after the other; none for an empty file.
  ///
  /// Refused is the same as in a file of one document; the bounds hold for the whole file, and
  /// aliases reach no further than their own document.
  public static func all(
    parsing bytes: [UInt8], file: String, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> [YAMLDocument] {
    let (source, body) = try open(bytes, file: file, limits: limits)
    var composer = Composer(EventStream(body, source: source), source: source, limits: limits)
    return try composer.documents().map { YAMLDocument(root: $0, source: source) }
  }

  private init(root: YAMLNode, source: YAMLSource) {
    self.root = root
    self.source = source
  }

  private static func open(
    _ bytes: [UInt8], file: String, limits: YAMLLimits
  ) throws(YAMLError) -> (source: YAMLSource, body: ArraySlice<UInt8>) {
    let start = SourceLocation(file: file, line: 1, column: 1)
    guard bytes.count <= limits.bytes else {
      throw YAMLError(
        YAMLProblem(
          "the file has \(bytes.count) bytes; at most \(limits.bytes) are read", at: start))
    }
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    guard let text = String(validating: body, as: UTF8.self) else {
      throw YAMLError(YAMLProblem("the file is not valid UTF-8", at: start))
    }
    return (YAMLSource(file: file, bytes: bytes, text: text), body)
  }
}

/// Builds nodes from events.
private struct Composer {
  private let events: EventStream
  private let source: YAMLSource
  private let limits: YAMLLimits
  private var count = 0
  /// Finished anchored nodes and how many nodes each stands for.
  private var anchors: [String: (node: YAMLNode, size: Int)] = [:]
  private var open: Set<String> = []

  init(_ events: EventStream, source: YAMLSource, limits: YAMLLimits) {
    self.events = events
    self.source = source
    self.limits = limits
  }

  mutating func document(emptyAt start: SourceLocation) throws(YAMLError) -> YAMLNode {
    _ = try events.next()  // the start of the stream
    let first = try events.next()
    guard case .documentStart = first.kind else {
      let nothing = YAMLScalar(text: "", style: .plain, value: .null, source: source, start: start)
      return YAMLNode(.scalar(nothing), at: start)
    }
    let root = try node(try events.next(), depth: 0)
    _ = try events.next()  // the end of the document
    let after = try events.next()
    guard case .streamEnd = after.kind else {
      throw fail("a second document begins; one file holds one document", at: after.location)
    }
    return root
  }

  mutating func documents() throws(YAMLError) -> [YAMLNode] {
    _ = try events.next()  // the start of the stream
    var roots: [YAMLNode] = []
    while case .documentStart = try events.next().kind {
      anchors = [:]
      roots.append(try node(try events.next(), depth: 0))
      _ = try events.next()  // the end of the document
    }
    return roots
  }

  private mutating func node(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
    try add(1, at: event.location)
    if let tag = event.tag {
      throw fail(
        "tags such as \"\(tag)\" are not supported", at: event.location,
        hint: "Put a text that begins with an exclamation mark in quotes.")
    }
    guard depth <= limits.depth else {
      throw fail("values stand more than \(limits.depth) levels deep", at: event.location)
    }
    if case .alias(let name) = event.kind { return try alias(name, at: event.location) }
    guard let name = event.anchor else { return try content(event, depth: depth) }
    let before = count
    open.insert(name)
    let node = try content(event, depth: depth)
    open.remove(name)
    anchors[name] = (node, count - before + 1)
    return node
  }

  private mutating func content(_ event: Event, depth: Int) throws(YAMLError) -> YAMLNode {
    switch event.kind {
    case .scalar(let text, let style): return try scalar(text, style, at: event.location)
    case .sequenceStart:
      var items: [YAMLNode] = []
      while true {
        let next = try events.next()
        if case .sequenceEnd = next.kind { break }
        items.append(try node(next, depth: depth + 1))
      }
      return YAMLNode(.sequence(items), at: event.location)
    case .mappingStart: return try mapping(at: event.location, depth: depth)
    default: throw fail("a value is missing", at: event.location)
    }
  }

  private mutating func mapping(
    at location: SourceLocation, depth: Int
  ) throws(YAMLError) -> YAMLNode {
    var entries: [YAMLMapping.Entry] = []
    var seen: [String: SourceLocation] = [:]
    while true {
      let event = try events.next()
      if case .mappingEnd = event.kind { break }
      let key = try key(event)
      if let first = seen[key] {
        throw fail(
          "the key \"\(key)\" stands here a second time", at: event.location,
          hint: "It stands first in line \(first.line).")
      }
      seen[key] = event.location
      let value = try node(try events.next(), depth: depth + 1)
      entries.append(.init(key: key, location: event.location, value: value))
    }
    return YAMLNode(.mapping(YAMLMapping(entries: entries)), at: location)
  }

  private mutating func key(_ event: Event) throws(YAMLError) -> String {
    try add(1, at: event.location)
    guard case .scalar(let text, let style) = event.kind else {
      throw fail(
        "a key must be a simple word, not a list, a mapping or an alias",
        at: event.location)
    }
    if event.tag != nil || event.anchor != nil {
      throw fail("a key can have neither a tag nor an anchor", at: event.location)
    }
    if style == .plain, text == "<<" {
      throw fail(
        "merge keys (<<) are not supported", at: event.location,
        hint: "Write the fields out, or use an alias for the whole value.")
    }
    if style == .plain, text.isEmpty { throw fail("a key is empty", at: event.location) }
    return text
  }

  private func scalar(
    _ text: String, _ style: YAMLScalar.Style, at location: SourceLocation
  ) throws(YAMLError) -> YAMLNode {
    var value = YAMLScalar.Value.string
    if style == .plain {
      guard let resolved = CoreSchema.resolve(text) else {
        throw fail(
          "the number \(text) is out of range", at: location,
          hint: "Put it in quotes if it is text.")
      }
      value = resolved
    }
    let scalar = YAMLScalar(
      text: text, style: style, value: value, source: source, start: location)
    return YAMLNode(.scalar(scalar), at: location)
  }

  private mutating func alias(
    _ name: String, at location: SourceLocation
  ) throws(YAMLError) -> YAMLNode {
    guard !open.contains(name) else {
      throw fail("the alias \"*\(name)\" stands inside of what it repeats", at: location)
    }
    guard let (node, size) = anchors[name] else {
      throw fail("no anchor \"&\(name)\" stands before this alias", at: location)
    }
    try add(size, at: location)
    return node
  }

  private mutating func add(_ nodes: Int, at location: SourceLocation) throws(YAMLError) {
    count += nodes
    guard count <= limits.nodes else {
      throw fail("the file holds more than \(limits.nodes) values", at: location)
    }
  }

  private func fail(
    _ message: String, at location: SourceLocation, hint: String? = nil
  ) -> YAMLError {
    YAMLError(
      YAMLProblem(message, at: location, hint: hint), excerpt: source.excerpt(at: location))
  }
}
