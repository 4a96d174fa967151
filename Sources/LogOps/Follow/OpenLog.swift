internal import KubeExec
internal import Synchronization

/// A request for a log whose answer comes, and what its silence means.
final class OpenLog: Sendable {
  private struct State {
    var rule: SilenceRule
    var heard: ContinuousClock.Instant
    /// When nothing could have come last: the output did not keep up.
    var excused: ContinuousClock.Instant
    /// Whether the server is being asked.
    var isAsking = false
    var isOpen = true
  }

  /// What is to be done.
  enum Finding {
    case nothing
    /// The server is to be asked whether the log has gone on.
    case ask
  }

  /// So long after the end of a container nothing more comes by a stream that is still open.
  private static let afterEnd = Duration.seconds(3)
  /// So long after it, what comes by the stream is another instance's, or comes by a new request too.
  private static let longAfterEnd = Duration.seconds(10)
  /// An answer that has an end, and gives no more so long, is asked for again.
  private static let betweenBytes = Duration.seconds(3)

  /// Ends the request.
  let stop = LogStop()
  private let reader: InstanceReader
  private let follows: Bool
  private let start: ContinuousClock.Instant
  private let state: Mutex<State>

  init(_ reader: InstanceReader, follows: Bool) {
    self.reader = reader
    self.follows = follows
    start = .now
    let rule = SilenceRule(usual: reader.options.silence, now: start)
    state = Mutex(State(rule: rule, heard: start, excused: start))
  }

  /// Something has come, or has been taken.
  func hear() {
    let now = ContinuousClock.now
    state.withLock { state in
      state.rule.hear(now)
      state.heard = now
    }
  }

  /// Its answer has ended.
  func close() { state.withLock { $0.isOpen = false } }

  /// Ends the request where its silence is wrong for certain.
  func look() -> Finding {
    let now = ContinuousClock.now
    guard reader.pipeline.keepsUp, reader.held.isOpen else {
      state.withLock { state in
        state.rule.excuse(now)
        state.excused = now
      }
      return .nothing
    }
    let finding = state.withLock { follows ? lookForStall($0, now) : lookForEnd($0, now) }
    switch finding {
    case .fine: return .nothing
    case .wrong(let end):
      stop.stop(throwing: EarlyEnd(end: end))
      return .nothing
    case .doubtful:
      let isFirst = state.withLock { state in
        defer { state.isAsking = true }
        return !state.isAsking
      }
      return isFirst ? .ask : .nothing
    }
  }

  private enum Silence {
    case fine
    case wrong(InstanceFollow.StreamEnd)
    case doubtful
  }

  /// Whether the container has ended and the stream has not, or the log may have gone on without the
  /// stream, as after a rotation on old kubelets.
  private func lookForStall(_ state: State, _ now: ContinuousClock.Instant) -> Silence {
    let ends = reader.shared.ends
    if ends.hasEnded(reader.identity, for: Self.afterEnd),
      state.heard.duration(to: now) >= Self.afterEnd
        || ends.hasEnded(reader.identity, for: Self.longAfterEnd)
    {
      return .wrong(.stalled)
    }
    return state.rule.isTime(now) ? .doubtful : .fine
  }

  /// Whether an answer that has an end seems to have lost it.
  ///
  /// Where several streams of an HTTP/2 connection end together, libcurl 7.88 may put the end of one aside
  /// until the server sends anything else on that connection, which it need not do ever again.
  private func lookForEnd(_ state: State, _ now: ContinuousClock.Instant) -> Silence {
    let patience = state.heard > start ? Self.betweenBytes : InstanceReader.patience
    guard max(state.heard, state.excused).duration(to: now) >= patience else { return .fine }
    return .wrong(.broken("the answer gives no more, and does not end"))
  }

  /// Asks whether the log has gone on without the stream, and ends the request if so.
  func ask() async throws {
    defer { state.withLock { $0.isAsking = false } }
    let heard = state.withLock { $0.heard }
    let hasGoneOn = try await reader.hasGoneOn()
    // The answer may have overtaken the stream.
    guard state.withLock({ $0.isOpen && $0.heard == heard }) else { return }
    switch hasGoneOn {
    case nil:
      reader.notices.tellOfSilence(InstanceReader.patience)
      stop.stop(throwing: EarlyEnd(end: .broken("the API server gives no answer")))
    case true?:
      let silence = heard.duration(to: .now).components.seconds
      reader.notices.tell("\(reader.name): stalled for \(silence) s, reconnected")
      stop.stop(throwing: EarlyEnd(end: .stalled))
    case false?: state.withLock { $0.rule.askedInVain(.now) }
    }
  }
}
