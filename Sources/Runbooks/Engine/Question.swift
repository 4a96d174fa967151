internal import OrderedCollections
internal import Quantities

/// A step, or an undo, that asks a person: `confirm` wants a phrase, `manual` wants something done.
struct Question {
  private let reference: ActionReference
  private let step: Step
  private let driver: RunDriver
  /// How often a phrase may be mistyped.
  private static let tries = 3

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
  func ask(within bounds: Bounds) async throws {
    let fields = try driver.performer.evaluate(reference, in: driver.scope())
    let message = fields["message"]?.text ?? fields["instruction"]?.text ?? step.name
    driver.tell(.message(driver.masker.mask(message)))
    var bounds = bounds
    if case .duration(let limit)? = Shape.duration.admit(fields["timeout"] ?? .null) {
      bounds.time = min(limit, bounds.time ?? limit)
    }
    do {
      if reference.name == "manual" { return try await wait(within: bounds) }
      try await confirm(fields, within: bounds)
    } catch Obstacle.timedOut(let time) {
      throw declined("nobody answered within \(time.readable)")
    }
  }

  private func confirm(
    _ fields: OrderedDictionary<String, Value>, within bounds: Bounds
  ) async throws {
    try checkPerson(fields)
    let how = try await answer(fields["phrase"]?.text ?? "yes", within: bounds)
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
  private func answer(_ phrase: String, within bounds: Bounds) async throws -> String {
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
    for attempt in 1...Question.tries {
      let line = try await bounds.run {
        try await operators.ask("", prompt: "Type \(phrase) to go on, or no to stop: ")
      }
      let word = line?.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      if word == phrase { return "terminal" }
      guard let word else { throw declined("the input ended") }
      if ["no", "n"].contains(word.lowercased()) { throw declined("the operator said no") }
      if attempt < Question.tries { driver.tell(.message("That is not \(phrase).")) }
    }
    throw declined("the phrase was not typed in \(Question.tries) tries")
  }

  private func wait(within bounds: Bounds) async throws {
    guard let operators = driver.surroundings.operators else {
      throw ActionError(.refused, "it needs a person at a terminal")
    }
    let line = try await bounds.run {
      try await operators.ask("", prompt: "Press Enter when it is done, or type no to stop: ")
    }
    guard let line, !["no", "n"].contains(line.lowercased()) else { throw declined("not done") }
    try driver.record(
      .confirm(step: step.id, by: driver.surroundings.user, how: "terminal", answer: "approved"))
  }

  private func declined(_ why: String) -> ActionError {
    ActionError(.refused, "it was not confirmed: \(why)")
  }
}
