/// The lines of a log's last two seconds, in the order in which they came, by their stamps: in nanoseconds
/// behind the window's start.
///
/// Hundreds of logs have one each, which may hold a million lines together: a line takes one byte to four
/// by its distance from the one before, five where it comes behind its place, and they stand in pieces of
/// one size, so that what one log gives back another takes.
struct LineWindow: Equatable {
  /// Lines that stand behind each other, as the distances between their offsets: in seven bits a byte,
  /// the lowest first; all bytes but the last of a distance have the eighth.
  private struct Piece: Equatable {
    /// How many bytes a piece has.
    static let size = 512
    /// How many a distance takes at most.
    static let longest = 5

    var bytes: [UInt8] = []
    /// The offset that distances begin with.
    var start: UInt32
    var last: UInt32
    var least: UInt32
    var count = 0

    init(start: UInt32) {
      (self.start, last, least) = (start, start, start)
      bytes.reserveCapacity(Piece.size)
    }

    /// Whether another line may not fit.
    var isFull: Bool { bytes.count &+ Piece.longest > Piece.size }

    @inline(__always)
    mutating func append(_ line: UInt32) {
      // That of a line which comes behind its place goes round.
      var step = line &- last
      while step >= 0x80 {
        bytes.append(UInt8(truncatingIfNeeded: step) | 0x80)
        step >>= 7
      }
      bytes.append(UInt8(truncatingIfNeeded: step))
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
    fileprivate var byte = 0
    /// The line before, in the same piece.
    fileprivate var last: UInt32 = 0
  }

  /// The line at a place, which moves to the next; nil behind the last.
  func next(_ place: inout Place) -> UInt32? {
    while place.piece < pieces.count {
      let piece = pieces[place.piece]
      guard place.byte < piece.bytes.count else {
        place = Place(piece: place.piece + 1)
        continue
      }
      if place.byte == 0 { place.last = piece.start }
      var (step, shift) = (UInt32(0), UInt32(0))
      while true {
        let byte = piece.bytes[place.byte]
        place.byte += 1
        step |= UInt32(byte & 0x7F) << shift
        if byte < 0x80 { break }
        shift += 7
      }
      place.last &+= step
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
