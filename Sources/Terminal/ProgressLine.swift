internal import Quantities
internal import Synchronization

/// Tells how far a long piece of work is: one line that is rewritten in place on a terminal,
/// nothing elsewhere but one line for each finished step.
///
/// May be called from any task, as often as bytes arrive: it writes ten times a second at most.
public final class ProgressLine: Sendable {
  /// How much has been done, of how much.
  public enum Amount: Sendable {
    /// Bytes; the total is an estimate or unknown.
    case bytes(Int64, of: Int64?)
    /// Things, such as tables.
    case items(Int64, of: Int64?)
  }

  private struct State {
    var label = ""
    var started: ContinuousClock.Instant
    var lastDrawn: ContinuousClock.Instant?
  }

  private let stream: OutputStream
  private let line: LiveLine
  private let clock = ContinuousClock()
  private let state: Mutex<State>

  /// Draws on a stream, if that is a terminal.
  public init(on stream: OutputStream) {
    self.stream = stream
    line = LiveLine(on: stream)
    state = Mutex(State(started: clock.now))
  }

  /// Begins a step: its rate and time left are its own.
  public func begin(_ label: String) {
    state.withLock { state in
      state.label = label
      state.started = clock.now
      state.lastDrawn = nil
      line.show(label + " ...")
    }
  }

  /// Says how far the step is.
  public func update(_ amount: Amount) {
    guard line.isLive else { return }
    state.withLock { state in
      let now = clock.now
      if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
      state.lastDrawn = now
      let text = ProgressText(amount, elapsed: now - state.started).text
      line.show("\(state.label)  \(text)")
    }
  }

  /// Says what the step is doing right now, in words.
  public func update(_ text: String) {
    guard line.isLive else { return }
    state.withLock { state in line.show("\(state.label)  \(text)") }
  }

  /// Ends the step with a line that stays.
  public func finish(_ line: String) {
    state.withLock { _ in
      self.line.clear()
      stream.write(line + "\n")
    }
  }

  /// Takes the line away, as on failure: the error's own lines follow.
  public func clear() { line.clear() }
}

/// Words an amount: `42 %  1.3 GiB of 3.1 GiB  145.0 MiB/s  12.4 s left`.
struct ProgressText {
  let text: String

  init(_ amount: ProgressLine.Amount, elapsed: Duration) {
    let (done, total, unit): (Int64, Int64?, (Int64) -> String) =
      switch amount {
      case .bytes(let done, let total): (done, total, { ByteCount($0).readable })
      case .items(let done, let total): (done, total, { String($0) })
      }
    var parts: [String] = []
    if let total, total > 0 {
      parts.append("\(min(100, done * 100 / total)) %")
      parts.append("\(unit(done)) of \(unit(max(done, total)))")
    } else {
      parts.append(unit(done))
    }
    // In the first moments a rate is noise.
    if elapsed >= .seconds(1), done > 0 {
      let rate = Double(done) / elapsed.seconds
      parts.append("\(unit(Int64(rate)))/s")
      if let total, total > done {
        let left = Double(total - done) / rate
        parts.append("\(Duration.milliseconds(Int64(left * 1000)).readable) left")
      }
    }
    text = parts.joined(separator: "  ")
  }
}
