/// Cuts what arrives in pieces into lines. A line within one piece is given out where it stands;
/// only one that goes over the border of two is copied.
final class LineSplitter {
  /// How much of one line is kept unless told otherwise: the rest is counted and left out.
  static let usualLimit = 1 << 20

  private let limit: Int
  private var carry = ByteBuffer()
  /// The line that was carried before: it stays until the piece that completed it is used up.
  private var given = ByteBuffer()
  private var dropped = 0
  private var isCarrying = false

  init(limit: Int = LineSplitter.usualLimit) { self.limit = limit }

  /// A line without its newline, and how many bytes of it were too many to keep.
  typealias Body = (_ line: Bytes, _ dropped: Int) throws -> Void

  /// Gives out the lines that a piece completes; they are valid as long as the piece.
  func split(_ piece: Bytes, _ body: Body) rethrows {
    var start = 0
    if isCarrying {
      guard let end = piece.find(0x0A) else { return keep(piece) }
      keep(piece.part(0..<end))
      try giveCarried(body)
      start = end + 1
    }
    while let end = piece.find(0x0A, from: start) {
      try give(piece.part(start..<end), 0, body)
      start = end + 1
    }
    if start < piece.count { keep(piece.part(start..<piece.count)) }
  }

  /// Gives out what stands behind the last newline.
  func finish(_ body: Body) rethrows { if isCarrying { try giveCarried(body) } }

  /// Forgets what stands behind the last newline.
  func reset() {
    carry.removeAll()
    dropped = 0
    isCarrying = false
  }

  private func keep(_ piece: Bytes) {
    isCarrying = true
    let room = max(0, limit - carry.count)
    carry.append(piece.part(0..<min(room, piece.count)))
    dropped += max(0, piece.count - room)
  }

  private func giveCarried(_ body: Body) rethrows {
    swap(&carry, &given)
    carry.removeAll()
    let excess = dropped
    dropped = 0
    isCarrying = false
    try give(given.bytes, excess, body)
  }

  @inline(__always)
  private func give(_ line: Bytes, _ dropped: Int, _ body: Body) rethrows {
    var length = line.count
    var dropped = dropped
    if length > limit {
      dropped += length - limit
      length = limit
    }
    // Before a newline a carriage return is part of the line's end.
    if length > 0, dropped == 0, line[length - 1] == 0x0D { length -= 1 }
    try body(line.part(0..<length), dropped)
  }
}
