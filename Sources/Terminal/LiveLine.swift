internal import Synchronization

/// The last line of a terminal, rewritten in place; nothing anywhere else.
///
/// Whatever else is to be written to the same terminal has to come after `clear`. May be called from
/// any task.
public final class LiveLine: Sendable {
  private struct State {
    var drawn = ""
    var width = 0
    var columns = 0
    var isShown = false
  }

  private let stream: OutputStream
  private let state = Mutex(State())
  /// Whether there is a terminal to draw on.
  public let isLive: Bool

  /// Draws on a stream, if that is a terminal.
  public init(on stream: OutputStream) {
    self.stream = stream
    isLive = stream.isTerminal
  }

  /// Shows a text, cut to the width that the terminal has now; the same text is not drawn again.
  ///
  /// - Parameter styled: colours what is shown; it must not change its width.
  public func show(_ text: String, styled: (String) -> String = { $0 }) {
    guard isLive else { return }
    state.withLock { state in
      let columns = stream.columns ?? 80
      let line = text.harmless.truncated(to: columns - 1)
      if line == state.drawn, state.isShown, columns == state.columns { return }
      stream.write(erasing(state, columns) + styled(line) + "\u{1B}[K")
      state = State(drawn: line, width: line.displayWidth, columns: columns, isShown: true)
    }
  }

  /// Takes the line away.
  public func clear() {
    state.withLock { state in
      if state.isShown { stream.write(erasing(state, stream.columns ?? 80) + "\u{1B}[K") }
      state.isShown = false
    }
  }

  /// To the line's beginning. In a window that was made narrower meanwhile it has become several.
  private func erasing(_ state: State, _ columns: Int) -> String {
    guard state.isShown, columns < state.columns, state.width > columns else { return "\r" }
    return "\r\u{1B}[\((state.width - 1) / columns)A\u{1B}[J"
  }
}
