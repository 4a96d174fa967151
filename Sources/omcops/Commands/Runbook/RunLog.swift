internal import Diagnostics
internal import Quantities
internal import Runbooks
internal import Synchronization
internal import Terminal

/// Tells the operator what a run does, and at its end what to do next.
///
/// On a terminal each step is one line that lives while the step goes on: how long it has taken, and
/// what it is doing or asking. Elsewhere every guard and check has a line of its own.
final class RunLog: Sendable {
  private struct Current {
    var title: String
    var began: ContinuousClock.Instant
    var activity = ""
    /// Whether the step stands above already, because what it calls has lines of its own.
    var isAnnounced = false
  }

  private let stream: OutputStream
  private let style: Style
  private let line: LiveLine
  private let clock = ContinuousClock()
  /// The step that goes on, and inside of it that of the run which it has called.
  private let current = Mutex<[Current]>([])
  /// Whether somebody is being asked: then the line of the question is theirs.
  private let isAsking = Mutex(false)

  init(stream: OutputStream, style: Style) {
    self.stream = stream
    self.style = style
    line = LiveLine(on: stream)
  }

  /// Takes the living line away: an error's lines follow.
  func clear() {
    current.withLock { $0 = [] }
    line.clear()
  }

  /// Lets the living line tell the time, and follow the width of the window, until it is cancelled.
  func tick() async {
    guard line.isLive else { return }
    while (try? await Task.sleep(for: .milliseconds(250))) != nil { draw() }
  }

  @Sendable func show(_ event: RunEvent) {
    isAsking.withLock { $0 = false }
    show(event, depth: 0)
  }

  private func show(_ event: RunEvent, depth: Int) {
    switch event {
    case .called(let event): show(event, depth: depth + 1)
    case .progress(let text): does(text)
    case .asks(let assertion): does(assertion)
    case .prompts:
      line.clear()
      isAsking.withLock { $0 = true }
    case .begins(let run, let runbook, let leg): begins(run, runbook, leg, depth)
    case .stepBegins(let name, let number, let count): stepBegins(name, number, count, depth)
    case .stepSkipped(let name, let number, let count):
      write(style.faint("· \(place(number, count)) \(name): not needed here"), depth)
    case .message(let text):
      for line in text.split(separator: "\n") { write("    \(line)", depth) }
    case .assertion(let name, let holds, let detail): assertion(name, holds, detail, depth)
    case .stepEnds(let status, let time, let detail): stepEnds(status, time, detail, depth)
    case .undoBegins(let name): undoBegins(name, depth)
    case .undoEnds(let failure):
      _ = current.withLock { $0.popLast() }
      write(failure.map { "  \(style.red("undo failed")): \($0)" } ?? "  undone", depth)
    case .interrupted(let finally):
      let rest = finally ? "; the final steps run before the end" : ""
      // The terminal has written ^C where the cursor stood, perhaps behind a question.
      if stream.isTerminal { write("", 0) }
      write("  \(style.yellow("interrupted"))\(rest)", depth)
    case .finished(let ending):
      // How a called run ended is what the end of its caller's step says.
      if depth == 0 { finished(ending) }
    }
  }

  // MARK: The living line

  private func write(_ text: String, _ depth: Int) {
    line.clear()
    stream.write(String(repeating: "    ", count: text.isEmpty ? 0 : depth) + text + "\n")
    draw()
  }

  private func does(_ activity: String) {
    guard line.isLive else { return }
    current.withLock { current in
      if !current.isEmpty { current[current.count - 1].activity = activity }
    }
    draw()
  }

  private func draw() {
    guard line.isLive, !isAsking.withLock({ $0 }) else { return }
    guard let step = current.withLock({ $0.last }) else { return }
    let seconds = Duration.seconds((clock.now - step.began).components.seconds)
    var text = step.title
    if seconds > .zero { text += "  \(seconds.readable)" }
    if !step.activity.isEmpty { text += "  \(step.activity)" }
    line.show(text) { style.isColoured ? emphasized($0, step.title) : $0 }
  }

  /// The title stands out as far as it could be shown.
  private func emphasized(_ text: String, _ title: String) -> String {
    let length = zip(text, title).prefix { $0 == $1 }.count
    return style.bold(String(text.prefix(length))) + style.faint(String(text.dropFirst(length)))
  }

  // MARK: Lines that stay

  private func begins(_ run: String, _ runbook: String, _ leg: RunEvent.Leg, _ depth: Int) {
    guard depth > 0 else {
      write(style.bold(runbook), 0)
      return write("\(words(for: leg)) \(run)", 0)
    }
    let outer = current.withLock { current -> Current? in
      guard line.isLive, let last = current.last, !last.isAnnounced else { return nil }
      current[current.count - 1].isAnnounced = true
      return last
    }
    if let outer { write(outer.title, depth - 1) }
    write(style.faint("\(runbook): \(words(for: leg).lowercased()) \(run)"), depth)
  }

  private func stepBegins(_ name: String, _ number: Int?, _ count: Int, _ depth: Int) {
    let title = "→ \(place(number, count)) \(name)"
    guard line.isLive else {
      return write("\(style.bold("→ \(place(number, count))")) \(name)", depth)
    }
    let indent = String(repeating: "    ", count: depth)
    current.withLock { $0.append(Current(title: indent + title, began: clock.now)) }
    draw()
  }

  private func undoBegins(_ name: String, _ depth: Int) {
    write("\(style.bold("↶")) \(name)", depth)
    current.withLock { $0.append(Current(title: "  taking it back", began: clock.now)) }
    draw()
  }

  private func assertion(_ name: String, _ holds: Bool, _ detail: String?, _ depth: Int) {
    let hasStep = current.withLock { !$0.isEmpty }
    if holds, line.isLive, hasStep { return does("\(name): yes") }
    let mark = holds ? style.green("✓") : style.red("✗")
    write("    \(mark) \(name)\(holds ? "" : ": \(detail ?? "")")", depth)
  }

  private func stepEnds(
    _ status: String, _ time: Duration, _ detail: String?, _ depth: Int
  ) {
    let (isGood, words) =
      switch status {
      case "done", "recovered": (true, "\(status) (\(time.readable))")
      case "satisfied": (true, "satisfied: it was done already")
      case "skipped": (true, "left out")
      default: (false, "\(style.red(status)): \(detail ?? "")")
      }
    guard let step = current.withLock({ $0.popLast() }) else { return write("  \(words)", depth) }
    let mark = isGood ? style.green("✓") : style.red("✗")
    let title = step.title.drop { $0 == " " }.dropFirst()
    write("\(mark)\(title)  \(isGood ? style.faint(words) : words)", depth)
  }

  private func words(for leg: RunEvent.Leg) -> String {
    switch leg {
    case .run: "Run"
    case .walk: "Walk"
    case .resume: "Going on with run"
    case .undo: "Taking back run"
    case .abort: "Ending run"
    }
  }

  private func place(_ number: Int?, _ count: Int) -> String {
    number.map { "\($0)/\(count)" } ?? "at the end:"
  }

  /// What happened, whether anything was changed, what to do next, where the record is.
  private func finished(_ ending: RunEnding) {
    clear()
    let isGood = ending.exit == .done
    var text = "\n" + style.bold(isGood ? style.green(ending.status) : style.red(ending.status))
    if let (step, reason) = ending.stoppedAt { text += " at \"\(step)\": \(reason)" }
    text += "\n"
    for (name, value) in ending.outputs { text += "  \(name): \(value)\n" }
    if !isGood || ending.status == "aborted" {
      text +=
        ending.changed
        ? "What was changed is not taken back.\n" : "Nothing is changed.\n"
    }
    for line in ending.advice { text += "\(line)\n" }
    stream.write(text + style.faint("Record: \(ending.folder)") + "\n")
  }
}
