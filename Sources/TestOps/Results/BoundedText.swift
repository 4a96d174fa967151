/// A text of which no more is kept than a reader looks at: its beginning and its end. A test that
/// writes a gigabyte costs no more than one that writes a page.
public struct BoundedText: Sendable {
  private let limit: Int
  private var head: [UInt8] = []
  /// The bytes behind the head; those before its last `limit` are dropped now and then.
  private var tail: [UInt8] = []
  private var dropped = 0

  /// Creates an empty text.
  ///
  /// - Parameter limit: how many bytes are kept of the beginning, and as many of the end.
  public init(limit: Int = 16384) { self.limit = limit }

  /// Whether nothing was added.
  public var isEmpty: Bool { head.isEmpty }

  /// How many bytes are kept.
  public var kept: Int { head.count + min(tail.count, limit) }

  /// Adds bytes.
  public mutating func append(_ bytes: some Collection<UInt8>) {
    let done: Void? = bytes.withContiguousStorageIfAvailable { append($0) }
    if done == nil { Array(bytes).withUnsafeBufferPointer { append($0) } }
  }

  /// Adds text.
  public mutating func append(_ text: String) { append(text.utf8) }

  private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    var rest = bytes
    if head.count < limit {
      let count = min(rest.count, limit - head.count)
      head.append(contentsOf: UnsafeBufferPointer(rebasing: rest[..<count]))
      rest = UnsafeBufferPointer(rebasing: rest[count...])
    }
    if rest.count > limit {
      dropped += tail.count + rest.count - limit
      tail.removeAll(keepingCapacity: true)
      rest = UnsafeBufferPointer(rebasing: rest[(rest.count - limit)...])
    }
    tail.append(contentsOf: rest)
    if tail.count > 4 * limit { trim() }
  }

  private mutating func trim() {
    guard tail.count > limit else { return }
    dropped += tail.count - limit
    tail.removeFirst(tail.count - limit)
  }

  /// The text, with a line in its midst that says how much is missing.
  public var text: String {
    var whole = self
    whole.trim()
    if whole.dropped == 0 { return String(decoding: whole.head + whole.tail, as: UTF8.self) }
    // Not within a character.
    let end = whole.tail.drop { $0 & 0xC0 == 0x80 }
    var start = whole.head
    while let last = start.last, last & 0xC0 == 0x80 { start.removeLast() }
    if let last = start.last, last >= 0xC0 { start.removeLast() }
    return String(decoding: start, as: UTF8.self)
      + "\n… \(whole.dropped) bytes are left out here …\n" + String(decoding: end, as: UTF8.self)
  }
}
