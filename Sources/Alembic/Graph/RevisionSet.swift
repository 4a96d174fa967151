/// A set of revisions by their place in the map: one bit each, because sorting asks for the
/// ancestors of many.
struct RevisionSet: Hashable, Sendable {
  private var words: [UInt64]

  init(capacity: Int) { words = Array(repeating: 0, count: (capacity + 63) / 64) }

  init(_ members: some Sequence<Int>, capacity: Int) {
    self.init(capacity: capacity)
    for member in members { insert(member) }
  }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

  func contains(_ member: Int) -> Bool { words[member >> 6] & (1 << UInt64(member & 63)) != 0 }

  /// Whether it is new.
  @discardableResult
  mutating func insert(_ member: Int) -> Bool {
    let bit: UInt64 = 1 << UInt64(member & 63)
    defer { words[member >> 6] |= bit }
    return words[member >> 6] & bit == 0
  }

  mutating func remove(_ member: Int) { words[member >> 6] &= ~(1 << UInt64(member & 63)) }

  mutating func formUnion(_ other: RevisionSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  mutating func formIntersection(_ other: RevisionSet) {
    for index in words.indices { words[index] &= other.words[index] }
  }

  mutating func subtract(_ other: RevisionSet) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  func intersects(_ other: RevisionSet) -> Bool {
    zip(words, other.words).contains { $0 & $1 != 0 }
  }

  /// The members in the order of the map.
  var members: [Int] {
    words.indices.flatMap { word in
      (0..<64).compactMap { words[word] & (1 << UInt64($0)) != 0 ? word << 6 | $0 : nil }
    }
  }
}
