internal import OrderedCollections
internal import Pages
internal import Quantities

/// The course of a run as bars over time: a row for each step, a mark where somebody resumed it.
struct ReportTimeline {
  private let record: RunRecord
  private let scale: TimeScale

  init(_ record: RunRecord) {
    self.record = record
    scale = TimeScale(record.story.legs)
  }

  /// The section; empty of a run that did nothing.
  var section: HTML {
    let story = record.story
    guard let first = story.legs.first, let last = story.legs.last else { return HTML() }
    var rows: [HTML] = []
    if !story.guards.spans.isEmpty {
      let isHeld = story.guards.questions.allSatisfy(\.holds)
      rows.append(
        row("Guards", isHeld ? "hold" : "blocked", isHeld ? .good : .warn, story.guards))
    }
    for (id, name, number, _) in record.steps {
      guard let step = story.steps[id], !step.spans.isEmpty else { continue }
      let status = story.state[id].status
      if status == .skipped { continue }
      rows.append(row((number.map { "\($0). " } ?? "") + name, status.words, status.tone, step))
    }
    let legs = legs
    if rows.isEmpty, legs.isEmpty { return HTML() }
    let heading = HTML.element("h2", ["id": "timeline"], "Timeline")
    if rows.isEmpty { return .element("section", ["aria-labelledby": "timeline"], heading, legs) }
    let axis = HTML.element(
      "div", ["class": "axis", "aria-hidden": "true"],
      .element("span", [:], HTML(clock(first.from))), .element("span", [:], HTML(clock(last.to))))
    let head = HTML.element(
      "thead", [:],
      .element(
        "tr", [:], .element("th", ["scope": "col"], "Step"),
        .element("th", ["scope": "col", "class": "track"], axis),
        .element("th", ["scope": "col", "class": "time"], "Time")))
    let table = HTML.element(
      "table", ["class": "timeline"],
      .element("caption", [:], HTML("Where the \(story.active.readable) went")), head,
      .element("tbody", [:], rows))
    return .element(
      "section", ["aria-labelledby": "timeline"],
      heading, legend, table, legs)
  }

  /// The time of day, as finely as the length of the run needs it.
  private func clock(_ time: Timestamp) -> String {
    let digits = record.story.active < .seconds(20) ? 1 : 0
    return String(time.rfc3339(fractionDigits: digits).dropFirst(11).dropLast())
  }

  private func row(
    _ name: String, _ status: String, _ tone: Tone, _ step: RunStory.Step
  ) -> HTML {
    let bars = step.spans.map { span in
      HTML.element(
        "span",
        [
          "class": "bar \(span.kind.rawValue)\(span.hasFailed ? " bad" : "")",
          "style": scale.style(span.from, span.to),
          "title": "\(span.kind.words)\(span.hasFailed ? ", failed" : ""): "
            + (span.to - span.from).readable,
        ])
    }
    let gaps = scale.gaps.map { gap in
      HTML.element("span", ["class": "gap", "style": scale.style(gap.from, gap.to)])
    }
    var kinds: OrderedDictionary<RunStory.Span.Kind, Duration> = [:]
    for span in step.spans { kinds[span.kind, default: .zero] += span.to - span.from }
    // What the bars show, for whoever does not see them.
    let spoken = kinds.map { "\($0.key.words) \($0.value.readable)" }.joined(separator: ", ")
    return .element(
      "tr", [:],
      .element(
        "th", ["scope": "row"], HTML(name),
        .element("span", ["class": "state \(tone.rawValue)"], HTML(status))),
      .element(
        "td", ["class": "track"],
        .element("span", ["class": "lane", "aria-hidden": "true"], gaps + bars),
        .element("span", ["class": "spoken"], HTML(spoken))),
      .element(
        "td", ["class": "time"], HTML(Duration.milliseconds(step.milliseconds).readable)))
  }

  private var legend: HTML {
    let spans = record.story.steps.values.flatMap(\.spans) + record.story.guards.spans
    let used = Set(spans.map(\.kind))
    var items = RunStory.Span.Kind.allCases.filter { used.contains($0) }.map { kind in
      HTML.element(
        "li", [:], .element("span", ["class": "bar \(kind.rawValue)"]), HTML(kind.words))
    }
    if spans.contains(where: \.hasFailed) {
      items.append(.element("li", [:], .element("span", ["class": "bar bad"]), "failed"))
    }
    if !scale.gaps.isEmpty {
      items.append(
        .element("li", [:], .element("span", ["class": "bar gap"]), "nobody at work (shortened)"))
    }
    return .element("ul", ["class": "legend", "aria-hidden": "true"], items)
  }

  private var legs: HTML {
    let legs = record.story.legs
    guard legs.count > 1 || legs.contains(where: { !$0.signals.isEmpty }) else { return HTML() }
    return HTML.table(
      "Parts of the run", ["Began", "What", "How long", "How it ended"],
      legs.map { leg in
        [
          ReportWords.time(leg.from), HTML(leg.words), HTML((leg.to - leg.from).readable),
          HTML(leg.end),
        ]
      })
  }
}

/// Places on the line of time, in hundredths of its width. The gaps between two legs, in which
/// nobody worked, are cut short: a run that was resumed the next morning can still be read.
struct TimeScale {
  /// A stretch between two legs.
  private(set) var gaps: [(from: Timestamp, to: Timestamp)] = []
  private var pieces: [(from: Timestamp, to: Timestamp, start: Double, width: Double)] = []

  init(_ legs: [RunStory.Leg]) {
    func length(_ from: Timestamp, _ to: Timestamp) -> Double {
      max(0, Double(to.microseconds - from.microseconds))
    }
    let active = max(1, legs.reduce(0) { $0 + length($1.from, $1.to) })
    var widths: [(from: Timestamp, to: Timestamp, width: Double)] = []
    for (index, leg) in legs.enumerated() {
      if index > 0 {
        let before = legs[index - 1].to
        let width = min(length(before, leg.from), active * 0.06)
        widths.append((before, leg.from, max(width, active * 0.01)))
        gaps.append((before, leg.from))
      }
      widths.append((leg.from, leg.to, length(leg.from, leg.to)))
    }
    let whole = max(1, widths.reduce(0) { $0 + $1.width })
    var start = 0.0
    for piece in widths {
      let width = piece.width / whole * 100
      pieces.append((piece.from, piece.to, start, width))
      start += width
    }
  }

  /// Where a moment stands, from 0 to 100.
  func place(_ time: Timestamp) -> Double {
    guard let piece = pieces.first(where: { time <= $0.to }) ?? pieces.last else { return 0 }
    let length = Double(piece.to.microseconds - piece.from.microseconds)
    let part = Double(time.microseconds - piece.from.microseconds) / max(1, length)
    return piece.start + min(1, max(0, part)) * piece.width
  }

  /// Where a bar stands, as style.
  func style(_ from: Timestamp, _ to: Timestamp) -> String {
    let (start, end) = (place(from), place(to))
    return "left:\(percent(start));width:\(percent(end - start))"
  }

  private func percent(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
  }
}
