internal import Glibc
internal import Terminal

/// Shows long texts a screen at a time.
struct Pager {
  let context: Context

  /// Writes the text, through `$PAGER` when a person would not see its beginning any more.
  func show(_ text: String) {
    guard context.output.isTerminal, context.input.isTerminal, isTooLong(text) else {
      return context.output.write(text)
    }
    let program = context.environment["PAGER"].flatMap { $0.isEmpty ? nil : $0 } ?? "less -S"
    // Who leaves the pager early has seen enough.
    let old = signal(SIGPIPE, SIG_IGN)
    defer { signal(SIGPIPE, old) }
    guard let pipe = popen(program, "we") else { return context.output.write(text) }
    let bytes = Array(text.utf8)
    fwrite(bytes, 1, bytes.count, pipe)
    pclose(pipe)
  }

  private func isTooLong(_ text: String) -> Bool {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return false }
    return text.utf8.count { $0 == UInt8(ascii: "\n") } >= Int(size.ws_row)
  }
}
