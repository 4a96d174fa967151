internal import OrderedCollections
internal import Pages
internal import Quantities

// The steps of the HTML report: attempts, checks and what they saw, answers, evidence, the way back.
extension RunRecord {
  var guardSection: HTML {
    if story.guards.questions.isEmpty { return HTML() }
    return .element(
      "section", ["aria-labelledby": "guards"],
      .element("h2", ["id": "guards"], "Before anything was done"),
      questions(story.guards.questions, of: "Guards of the runbook"))
  }

  var stepSection: HTML {
    let cards = steps.map { card(id: $0.id, $0.name, $0.number, $0.step) + .newline }
    return .element(
      "section", ["aria-labelledby": "steps"],
      [.element("h2", ["id": "steps"], "Steps"), .newline] + cards)
  }

  private func card(id: String, _ name: String, _ number: Int?, _ step: Step?) -> HTML {
    let now = story.state[id]
    let told = story.steps[id] ?? RunStory.Step(id: id)
    let status = now.status
    var heading: [HTML] = [
      HTML.mark(status.sign, status.tone),
      .element("span", ["class": "number"], HTML(place(number, step))),
      .element("span", ["class": "title"], HTML(name)),
    ]
    heading.append(.element("span", ["class": "state \(status.tone.rawValue)"], HTML(status.words)))
    var meta: [HTML] = [.element("code", [:], HTML(id))]
    if let work = step?.work { meta.append(.element("code", [:], HTML(work.name))) }
    let isQuiet = status == .skipped || status == .pending
    if told.milliseconds > 0, !isQuiet {
      meta.append(HTML(Duration.milliseconds(told.milliseconds).readable))
    }
    if let began = now.startedAt, status != .skipped {
      meta.append(ReportWords.time(began, after: story.state.startedAt))
    }
    var content: [HTML] = [
      .element("h3", [:], heading),
      .element("p", ["class": "meta"], meta.flatMap { [$0, HTML(" ")] }),
    ]
    if let detail = now.detail, !isQuiet {
      content.append(.element("p", ["class": "reason \(status.tone.rawValue)"], HTML(detail)))
    }
    content += [
      attempts(told), calls(told), answers(told),
      questions(told.questions, of: "Guards and checks of \(id)"),
      outputs(now), undo(told), evidence(of: id),
    ]
    return .element(
      "article",
      ["class": isQuiet ? "step quiet" : "step \(status.tone.rawValue)", "id": "step-\(id)"],
      content)
  }

  private func place(_ number: Int?, _ step: Step?) -> String {
    number.map { "\($0)." } ?? (step == nil ? "" : "At the end:")
  }

  // MARK: What happened

  /// Only where there is more to tell than that it was done.
  private func attempts(_ step: RunStory.Step) -> HTML {
    let only = step.attempts.count == 1 ? step.attempts.first : nil
    let isPlain = only.map { $0.error == nil || $0.error == story.state[step.id].detail } ?? false
    guard !step.attempts.isEmpty, !isPlain else { return HTML() }
    return .element(
      "ol", ["class": "attempts"],
      step.attempts.map { attempt in
        .element("li", ["value": String(attempt.number)], words(for: attempt))
      })
  }

  private func words(for attempt: RunStory.Attempt) -> [HTML] {
    let end: (String, Tone)
    switch attempt.isDone {
    case true?: end = ("done", .good)
    case false? where attempt.isInDoubt: end = ("nobody knows whether it had its effect", .warn)
    case false?: end = ("failed", .bad)
    case nil where attempt.endedAt == nil && attempt.uses == nil: end = ("no end recorded", .warn)
    case nil: end = ("done", .good)
    }
    let time = attempt.milliseconds.map { " after \(Duration.milliseconds($0).readable)" } ?? ""
    return [
      "Attempt: ", .element("span", ["class": "word \(end.1.rawValue)"], HTML(end.0)),
      HTML(time), HTML(attempt.error.map { ": \($0)" } ?? ""),
    ]
  }

  /// Runs of other runbooks have reports of their own.
  private func calls(_ step: RunStory.Step) -> HTML {
    if step.calls.isEmpty { return HTML() }
    return .element(
      "ul", ["class": "answers"],
      step.calls.map { call in
        .element(
          "li", [:], HTML(call.isUndo ? "Taken back by " : "A run of "),
          .element("strong", [:], HTML(call.runbook)), ": ",
          .element("span", ["class": "mono"], HTML(call.run)))
      })
  }

  private func answers(_ step: RunStory.Step) -> HTML {
    if step.answers.isEmpty { return HTML() }
    return .element(
      "ul", ["class": "answers"],
      step.answers.map { answer in
        .element(
          "li", [:], .element("strong", [:], HTML(answer.answer)),
          HTML(" by \(answer.by), \(answer.how), "),
          ReportWords.time(answer.at, after: story.state.startedAt))
      })
  }

  private func questions(_ questions: [RunStory.Question], of name: String) -> HTML {
    if questions.isEmpty { return HTML() }
    return .element(
      "ul", ["class": "questions", "aria-label": name],
      questions.map { question in
        let tone: Tone = question.holds ? .good : question.isBad ? .bad : .calm
        let sign = question.holds ? "✓" : question.isBad ? "✗" : "·"
        var pieces: [HTML] = [
          HTML.mark(sign, tone),
          .element(
            "span", ["class": "claim"], HTML(question.name),
            .element(
              "span", ["class": "when"],
              HTML(" \(question.when)\(question.holds ? "" : ", does not hold")"))),
        ]
        if let detail = question.detail {
          pieces.append(.element("span", ["class": "saw mono"], HTML(detail)))
        }
        return .element("li", [:], pieces)
      })
  }

  private func outputs(_ now: RunState.StepState) -> HTML {
    let known = now.outputs ?? [:]
    if known.isEmpty, now.withheld.isEmpty { return HTML() }
    var rows = known.map { name, value in [HTML(name), folded(value.readable)] }
    rows += now.withheld.map { [HTML($0), "secret, kept nowhere"] }
    return .element(
      "div", ["class": "outputs"], HTML.table("What it gave", ["", ""], rows))
  }

  private func undo(_ step: RunStory.Step) -> HTML {
    if step.undos.isEmpty { return HTML() }
    return .element(
      "div", ["class": "undo"], .element("p", [:], .element("strong", [:], "Taking it back")),
      .element(
        "ol", ["class": "attempts"], step.undos.map { .element("li", [:], words(for: $0)) }))
  }

  // MARK: Evidence

  /// How much of one file, and of all, a report shows.
  private static let shownBytes = (file: 64 << 10, line: 160)

  private func evidence(of id: String) -> HTML {
    let files = evidence.filter { $0.step == id }
    if files.isEmpty { return HTML() }
    return .element("div", ["class": "evidence"], files.map(fold))
  }

  private func fold(_ file: Evidence) -> HTML {
    var summary: [HTML] = [
      .element("span", ["class": "mono"], HTML(file.name)), " ",
      .element("span", ["class": "note"], HTML(ByteCount(Int64(file.bytes)).readable)),
    ]
    if file.condition != .whole {
      summary.append(
        .element(
          "span", ["class": "word bad"],
          HTML(file.condition == .missing ? " missing" : " not what the journal recorded")))
    }
    guard file.condition != .missing,
      let bytes = try? DurableFile.read(folder.evidence(file.name))
    else { return .element("p", ["class": "gone"], summary) }
    return .element(
      "details", [:], .element("summary", [:], summary),
      .element("pre", ["tabindex": "0"], HTML(RunRecord.shown(bytes))))
  }

  /// The beginning and the end of what is long.
  private static func shown(_ bytes: [UInt8]) -> String {
    let limit = shownBytes.file
    if bytes.count <= limit { return String(decoding: bytes, as: UTF8.self) }
    let half = limit / 2
    let left = bytes.count - 2 * half
    return String(decoding: bytes.prefix(half), as: UTF8.self)
      + "\n[... \(left) bytes are left out here; the whole stands in the run's folder ...]\n"
      + String(decoding: bytes.suffix(half), as: UTF8.self)
  }

  private func folded(_ text: String) -> HTML {
    let content = HTML.element("span", ["class": "mono"], HTML(text))
    guard text.utf8.count > RunRecord.shownBytes.line else { return content }
    return .element(
      "details", [:], .element("summary", [:], HTML(text.prefix(80) + " …")),
      .element("pre", ["tabindex": "0"], HTML(text)))
  }
}
