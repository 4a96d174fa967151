internal import Synchronization

/// What an interpreter writes outside of any test's capture, shown line by line as it comes.
final class WorkerSpeech: Sendable {
  /// More than people read of a line.
  private static let limit = 8 << 10

  private let label: String
  private let board: CrewBoard
  private let rest = Mutex<[UInt8]>([])

  init(_ label: String, _ board: CrewBoard) {
    self.label = label
    self.board = board
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    rest.withLock { rest in
      bytes.forEachLine(keeping: &rest, upTo: WorkerSpeech.limit, say)
    }
  }

  /// Shows what has no end of a line behind it: nothing more will come.
  func finish() {
    rest.withLock { rest in
      say(rest)
      rest = []
    }
  }

  private func say(_ line: [UInt8]) {
    if line.isEmpty { return }
    let more = line.count == WorkerSpeech.limit ? " [the rest of the line is left out]" : ""
    board.say("\(label) | \(String(decoding: line, as: UTF8.self))\(more)")
  }
}
