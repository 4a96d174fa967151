/// The lines of a log's last two seconds, in the order in which they came.
///
/// Hundreds of logs have one each, which may hold a million lines together: a line that comes soon after
/// the one before takes four bytes, and they stand in pieces of one size, so that what one log gives back
/// another takes.
struct LineWindow: Equatable {
  /// Two lines are taken for the same where stamp and hash are: the stamp tells nanoseconds, so a quarter
  /// of a hash is enough.
  struct Line: Hashable {
    /// Nanoseconds behind the window's start, which are less than two seconds.
    var offset: UInt32
    var hash: UInt16
  }

  /// Lines that stand behind each other, as the distances between their offsets.
  private struct Piece: Equatable {
    /// How many words a piece has.
    static let size = 256
    /// A distance that stands in a word of its own: the next one, from the piece's start.
    static let far: UInt32 = 0xFFFF

    /// A distance in the upper half, a hash in the lower one.
    var words: [UInt32] = []
    /// The offset that distances begin with.
    var start: UInt32
    var last: UInt32
    var least: UInt32
    var count = 0

    init(start: UInt32) {
      (self.start, last, least) = (start, start, start)
      words.reserveCapacity(Piece.size)
    }

    /// Whether another line may not fit.
    var isFull: Bool { words.count &+ 1 >= Piece.size }

    @inline(__always)
    mutating func append(_ line: Line) {
      // A line that comes behind its place is far too, as the distance goes round.
      let step = line.offset &- last
      if step < Piece.far {
        words.append(step << 16 | UInt32(line.hash))
      } else {
        words.append(Piece.far << 16 | UInt32(line.hash))
        words.append(line.offset &- start)
      }
      last = line.offset
      least = min(least, line.offset)
      count &+= 1
    }

    mutating func move(by step: UInt32) {
      start &-= step
      last &-= step
      least &-= step
    }
  }

  private var pieces: [Piece] = []
  private(set) var count = 0

  @inline(__always)
  mutating func append(_ line: Line) {
    let index = pieces.count &- 1
    if index >= 0, !pieces[index].isFull {
      pieces[index].append(line)
    } else {
      begin(line)
    }
    count &+= 1
  }

  @inline(never)
  private mutating func begin(_ line: Line) {
    var piece = Piece(start: line.offset)
    piece.append(line)
    pieces.append(piece)
  }

  /// The window's start has moved on: what is before it goes.
  mutating func move(by step: UInt32) {
    var old: [Piece] = []
    swap(&pieces, &old)
    count = 0
    for var piece in old {
      if piece.least >= step {
        piece.move(by: step)
        count += piece.count
        pieces.append(piece)
      } else {
        keep(of: piece, from: step)
      }
    }
  }

  /// Keeps what is not before the new start of a piece that begins before it.
  private mutating func keep(of piece: Piece, from step: UInt32) {
    let part = LineWindow(piece)
    var place = Place()
    var kept: Piece?
    while let line = part.next(&place) {
      guard line.offset >= step else { continue }
      let moved = Line(offset: line.offset - step, hash: line.hash)
      if kept == nil { kept = Piece(start: moved.offset) }
      kept?.append(moved)
      count += 1
    }
    if let kept { pieces.append(kept) }
  }

  init() {}

  private init(_ piece: Piece) {
    pieces = [piece]
    count = piece.count
  }

  /// A place in the window.
  struct Place: Equatable {
    fileprivate var piece = 0
    fileprivate var word = 0
    /// The offset of the line before, in the same piece.
    fileprivate var last: UInt32 = 0
  }

  /// The line at a place, which moves to the next; nil behind the last.
  func next(_ place: inout Place) -> Line? {
    while place.piece < pieces.count {
      let piece = pieces[place.piece]
      guard place.word < piece.words.count else {
        place = Place(piece: place.piece + 1)
        continue
      }
      let word = piece.words[place.word]
      var offset = (place.word == 0 ? piece.start : place.last) &+ word >> 16
      if word >> 16 == Piece.far {
        place.word += 1
        offset = piece.start &+ piece.words[place.word]
      }
      place.word += 1
      place.last = offset
      return Line(offset: offset, hash: UInt16(truncatingIfNeeded: word))
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
    var place = Place()
    while let line = next(&place) { body(line) }
  }
}
