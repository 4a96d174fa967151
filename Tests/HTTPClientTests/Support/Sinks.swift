import HTTPClient
import Synchronization

/// Keeps everything.
final class Keeper: HTTPSink {
  private let state = Mutex((head: HTTPHead?.none, bytes: [UInt8](), pieces: 0))

  var head: HTTPHead? { state.withLock { $0.head } }
  var bytes: [UInt8] { state.withLock { $0.bytes } }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  func head(_ head: HTTPHead) { state.withLock { $0.head = head } }
  func body(_ bytes: UnsafeRawBufferPointer) { state.withLock { $0.bytes += bytes } }
}

/// Throws at a moment of a transfer.
final class Refuser: HTTPSink {
  enum Moment: CaseIterable, Sendable { case head, body }
  struct Refused: Error, Equatable { let moment: Moment }
  private let moment: Moment

  init(at moment: Moment) { self.moment = moment }

  func head(_ head: HTTPHead) throws { if moment == .head { throw Refused(moment: .head) } }
  func body(_ bytes: UnsafeRawBufferPointer) throws {
    if moment == .body { throw Refused(moment: .body) }
  }
}

/// A body that comes in pieces.
final class Pieces: HTTPSource {
  private let state: Mutex<(left: [String], all: [String])>
  private let isRewindable: Bool

  init(_ pieces: [String], isRewindable: Bool = true) {
    state = Mutex((pieces, pieces))
    self.isRewindable = isRewindable
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    state.withLock { state in
      guard !state.left.isEmpty else { return 0 }
      let piece = Array(state.left.removeFirst().utf8)
      buffer.copyBytes(from: piece)
      return piece.count
    }
  }

  func rewind() -> Bool {
    state.withLock { $0.left = $0.all }
    return isRewindable
  }
}

/// What happened, in its order, from several threads.
final class Record<Element: Sendable>: Sendable {
  private let elements = Mutex<[Element]>([])
  var all: [Element] { elements.withLock { $0 } }
  func add(_ element: Element) { elements.withLock { $0.append(element) } }
}
