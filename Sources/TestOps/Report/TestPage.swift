internal import Pages
internal import Quantities

extension TestRun {
  /// The run as one HTML page that stands alone: it asks for nothing from anywhere.
  ///
  /// - Parameter before: the run before, which this one is compared with.
  public func html(before: TestRun? = nil) -> String { TestPage(self, before: before).text }
}

/// The sections of the page.
struct TestPage {
  /// How many tests are named that are other than before in one way; the table at the end has them all.
  private static let shownChanges = 50

  let run: TestRun
  private let comparison: RunComparison?

  init(_ run: TestRun, before: TestRun?) {
    self.run = run
    comparison = before.map { RunComparison(run, with: $0) }
  }

  var text: String {
    let main = HTML.element(
      "main", [:],
      [
        figures, troubles, failures, flaky, changes, TestTimeline(run).section,
        DurationPlot(run).section, slowest, TestTable(run).section,
      ].map { $0 + .newline })
    let footer = HTML.element(
      "footer", [:],
      .element("p", [:], "Times are UTC. What tests wrote is shown without its colours."))
    return HTML.page(
      title: "\(run.headline): \(run.suite)", style: PageStyle.base, PageStyle.report,
      TestPageStyle.sheet, script: TestPageScript.filter,
      body: .element("body", [:], .newline, header, .newline, main, .newline, footer))
  }

  private var header: HTML {
    var facts: [HTML] = []
    func add(_ name: String, _ value: String) {
      facts.append(
        .element(
          "div", [:], .element("dt", [:], HTML(name)), .element("dd", [:], HTML(value))))
    }
    if run.start > 0 {
      let time = Timestamp(microseconds: Int64(run.start * 1e6)).rfc3339(fractionDigits: 0)
      add("Began", "\(time.prefix(10)) \(time.dropFirst(11).dropLast())")
    }
    add("Took", TestRun.readable(run.duration))
    add("Workers", "\(run.workers)")
    let tests = run.results.reduce(0) { $0 + $1.duration }
    add("Time in tests", TestRun.readable(tests))
    if let coverage = run.coverage { add("Coverage", coverage.words) }
    let notes = run.notes.map { HTML.element("p", ["class": "note"], HTML($0.withoutColours)) }
    return .element(
      "header", ["class": "top \(run.tone.rawValue)"],
      [
        .element("p", ["class": "eyebrow"], "Tests"), .element("h1", [:], HTML(run.suite)),
        .element(
          "p", ["class": "verdict \(run.tone.rawValue)"],
          .element("strong", [:], HTML(run.headline)), HTML(": \(run.tally)")),
      ] + notes + [.element("dl", ["class": "facts"], facts)])
  }

  private var figures: HTML {
    let counts = run.counts
    var cards = TestResult.Outcome.inOrderOfConcern.compactMap { outcome in
      counts[outcome].map {
        HTML.card(outcome.words, "\($0)", note: "", tone: outcome.tone)
      }
    }
    if !run.flaky.isEmpty {
      cards.append(.card("flaky", "\(run.flaky.count)", note: "failed, then passed", tone: .warn))
    }
    if cards.isEmpty { return HTML() }
    return section("figures", "Figures", [.element("div", ["class": "cards"], cards)])
  }

  private func section(_ id: String, _ title: String, _ content: [HTML]) -> HTML {
    .element(
      "section", ["aria-labelledby": id], [.element("h2", ["id": id], HTML(title))] + content)
  }

  private var troubles: HTML {
    if run.troubles.isEmpty { return HTML() }
    return section(
      "troubles", "What befell the run",
      run.troubles.map { trouble in
        let tone: Tone = trouble.isRecovered ? .warn : .bad
        var content: [HTML] = [
          .element(
            "h3", [:], .mark(trouble.isRecovered ? "↻" : "✗", tone),
            HTML(" " + (trouble.isRecovered ? "run again" : trouble.kind.words))),
          .element("p", [:], HTML(trouble.message.withoutColours)),
        ]
        if let during = trouble.during {
          content.append(
            .element(
              "p", ["class": "meta"], "while running ", .element("code", [:], HTML(during))))
        }
        content += quoted("What stands behind it", trouble.details)
        return .element("article", ["class": "test \(tone.rawValue)"], content)
      })
  }

  private func quoted(_ title: String, _ text: String?, isOpen: Bool = true) -> [HTML] {
    guard let text, !text.isEmpty else { return [] }
    return [
      .element(
        "details", ["open": isOpen ? "" : nil], .element("summary", [:], HTML(title)),
        .element("pre", ["tabindex": "0"], HTML(text.withoutColours)))
    ]
  }

  private var failures: HTML {
    let failures = run.failures
    if failures.isEmpty { return HTML() }
    return section("failures", "Failed", failures.map(article))
  }

  private func article(_ result: TestResult) -> HTML {
    let tries = run.tries(of: result.id)
    var facts = ["worker \(result.worker)", TestRun.readable(result.duration)]
    if tries.count > 1 { facts.append("\(tries.count) tries") }
    if let place = result.place { facts.insert(place, at: 0) }
    var content: [HTML] = [
      .element(
        "h3", [:], .mark(result.outcome.sign, .bad), " ",
        .element("span", ["class": "mono"], HTML(result.id))),
      .element("p", ["class": "meta"], HTML(facts.joined(separator: " · "))),
    ]
    if let message = result.message {
      content.append(.element("p", ["class": "reason"], HTML(message.withoutColours)))
    }
    content += quoted("Traceback", result.details)
    content += quoted("What it wrote", result.output, isOpen: false)
    content += quoted("What it wrote to its errors", result.errors, isOpen: false)
    content += quoted(
      "What it was warned of", result.warnings.joined(separator: "\n").orNil, isOpen: false)
    return .element("article", ["class": "test bad"], content)
  }

  private var flaky: HTML {
    if run.flaky.isEmpty { return HTML() }
    let rows = run.flaky.map { id -> [HTML] in
      let tries = run.tries(of: id)
      let signs = tries.map { HTML.mark($0.outcome.sign, $0.outcome.tone) }
      let spoken = tries.map(\.outcome.words).joined(separator: ", then ")
      let words = tries.first { $0.outcome.isBad }?.message ?? ""
      return [
        .element("span", ["class": "mono"], HTML(id)),
        signs.reduce(HTML(), +) + .element("span", ["class": "spoken"], HTML(spoken)),
        HTML(words.withoutColours),
      ]
    }
    return section(
      "flaky", "Flaky",
      [.table("Tests that said one thing and then another", ["Test", "Tries", "Why"], rows)])
  }

  private var changes: HTML {
    guard let comparison, !comparison.isEmpty else { return HTML() }
    var rows: [[HTML]] = []
    func add(_ title: String, _ ids: [String], _ tone: Tone) {
      let word = HTML.element("span", ["class": "state \(tone.rawValue)"], HTML(title))
      for id in ids.prefix(TestPage.shownChanges) {
        rows.append([word, .element("span", ["class": "mono"], HTML(id))])
      }
      let rest = ids.count - TestPage.shownChanges
      if rest > 0 { rows.append([word, HTML("and \(rest) more")]) }
    }
    add("newly failing", comparison.newlyFailing, .bad)
    add("newly passing", comparison.newlyPassing, .good)
    add("failing still", comparison.stillFailing, .bad)
    for slower in comparison.slower {
      let words = "\(TestRun.readable(slower.before)) → \(TestRun.readable(slower.now))"
      add("slower: \(words)", [slower.id], .warn)
    }
    add("not run this time", comparison.missing, .calm)
    add("new", comparison.added, .calm)
    return section(
      "changes", "Against the run before",
      [.table("What is other than it was", ["What", "Test"], rows)])
  }

  private var slowest: HTML {
    let slow = run.slowest(15)
    if slow.isEmpty { return HTML() }
    let longest = max(slow[0].duration, 1e-6)
    let rows = slow.map { result -> [HTML] in
      let part = Int((result.duration / longest * 100).rounded())
      return [
        .element("span", ["class": "mono"], HTML(result.id)),
        .element(
          "span", ["class": "lane", "aria-hidden": "true"],
          .element("span", ["class": "bar", "style": "left:0;width:\(part)%"])),
        HTML(TestRun.readable(result.duration)),
      ]
    }
    return section(
      "slowest", "Slowest", [.table("Where the time goes", ["Test", "", "Time"], rows)])
  }
}
