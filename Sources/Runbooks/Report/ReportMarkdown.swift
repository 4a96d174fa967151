internal import OrderedCollections
internal import Quantities

// The report as Markdown, for an issue or a chat.
extension RunRecord {
  /// The report as Markdown.
  public var markdown: String { MarkdownWriter.text(page) }

  private var page: Page {
    var page = Page(title: "\(title), run \(id)", origin: "")
    page.blocks = [.heading(1, [.text(title)])]
    var verdict: [Page.Inline] = [.strong([.text(self.verdict.words)])]
    if let stop { verdict += [.text(" at “\(stop.name)”: \(stop.reason)")] }
    page.blocks.append(.paragraph(verdict))
    page.blocks += (drill?.sentences ?? []).map { .paragraph([.text($0)]) }
    page.blocks += [.table(caption: "Run", header: ["", ""], rows: facts)]
    page.blocks += figures + timeline + stepSections + systems + record
    return page
  }

  private var facts: [[[Page.Inline]]] {
    var rows: [[[Page.Inline]]] = [[["Run"], [.code(id)]]]
    func add(_ name: String, _ text: String?) {
      if let text { rows.append([[.text(name)], [.text(text)]]) }
    }
    let state = story.state
    add("Environment", environment)
    add("By", state.start.map { "\($0.user)@\($0.host)" })
    add("Began", state.startedAt?.rfc3339(fractionDigits: 0))
    add("Ended", state.time?.rfc3339(fractionDigits: 0))
    add("Took", story.active.readable)
    add("Exit code", exitWords)
    add("Changed anything", changeWords)
    return rows
  }

  private var figures: [Page.Block] {
    var rows: [[[Page.Inline]]] = []
    for objective in objectives {
      let measured = objective.measured?.readable ?? "not measured"
      let verdict = objective.isMet ? "met" : "missed"
      rows.append([
        [.text(objective.title)],
        [.strong([.text(verdict)]), .text(": \(measured), at most \(objective.limit.canonical)")],
      ])
    }
    for (name, value) in outputs { rows.append([[.code(name)], [.text(value.readable)]]) }
    for (name, duration) in measures { rows.append([[.code(name)], [.text(duration.readable)]]) }
    guard !rows.isEmpty else { return [] }
    return [
      .heading(2, ["Figures"]), .table(caption: "Figures", header: ["", "Value"], rows: rows),
    ]
  }

  private var timeline: [Page.Block] {
    guard story.legs.count > 1 else { return [] }
    return [
      .heading(2, ["Course"]),
      .bullets(
        story.legs.map { leg in
          [
            .paragraph([
              .text(
                "\(leg.from.rfc3339(fractionDigits: 0)): \(leg.words), "
                  + "\((leg.to - leg.from).readable): \(leg.end)")
            ])
          ]
        }),
    ]
  }

  private var stepSections: [Page.Block] {
    var blocks: [Page.Block] = []
    if !story.guards.questions.isEmpty {
      blocks += [.heading(2, ["Before anything was done"]), questions(story.guards.questions)]
    }
    blocks.append(.heading(2, ["Steps"]))
    var items: [[Page.Block]] = []
    for (id, name, number, _) in steps {
      let now = story.state[id]
      let place = number.map { "\($0). " } ?? "At the end: "
      var line: [Page.Inline] = [.text("\(now.status.sign) \(place)")]
      line += [.strong([.text(name)]), .text(": \(now.status.words)")]
      let told = story.steps[id] ?? RunStory.Step(id: id)
      if told.milliseconds > 0 {
        line.append(.text(", \(Duration.milliseconds(told.milliseconds).readable)"))
      }
      if let detail = now.detail { line.append(.text(" (\(detail))")) }
      var item: [Page.Block] = [.paragraph(line)]
      for attempt in told.attempts.dropLast() {
        item.append(
          .paragraph([.text("Attempt \(attempt.number): \(attempt.error ?? "cut off")")]))
      }
      for answer in told.answers {
        item.append(.paragraph([.text("\(answer.answer) by \(answer.by), \(answer.how)")]))
      }
      if !told.questions.isEmpty { item.append(questions(told.questions)) }
      items.append(item)
    }
    return blocks + [.bullets(items)]
  }

  private func questions(_ questions: [RunStory.Question]) -> Page.Block {
    .bullets(
      questions.map { question in
        let detail = question.detail.map { ": \($0)" } ?? ""
        let sign = question.holds ? "✓" : question.isBad ? "✗" : "·"
        return [.paragraph([.text("\(sign) \(question.name) (\(question.when))\(detail)")])]
      })
  }

  private var systems: [Page.Block] {
    var rows: [[[Page.Inline]]] = identities.map { [[.text($0.key)], [.code($0.value)]] }
    rows += inputs.map { [[.text("input \($0.key)")], [.text($0.value.readable)]] }
    if rows.isEmpty { return [] }
    return [
      .heading(2, ["Systems and inputs"]),
      .table(caption: "Systems and inputs", header: ["", "Value"], rows: rows),
    ]
  }

  private var record: [Page.Block] {
    var items: [[Page.Block]] = [[.paragraph([.text(chain.words), .code(chain.head)])]]
    for file in evidence where file.condition != .whole {
      items.append([
        .paragraph([
          .code(file.name), .text(" is \(file.condition.rawValue): not what was recorded"),
        ])
      ])
    }
    return [.heading(2, ["Record"]), .bullets(items)]
  }
}

extension RunRecord.Chain {
  /// The verdict, before the hash.
  var words: String {
    if let damage { return "The journal cannot be trusted: \(damage). Last hash before it: " }
    let torn = tornBytes > 0 ? " (and \(tornBytes) bytes of one that was never whole)" : ""
    return "The journal's chain is whole: \(records) records\(torn), the last one's hash is "
  }
}
