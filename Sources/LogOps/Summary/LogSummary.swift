/// What many records come to: how many of each level, when, and which warnings and errors again and
/// again. Its memory is bounded, whatever the logs are.
public struct LogSummary: Sendable {
  /// Records that say the same.
  public struct Cluster: Sendable {
    /// What is the same in all of them.
    public var template: String
    /// The first of them, its secrets hidden.
    public var example: String
    /// The level of the first.
    public var level: Level
    /// How many.
    public var count: Int
    /// The time of the first.
    public var first: LogTime?
    /// The time of the last.
    public var last: LogTime?
    /// The sources that they come from.
    public var sources: Set<String>
    /// The generations of the sources that they come from, where those are known.
    public var generations: Set<String>
  }

  /// How many different messages are told apart; what is beyond is counted together.
  static let maximumClusters = 2000

  /// All records.
  public private(set) var records = 0
  /// Records by level; nil where none was stated.
  public private(set) var levels: [Level?: Int] = [:]
  /// The sources that had records.
  public private(set) var sources: Set<String> = []
  /// The rate over time.
  public private(set) var histogram = Histogram()
  /// Warnings and errors that were not told apart, since there were too many different ones.
  public private(set) var unclustered = 0
  private var clusters: [[UInt8]: Cluster] = [:]
  /// The generations of all sources.
  public private(set) var generations: Set<String> = []

  init() {}

  /// The clusters, the worst level first, then the most frequent.
  public var ranked: [Cluster] {
    clusters.values.sorted {
      ($0.level, $0.count, $1.template) > ($1.level, $1.count, $0.template)
    }
  }

  mutating func add(_ record: inout LogRecord, _ label: SourceLabel) {
    records += 1
    let level = record.level
    let time = record.time
    levels[level, default: 0] += 1
    if sources.count < 10_000 { sources.insert(label.name) }
    if let generation = label.generation { generations.insert(generation) }
    histogram.add(time, isBad: (level ?? .info) >= .error)
    guard let level, level >= .warn else { return }
    let message = Message.bytes(of: record.bytes, record.shape)
    let start = headLength(of: message, record)
    let shown = harmless(message)
    let key =
      [UInt8(level.rawValue)]
      + shown.withUnsafeBytes {
        MessageTemplate.of($0.part(min(start, $0.count)..<$0.count))
      }
    if clusters[key] == nil {
      guard clusters.count < LogSummary.maximumClusters else {
        unclustered += 1
        return
      }
      clusters[key] = Cluster(
        template: String(decoding: key.dropFirst(), as: UTF8.self),
        example: String(decoding: shown, as: UTF8.self),
        level: level, count: 0, first: time, last: time, sources: [], generations: [])
    }
    clusters[key]?.count += 1
    if let time { clusters[key]?.last = time }
    if clusters[key]?.sources.count ?? 0 < 1000 { clusters[key]?.sources.insert(label.name) }
    if let generation = label.generation { clusters[key]?.generations.insert(generation) }
  }

  /// A plain line's own time is no part of its message.
  private func headLength(of message: Bytes, _ record: LogRecord) -> Int {
    guard message.baseAddress == record.bytes.baseAddress, let first = message.first,
      first.isDigit || first == UInt8(ascii: "[")
    else { return 0 }
    var place = 0
    while place < min(message.count, 40) {
      let byte = message[place]
      if byte.isLetter, byte != UInt8(ascii: "T"), byte != UInt8(ascii: "Z") { break }
      place += 1
    }
    return place
  }

  /// The start of a message, its secrets hidden.
  private func harmless(_ message: Bytes) -> [UInt8] {
    let hidden = ByteBuffer()
    let line = message.part(0..<min(message.firstLine.count, 400))
    return SecretMask().hide(in: line, to: hidden) ? Array(hidden.bytes) : Array(line)
  }
}
