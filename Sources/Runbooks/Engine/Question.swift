internal import OrderedCollections
internal import Quantities

/// A step that asks a person: `confirm` wants a phrase, `manual` wants something done.
struct Question {
  private let reference: ActionReference
  private let step: Step
  private let driver: RunDriver

  /// Nil when the work asks nobody.
  init?(_ work: Work, of step: Step, _ driver: RunDriver) {
    guard case .action(let reference) = work, ["confirm", "manual"].contains(reference.name) else {
      return nil
    }
    self.reference = reference
    self.step = step
    self.driver = driver
  }

  /// Returns when the answer was given; throws `ActionError` of kind `refused` otherwise.
  func ask() async throws {
    let fields = try driver.performer.evaluate(reference, in: driver.scope())
    let message = fields["message"]?.text ?? fields["instruction"]?.text ?? step.name
    driver.tell(.message(driver.masker.mask(message)))
    if reference.name == "manual" { return try await wait(message) }
    let phrase = fields["phrase"]?.text ?? "yes"
    try checkPerson(fields)
    let how = try await answer(
      phrase, message, limit: Shape.duration.admit(fields["timeout"] ?? .null))
    try driver.record(
      .confirm(step: step.id, by: driver.surroundings.user, how: how, answer: "approved"))
    let needed = Int(fields["approvers"]?.int ?? 1)
    let given = Set(driver.state[step.id].approvers).count
    guard given >= needed else {
      throw ActionError(
        .refused, "\(given) of \(needed) people have approved",
        hint: "let another person run `omcops runbook resume \(driver.identity.shortID)`")
    }
  }

  /// `other-person`: whoever started the run must not be the one who confirms.
  private func checkPerson(_ fields: OrderedDictionary<String, Value>) throws {
    guard fields["other-person"]?.bool == true,
      driver.surroundings.user == driver.state.start?.user
    else { return }
    throw ActionError(
      .refused, "\(driver.surroundings.user) began this run; another person has to confirm it",
      hint: "let them run `omcops runbook resume \(driver.identity.shortID)`")
  }

  /// How the phrase was given.
  private func answer(_ phrase: String, _ message: String, limit: Value?) async throws -> String {
    if let given = driver.options.approvals[step.id] {
      guard given == phrase else { throw declined("--approve gives another phrase for it") }
      return "--approve"
    }
    if driver.options.assumesYes, driver.runbook.risk == .low || driver.runbook.risk == .read {
      return "--yes"
    }
    guard let operators = driver.surroundings.operators else {
      throw ActionError(
        .refused, "it was not confirmed: there is no terminal to ask at",
        hint: "give the phrase with --approve \(step.id)=PHRASE")
    }
    var time: Duration?
    if case .duration(let duration)? = limit { time = duration }
    let bounds = Bounds(
      time: time, interrupts: driver.surroundings.interrupts, known: driver.knownSignals)
    let line = try await bounds.run {
      try await operators.ask("", prompt: "Type \(phrase) to go on: ")
    }
    guard line == phrase else { throw declined("the phrase was not typed") }
    return "terminal"
  }

  private func wait(_ message: String) async throws {
    guard let operators = driver.surroundings.operators else {
      throw ActionError(.refused, "it needs a person at a terminal")
    }
    let bounds = Bounds(
      interrupts: driver.surroundings.interrupts, known: driver.knownSignals)
    let line = try await bounds.run {
      try await operators.ask("", prompt: "Enter when it is done: ")
    }
    guard line != nil else { throw declined("the input ended") }
    try driver.record(
      .confirm(step: step.id, by: driver.surroundings.user, how: "terminal", answer: "approved"))
  }

  private func declined(_ why: String) -> ActionError {
    ActionError(.refused, "it was not confirmed: \(why)")
  }
}
