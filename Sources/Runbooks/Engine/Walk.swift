internal import Diagnostics
internal import OrderedCollections

/// A step that the person at the terminal carries out: `omcops runbook walk` shows what to do, waits
/// until it is done, and everything around the step is as in any run.
struct Walk {
  let step: Step
  let driver: RunDriver

  /// Nil where the program does it: in a run, and in a walk what only looks, asks or calls another
  /// runbook, which is walked itself.
  init?(_ work: Work?, of step: Step, _ driver: RunDriver) {
    guard driver.options.mode == .walk, let work, work.call == nil else { return nil }
    switch driver.performer.effect(of: work) {
    case .read, .human: return nil
    case .write, .destroy: break
    }
    self.step = step
    self.driver = driver
  }

  /// What the person says.
  enum Answer: String {
    case done, skip, quit
  }

  /// Shows the equivalent command and waits for the person.
  ///
  /// - Parameter canSkip: whether the step may be left out: an undo may not, and neither may a step
  ///   whose outputs later ones read.
  /// - Throws: `ActionError` of kind `refused` when the person quits.
  func ask(_ work: Work, in scope: Scope, canSkip: Bool, within bounds: Bounds) async throws
    -> Answer
  {
    guard let operators = driver.surroundings.operators else {
      throw ActionError(.refused, "a walk needs a person at a terminal")
    }
    if let description = step.description { driver.tell(.message(driver.masker.mask(description))) }
    let command = driver.performer.command(for: work, knownIn: scope) ?? step.name
    let lines = command.split(separator: "\n", omittingEmptySubsequences: false)
    driver.tell(.message(lines.map { "$ \($0)" }.joined(separator: "\n")))
    let choices =
      canSkip
      ? "Press Enter when it is done, or type skip or quit: "
      : "Press Enter when it is done, or type quit: "
    while true {
      driver.tell(.prompts)
      let line = try await bounds.run { try await operators.ask("", prompt: choices) }
      let word = line?.lowercased().filter { !$0.isWhitespace }
      switch word {
      case "", "done", "d": return try note(.done)
      case "skip", "s":
        if canSkip { return try note(.skip) }
        driver.tell(.message("It cannot be left out: what follows needs it."))
      case nil, "quit", "q", "no", "n":
        _ = try note(.quit)
        throw ActionError(
          .refused, line == nil ? "the input ended" : "the operator has quit the walk",
          hint: "`omcops runbook resume \(driver.identity.shortID)` goes on here")
      default: driver.tell(.message("\"\(line ?? "")\" is none of them."))
      }
    }
  }

  private func note(_ answer: Answer) throws -> Answer {
    try driver.record(
      .confirm(step: step.id, by: driver.surroundings.user, how: "walk", answer: answer.rawValue))
    return answer
  }

  /// Whether no later step, and no output of the run, reads what the step gives.
  var canBeLeftOut: Bool {
    let later = driver.runbook.allSteps.drop { $0.id != step.id }.dropFirst()
    let readers =
      later.flatMap(\.expressions) + driver.runbook.outputs.values.flatMap { $0.value.expressions }
    return !readers.contains { $0.stepsWhoseOutputsAreRead.contains(step.id) }
  }
}

/// The person has left a step out.
struct LeftOut: Error {}
