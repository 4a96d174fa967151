/// The lines of a log's last two seconds, in the order in which they came, by their stamps: in nanoseconds
/// behind the window's start.
///
/// Hundreds of logs have one each, which may hold a million lines together: a line that comes soon after
/// the one before takes two bytes, and they stand in pieces of one size, so that what one log gives back
/// another takes.
struct LineWindow: Equatable {
  /// Lines that stand behind each other, as the distances between their offsets.
  private struct Piece: Equatable {
    /// How many words a piece has.
    static let size = 512
    /// In place of a distance: the next two words are the line's, from the piece's start.
    static let far = UInt16.max

    var words: [UInt16] = []
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
    var isFull: Bool { words.count &+ 2 >= Piece.size }

    @inline(__always)
    mutating func append(_ line: UInt32) {
      // A line that comes behind its place is far too, as the distance goes round.
      let step = line &- last
      if step < UInt32(Piece.far) {
        words.append(UInt16(truncatingIfNeeded: step))
      } else {
        let offset = line &- start
        words.append(Piece.far)
        words.append(UInt16(truncatingIfNeeded: offset))
        words.append(UInt16(truncatingIfNeeded: offset >> 16))
      }
      last = line
      least = min(least, line)
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
  mutating func append(_ line: UInt32) {
    let index = pieces.count &- 1
    if index >= 0, !pieces[index].isFull {
      pieces[index].append(line)
    } else {
      begin(line)
    }
    count &+= 1
  }

  @inline(never)
  private mutating func begin(_ line: UInt32) {
    var piece = Piece(start: line)
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
      guard line >= step else { continue }
      if kept == nil { kept = Piece(start: line - step) }
      kept?.append(line - step)
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
    /// The line before, in the same piece.
    fileprivate var last: UInt32 = 0
  }

  /// The line at a place, which moves to the next; nil behind the last.
  func next(_ place: inout Place) -> UInt32? {
    while place.piece < pieces.count {
      let piece = pieces[place.piece]
      guard place.word < piece.words.count else {
        place = Place(piece: place.piece + 1)
        continue
      }
      let word = piece.words[place.word]
      if word == Piece.far {
        let offset = UInt32(piece.words[place.word + 1]) | UInt32(piece.words[place.word + 2]) << 16
        place.last = piece.start &+ offset
        place.word += 3
      } else {
        place.last = (place.word == 0 ? piece.start : place.last) &+ UInt32(word)
        place.word += 1
      }
      return place.last
    }
    return nil
  }

  /// Whether this line is the one at a place.
  func holds(_ line: UInt32, at place: Place) -> Bool {
    var place = place
    return next(&place) == line
  }

  /// Calls `body` with every line.
  func forEach(_ body: (UInt32) -> Void) {
    var place = Place()
    while let line = next(&place) { body(line) }
  }
}
