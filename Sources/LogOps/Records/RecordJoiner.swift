/// Joins lines that belong together into records: a traceback, a stack, an indented continuation
/// follow the line that they explain.
///
/// It goes by how lines begin, knows the traces of Python, the JVM, .NET, Node and Go, and never holds
/// more than its bounds: what is longer goes on as a record of its own, and nothing is lost.
final class RecordJoiner {
  /// Bounds of one record.
  static let maximumLines = 1000
  static let maximumBytes = 256 << 10

  /// A record: its bytes, the stamp that came with its first line, and how many bytes its lines had
  /// too many.
  typealias Body = (_ record: Bytes, _ stamp: LogTime?, _ dropped: Int) throws -> Void

  private enum Trace { case none, python, goroutines }

  /// The record that may go on, where it stands in the piece that is being read.
  private var open = Bytes(start: nil, count: 0)
  private var isOpen = false
  /// The record that may go on, when its lines stand apart or the piece is gone.
  private let kept = ByteBuffer()
  private var isKept = false
  private var stamp: LogTime?
  private var lines = 0
  private var dropped = 0
  private var trace = Trace.none

  /// Whether a record waits for what may follow.
  var isHolding: Bool { isOpen }

  /// Takes the next line; gives out the record before it where the line begins a new one.
  @inline(__always)
  func add(_ line: Bytes, stamp: LogTime?, dropped: Int, _ body: Body) rethrows {
    if wouldJoin(line) { return join(line, dropped) }
    if isOpen { try flush(body) }
    open = line
    isOpen = true
    self.stamp = stamp
    self.dropped = dropped
    lines = 1
    trace = .none
    begins(line)
  }

  /// Whether a line would become part of the record that waits.
  @inline(__always)
  func wouldJoin(_ line: Bytes) -> Bool {
    isOpen && continues(line) && lines < RecordJoiner.maximumLines
      && (isKept ? kept.count : open.count) + line.count < RecordJoiner.maximumBytes
  }

  /// Gives out the record that waits.
  func flush(_ body: Body) rethrows {
    guard isOpen else { return }
    isOpen = false
    defer {
      if isKept { kept.removeAll() }
      isKept = false
    }
    try body(isKept ? kept.bytes : open, stamp, dropped)
  }

  /// The piece that the last lines stood in goes away.
  func keep() {
    guard isOpen, !isKept else { return }
    kept.removeAll()
    kept.append(open)
    isKept = true
  }

  private func join(_ line: Bytes, _ dropped: Int) {
    lines += 1
    self.dropped += dropped
    // Lines of a file stand behind each other with the newline between them.
    if !isKept, let start = open.baseAddress, let next = line.baseAddress,
      start + open.count + 1 == next
    {
      open = Bytes(start: start, count: open.count + 1 + line.count)
      return
    }
    keep()
    kept.append(0x0A)
    kept.append(line)
  }

  /// What a record's first line says about those that follow.
  private func begins(_ line: Bytes) {
    switch line.first {
    case UInt8(ascii: "T") where line.has("Traceback (most recent call last):"): trace = .python
    case UInt8(ascii: "p") where line.has("panic: "): trace = .goroutines
    case UInt8(ascii: "g") where line.has("goroutine "): trace = .goroutines
    case UInt8(ascii: "f") where line.has("fatal error: "): trace = .goroutines
    default: break
    }
  }

  /// Whether a line belongs to the record before it.
  @inline(__always)
  private func continues(_ line: Bytes) -> Bool {
    guard let first = line.first else { return trace != .none }
    switch first {
    case 0x20, 0x09: return true
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "0")...UInt8(ascii: "9"):
      if trace == .goroutines { trace = .none }
      return false
    default: return continuesWord(line, first)
    }
  }

  @inline(never)
  private func continuesWord(_ line: Bytes, _ first: UInt8) -> Bool {
    switch first {
    case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ")"): return line.count <= 3
    case UInt8(ascii: "T") where line.has("Traceback (most recent call last):"):
      trace = .python
      return true
    case UInt8(ascii: "C") where line.has("Caused by: "): return true
    case UInt8(ascii: "S") where line.has("Suppressed: "): return true
    case UInt8(ascii: "D") where line.has("During handling of the above exception"),
      UInt8(ascii: "T") where line.has("The above exception was the direct cause"):
      return true
    case UInt8(ascii: "-") where line.has("--- End of "): return true
    case UInt8(ascii: "g") where line.has("goroutine ") && line.last == UInt8(ascii: ":"):
      trace = .goroutines
      return true
    default: break
    }
    switch trace {
    case .python:
      // The exception itself ends the trace; another may follow it.
      trace = .none
      return isException(line) || line.has("  ")
    case .goroutines:
      if isCall(line) || line.has("exit status ") || line.has("created by ") { return true }
      trace = .none
      return false
    case .none: return isJavaException(line)
    }
  }

  /// `ValueError: wrong`, `app.errors.Broken`: a dotted name, then a colon or the end.
  private func isException(_ line: Bytes) -> Bool {
    var place = 0
    while place < line.count, line[place].isWord || line[place] == UInt8(ascii: ".") { place += 1 }
    return place > 0 && (place == line.count || line[place] == UInt8(ascii: ":"))
  }

  /// `java.lang.IllegalStateException: wrong`: the first line of a stack, under the message it
  /// belongs to.
  private func isJavaException(_ line: Bytes) -> Bool {
    guard line[0].isLower || line.has("Exception in thread ") else { return false }
    if line[0] == UInt8(ascii: "E") { return true }
    var place = 0
    var dots = 0
    while place < line.count,
      line[place].isWord || line[place] == UInt8(ascii: ".")
        || line[place] == UInt8(ascii: "$")
    {
      if line[place] == UInt8(ascii: ".") { dots += 1 }
      place += 1
    }
    guard dots > 0, place == line.count || line[place] == UInt8(ascii: ":") else { return false }
    return line.has("Exception", at: place - 9) || line.has("Error", at: place - 5)
      || line.has("Throwable", at: place - 9)
  }

  /// `main.serve(0xc000, 0x1)`, `main.main()`.
  private func isCall(_ line: Bytes) -> Bool {
    line.last == UInt8(ascii: ")") && line.find(UInt8(ascii: "(")) != nil
      && line.find(UInt8(ascii: ".")) != nil
  }
}
