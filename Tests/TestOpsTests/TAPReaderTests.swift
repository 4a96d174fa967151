import SeededRandom
import TestOps
import Testing

@Suite("results in the Test Anything Protocol")
struct TAPReaderTests {
  private func read(_ text: String) -> ResultFile {
    TAPReader.read(ResultSource("t.tap", bytes: Array(text.utf8)))
  }

  private func told(_ file: ResultFile) -> [String] {
    file.results.map { "\($0.name) \($0.outcome.rawValue)" }
  }

  @Test("directives, diagnoses, comments and what stands between")
  func plain() {
    let file = read(
      """
      TAP version 14
      1..7
      starting up
      ok 1 - adds
        ---
        duration_ms: 12.5
        ...
      not ok 2 - subtracts \\# twice
        ---
        message: 'expected 1'
        at: sum.js:3
        ...
      #   Failed test 'subtracts'
      not ok 3 - divides # TODO by zero
      ok 4 - roots # todo not yet
      ok 5 # SKIP no network
      not ok 6 - times out # skip: slow
      ok - last # time=7ms
      """)
    #expect(file.troubles == [])
    #expect(
      told(file) == [
        "adds passed", "subtracts # twice failed", "divides expected-failure",
        "roots unexpected-pass", "test 5 skipped", "times out skipped", "last passed",
      ])
    #expect(file.results[0].duration == 0.0125)
    #expect(file.results[0].output == "starting up\n")
    #expect(file.results[1].message == "expected 1")
    #expect(file.results[1].details?.contains("at: sum.js:3") == true)
    #expect(file.results[1].details?.contains("Failed test 'subtracts'") == true)
    #expect(file.results[2].message == "by zero")
    #expect(file.results[6].duration == 0.007)
  }

  @Test("subtests are told by what is in them, with the way to them")
  func subtests() {
    let file = read(
      """
      TAP version 14
      # Subtest: outer
          # Subtest: inner
              ok 1 - deep
              not ok 2 - deeper
              1..2
          not ok 1 - inner
          ok 2 - beside
          1..2
      not ok 1 - outer
      # Subtest: forgiven
          not ok 1 - x
          1..1
      not ok 2 - forgiven # TODO some day
      1..2
      """)
    #expect(file.troubles == [])
    #expect(
      told(file) == [
        "outer > inner > deep passed", "outer > inner > deeper failed", "outer > beside passed",
        "forgiven > x expected-failure",
      ])
  }

  @Test(
    "a parent that contradicts its subtests, or whose plan does not hold, is red",
    arguments: [
      "    ok 1 - a\n    1..1\nnot ok 1 - p\n1..1", "    not ok 1 - a\n    1..1\nok 1 - p\n1..1",
      "    ok 1 - a\n    1..2\nok 1 - p\n1..1", "    ok 1 - a\nok 1 - p\n1..1",
    ])
  func contradictions(_ text: String) {
    let file = read(text)
    let run = TestRun(suite: "s", start: 0, results: file.results, troubles: file.troubles)
    #expect(run.verdict == .failed, "\(told(file)) \(file.troubles)")
  }

  @Test(
    "a stream that is not whole, or gave itself up, is told of",
    arguments: [
      ("1..3\nok 1\nok 2\n", "planned 3 tests and ran 2"),
      ("ok 1\nok 2\n", "has no plan: it may have been cut off after 2 tests"),
      ("1..1\nok 1\nok 2\n", "planned 1 tests and ran 2"),
      ("1..2\nok 1\nok 1\n", "two tests of number 1, the second in line 3"),
      ("1..2\nok 1\nok 7\n", "has a test of number 7"),
      ("1..3\nok 1\nBail out! no database\nok 2\n", "line 3: the tests bailed out: no database"),
      ("    ok 1 - a\n", "ends within a subtest"),
      ("1..1\nok 1\n1..1\n", "has a second plan"),
      ("1..1\nok 1\n  ---\n  message: x\n", "ends within a diagnosis"),
    ])
  func broken(_ text: String, _ words: String) {
    let file = read(text)
    #expect(file.troubles.contains { $0.message.contains(words) }, "\(file.troubles)")
    let run = TestRun(suite: "s", start: 0, results: file.results, troubles: file.troubles)
    #expect(run.verdict == .broken)
  }

  @Test(
    "a file without tests is no green one", arguments: ["", "1..0 # SKIP no server", "hello\n1..0"])
  func nothing(_ text: String) {
    let file = read(text)
    let run = TestRun(suite: "s", start: 0, results: file.results, troubles: file.troubles)
    #expect(run.verdict == (text.isEmpty ? .broken : .nothingRan), "\(file)")
    if text.contains("SKIP") { #expect(file.troubles[0].message.contains("no server")) }
  }

  @Test("cut anywhere but in its last line, it is never green")
  func cut() {
    let text = "1..3\nok 1 - a\n    ok 1 - x\n    1..1\nok 2 - b\nok 3 - c\n"
    let whole = Array(text.utf8)
    for length in 0..<(whole.count - "ok 3 - c\n".utf8.count + 2) {
      let file = TAPReader.read(ResultSource("t", bytes: Array(whole[..<length])))
      let run = TestRun(suite: "s", start: 0, results: file.results, troubles: file.troubles)
      #expect(run.verdict != .passed, "\(length)")
    }
  }

  @Test("no damage brings the reader down")
  func damage() {
    var random = SeededRandom(state: 11)
    let pieces = [
      "ok", "not ok", " 1", " - a", "\n", "    ", "  ---\n", "  ...\n", "# Subtest: x\n", "1..",
      "9999999999999", "Bail out!", "#", "\\", "TODO", "\u{1B}", "é", "\r\n",
    ]
    for _ in 0..<3000 {
      let text = (0...random.below(40)).map { _ in random.pick(pieces, or: "\n") }.joined()
      _ = read(text)
    }
  }
}
