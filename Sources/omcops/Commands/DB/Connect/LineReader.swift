internal import CEdit
internal import COmc
internal import Glibc
internal import Synchronization

/// Reads lines at a terminal with editing and a history that outlives the session.
///
/// libedit keeps its state in globals, so there is one reader in a process. While it waits for a
/// key it waits for `interrupt` too, which any thread may call; libedit's own signal handling is
/// off, as it would send each signal on to the whole process group.
struct LineReader {
  /// What came of a line.
  enum Line: Equatable {
    case text(String)
    /// Ctrl-C: what was typed is thrown away.
    case abandoned
    /// Ctrl-D, or the terminal is gone.
    case end
  }

  private let history: LineHistory

  /// Takes up the history in the user's state folder.
  init(environment: [String: String]) {
    // libedit reads multibyte characters as the locale says.
    setlocale(LC_CTYPE, "")
    omc_edit_configure { _ in Keyboard.nextScalar() }
    using_history()
    history = LineHistory(environment: environment)
    for entry in history.read() { add_history(entry) }
    Keyboard.watchTerminal()
  }

  /// The next line without its newline; blocks until there is one.
  func read(_ prompt: String) -> Line {
    Keyboard.begin()
    // The window may have changed its size while a statement ran.
    rl_resize_terminal()
    guard let line = readline(prompt) else {
      return Keyboard.wasInterrupted ? .abandoned : .end
    }
    defer { free(line) }
    return .text(String(cString: line))
  }

  /// Makes the `read` that waits now, or else the next one, return `.abandoned`.
  static func interrupt() { Keyboard.interrupt() }

  /// Remembers what was run, a statement an entry.
  func remember(_ entry: String) {
    guard !entry.isEmpty else { return }
    add_history(entry)
    history.append(entry)
  }
}

/// The terminal's keys, one character at a time, and what else may happen meanwhile.
private enum Keyboard {
  /// A counter that poll(2) can wait for; the signal handlers write to it.
  private static let wakeUp = omc_wakeup_open()
  private static let isInterrupted = Atomic(false)
  private static let isChanged = Atomic(false)

  static var wasInterrupted: Bool { isInterrupted.load(ordering: .acquiring) }

  /// Forgets interrupts that came before the prompt.
  static func begin() { isInterrupted.store(false, ordering: .releasing) }

  static func interrupt() {
    isInterrupted.store(true, ordering: .releasing)
    wake()
  }

  private static func wake() {
    var one: UInt64 = 1
    _ = write(wakeUp, &one, MemoryLayout<UInt64>.size)
  }

  /// After a change of the window's size, and after Ctrl-Z and `fg`, the line is drawn anew.
  static func watchTerminal() {
    // The handler may not be the first to open it.
    guard wakeUp >= 0 else { return }
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      let saved = errno
      Keyboard.isChanged.store(true, ordering: .releasing)
      Keyboard.wake()
      errno = saved
    }
    action.sa_flags = SA_RESTART
    for signal in [SIGWINCH, SIGCONT] { sigaction(signal, &action, nil) }
  }

  /// The next character; -1 ends the line, as libedit has it.
  static func nextScalar() -> Int32 {
    while true {
      var sources = [
        pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
        pollfd(fd: wakeUp, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&sources, 2, -1) >= 0 || errno == EINTR else { return -1 }
      if sources[1].revents != 0 {
        var count: UInt64 = 0
        _ = Glibc.read(wakeUp, &count, MemoryLayout<UInt64>.size)
      }
      if wasInterrupted { return -1 }
      if isChanged.exchange(false, ordering: .acquiringAndReleasing) { redraw() }
      if sources[0].revents != 0 { return readScalar() }
    }
  }

  private static func redraw() {
    // The shell that had the terminal meanwhile has left it in its own mode.
    rl_deprep_terminal()
    rl_prep_terminal(1)
    rl_resize_terminal()
    rl_forced_update_display()
  }

  /// Reads the bytes of one UTF-8 character; a broken one becomes U+FFFD.
  private static func readScalar() -> Int32 {
    guard let first = readByte() else { return -1 }
    var bytes = [first]
    while bytes.count < length(from: first), let byte = readByte() { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self).unicodeScalars.first.map { Int32($0.value) } ?? -1
  }

  private static func length(from byte: UInt8) -> Int {
    switch byte {
    case 0xC0..<0xE0: 2
    case 0xE0..<0xF0: 3
    case 0xF0..<0xF8: 4
    default: 1
    }
  }

  private static func readByte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      let count = Glibc.read(STDIN_FILENO, &byte, 1)
      if count == 1 { return byte }
      if count == 0 || errno != EINTR { return nil }
    }
  }
}
