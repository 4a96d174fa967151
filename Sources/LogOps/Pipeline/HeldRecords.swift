/// Records that are kept for later: the newest ones up to a number.
final class HeldRecords {
  /// A record that owns its bytes.
  struct Held {
    var bytes: [UInt8]
    var stamp: LogTime?
    var dropped: Int
    var inherited: LogRecord.Inherited

    init(_ record: borrowing LogRecord) {
      bytes = Array(record.bytes)
      stamp = record.stamp
      dropped = record.dropped
      inherited = record.inherited
    }

    /// Hands the record to `body`; its bytes are valid inside.
    func with<Result>(
      _ source: Int, _ reader: TimeReader, _ body: (LogRecord) throws -> Result
    ) rethrows -> Result {
      try bytes.withUnsafeBytes {
        try body(
          LogRecord(
            source: source, bytes: $0, stamp: stamp, dropped: dropped, inherited: inherited,
            reader: reader))
      }
    }
  }

  private let limit: Int
  private var ring: [Held] = []
  private var oldest = 0
  /// How many were pushed out since the last `drain`.
  private(set) var missed = 0

  init(limit: Int = .max) { self.limit = limit }

  var count: Int { ring.count }

  /// Keeps a record; the oldest goes when there are more than the limit.
  func push(_ record: inout LogRecord, atMost limit: Int? = nil) {
    let limit = limit ?? self.limit
    guard limit > 0 else {
      missed += 1
      return
    }
    if ring.count < limit {
      ring.append(Held(record))
    } else {
      ring[oldest] = Held(record)
      oldest = (oldest + 1) % ring.count
      missed += 1
    }
  }

  /// Gives them out, the oldest first, and forgets them.
  func drain(_ body: (Held) throws -> Void) rethrows {
    let held = ring
    let start = oldest
    ring = []
    oldest = 0
    missed = 0
    for index in held.indices { try body(held[(start + index) % held.count]) }
  }
}
