internal import Pages

/// Every test in a row, which the page's script can look for.
struct TestTable {
  private let run: TestRun

  init(_ run: TestRun) { self.run = run }

  var section: HTML {
    let outcomes = run.outcomes
    if outcomes.isEmpty { return HTML() }
    let flaky = Set(run.flaky)
    let rows = outcomes.map { id, result in row(id, result, isFlaky: flaky.contains(id)) }
    let head = HTML.element(
      "thead", [:],
      .element(
        "tr", [:],
        [("Test", nil), ("Outcome", nil), ("Time", "time"), ("Worker", "time")].map {
          .element("th", ["scope": "col", "class": $1], HTML($0))
        }))
    return .element(
      "section", ["aria-labelledby": "all"], .element("h2", ["id": "all"], "All tests"), filter,
      .element(
        "div", ["class": "wide"],
        .element(
          "table", ["id": "tests"],
          .element(
            "caption", ["id": "told"],
            HTML("\(outcomes.count) test\(outcomes.count == 1 ? "" : "s")")), head,
          .element("tbody", [:], rows))))
  }

  /// Shown by the script alone: without it nothing would come of it.
  private var filter: HTML {
    let counts = run.counts
    var options = [HTML.element("option", ["value": ""], "every outcome")]
    options += TestResult.Outcome.inOrderOfConcern.filter { counts[$0] != nil }.map {
      .element("option", ["value": $0.rawValue], HTML($0.words))
    }
    if !run.flaky.isEmpty { options.append(.element("option", ["value": "flaky"], "flaky")) }
    return .element(
      "div", ["id": "filter", "class": "filter", "hidden": ""],
      .element(
        "label", [:], "Name ",
        .void("input", ["id": "words", "type": "search", "autocomplete": "off"])),
      .element("label", [:], "Outcome ", .element("select", ["id": "kind"], options)))
  }

  private func row(_ id: String, _ result: TestResult, isFlaky: Bool) -> HTML {
    let words = result.outcome.words + (isFlaky ? ", flaky" : "")
    return .element(
      "tr", ["data-kind": result.outcome.rawValue + (isFlaky ? " flaky" : "")],
      .element("th", ["scope": "row", "class": "mono"], HTML(id)),
      .element(
        "td", ["class": "state \(isFlaky ? Tone.warn.rawValue : result.outcome.tone.rawValue)"],
        .mark(result.outcome.sign, result.outcome.tone), HTML(" " + words)),
      .element("td", ["class": "time"], HTML(TestRun.readable(result.duration))),
      .element("td", ["class": "time"], HTML("\(result.worker)"))) + .newline
  }
}

/// What the page can do.
enum TestPageScript {
  /// Shows the tests whose name has the words and whose outcome is the chosen one.
  static let filter = PageScript(
    """

    (() => {
      const tools = document.getElementById("filter");
      if (!tools) return;
      const words = document.getElementById("words"), kind = document.getElementById("kind");
      const told = document.getElementById("told");
      const rows = [...document.querySelectorAll("#tests tbody tr")];
      const names = rows.map(row => row.cells[0].textContent.toLowerCase());
      const apply = () => {
        const wanted = words.value.toLowerCase().split(/\\s+/).filter(word => word);
        let shown = 0;
        rows.forEach((row, index) => {
          const fits = wanted.every(word => names[index].includes(word))
            && (!kind.value || row.dataset.kind.split(" ").includes(kind.value));
          row.hidden = !fits;
          if (fits) shown += 1;
        });
        told.textContent = shown === rows.length
          ? `${shown} tests` : `${shown} of ${rows.length} tests`;
      };
      words.addEventListener("input", apply);
      kind.addEventListener("change", apply);
      tools.hidden = false;
    })();

    """, digest: "xzb5w7C6UNkMylKveK/xjlHL+ABOGOL11wod72Iyo24=")
}

/// How the page looks, on top of what every report has.
enum TestPageStyle {
  static let sheet: StaticString = """

    .cards { grid-template-columns: repeat(auto-fill, minmax(8.6rem, 1fr)); }
    .card.warn { border-left-color: var(--warn); }
    .card.warn .value { color: var(--warn); }
    .test {
      background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--line);
      border-radius: 8px; padding: .8rem 1rem; margin: .8rem 0;
    }
    .test.bad { border-left-color: var(--bad); }
    .test.warn { border-left-color: var(--warn); }
    .test h3 { margin: 0 0 .2rem; }
    .test .meta { margin: 0 0 .4rem; }
    .test .reason {
      white-space: pre-wrap; padding: .45rem .7rem; border-radius: 6px; background: var(--bad-wash);
      max-height: 14rem; overflow: auto;
    }
    details > pre { max-height: 30rem; overflow: auto; }
    summary { cursor: pointer; }
    table.timeline { table-layout: fixed; }
    .timeline th[scope="row"], .timeline th:first-child { width: 5rem; }
    .timeline .time { width: 6rem; }
    td.time, th.time { text-align: right; white-space: nowrap; }
    .axis { display: flex; justify-content: space-between; }
    td > .lane { min-width: 8rem; }
    .plot th[scope="row"] { white-space: nowrap; width: 9rem; }
    .plot th:nth-child(n+3), .plot td:nth-child(n+3) {
      white-space: nowrap; width: 6rem; text-align: right;
    }
    .filter { display: flex; flex-wrap: wrap; gap: .5rem 1.4rem; margin-bottom: .8rem; }
    .filter[hidden] { display: none; }
    .filter input, .filter select {
      font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
      border-radius: 6px; padding: .25rem .5rem;
    }
    @media print { details > pre, .test .reason { max-height: none; } .filter { display: none; } }

    """
}
