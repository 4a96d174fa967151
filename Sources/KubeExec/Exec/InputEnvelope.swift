internal import Synchronization

/// Standard input for servers before 1.30, whose protocol cannot say that it ends: the bytes go in
/// pieces with their lengths before them, a shell in the container takes them apart, and a length of
/// 0 is the end.
///
/// The shell waits for that end also after the command, for two reasons: nothing may stay behind in
/// the container, and containerd does not end a session whose input nobody takes (its copy waits for
/// room in a pipe). So the shell says on standard error when the command has ended, by a mark that
/// nobody else can write, and gets the end as answer; what was on its way is read and dropped.
struct InputEnvelope: Sendable {
  /// What the shell writes when the command has ended.
  let mark: [UInt8]

  init() {
    let digits = (0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }
    // A byte that no text begins with, so that nothing of the output waits for what follows.
    mark = Array("\u{1}omcops \(digits.joined())\u{1}".utf8)
  }

  /// `dd` reads a whole piece and not a byte more, in GNU's and in busybox's version; it reads it also
  /// when the command takes no more. The exit code is the command's, which is the last of the pipe.
  private static let script = """
    command -v dd >/dev/null || { echo 'omcops: the container has no dd, which \
    standard input needs on servers before 1.30' >&2; exit 127; }; m=$1; shift; \
    while read -r n && [ "$n" -gt 0 ]; do dd bs="$n" count=1 iflag=fullblock; done 2>/dev/null | \
    { "$@"; c=$?; printf %s "$m" >&2; exit "$c"; }
    """

  /// The command inside of the shell.
  func wrapping(_ command: [String]) -> [String] {
    ["sh", "-c", InputEnvelope.script, "sh", String(decoding: mark, as: UTF8.self)] + command
  }

  /// A piece with its length.
  static func piece(_ bytes: [UInt8]) -> [UInt8] { Array("\(bytes.count)\n".utf8) + bytes }

  /// The end.
  static let end = Array("0\n".utf8)
}

/// Finds a mark in what comes in pieces, and lets everything else through.
struct MarkFilter {
  private let mark: [UInt8]
  /// The first bytes of what may become the mark.
  private var held: [UInt8] = []
  /// Whether it came.
  private(set) var isFound = false

  init(_ mark: [UInt8]) { self.mark = mark }

  /// Takes a piece and gives what is not the mark, nor may become it.
  mutating func pass(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    guard !isFound else { return Array(bytes) }
    var all = held + bytes
    held = []
    var start = 0
    while let first = all[start...].firstIndex(of: mark[0]) {
      let rest = all[first...]
      if rest.starts(with: mark) {
        isFound = true
        all.removeSubrange(first..<first + mark.count)
        return all
      }
      if rest.count < mark.count, mark.starts(with: rest) {
        held = Array(rest)
        return Array(all[..<first])
      }
      start = first + 1
    }
    return all
  }

  /// What was held back, at the end.
  mutating func rest() -> [UInt8] {
    defer { held = [] }
    return held
  }
}

/// Who may send standard input: the end must not stand within a piece, and nothing after the end.
final class InputTurn: Sendable {
  private struct State {
    var isSending = false
    var isEndDue = false
    var isOver = false
  }

  private let state = Mutex(State())

  /// Before a piece; false when the end was sent.
  func begin() -> Bool {
    state.withLock { state in
      guard !state.isOver, !state.isEndDue else { return false }
      state.isSending = true
      return true
    }
  }

  /// After a piece; true when the caller has to send the end now.
  func finish() -> Bool {
    state.withLock { state in
      state.isSending = false
      guard state.isEndDue else { return false }
      state.isEndDue = false
      state.isOver = true
      return true
    }
  }

  /// Nothing more shall be sent; true when the caller has to send the end now, false when somebody
  /// else does or did.
  func end() -> Bool {
    state.withLock { state in
      guard !state.isOver else { return false }
      state.isOver = !state.isSending
      state.isEndDue = state.isSending
      return state.isOver
    }
  }
}
