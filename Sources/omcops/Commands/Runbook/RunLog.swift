internal import Diagnostics
internal import Quantities
internal import Runbooks
internal import Terminal

/// Tells the operator, line by line, what a run does, and at its end what to do next.
struct RunLog: Sendable {
  private let stream: OutputStream
  private let style: Style
  private let progress: ProgressLine

  init(stream: OutputStream, style: Style) {
    self.stream = stream
    self.style = style
    progress = ProgressLine(on: stream)
  }

  /// Takes the line of progress away: an error's lines follow.
  @Sendable func clear() { progress.clear() }

  @Sendable func show(_ event: RunEvent) {
    if case .progress(let text) = event { return progress.update(text) }
    progress.clear()
    switch event {
    case .progress: break
    case .begins(let run, let runbook, let leg):
      stream.write("\(style.bold(runbook))\n\(words(for: leg)) \(run)\n")
    case .stepBegins(let name, let number, let count):
      stream.write("\(style.bold("→ \(place(number, count))")) \(name)\n")
    case .stepSkipped(let name, let number, let count):
      stream.write("\(style.faint("· \(place(number, count)) \(name): not needed here"))\n")
    case .message(let text):
      for line in text.split(separator: "\n") { stream.write("    \(line)\n") }
    case .assertion(let name, let holds, let detail):
      let mark = holds ? style.green("✓") : style.red("✗")
      stream.write("    \(mark) \(name)\(holds ? "" : ": \(detail ?? "")")\n")
    case .stepEnds(let status, let time, let detail): stepEnds(status, time, detail)
    case .undoBegins(let name): stream.write("\(style.bold("↶")) \(name)\n")
    case .undoEnds(let failure):
      stream.write(failure.map { "  \(style.red("undo failed")): \($0)\n" } ?? "  undone\n")
    case .interrupted(let finally):
      let rest = finally ? "; the final steps run before the end" : ""
      // The terminal has written ^C where the cursor stood, perhaps behind a question.
      stream.write("\(stream.isTerminal ? "\n" : "")  \(style.yellow("interrupted"))\(rest)\n")
    case .finished(let ending): finished(ending)
    }
  }

  private func words(for leg: RunEvent.Leg) -> String {
    switch leg {
    case .run: "Run"
    case .resume: "Going on with run"
    case .undo: "Taking back run"
    }
  }

  private func place(_ number: Int?, _ count: Int) -> String {
    number.map { "\($0)/\(count)" } ?? "at the end:"
  }

  private func stepEnds(_ status: String, _ time: Duration, _ detail: String?) {
    switch status {
    case "done", "recovered": stream.write("  \(status) (\(time.readable))\n")
    case "satisfied": stream.write("  satisfied: it was done already\n")
    default: stream.write("  \(style.red(status)): \(detail ?? "")\n")
    }
  }

  /// What happened, whether anything was changed, what to do next, where the record is.
  private func finished(_ ending: RunEnding) {
    let isGood = ending.exit == .done
    var text = "\n" + style.bold(isGood ? style.green(ending.status) : style.red(ending.status))
    if let (step, reason) = ending.stoppedAt { text += " at \"\(step)\": \(reason)" }
    text += "\n"
    for (name, value) in ending.outputs { text += "  \(name): \(value)\n" }
    if !isGood {
      text +=
        ending.changed
        ? "What was changed is not taken back.\n" : "Nothing is changed.\n"
    }
    for line in ending.advice { text += "\(line)\n" }
    stream.write(text + style.faint("Record: \(ending.folder)") + "\n")
  }
}
