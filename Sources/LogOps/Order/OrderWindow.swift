/// Puts records of several sources in the order of their times.
///
/// It holds a record until every source that still gives records has come as far, and the window
/// besides; when sources are silent, until the record has waited for the window. What it holds is
/// bounded: beyond that the oldest go, and what comes too late for its place is counted.
struct OrderWindow {
  /// A record that waits.
  struct Entry {
    var time: Int64
    var sequence: Int
    var source: Int
    var held: HeldRecords.Held
  }

  /// How much it holds.
  static let maximumBytes = 64 << 20

  private let window: Int64
  private var heap: [Entry] = []
  private var heldBytes = 0
  private var sequence = 0
  private var lastReleased = Int64.min
  /// The greatest time of each source; nil before its first, and when it has ended.
  private var newest: [Int: Int64] = [:]
  private var live: Set<Int> = []
  /// When what was held at the time had come, so that silence holds nothing for ever.
  private var arrivals: [(at: ContinuousClock.Instant, upTo: Int64)] = []
  /// How many records came too late to stand in their place.
  private(set) var late = 0

  /// - Parameter window: how far behind its place a record may come.
  init(window: Duration) { self.window = window.nanoseconds }

  var isEmpty: Bool { heap.isEmpty }

  mutating func open(_ source: Int) { live.insert(source) }

  mutating func close(_ source: Int) { live.remove(source) }

  /// The source's number will be another's.
  mutating func forget(_ source: Int) { newest[source] = nil }

  /// The source that has come least far, among those given: the one to read next.
  func mostBehind(among sources: [Int]) -> Int? {
    sources.min { newest[$0] ?? .min < newest[$1] ?? .min }
  }

  /// Notes how far a source has come, whether its records are wanted or not.
  mutating func advance(_ source: Int, to time: LogTime?) {
    guard let time else { return }
    newest[source] = max(newest[source] ?? .min, time.nanoseconds)
  }

  /// Holds a record; one without any time goes out with the next.
  mutating func hold(_ record: inout LogRecord) {
    let time = record.time?.nanoseconds ?? lastReleased
    sequence += 1
    heldBytes += record.bytes.count
    heap.append(
      Entry(time: time, sequence: sequence, source: record.source, held: HeldRecords.Held(record)))
    siftUp(heap.count - 1)
  }

  /// The next record that need not wait any longer.
  mutating func next() -> Entry? {
    guard let first = heap.first else { return nil }
    if heldBytes <= OrderWindow.maximumBytes {
      var limit = Int64.max
      for source in live { limit = min(limit, newest[source] ?? .min) }
      if limit != .max, limit > .min + window { limit -= window }
      // Strictly before, so that equal times come in the order of the sources.
      guard live.isEmpty || first.time < limit || first.time <= released else { return nil }
    }
    return pop()
  }

  /// The next record whatever the others are, as at the end.
  mutating func pop() -> Entry? {
    guard let first = heap.first else { return nil }
    let last = heap.removeLast()
    if !heap.isEmpty {
      heap[0] = last
      siftDown()
    }
    heldBytes -= first.held.bytes.count
    if first.time < lastReleased { late += 1 } else { lastReleased = first.time }
    return first
  }

  /// Up to this time nothing waits any longer, since silence has lasted for the window.
  private var released = Int64.min

  /// Time has gone by.
  mutating func tick(_ now: ContinuousClock.Instant) {
    let wait = Duration.nanoseconds(max(window, 100_000_000))
    while let first = arrivals.first, first.at + wait <= now {
      released = max(released, first.upTo)
      arrivals.removeFirst()
    }
    if let greatest = heap.lazy.map(\.time).max(), arrivals.last?.upTo != greatest {
      arrivals.append((now, greatest))
    }
  }

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    (heap[a].time, heap[a].source, heap[a].sequence)
      < (heap[b].time, heap[b].source, heap[b].sequence)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  private mutating func siftDown() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && precedes(child, least) { least = child }
      if least == parent { return }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
