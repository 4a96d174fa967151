internal import Diagnostics
internal import Quantities
internal import Terminal
internal import TestOps

/// What a run has brought, for people.
struct TestRunText {
  private let run: TestRun
  private let context: Context
  private let style: Style
  private let mask: @Sendable (String) -> String

  init(
    _ run: TestRun, mask: @escaping @Sendable (String) -> String, _ context: Context,
    _ global: GlobalOptions
  ) {
    self.run = run
    self.context = context
    self.mask = mask
    style = Style(
      for: context.output, environment: context.environment, disabled: global.noColor)
  }

  func write() {
    for failure in run.failures { write(failure) }
    for trouble in run.troubles where !trouble.isRecovered || trouble.kind == .timedOut {
      say("\(style.red("trouble")) \(trouble.message)")
      if let details = trouble.details { indent(details) }
    }
    for note in run.notes { say("note: \(note)") }
    if !run.flaky.isEmpty {
      say(style.yellow("flaky: failed, and passed when tried again"))
      for id in run.flaky { say("  \(id)") }
    }
    say(verdict)
  }

  private var verdict: String {
    let counts = run.counts
    let words = TestResult.Outcome.allCases.compactMap { outcome in
      counts[outcome].map { "\($0) \(outcome.rawValue)" }
    }
    let flaky = run.flaky.isEmpty ? [] : ["\(run.flaky.count) flaky"]
    let time = Duration.milliseconds(Int64(run.duration * 1000)).readable
    let workers = "\(run.workers) worker\(run.workers == 1 ? "" : "s")"
    let parts = words + flaky + ["\(time) with \(workers)"]
    let text = "\(run.suite): " + parts.joined(separator: ", ")
    switch run.verdict {
    case .passed: return run.flaky.isEmpty ? style.green(text) : style.yellow(text)
    case .failed, .broken: return style.red(text)
    case .nothingRan: return style.red("\(run.suite): no tests ran")
    }
  }

  private func write(_ result: TestResult) {
    say(style.bold("\(result.outcome.rawValue) \(result.id)"))
    if let details = result.details ?? result.message { indent(details) }
    for (title, text) in [("stdout", result.output), ("stderr", result.errors)] {
      guard let text else { continue }
      say("  \(style.faint("captured \(title):"))")
      indent(text)
    }
  }

  private func indent(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      say("  \(line)")
    }
  }

  private func say(_ text: String) { context.output.write(mask(text) + "\n") }
}
