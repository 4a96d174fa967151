internal import Runbooks
internal import Terminal

/// A plan as text for a person.
struct PlanText {
  private let style: Style
  private var text = ""

  init(style: Style) { self.style = style }

  /// The whole text, which ends in a newline.
  func of(_ plan: RunPlan) -> String {
    var writer = self
    writer.write(plan)
    return writer.text
  }

  /// What a called runbook would do, indented below its step.
  private mutating func write(called plan: RunPlan) {
    var inner = PlanText(style: style)
    inner.text += "\(style.faint(plan.title))\n"
    for assertion in plan.guards { inner.write(assertion) }
    for step in plan.steps { inner.write(step) }
    for step in plan.finally { inner.write(step) }
    for line in inner.text.split(separator: "\n") { text += "       \(line)\n" }
  }

  private mutating func write(_ plan: RunPlan) {
    text += "\(style.bold(plan.title)) on \(plan.target)\n"
    if !plan.guards.isEmpty { text += "\nBefore anything is done\n" }
    for assertion in plan.guards { write(assertion) }
    text += "\nSteps\n"
    for step in plan.steps { write(step) }
    if !plan.finally.isEmpty { text += "\nAt the end, come what may\n" }
    for step in plan.finally { write(step) }
    let blocked = plan.steps.filter { $0.verdict == .blocked }.compactMap(\.number)
    if plan.isRunnable {
      text += "\n\(style.green("It can run.")) Nothing was changed.\n"
    } else if blocked.isEmpty {
      text += "\n\(style.red("Blocked")) by a guard. Nothing was changed.\n"
    } else {
      let numbers = blocked.map(String.init).joined(separator: ", ")
      text += "\n\(style.red("Blocked")) at step \(numbers). Nothing was changed.\n"
    }
  }

  private mutating func write(_ step: RunPlan.Step) {
    let mark = step.number.map { "\($0)." } ?? "-"
    text += "  \(mark) \(style.bold(step.name)): \(verdict(of: step))\n"
    if step.verdict == .skipped { return }
    if let reason = step.reason { text += "       \(reason)\n" }
    for assertion in step.assertions { write(assertion) }
    if let command = step.command { text += "       $ \(style.faint(firstLine(of: command)))\n" }
    for line in step.changes { text += "       \(style.yellow("~")) \(line)\n" }
    if let called = step.called { write(called: called) }
    if let undo = step.undo, undo != "none" { text += "       undo: \(undo)\n" }
  }

  private func verdict(of step: RunPlan.Step) -> String {
    switch step.verdict {
    case .wouldRun: "would run"
    case .satisfied: style.green("satisfied already")
    case .skipped: style.faint("not needed here")
    case .blocked: style.red("blocked")
    case .depends:
      style.yellow(step.dependsOn.map { "depends on step \($0)" } ?? "depends on an earlier step")
    }
  }

  private mutating func write(_ assertion: RunPlan.Assertion) {
    let mark: String
    switch (assertion.answer, assertion.isGuard) {
    case (.holds, _): mark = style.green("✓")
    case (.depends, _): mark = style.faint("?")
    case (_, true): mark = style.red("✗")
    // That a check does not hold yet is what the step is for.
    case (_, false): mark = style.faint("·")
    }
    let kind = assertion.isGuard ? "guard" : "check"
    let reason =
      assertion.isGuard || assertion.answer == .depends
      ? assertion.reason.map { ": \($0)" } ?? "" : ""
    text += "       \(mark) \(kind): \(assertion.name)\(reason)\n"
  }

  private func firstLine(of command: String) -> String {
    let lines = command.split(separator: "\n")
    return lines.count > 1 ? "\(lines[0]) ..." : String(lines.first ?? "")
  }
}
