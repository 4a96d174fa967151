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
    if driver.options.mode == .drill {
      return try driver.record(
        .confirm(step: step.id, by: driver.surroundings.user, how: "drill", answer: "approved"))
    }
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
    let phrase = fields["phrase"]?.text ?? "yes"
    let approvers = Approvers(try request(fields, phrase), of: driver)
    guard approvers.request.needsOtherPerson || approvers.request.needed > 1 else {
      return try await giveOwn(phrase, shown: nil, within: bounds)
    }
    try approvers.ask()
    try approvers.gather()
    // Who is asked at this terminal and who gives a word from another share the time that there is.
    let clock = bounds.clock
    let limit = bounds.time
    let end = limit.map { clock.elapsed + $0 }
    if !approvers.isEnough, approvers.wantsOwn, canAnswer || end == nil {
      try await giveOwn(phrase, shown: approvers.request.digest, within: bounds)
    }
    if !approvers.isEnough {
      guard let end else {
        throw ActionError(
          .refused, approvers.waiting,
          hint: "then `omcops runbook resume \(driver.identity.shortID)`")
      }
      var bounds = bounds
      bounds.time = max(.zero, end - clock.elapsed)
      do {
        try await approvers.wait(within: bounds)
      } catch Obstacle.timedOut where limit != nil {
        throw Obstacle.timedOut(limit ?? .zero)
      }
    }
    approvers.end()
  }

  private func giveOwn(_ phrase: String, shown: String?, within bounds: Bounds) async throws {
    let how = try await answer(phrase, within: bounds)
    try driver.record(
      .confirm(
        step: step.id, by: driver.surroundings.user, how: how, answer: "approved", shown: shown))
  }

  /// Whether whoever runs this can say anything.
  private var canAnswer: Bool {
    driver.options.approvals[step.id] != nil || driver.surroundings.operators != nil
  }

  private func request(
    _ fields: OrderedDictionary<String, Value>, _ phrase: String
  ) throws -> ApprovalRequest {
    let inputs = driver.scope().contexts["inputs"]?.object ?? [:]
    var lines = [
      "\(driver.runbook.title) on \(driver.target.name)",
      "run \(driver.folder.id), begun by \(driver.state.start?.user ?? "")",
    ]
    lines += inputs.map { "  \($0): \($1.text ?? $1.json.text())" }
    lines += ["", step.name, fields["message"]?.text ?? ""]
    return ApprovalRequest(
      run: driver.folder.id, step: step.id,
      shown: driver.masker.mask(lines.joined(separator: "\n")), phrase: phrase,
      startedBy: driver.state.start?.user ?? "",
      needsOtherPerson: fields["other-person"]?.bool == true,
      needed: max(1, Int(fields["approvers"]?.int ?? 1)))
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
      driver.tell(.prompts)
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
    driver.tell(.prompts)
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
