internal import OrderedCollections
internal import Pages
internal import Quantities

// The report as one page that stands alone: what the team looks at after an incident.
extension RunRecord {
  /// The report as a whole HTML page.
  public var html: String {
    let main = HTML.element(
      "main", [:],
      [
        figureSection, ReportTimeline(self).section, guardSection, stepSection, systemSection,
        recordSection,
      ]
      .map { $0 + .newline })
    let body = HTML.element("body", [:], .newline, header, .newline, main, .newline, footer)
    return HTML.page(
      title: "\(verdict.words): \(title) (\(folder.shortID))", style: PageStyle.base,
      PageStyle.report, ReportStyle.sheet, body: body)
  }

  // MARK: The head

  private var header: HTML {
    let (words, tone) = verdict
    var verdictLine: [HTML] = [.element("strong", [:], HTML(words))]
    if let stop { verdictLine += [" at “", HTML(stop.name), "”"] }
    var pieces: [HTML] = [
      .element(
        "p", ["class": "eyebrow"], "Report of run ", .element("span", ["class": "mono"], HTML(id))),
      .element("h1", [:], HTML(title)),
      .element("p", ["class": "verdict \(tone.rawValue)"], verdictLine),
    ]
    if let stop { pieces.append(.element("p", ["class": "reason"], HTML(stop.reason))) }
    if let damage = chain.damage {
      pieces.append(
        .element(
          "p", ["class": "alarm", "role": "note"],
          "This report cannot be trusted: ", HTML(damage)))
    }
    for sentence in drill?.sentences ?? [] {
      pieces.append(.element("p", ["class": "note"], HTML(sentence)))
    }
    pieces.append(.element("dl", ["class": "facts"], facts))
    return .element("header", ["class": "top \(tone.rawValue)"], pieces)
  }

  private var facts: [HTML] {
    let state = story.state
    var facts: [HTML] = []
    func add(_ name: String, _ content: HTML?) {
      guard let content else { return }
      facts.append(
        .element(
          "div", [:], .element("dt", [:], HTML(name)), .element("dd", [:], content)))
    }
    add("Environment", environment.map { HTML($0) })
    add("By", state.start.map { HTML("\($0.user)@\($0.host)") })
    if let began = state.startedAt, let ended = state.time {
      add("When", ReportWords.time(began) + " – " + ReportWords.time(ended, after: began))
    }
    let legs = story.legs.count > 1 ? " in \(story.legs.count) parts" : ""
    add("Took", HTML(story.active.readable + legs))
    add("Exit code", exitWords.map { HTML($0) })
    add("Changed anything", HTML(changeWords))
    return facts
  }

  // MARK: Figures

  private var figureSection: HTML {
    var cards = objectives.map { objective in
      HTML.card(
        objective.title, objective.measured?.readable ?? "not measured",
        note: "objective \(objective.isMet ? "met" : "missed"): at most "
          + objective.limit.canonical,
        tone: objective.isMet ? .good : .bad)
    }
    var rows: [(String, String, String)] = []
    for (name, value) in outputs {
      let note = runbook?.outputs[name]?.description ?? ""
      if case .duration(let duration) = value {
        cards.append(HTML.card(name, duration.readable, note: note))
      } else {
        rows.append((name, value.readable, note))
      }
    }
    for (name, duration) in measures {
      let step = steps.first { $0.step?.measure == name }?.name
      cards.append(
        HTML.card(name, duration.readable, note: step.map { "time of “\($0)”" } ?? ""))
    }
    if cards.isEmpty, rows.isEmpty { return HTML() }
    var content = [HTML.element("h2", ["id": "figures"], "Figures")]
    if !objectives.isEmpty {
      content[0] = .element("h2", ["id": "figures"], "Objectives and figures")
    }
    if !cards.isEmpty { content.append(.element("div", ["class": "cards"], cards)) }
    if !rows.isEmpty {
      content.append(
        HTML.table(
          "What the run reports", ["Name", "Value", "What it is"],
          rows.map { [HTML($0.0), .element("span", ["class": "mono"], HTML($0.1)), HTML($0.2)] }))
    }
    return .element("section", ["aria-labelledby": "figures"], content)
  }

  // MARK: Systems, record

  private var systemSection: HTML {
    var tables: [HTML] = []
    if !identities.isEmpty {
      tables.append(
        HTML.table(
          "What proves which systems these were", ["System", "Identity"],
          identities.map {
            [HTML($0.key), .element("span", ["class": "mono"], HTML($0.value))]
          }))
    }
    if !inputs.isEmpty {
      tables.append(
        HTML.table(
          "What the run was given", ["Input", "Value"],
          inputs.map { name, value in
            let text = value == .null ? "nothing" : value.readable
            return [HTML(name), .element("span", ["class": "mono"], HTML(text))]
          }))
    }
    if tables.isEmpty { return HTML() }
    return .element(
      "section", ["aria-labelledby": "systems"],
      [.element("h2", ["id": "systems"], "Systems and inputs")] + tables)
  }

  private var recordSection: HTML {
    let isWhole = chain.damage == nil
    let bad = evidence.filter { $0.condition != .whole }
    var rows: [[HTML]] = [
      [
        "Journal",
        HTML.mark(isWhole ? "✓" : "✗", isWhole ? .good : .bad)
          + HTML(
            isWhole
              ? " chain of \(chain.records) records is whole" : " " + (chain.damage ?? "damaged")),
      ],
      ["Hash of its last record", .element("span", ["class": "mono"], HTML(chain.head))],
    ]
    if chain.tornBytes > 0 {
      rows.append([
        "At its end", HTML("\(chain.tornBytes) bytes of a record that was never whole, left out"),
      ])
    }
    if !evidence.isEmpty {
      rows.append([
        "Evidence",
        HTML.mark(bad.isEmpty ? "✓" : "✗", bad.isEmpty ? .good : .bad)
          + HTML(
            bad.isEmpty
              ? " \(evidence.count) files are what the journal recorded"
              : " not what was recorded: " + bad.map(\.name).joined(separator: ", ")),
      ])
    }
    if let start = story.state.start {
      rows.append(["Runbook", .element("span", ["class": "mono"], HTML(start.file))])
      rows.append([
        "SHA-256 of the runbook", .element("span", ["class": "mono"], HTML(start.sha256)),
      ])
      if story.state.runbookDigest != start.sha256 {
        rows.append(["Changed on the way", "the run went on with another version of the file"])
      }
      rows.append(["omcops", HTML(start.version)])
    }
    if let plan = story.plan {
      rows.append([
        "Plan", HTML("held to a plan: \(plan.summary); SHA-256 "),
      ])
      rows[rows.count - 1][1] += .element("span", ["class": "mono"], HTML(plan.sha256))
    }
    if let lock = story.lock { rows.append(["Lock", HTML("\(lock.group) (\(lock.kind))")]) }
    return .element(
      "section", ["aria-labelledby": "record"], .element("h2", ["id": "record"], "Record"),
      HTML.table("What this report rests on", ["", ""], rows))
  }

  private var footer: HTML {
    .element(
      "footer", [:],
      .element(
        "p", [:], "Times are UTC. Secrets are masked. ",
        .element("code", [:], HTML("omcops runbook verify \(folder.shortID)")),
        " checks the journal and the evidence again."))
  }
}

/// Pieces that several sections of a report have.
enum ReportWords {
  /// A moment; without its date where that is the one of a moment that stands before it.
  static func time(_ time: Timestamp, after earlier: Timestamp? = nil) -> HTML {
    let text = time.rfc3339(fractionDigits: 0)
    let (date, clock) = (text.prefix(10), text.dropFirst(11).dropLast())
    let isSameDay = earlier?.rfc3339(fractionDigits: 0).prefix(10) == date
    return .element(
      "time", ["datetime": text], HTML(isSameDay ? String(clock) : "\(date) \(clock)"))
  }
}
