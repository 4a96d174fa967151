internal import Glibc
internal import Synchronization
internal import SystemPackage

/// What one run of a program is told while it runs: lines on its standard input, and signals.
///
/// May be used from any task. What comes too late does nothing.
public final class ProcessControl: Sendable {
  private struct State {
    var process: pid_t?
    /// The ends of the program's standard input: ours, and the program's until it has it.
    var ends: (own: Int32, other: Int32) = (-1, -1)
  }

  private let state = Mutex(State())

  /// Whether the program has a standard input that can be written to.
  let hasInput: Bool

  /// Serves one run.
  ///
  /// - Parameter hasInput: false for signals alone: the program then reads nothing.
  public init(hasInput: Bool = true) { self.hasInput = hasInput }

  /// Writes to the program's standard input; waits while the program does not read.
  ///
  /// - Returns: false when nobody will ever read it.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool {
    // A duplicate, so that nobody waits for the lock while the program does not read.
    let own = state.withLock { $0.ends.own < 0 ? -1 : dup($0.ends.own) }
    guard own >= 0 else { return false }
    defer { close(own) }
    return bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let chunk = UnsafeRawBufferPointer(rebasing: rest)
        // No SIGPIPE: that the program has gone is not our end.
        let sent = send(own, chunk.baseAddress, chunk.count, Int32(MSG_NOSIGNAL))
        if sent < 0, errno == EINTR { continue }
        guard sent > 0 else { return false }
        rest = rest.dropFirst(sent)
      }
      return true
    }
  }

  /// Ends the program's standard input.
  public func closeInput() {
    state.withLock { state in
      if state.ends.own >= 0 { close(state.ends.own) }
      state.ends.own = -1
    }
  }

  /// Sends a signal to the program alone.
  public func signal(_ number: Int32) { deliver(number, toGroup: false) }

  /// Sends a signal to all of the program's group.
  public func signalGroup(_ number: Int32) { deliver(number, toGroup: true) }

  /// Under the lock: the number cannot be given to a stranger before `ended`.
  private func deliver(_ number: Int32, toGroup: Bool) {
    state.withLock { state in
      guard let process = state.process else { return }
      kill(toGroup ? -process : process, number)
    }
  }

  /// Makes the standard input and gives the program's end of it.
  ///
  /// A pair of sockets and not a pipe: only they can be written to without the danger of SIGPIPE.
  func open() throws -> Int32 {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw ProcessFailure("cannot make a pair of sockets: \(Errno(rawValue: errno))")
    }
    let (own, other) = (ends[0], ends[1])
    state.withLock { $0.ends = (own, other) }
    return other
  }

  /// The program has its end.
  func started() {
    state.withLock { state in
      if state.ends.other >= 0 { close(state.ends.other) }
      state.ends.other = -1
    }
  }

  func began(_ process: pid_t) { state.withLock { $0.process = process } }

  func ended() {
    state.withLock { $0.process = nil }
    closeInput()
  }

  deinit {
    started()
    closeInput()
  }
}
