internal import Quantities
internal import Synchronization
internal import Terminal
internal import TestOps

/// Shows a run on its way: on a terminal a line that tells how far it is and what runs, everywhere a
/// line for each failure as it happens; elsewhere also a line for each tenth of the tests.
final class TestProgress: Sendable {
  private struct State {
    var total = 0
    var done = 0
    var failed = 0
    var told = 0
  }

  private let context: Context
  private let style: Style
  private let mask: @Sendable (String) -> String
  private let line: LiveLine
  private let tell: (@Sendable (String) -> Void)?
  private let state = Mutex(State())

  /// - Parameter tell: gets how far the run is, where something else than a terminal's line shows it.
  init(
    _ context: Context, _ style: Style, mask: @escaping @Sendable (String) -> String,
    tell: (@Sendable (String) -> Void)? = nil
  ) {
    self.tell = tell
    self.context = context
    self.mask = mask
    self.style = style
    line = LiveLine(on: context.error)
  }

  /// Something that takes long and is no test.
  func say(_ text: String) {
    if line.isLive {
      line.show("\(text) ...")
    } else {
      context.error.write("\(text)\n")
    }
  }

  func show(_ event: RunEvent) {
    switch event {
    case .collected(let count):
      state.withLock { $0.total = count }
      if !line.isLive { context.error.write("\(count) test\(count == 1 ? "" : "s")\n") }
    case .ended(let result, let isFinal):
      ended(result, isFinal: isFinal)
    case .trouble(let trouble):
      write("\(style.yellow("trouble:")) \(trouble.message)")
    case .said(let text): write(text.harmless)
    }
  }

  func show(_ snapshot: RunSnapshot) {
    guard line.isLive || tell != nil else { return }
    var parts: [String]
    if let total = snapshot.total {
      parts = ["\(snapshot.done) of \(total)"]
    } else if snapshot.running.isEmpty {
      return draw("collecting tests ...")
    } else {
      // Of a suite's command nobody knows before its end how many tests it has.
      parts = snapshot.done > 0 ? ["\(snapshot.done) done"] : []
    }
    if snapshot.failed > 0 { parts.append("\(snapshot.failed) failed") }
    if let left = snapshot.left, left > .seconds(1) { parts.append("\(left.readable) left") }
    for running in snapshot.running {
      let time = running.time > .seconds(2) ? " (\(running.time.readable))" : ""
      parts.append(running.id + time)
    }
    draw(mask(parts.joined(separator: "  ")))
  }

  private func draw(_ text: String) {
    if let tell { tell(text) } else { line.show(text) }
  }

  /// Says how far a run was that somebody has ended.
  func tellInterruption() {
    let (done, failed, total) = state.withLock { ($0.done, $0.failed, $0.total) }
    guard total > 0 else { return }
    write(
      "ended after \(done) of \(total) tests" + (failed > 0 ? ", \(failed) of them failed" : ""))
  }

  /// Takes the line away.
  func clear() { line.clear() }

  private func ended(_ result: TestResult, isFinal: Bool) {
    if result.outcome.isBad {
      let word = isFinal ? style.red(result.outcome.rawValue) : style.yellow("will try again:")
      let message = result.message.map { ": \($0)" } ?? ""
      write("\(word) \(result.id)\(message)")
    }
    guard isFinal else { return }
    let text: String? = state.withLock { state in
      state.done += 1
      if result.outcome.isBad { state.failed += 1 }
      let tenths = state.total == 0 ? 0 : state.done * 10 / state.total
      guard tenths > state.told, state.done < state.total else { return nil }
      state.told = tenths
      return "\(state.done) of \(state.total)\n"
    }
    if let text, !line.isLive { context.error.write(text) }
  }

  private func write(_ text: String) {
    line.clear()
    context.error.write(mask(text) + "\n")
  }
}
