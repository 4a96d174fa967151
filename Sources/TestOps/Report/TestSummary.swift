public import Terminal
internal import Text

/// What a person at a terminal reads when a run is over: failures first, the verdict last.
public struct TestSummary: Sendable {
  private let run: TestRun
  private let comparison: RunComparison?
  /// How many lines of a traceback are shown.
  public var tracebackLines = 30
  /// How many failures are shown with their tracebacks; the others are named.
  public var shownFailures = 20
  /// How many of the slowest tests are named.
  public var slowest = 5

  /// Creates a summary.
  ///
  /// - Parameter before: the run before, which this one is compared with.
  public init(_ run: TestRun, before: TestRun? = nil) {
    self.run = run
    comparison = before.map { RunComparison(run, with: $0) }
  }

  /// The text, with a newline at its end. What tests wrote can neither move the cursor nor give
  /// orders to the service that the run is on: no line begins with it.
  public func text(style: Style, width: Int? = nil) -> String {
    let sections = [
      troubles(style), failures(style), flaky(style), unexpected(style), slow(style),
      changes(style), coverage(style), run.notes.map { style.faint("note: ") + $0.harmlessLine },
      [verdict(style)],
    ]
    var lines = sections.filter { !$0.isEmpty }.joined(separator: [""])
      .map { $0.replacing(text: "##[", with: "## [") }
    if let width, !style.isColoured { lines = lines.map { $0.truncated(to: max(20, width)) } }
    return lines.joined(separator: "\n") + "\n"
  }

  private func quoted(_ text: String?, _ count: Int, _ style: Style) -> [String] {
    (text ?? "").harmlessLines.shortened(to: count).map { "  " + style.faint("│ ") + $0 }
  }

  private func troubles(_ style: Style) -> [String] {
    run.troubles.flatMap { trouble -> [String] in
      let words = trouble.kind.words
      let kind = words.uppercased()
      let head = trouble.isRecovered ? style.yellow("RUN AGAIN") : style.red(kind)
      // `no tests ran: pytest found none` stands behind NO TESTS RAN.
      let prefix = words + ": "
      let message =
        trouble.message.hasPrefix(prefix)
        ? trouble.message.dropFirst(prefix.count) : trouble.message[...]
      var line = head + "  " + String(message).harmlessLine
      // Most say themselves whom it befell.
      let isNamed = ["worker ", "shard "].contains { trouble.message.contains(text: $0) }
      if let worker = trouble.worker, !isNamed { line += style.faint(" (worker \(worker))") }
      let during = trouble.during.map { ["  while running " + $0.harmlessLine] } ?? []
      return [line] + during + quoted(trouble.details, tracebackLines, style)
    }
  }

  private func failures(_ style: Style) -> [String] {
    let failures = run.failures
    var lines: [String] = []
    for failure in failures.prefix(shownFailures) {
      if !lines.isEmpty { lines.append("") }
      lines += describe(failure, style)
    }
    let rest = failures.dropFirst(shownFailures)
    if !rest.isEmpty {
      lines += ["", "and \(rest.count) more, without their tracebacks:"]
      lines += rest.map { "  " + style.red($0.outcome.sign) + " " + $0.id.harmlessLine }
    }
    return lines
  }

  private func describe(_ failure: TestResult, _ style: Style) -> [String] {
    let head = failure.outcome == .error ? "ERROR" : "FAILED"
    var line = style.red(head) + "  " + style.bold(failure.id.harmlessLine)
    let tries = run.tries(of: failure.id).count
    line += style.faint(
      "  \(TestRun.readable(failure.duration))" + (tries > 1 ? ", \(tries) tries" : ""))
    var lines = [line]
    if let place = failure.place { lines.append("  " + style.faint(place.harmlessLine)) }
    let details = failure.details ?? ""
    if let message = failure.message, !details.contains(text: message) {
      lines.append("  " + message.harmlessLine)
    }
    lines += quoted(details, tracebackLines, style)
    for (name, text) in [("output", failure.output), ("errors", failure.errors)] {
      guard let text, !text.isEmpty else { continue }
      lines.append("  " + style.faint("what it wrote to its \(name):"))
      lines += quoted(text, 10, style)
    }
    return lines
  }

  private func flaky(_ style: Style) -> [String] {
    let ids = run.flaky
    if ids.isEmpty { return [] }
    let outcomes = run.outcomes
    return [style.yellow("FLAKY") + "  said one thing and then another:"]
      + ids.flatMap { id -> [String] in
        let tries = run.tries(of: id)
        let signs = tries.map(\.outcome.sign).joined(separator: " ")
        let words = tries.first { $0.outcome.isBad }?.message?.harmlessLine ?? ""
        let end = outcomes[id]?.outcome.isBad == true ? style.red("failed") : "passed"
        return ["  \(signs)  \(id.harmlessLine) (\(end) in the end)"]
          + (words.isEmpty ? [] : ["        " + style.faint("│ " + words)])
      }
  }

  private func unexpected(_ style: Style) -> [String] {
    let passes = run.outcomes.values.filter { $0.outcome == .unexpectedPass }
    if passes.isEmpty { return [] }
    return [style.yellow("PASSED") + "  although known to fail:"]
      + passes.map { "  " + $0.id.harmlessLine }
  }

  private func slow(_ style: Style) -> [String] {
    let slow = run.slowest(slowest).filter { $0.duration >= 0.1 }
    if slow.isEmpty { return [] }
    return [style.bold("Slowest")]
      + slow.map {
        "  " + TestRun.readable($0.duration).padded(to: 9, alignRight: true) + "  "
          + $0.id.harmlessLine
      }
  }

  private func changes(_ style: Style) -> [String] {
    guard let comparison else { return [] }
    var lines: [String] = []
    func list(_ title: String, _ ids: [String], _ paint: (String) -> String) {
      if ids.isEmpty { return }
      lines.append("  " + paint("\(ids.count) \(title)"))
      lines += ids.prefix(10).map { "    " + $0.harmlessLine }
      if ids.count > 10 { lines.append("    and \(ids.count - 10) more") }
    }
    list("newly failing", comparison.newlyFailing, style.red)
    list("newly passing", comparison.newlyPassing, style.green)
    list("failing still", comparison.stillFailing, style.red)
    list(
      "slower",
      comparison.slower.map {
        "\(TestRun.readable($0.before)) → \(TestRun.readable($0.now))  \($0.id)"
      }, style.yellow)
    if !comparison.added.isEmpty { lines.append("  \(comparison.added.count) new") }
    if !comparison.missing.isEmpty {
      lines.append("  \(comparison.missing.count) of it were not run this time")
    }
    return lines.isEmpty ? [] : [style.bold("Against the run before")] + lines
  }

  private func coverage(_ style: Style) -> [String] {
    run.coverage.map { [style.bold("Coverage") + "  " + $0.words] } ?? []
  }

  private func verdict(_ style: Style) -> String {
    let words = run.verdict == .nothingRan ? "no tests ran" : run.tally
    let text = "\(run.suite.harmlessLine): \(words)"
    let painted =
      switch run.tone {
      case .good: style.green(text)
      case .warn: style.yellow(text)
      case .bad, .calm: style.red(text)
      }
    let doubt =
      switch run.verdict {
      case .passed: run.flaky.isEmpty ? "" : "; not every test passed at its first try"
      case .broken: "; broken: not every test was run"
      case .failed, .nothingRan: ""
      }
    return painted + " " + style.faint(run.took) + doubt
  }
}
