/// The lines of a log's last two seconds, in the order in which they came.
///
/// Hundreds of logs have one each, which may hold a million lines together: a line takes eight bytes, and
/// they stand in pieces of one size, so that what one log gives back another takes.
struct LineWindow: Equatable {
  /// Two lines are taken for the same where stamp and hash are: the stamp tells nanoseconds, so half a
  /// hash is enough.
  struct Line: Hashable {
    /// Nanoseconds behind the window's start, which are less than two seconds.
    var offset: UInt32
    var hash: UInt32
  }

  private static let pieceCount = 256

  private var pieces: [[Line]] = [[]]
  private(set) var count = 0

  @inline(__always)
  mutating func append(_ line: Line) {
    if pieces[pieces.count - 1].count >= LineWindow.pieceCount { addPiece() }
    pieces[pieces.count - 1].append(line)
    count += 1
  }

  @inline(never)
  private mutating func addPiece() {
    var piece: [Line] = []
    piece.reserveCapacity(LineWindow.pieceCount)
    pieces.append(piece)
  }

  /// The window's start has moved on: what is before it goes.
  mutating func move(by step: UInt32) {
    for index in pieces.indices {
      pieces[index].removeAll { $0.offset < step }
      for line in pieces[index].indices { pieces[index][line].offset -= step }
    }
    pieces.removeAll(where: \.isEmpty)
    count = pieces.reduce(0) { $0 + $1.count }
    if pieces.isEmpty { pieces = [[]] }
  }

  /// A place in the window.
  struct Place: Equatable {
    fileprivate var piece = 0
    fileprivate var line = 0
  }

  /// The line at a place, which moves to the next; nil behind the last.
  func next(_ place: inout Place) -> Line? {
    while place.piece < pieces.count {
      if place.line < pieces[place.piece].count {
        defer { place.line += 1 }
        return pieces[place.piece][place.line]
      }
      place = Place(piece: place.piece + 1)
    }
    return nil
  }

  /// Whether this line is the one at a place.
  func holds(_ line: Line, at place: Place) -> Bool {
    var place = place
    return next(&place) == line
  }

  /// Calls `body` with every line.
  func forEach(_ body: (Line) -> Void) {
    for piece in pieces { for line in piece { body(line) } }
  }
}
