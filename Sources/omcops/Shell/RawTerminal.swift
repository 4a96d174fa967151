internal import Dispatch
internal import Glibc

/// The operator's terminal, handed over to a program elsewhere: each key goes there, and what it
/// writes comes as it is.
final class RawTerminal {
  private let before: termios

  /// Takes the terminal over; nil where standard input is none.
  init?() {
    var state = termios()
    guard tcgetattr(0, &state) == 0 else { return nil }
    before = state
    cfmakeraw(&state)
    guard tcsetattr(0, TCSADRAIN, &state) == 0 else { return nil }
  }

  /// Gives it back as it was.
  func restore() {
    var state = before
    tcsetattr(0, TCSADRAIN, &state)
  }

  /// Its size.
  static func size() -> (columns: Int, rows: Int)? {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// An element for each change of its size, and one at the beginning.
  static func changes() -> AsyncStream<Void> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      let source = SizeSignal(continuation)
      continuation.onTermination = { @Sendable _ in source.cancel() }
      continuation.yield()
    }
  }
}

/// The signal that a terminal's size has changed.
private final class SizeSignal: @unchecked Sendable {
  // @unchecked: Dispatch's sources may be used from all threads; nothing else is kept.
  private let source: any DispatchSourceSignal

  init(_ continuation: AsyncStream<Void>.Continuation) {
    source = DispatchSource.makeSignalSource(
      signal: SIGWINCH, queue: DispatchQueue(label: "omcops.window"))
    source.setEventHandler { @Sendable in continuation.yield() }
    source.resume()
  }

  func cancel() { source.cancel() }
}
