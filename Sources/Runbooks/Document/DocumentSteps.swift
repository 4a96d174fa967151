internal import OrderedCollections
internal import Quantities

// The steps of a document: what is done, what must be so before and after, the way back.
extension DocumentWriter {
  mutating func stepSections() -> [Page.Block] {
    var blocks: [Page.Block] = [.heading(2, ["Steps"])]
    for (index, step) in runbook.steps.enumerated() {
      blocks += section(step, title: "\(index + 1). \(step.name)")
    }
    if runbook.finally.isEmpty { return blocks }
    blocks += [
      .heading(2, ["At the end, come what may"]),
      .paragraph([.text("Also after a failure, and when you were interrupted.")]),
    ]
    for step in runbook.finally { blocks += section(step, title: step.name) }
    return blocks
  }

  private mutating func section(_ step: Step, title: String) -> [Page.Block] {
    var blocks: [Page.Block] = [.heading(3, Prose.inline(title))]
    if let description = step.description { blocks += Prose.blocks(description) }
    if let condition = step.condition {
      blocks.append(
        .paragraph([.strong(["Only if"]), .text(" ")] + sentence(condition) + [.text(".")]))
    }
    if !step.guards.isEmpty {
      blocks += [
        .paragraph([.strong(["Before it"]), .text(", this must be so:")]),
        .tasks(step.guards.map { task($0) }),
      ]
    }
    if let work = step.work {
      blocks += doing(work)
      let notes = notes(on: step)
      if !notes.isEmpty { blocks.append(.paragraph([.text(notes.joined(separator: " "))])) }
    }
    blocks += takingDown(step) + proving(step) + takingBack(step)
    return blocks
  }

  // MARK: What is done

  /// The command, or what a person is asked for.
  private mutating func doing(_ work: Work) -> [Page.Block] {
    guard case .action(let action) = work else { return command(for: work) }
    switch action.name {
    case "confirm": return asking(action)
    case "manual":
      let text = action.parameters["instruction"] ?? action.parameters["message"]
      return [.paragraph([.strong(["By hand:"])])] + Prose.blocks(text.map { spelled($0) } ?? "")
    default:
      let command = command(for: work)
      if !command.isEmpty { return command }
      return [
        .paragraph([
          .text("No command of this program does "), .code(action.name), .text(" with "),
          .code(fields(of: action)), .text("."),
        ])
      ]
    }
  }

  private mutating func asking(_ action: ActionReference) -> [Page.Block] {
    var blocks: [Page.Block] = [.paragraph([.strong(["Ask, and wait for the answer:"])])]
    if let message = action.parameters["message"] { blocks += Prose.blocks(spelled(message)) }
    var rules: [String] = []
    if let phrase = action.parameters["phrase"] {
      rules.append("Go on only when `\(spelled(phrase))` is typed.")
    } else {
      rules.append("Go on only at a yes.")
    }
    switch action.parameters["other-person"]?.form {
    case .literal(.bool(true))?: rules.append("Whoever began must not be the one who answers.")
    case .expression(let condition)?:
      rules.append(
        "Where `\(variables.text(of: condition))` is true, whoever began must not be the one who "
          + "answers.")
    default: break
    }
    if let count = action.parameters["approvers"] {
      rules.append("\(spelled(count)) people have to agree.")
    }
    if let time = action.parameters["timeout"] {
      rules.append("Without an answer within \(spelled(time)), stop.")
    }
    return blocks + [.paragraph(Prose.inline(rules.joined(separator: " ")))]
  }

  private mutating func spelled(_ template: Template) -> String { variables.text(of: template) }

  private mutating func fields(of action: ActionReference) -> String {
    action.parameters.map { "\($0.key): \(spelled($0.value))" }.joined(separator: ", ")
  }

  /// What a person types; nothing where no command does it.
  private mutating func command(for work: Work) -> [Page.Block] {
    switch work {
    case .script(let script):
      var lines = ""
      for (name, template) in runbook.environment.merging(
        script.environment, uniquingKeysWith: { $1 })
      {
        let value = variables.value(of: template).text ?? ""
        lines += "export \(name)=\(ShellText.expand(ShellText.quoted(value)))\n"
      }
      let text = script.text.hasSuffix("\n") ? script.text : script.text + "\n"
      return [.code(lines + text, language: script.shell == .bash ? "bash" : "sh")]
    case .action(let action):
      if action.name == "sleep" {
        let time = action.parameters["duration"] ?? action.parameters["for"]
        return [.paragraph([.text("Wait for \(time.map { spelled($0) } ?? "").")])]
      }
      if let called = action.calledRunbook {
        return [calling(called, action)]
      }
      var variables = variables
      let command = catalog.command(for: action) { variables.value(of: $0) }
      self.variables = variables
      return command.map { [.code(ShellText.expand($0), language: "sh")] } ?? []
    }
  }

  /// Another runbook, whose page says how.
  private mutating func calling(_ called: String, _ action: ActionReference) -> Page.Block {
    var words = "omcops runbook run \(called)"
    for (name, template) in action.parameters {
      let value = variables.value(of: template)
      words += " -i \(ShellText.quoted("\(name)=\(value.text ?? value.json.text())"))"
    }
    return .code(ShellText.expand(words), language: "sh")
  }

  private mutating func notes(on step: Step) -> [String] {
    var notes: [String] = []
    if let time = step.timeout { notes.append("It may take \(variables.text(of: time)).") }
    if let retry = step.retry {
      notes.append(
        "If it fails, try again, \(retry.attempts) times in all, first after \(variables.text(of: retry.delay))."
      )
    }
    if step.isOnce {
      notes.append(
        "Never do it twice: if you cannot tell whether it had its effect, find out first.")
    }
    if step.continuesOnError { notes.append("If it fails, go on all the same.") }
    if let measure = step.measure { notes.append("Take the time: it is reported as \(measure).") }
    return notes
  }

  /// The values that later steps need.
  private mutating func takingDown(_ step: Step) -> [Page.Block] {
    guard !step.outputs.isEmpty else { return [] }
    let items = step.outputs.map { name, output -> [Page.Block] in
      let variable = variables.name(for: .output(step: step.id, name: name))
      let secret = output.isSecret ? " (a secret)" : ""
      return [
        .paragraph([
          .code("$\(variable)"), .text(" is "), .code(value(of: output)), .text(secret),
        ])
      ]
    }
    return [.paragraph([.strong(["Keep"]), .text(" from the answer:")]), .bullets(items)]
  }

  private mutating func proving(_ step: Step) -> [Page.Block] {
    guard !step.checks.isEmpty else { return [] }
    let effect = catalog.effect(of: step.work)
    let isWrite = effect == .write || effect == .destroy
    let lead: [Page.Inline] = [.strong([step.work == nil ? "This" : "Afterwards"])]
    var words = step.work == nil ? " must be so:" : ", this must be so:"
    if isWrite {
      switch step.whenSatisfied {
      case .skip: words = ", this must be so; where all of it is so before, the step is done:"
      case .fail: words = ", this must be so; where all of it is so before, stop:"
      case .run: break
      }
    }
    return [.paragraph(lead + [.text(words)]), .tasks(step.checks.map { task($0) })]
  }

  // MARK: What must be so

  /// A guard or a check, to be ticked off.
  mutating func task(_ assertion: Assertion) -> [Page.Block] {
    var claim: [Page.Inline] = [.strong(Prose.inline(assertion.name))]
    if let condition = assertion.condition {
      claim += [.text(" (asked only if ")] + sentence(condition) + [.text(")")]
    }
    var blocks: [Page.Block] = [.paragraph(claim)]
    if let probe = assertion.probe {
      let command = command(for: probe)
      if command.isEmpty, case .action(let action) = probe {
        blocks.append(
          .paragraph([.text("Look with "), .code("\(action.name) \(fields(of: action))")]))
      }
      blocks += command
    }
    var words: [Page.Inline] = []
    if let expectation = assertion.expectation {
      let lead = assertion.probe == nil ? "It holds when " : "It holds when the answer has "
      words += [.text(lead), .code(variables.text(of: expectation)), .text(".")]
    } else if assertion.probe != nil {
      words.append(.text("It holds when that succeeds."))
    }
    if let within = assertion.within {
      words.append(
        .text(
          " Ask again every \(variables.text(of: assertion.every)), for at most \(variables.text(of: within))."
        ))
    }
    if let time = assertion.holdFor {
      words.append(.text(" It must stay so for \(variables.text(of: time))."))
    }
    if !words.isEmpty { blocks.append(.paragraph(words)) }
    if let because = assertion.because {
      blocks.append(.paragraph([.strong(["If not:"]), .text(" ")] + Prose.inline(because)))
    }
    return blocks
  }

  /// A condition in words where it is of the usual kinds, else as it is.
  private mutating func sentence(_ condition: Expression) -> [Page.Inline] {
    if case .binary(.notEqual, let left, let right) = condition.root.kind,
      case .literal(.null) = right.kind, case .member(let base, let section) = left.kind,
      case .context("target") = base.kind
    {
      return [.text("the environment has "), .code(section)]
    }
    if let origin = condition.inputName {
      return [.code("$\(variables.name(for: .input(origin)))"), " is true"]
    }
    return [.code(variables.text(of: condition))]
  }

  // MARK: The way back

  private mutating func takingBack(_ step: Step) -> [Page.Block] {
    switch step.undo {
    case .unspecified: return []
    case .none(let reason):
      let effect = catalog.effect(of: step.work)
      guard effect == .write || effect == .destroy else { return [] }
      let why = reason.map { [.text(": ")] + Prose.inline($0) } ?? []
      return [
        .paragraph([.strong(["To take it back:"]), .text(" nothing is done")] + why + [.text(".")])
      ]
    case .action(let undo):
      let name = undo.name.map { Prose.inline($0) } ?? []
      var blocks: [Page.Block] = [
        .paragraph(
          [.strong(["To take it back:"]), .text(" ")] + name + [.text(name.isEmpty ? "" : ".")]
            + limits(of: undo))
      ]
      blocks += doing(undo.work)
      if !undo.checks.isEmpty { blocks.append(.tasks(undo.checks.map { task($0) })) }
      return blocks
    }
  }

  private mutating func limits(of undo: UndoAction) -> [Page.Inline] {
    var pieces: [Page.Inline] = []
    if let condition = undo.condition {
      pieces += [.text(" Only if ")] + sentence(condition) + [.text(".")]
    }
    if let until = undo.until {
      pieces += [.text(" Not any more once ")] + reference(to: until) + [.text(" is done.")]
    }
    return pieces
  }

  /// A link to a step's section.
  private func reference(to id: String) -> [Page.Inline] {
    if let index = runbook.steps.firstIndex(where: { $0.id == id }) {
      let heading = Prose.inline("\(index + 1). \(runbook.steps[index].name)")
      return [.link([.text("step \(index + 1)")], to: "#" + Page.anchor(heading))]
    }
    guard let step = runbook.step(id) else { return [.code(id)] }
    return [.link(Prose.inline(step.name), to: "#" + Page.anchor(Prose.inline(step.name)))]
  }

  mutating func undoSection() -> [Page.Block] {
    var items: [[Page.Block]] = []
    for step in runbook.steps.reversed() {
      guard case .action(let undo) = step.undo else { continue }
      let name = undo.name.map { [.text(": ")] + Prose.inline($0) } ?? []
      items.append([
        .paragraph(reference(to: step.id) + name + [.text(".")] + limits(of: undo))
      ])
    }
    guard !items.isEmpty else { return [] }
    return [
      .heading(2, ["Taking it back"]),
      .paragraph([
        .text(
          "In this order: the last step that was begun first, also when it failed half way. Each "
            + "step says how. The tool does it with "), .code("omcops runbook undo"), .text("."),
      ]),
      .bullets(items),
    ]
  }
}

extension Expression {
  /// The input that is all of it.
  fileprivate var inputName: String? {
    guard let (base, name) = root.constantMember, case .context("inputs") = base.kind else {
      return nil
    }
    return name
  }
}
