import JSON
import ProgramRunner
import SystemPackage
import Terminal
import TestOps
import Testing

/// A run that has everything that a report shows, and texts that attack whoever reads it.
func eventfulRun() -> TestRun {
  var bad = result("bad", .failed, duration: 1.25, message: "assert <b>1</b> == 2", worker: 1)
  bad.line = 12
  bad.start = 1_796_000_001.5
  bad.details =
    "def test_bad():\n>   \u{1B}[31massert 1\u{1B}[0m == 2\nE   ]]> \u{1B}]0;owned\u{7} & more\n\t::set-env name=x::y"
  bad.output = "##[command]rm\n</pre><script>document.title='owned'</script>\u{202E}"
  bad.errors = "token hunter2"
  bad.warnings = ["DeprecationWarning: old"]
  let tries = [
    result("flaky", .failed, duration: 0.2, message: "timeout", start: 1_796_000_000),
    result("flaky", .passed, attempt: 2, duration: 0.3, start: 1_796_000_000.4),
  ]
  return TestRun(
    suite: "unit", start: 1_796_000_000, duration: 3.5, workers: 2,
    results: [bad] + tries + [
      result("good", start: 1_796_000_002), result("later", .skipped, message: "no network"),
      result("known", .expectedFailure), result("luck", .unexpectedPass),
      result("setup", .error, message: "fixture, 100%: gone"),
    ],
    troubles: [
      Trouble(
        .killed, "worker 1 was killed by signal 9", during: "tests/test_a.py::good", worker: 1,
        isRecovered: true)
    ], notes: ["coverage was left out: it is not installed"])
}

@Suite("reports of a run of tests")
struct TestReportTests {
  @Test("the summary has troubles and failures first, flaky tests apart, and the verdict last")
  func summary() {
    var before = eventfulRun()
    before.results = [
      result("bad"), result("flaky", .failed), result("good"), result("gone"),
    ]
    let text = TestSummary(eventfulRun(), before: before).text(style: .plain)
    #expect(
      text == """
        RUN AGAIN  worker 1 was killed by signal 9
          while running tests/test_a.py::good

        FAILED  tests/test_a.py::bad  1.2 s
          tests/test_a.py:12
          assert <b>1</b> == 2
          │ def test_bad():
          │ >   assert 1 == 2
          │ E   ]]> \\x1b]0;owned\\x07 & more
          │     ::set-env name=x::y
          what it wrote to its output:
          │ ## [command]rm
          │ </pre><script>document.title='owned'</script>\\u202e
          what it wrote to its errors:
          │ token hunter2

        ERROR  tests/test_a.py::setup  10 ms
          tests/test_a.py
          fixture, 100%: gone

        FLAKY  said one thing and then another:
          ✗ ✓  tests/test_a.py::flaky (passed in the end)
                │ timeout

        PASSED  although known to fail:
          tests/test_a.py::luck

        Slowest
              1.2 s  tests/test_a.py::bad
             300 ms  tests/test_a.py::flaky

        Against the run before
          2 newly failing
            tests/test_a.py::bad
            tests/test_a.py::setup
          1 newly passing
            tests/test_a.py::flaky
          4 new
          1 of it were not run this time

        note: coverage was left out: it is not installed

        unit: 1 failed, 1 with errors, 1 passed unexpectedly, 1 failed as expected, 1 skipped, 2 passed, 1 flaky in 3.5 s with 2 workers

        """)
  }

  @Test("a long traceback is shortened in its midst, and failures beyond the first are named")
  func long() {
    var run = TestRun(suite: "u", start: 0)
    for number in 0..<30 {
      var failed = result("t\(number)", .failed)
      failed.details = (0..<100).map { "line \($0)" }.joined(separator: "\n")
      run.results.append(failed)
    }
    let text = TestSummary(run).text(style: .plain)
    #expect(text.contains("│ line 6\n  │ … 71 lines are left out …\n  │ line 78\n"))
    #expect(text.contains("and 10 more, without their tracebacks:\n  ✗ tests/test_a.py::t20"))
    #expect(text.contains("✗ tests/test_a.py::t29"))
    #expect(TestSummary(run).text(style: Style(isColoured: true)).contains("\u{1B}[31mFAILED"))
  }

  @Test("a flaky run is not plainly passed, and one without tests says so")
  func headlines() {
    let flaky = TestRun(
      suite: "u", start: 0, results: [result("a", .failed), result("a", attempt: 2)])
    let text = TestSummary(flaky).text(style: .plain)
    #expect(
      text.hasSuffix("u: 1 passed, 1 flaky in 0 ms; not every test passed at its first try\n"))
    let none = TestSummary(TestRun(suite: "u", start: 0)).text(style: .plain)
    #expect(none == "u: no tests ran in 0 ms\n")
  }

  @Test("the JUnit file is XML, and says the same when it is read again")
  func junit() async throws {
    let run = eventfulRun()
    let file = JUnitReader.read(ResultSource("own.xml", bytes: Array(run.junitXML.utf8)))
    #expect(file.troubles == [])
    let again = TestRun(suite: "unit", start: 0, results: file.results)
    #expect(
      again.outcomes.values.map { "\($0.name) \($0.outcome)" }
        == run.outcomes.values.map {
          "\($0.name) \($0.outcome == .unexpectedPass ? .passed : $0.outcome)"
        })
    #expect(again.flaky.count == 1)
    #expect(again.outcomes.values[0].line == 12)
    var broken = run
    broken.results = [result("a")]
    broken.troubles = [Trouble(.crashed, "it died", during: "a")]
    let told = JUnitReader.read(ResultSource("b.xml", bytes: Array(broken.junitXML.utf8)))
    #expect(told.results.map(\.outcome) == [.error, .passed])
    let python = Program("/usr/bin/python3")
    let parsed = try await python.run(
      ["-c", "import sys, xml.dom.minidom as m; m.parse(sys.stdin); print('whole')"],
      input: run.junitXML)
    #expect(parsed.output == "whole\n", "\(parsed.errorOutput)")
  }

  @Test("the JSON is what the schema says, and brings the run back")
  func json() async throws {
    let run = eventfulRun()
    let json = try JSON(parsing: run.json.text())
    #expect(try TestRun(json: json) == run)
    #expect(json["verdict"]?.string == "failed")
    #expect(json["counts"]?["error"]?.int == 1)
    #expect(throws: RunFileError.self) { try TestRun(json: ["test-run": "v9"]) }
    #expect(throws: RunFileError.self) {
      try TestRun(json: ["test-run": "v1", "suite": "a", "results": [[:]], "troubles": []])
    }
    let python = Program("/usr/bin/python3")
    guard try await python.run(["-c", "import jsonschema"]).exitCode == 0 else { return }
    let folder = FilePath(#filePath).removingLastComponent().removingLastComponent()
      .removingLastComponent()
    let script = """
      import json, sys, jsonschema
      schema = json.load(open(sys.argv[1]))
      jsonschema.Draft202012Validator.check_schema(schema)
      for e in jsonschema.Draft202012Validator(schema).iter_errors(json.load(sys.stdin)): print(e.message)
      """
    let told = try await python.run(
      ["-c", script, folder.appending("schemas/test-run-v1.schema.json").string],
      input: run.json.text())
    #expect(told.output + told.errorOutput == "")
  }

  @Test("no secret stands in any form of it")
  func masked() {
    let run = eventfulRun().masked { $0.replacing("hunter2", with: "***") }
    let github = GitHubReport(run)
    for text in [
      run.html(), run.junitXML, run.json.text(), github.annotations, github.stepSummary,
      TestSummary(run).text(style: .plain),
    ] {
      #expect(!text.contains("hunter2"))
    }
    #expect(run.json.text().contains("token ***"))
  }

  @Test("GitHub's marks are one line each, escaped, and no more than it shows")
  func annotations() {
    let report = GitHubReport(eventfulRun(), folder: "backend")
    #expect(
      report.annotations == """
        ::error file=backend/tests/test_a.py,line=12,title=tests/test_a.py%3A%3Abad::assert <b>1</b> == 2
        ::error file=backend/tests/test_a.py,title=tests/test_a.py%3A%3Asetup::fixture, 100%25: gone
        ::warning file=backend/tests/test_a.py,title=flaky%3A tests/test_a.py%3A%3Aflaky::it failed and passed in the same run

        """)
    let many = TestRun(
      suite: "u", start: 0, results: (0..<30).map { result("t\($0)", .failed, message: "a\nb") })
    let lines = GitHubReport(many).annotations.split(separator: "\n")
    #expect(lines.count == 10)
    #expect(lines[0].hasSuffix("::a%0Ab"))
    #expect(lines[9].contains("and 21 more"))
  }

  @Test("the step's summary is Markdown in which nothing of a test is markup, and not too long")
  func stepSummary() {
    let text = GitHubReport(eventfulRun()).stepSummary
    #expect(text.hasPrefix("## unit: Failed\n\n1 failed, 1 with errors,"))
    #expect(text.contains("- **run again**: worker 1 was killed by signal 9\n"))
    #expect(text.contains("### Flaky\n\n- tests/test\\_a.py::flaky\n"))
    #expect(text.contains("<details><summary>tests/test_a.py::bad</summary>\n\n```text\ndef "))
    #expect(!text.contains("\u{1B}"))
    var fenced = TestRun(suite: "@all <x>", start: 0, results: [result("a", .failed)])
    fenced.results[0].details = "```\n# out"
    let guarded = GitHubReport(fenced).stepSummary
    #expect(guarded.contains("````text\n```\n# out\n````"))
    #expect(guarded.contains("## &#64;all &lt;x\\>: Failed"))
    for number in 0..<400 {
      var failed = result("t\(number)", .failed)
      failed.details = String(repeating: String(repeating: "x", count: 100) + "\n", count: 60)
      fenced.results.append(failed)
    }
    let long = GitHubReport(fenced).stepSummary
    #expect(long.utf8.count < 1_000_000)
    #expect(long.contains("more failed; GitHub takes no longer summary."))
  }

  @Test("the page quotes what tests wrote and runs nothing of it")
  func page() {
    let html = eventfulRun().html(
      before: TestRun(suite: "unit", start: 0, results: [result("bad")]))
    #expect(html.contains("<title>Failed: unit</title>"))
    #expect(html.contains("&lt;script&gt;document.title=&#39;owned&#39;"))
    #expect(html.split(separator: "<script").count == 2)
    #expect(html.contains("script-src 'sha256-"))
    #expect(!html.contains("\u{1B}"))
    #expect(html.contains("newly failing"))
    #expect(!html.contains("://"))
    // Every element that is opened is closed, in its order.
    var open: [Substring] = []
    for tag in html.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) {
      let name = tag.output.2
      if ["meta", "link", "input"].contains(name), tag.output.1.isEmpty { continue }
      if tag.output.1.isEmpty { open.append(name) } else { #expect(open.popLast() == name) }
    }
    #expect(open == [])
  }

  @Test("the timeline of very many tests stays small")
  func manyTests() {
    var run = TestRun(suite: "u", start: 1_796_000_000, duration: 100, workers: 2)
    for number in 0..<5000 {
      run.results.append(
        result(
          "t\(number)", duration: 0.02, worker: number % 2,
          start: 1_796_000_000 + Double(number / 2) * 0.04))
    }
    let timeline = run.html().split(separator: "id=\"timeline\"")[1].split(separator: "</table>")[0]
    #expect(timeline.split(separator: "class=\"bar").count < 2000)
    #expect(timeline.contains("2500 tests, 0 bad"))
  }
}
