internal import Diagnostics
internal import YAML

// What only the whole file can show: ids that stand twice, names of steps that do not exist.
extension RunbookParser {
  func checkReferences(_ runbook: Runbook) {
    var first: [String: SourceLocation] = [:]
    for step in runbook.allSteps where !step.id.isEmpty {
      if let earlier = first[step.id] {
        problems.report(
          "two steps have the id \"\(step.id)\"", at: step.location,
          hint: "The other one begins in line \(earlier.line).")
      } else {
        first[step.id] = step.location
      }
    }
    for (index, step) in runbook.steps.enumerated() {
      guard case .action(let undo) = step.undo, let until = undo.until else { continue }
      checkUntil(until, of: step, at: undo.location, index: index, runbook)
    }
    if let drill = runbook.drill { checkDrill(drill, runbook) }
  }

  private func checkUntil(
    _ until: String, of step: Step, at location: SourceLocation, index: Int, _ runbook: Runbook
  ) {
    guard let position = runbook.steps.firstIndex(where: { $0.id == until }) else {
      let names = runbook.steps.map(\.id)
      problems.report(
        "\"until\" names no step: \"\(until)\"\(Suggestion.phrase(for: until, among: names))",
        at: location)
      return
    }
    if position <= index {
      problems.report(
        "\"until\" names \"\(until)\", which does not come after \"\(step.id)\"", at: location)
    }
  }

  private func checkDrill(_ drill: Drill, _ runbook: Runbook) {
    let location = drill.location
    for name in [drill.measureFrom, drill.measureTo].compactMap(\.self)
    where runbook.step(name) == nil {
      let names = runbook.allSteps.map(\.id)
      problems.report(
        "the drill measures a step that does not exist: \"\(name)\""
          + Suggestion.phrase(for: name, among: names), at: location)
    }
    for (name, value) in drill.inputs {
      guard let input = runbook.inputs[name] else {
        problems.report(
          "the drill gives an input that does not exist: \"\(name)\""
            + Suggestion.phrase(for: name, among: runbook.inputs.keys), at: location)
        continue
      }
      do throws(InputError) {
        _ = try input.accept(value)
      } catch {
        problems.report("in the drill, \(error.message)", at: location, hint: error.hint)
      }
    }
  }
}
