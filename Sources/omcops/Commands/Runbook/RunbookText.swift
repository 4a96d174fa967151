internal import Runbooks
internal import Terminal

/// A runbook as text for a person.
struct RunbookText {
  private let style: Style
  private var text = ""

  init(style: Style) { self.style = style }

  /// The whole text, which ends in a newline.
  func of(_ runbook: Runbook) -> String {
    var writer = self
    writer.write(runbook)
    return writer.text
  }

  private mutating func write(_ runbook: Runbook) {
    line(0, style.bold(runbook.title))
    let targets = runbook.requirements.targets
    let needs = targets.isEmpty ? "" : ", needs \(targets.joined(separator: ", "))"
    line(0, "\(runbook.name); risk: \(runbook.risk.rawValue)\(needs)")
    line(0, "")
    for part in runbook.description.split(separator: "\n", omittingEmptySubsequences: false) {
      line(0, String(part))
    }
    if !runbook.inputs.isEmpty { section("Inputs") }
    for input in runbook.inputs.values { write(input) }
    if !runbook.guards.isEmpty { section("Before anything is done") }
    for assertion in runbook.guards { write(assertion, as: "guard", 1) }
    section("Steps")
    for (index, step) in runbook.steps.enumerated() { write(step, mark: "\(index + 1).") }
    if !runbook.finally.isEmpty { section("At the end, come what may") }
    for step in runbook.finally { write(step, mark: "-") }
    if !runbook.outputs.isEmpty { section("Outputs") }
    for (name, output) in runbook.outputs {
      line(1, name + (output.description.map { "  \($0)" } ?? ""))
    }
  }

  private mutating func write(_ input: Input) {
    var notes = [input.kind == .choice ? input.options.joined(separator: "|") : input.kind.rawValue]
    if input.isRequired { notes.append("required") }
    if let value = input.defaultValue?.text { notes.append("default \(value)") }
    line(1, "\(input.name)  \(input.description) (\(notes.joined(separator: ", ")))")
  }

  private mutating func write(_ step: Step, mark: String) {
    let kind = step.work.map { name(of: $0) } ?? "only checks"
    line(1, "\(mark) \(style.bold(step.name))  \(style.faint("\(step.id): \(kind)"))")
    if let description = step.description { line(2, description) }
    if let condition = step.condition { line(2, "only if: \(oneLine(condition.source))") }
    for assertion in step.guards { write(assertion, as: "guard", 2) }
    for assertion in step.checks { write(assertion, as: "check", 2) }
    switch step.undo {
    case .unspecified: break
    case .none(let reason): line(2, "undo: none" + (reason.map { ", \($0)" } ?? ""))
    case .action(let undo):
      let until = undo.until.map { ", until \($0) is done" } ?? ""
      line(
        2,
        "undo: \(undo.name.map { "\($0) (\(name(of: undo.work)))" } ?? name(of: undo.work))\(until)"
      )
    }
    if step.isOnce { line(2, "once: never repeated without your word") }
    if let retry = step.retry { line(2, "tried up to \(retry.attempts) times") }
    if let timeout = step.timeout { line(2, "at most \(timeout.spelling)") }
  }

  private mutating func write(_ assertion: Assertion, as kind: String, _ indent: Int) {
    let within = assertion.within.map { " (within \($0.spelling))" } ?? ""
    let holding = assertion.holdFor.map { " (for \($0.spelling))" } ?? ""
    line(indent, "\(kind): \(assertion.name)\(within)\(holding)")
    if let because = assertion.because { line(indent + 1, style.faint(oneLine(because))) }
  }

  private func name(of work: Work) -> String {
    switch work {
    case .action(let action): action.name
    case .script(let script): script.isReadOnly ? "shell, read-only" : "shell"
    }
  }

  private func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private mutating func section(_ title: String) {
    if !text.hasSuffix("\n\n") { line(0, "") }
    line(0, style.bold(title))
  }

  private mutating func line(_ indent: Int, _ content: String) {
    text += content.isEmpty ? "\n" : String(repeating: "  ", count: indent) + content + "\n"
  }
}
