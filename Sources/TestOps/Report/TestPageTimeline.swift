internal import Pages

/// What each worker did and when, as bars over time.
struct TestTimeline {
  private let run: TestRun

  init(_ run: TestRun) { self.run = run }

  private struct Bar {
    var from: Double
    var to: Double
    var isBad: Bool
    var names: [String]
  }

  /// The section; empty where nobody said when tests began.
  var section: HTML {
    let timed = run.results.filter { $0.start > 0 && $0.outcome != .skipped }
    guard let first = timed.map(\.start).min(),
      let last = timed.map({ $0.start + $0.duration }).max()
    else { return HTML() }
    let from = run.start > 0 ? min(run.start, first) : first
    let length = max(last, run.start + run.duration, from + 1e-6) - from
    let workers = Dictionary(grouping: timed, by: \.worker).sorted { $0.key < $1.key }
    let rows = workers.map { worker, results in
      row(worker, results.sorted { $0.start < $1.start }, from, length)
    }
    let axis = HTML.element(
      "div", ["class": "axis", "aria-hidden": "true"], .element("span", [:], "0"),
      .element("span", [:], HTML(TestRun.readable(length))))
    let head = HTML.element(
      "thead", [:],
      .element(
        "tr", [:], .element("th", ["scope": "col"], "Worker"),
        .element("th", ["scope": "col", "class": "track"], axis),
        .element("th", ["scope": "col", "class": "time"], "At work")))
    return .element(
      "section", ["aria-labelledby": "timeline"],
      .element("h2", ["id": "timeline"], "Timeline"),
      .element(
        "table", ["class": "timeline"],
        .element("caption", [:], "What each worker did, from the command to the verdict"), head,
        .element("tbody", [:], rows)))
  }

  private func row(
    _ worker: Int, _ results: [TestResult], _ from: Double, _ length: Double
  ) -> HTML {
    let bars = merged(results, length).map { bar in
      let title =
        bar.names.count == 1
        ? "\(bar.names[0]): \(TestRun.readable(bar.to - bar.from))" : "\(bar.names.count) tests"
      return HTML.element(
        "span",
        [
          "class": bar.isBad ? "bar bad" : "bar",
          "style": "left:\(percent(bar.from - from, length));"
            + "width:\(percent(bar.to - bar.from, length))",
          "title": title,
        ])
    }
    let busy = results.reduce(0) { $0 + $1.duration }
    let spoken = "\(results.count) tests, \(results.count { $0.outcome.isBad }) bad"
    return .element(
      "tr", [:], .element("th", ["scope": "row"], HTML("\(worker)")),
      .element(
        "td", ["class": "track"], .element("span", ["class": "lane", "aria-hidden": "true"], bars),
        .element("span", ["class": "spoken"], HTML(spoken))),
      .element("td", ["class": "time"], HTML(TestRun.readable(busy))))
  }

  /// Tests that are too short to be seen one by one are one bar: a page of a hundred thousand tests
  /// is still a page.
  private func merged(_ results: [TestResult], _ length: Double) -> [Bar] {
    let least = length / 800
    var bars: [Bar] = []
    for result in results {
      let end = result.start + result.duration
      if let last = bars.last, last.isBad == result.outcome.isBad,
        result.start - last.to < least / 4, result.duration < least || last.to - last.from < least
      {
        bars[bars.count - 1].to = max(last.to, end)
        bars[bars.count - 1].names.append(result.id)
      } else {
        bars.append(
          Bar(from: result.start, to: end, isBad: result.outcome.isBad, names: [result.id]))
      }
    }
    return bars
  }

  private func percent(_ part: Double, _ length: Double) -> String {
    let hundredths = Int((max(0, min(1, part / length)) * 10000).rounded())
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)%"
  }
}

/// How many tests take how long.
struct DurationPlot {
  private let durations: [Double]
  /// Upper bounds in seconds; the last class has none.
  private static let bounds = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]

  init(_ run: TestRun) {
    durations = run.outcomes.values.filter { $0.outcome != .skipped }.map(\.duration)
  }

  var section: HTML {
    if durations.isEmpty { return HTML() }
    var counts = [Int](repeating: 0, count: Self.bounds.count + 1)
    var times = [Double](repeating: 0, count: counts.count)
    for duration in durations {
      let place = Self.bounds.firstIndex { duration < $0 } ?? Self.bounds.count
      counts[place] += 1
      times[place] += duration
    }
    let used = counts.indices.filter { counts[$0] > 0 }
    guard let first = used.first, let last = used.last else { return HTML() }
    let most = max(1, counts.max() ?? 1)
    let all = max(1e-9, times.reduce(0, +))
    let rows = (first...last).map { place -> [HTML] in
      let share = Int((times[place] / all * 100).rounded())
      return [
        HTML(name(place)),
        .element(
          "span", ["class": "lane", "aria-hidden": "true"],
          .element(
            "span", ["class": "bar", "style": "left:0;width:\(counts[place] * 100 / most)%"])),
        HTML("\(counts[place])"), HTML("\(share) %"),
      ]
    }
    return .element(
      "section", ["aria-labelledby": "durations", "class": "plot"],
      .element("h2", ["id": "durations"], "Durations"),
      .table(
        "How many tests take how long", ["Takes", "", "Tests", "Share of the time"], rows))
  }

  private func name(_ place: Int) -> String {
    let bounds = Self.bounds
    if place == bounds.count { return "\(TestRun.readable(bounds[place - 1])) and more" }
    let upper = TestRun.readable(bounds[place])
    return place == 0 ? "under \(upper)" : "\(TestRun.readable(bounds[place - 1])) to \(upper)"
  }
}
