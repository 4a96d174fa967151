import Testing

@testable import Runbooks

@Suite("runbook test: answers, effects, ends")
struct RunbookTestTests {
  /// Writes, and proves by a query that it did.
  private static let write = """
    on-failure: stop
    steps:
      - id: w
        name: Write
        uses: sql.exec
        with: { sql: insert into t values (1) }
        check:
          - name: It is there
            uses: sql.query
            with: { query: select count(*) as n from t }
            expect: result.rows[0].n == 1
        undo: { uses: sql.exec, with: { sql: delete from t } }
    outputs: { word: "'done'" }

    """

  private static let answers = """
    answers:
      - { uses: sql.exec, at: w, result: { affected: 1 } }
      - { uses: sql.exec, at: w.undo, optional: true, result: { affected: 1 } }
      - { uses: sql.query, at: w.check, result: { rows: [{ n: 0 }] } }
      - { uses: sql.query, at: w.check, after: w, result: { rows: [{ n: 1 }] } }

    """

  @Test("what is as the case says passes, and an undo takes the effect away")
  func passes() async throws {
    try await withPlay { play async throws in
      let test =
        Self.answers + """
          cases:
            - name: whole
              crash-matrix: true
              expect: { changed: true, steps: { w: done }, outputs: { word: done } }
            - name: back
              expect: { steps: { w: done } }
              then: [{ do: undo, expect: { changed: false, steps: { w: undone } } }]
          """
      let results = try await play.results(Self.write, test)
      #expect(results.map(\.name) == ["whole", "back"])
      #expect(results.flatMap(\.failures).isEmpty, "\(results.flatMap(\.failures))")
      #expect(results[0].cuts > 6)
    }
  }

  @Test("what is not as the case says fails where the case says it")
  func fails() async throws {
    try await withPlay { play async throws in
      let test =
        Self.answers + """
          cases:
            - name: wrong
              expect:
                exit: 1
                steps: { w: failed }
                outputs: { word: other }
          """
      #expect(
        try await play.failures(Self.write, test) == [
          "9: it ended with exit code 0, not 1", "11: step \"w\" is done, not failed",
          "9: output \"word\" is another",
        ])
    }
  }

  @Test("a call that nobody answers is told ready to be pasted")
  func unanswered() async throws {
    try await withPlay { play async throws in
      let test = """
        answers: [{ uses: sql.exec, at: w, result: { affected: 1 } }]
        cases: [{ name: a }]
        """
      let failure = try #require(try await play.results(Self.write, test)[0].failures.first)
      #expect(failure.message == "nothing answers sql.query at w.check \"It is there\"")
      #expect(failure.details.contains("  - uses: sql.query"))
      #expect(failure.details.contains("    at: w.check"))
      #expect(failure.details.contains { $0.contains("rows: [{ }]") })
      #expect(failure.details.contains { $0.contains("select count(*)") })
    }
  }

  @Test("an answer that nobody asks for is told with its place")
  func unused() async throws {
    try await withPlay { play async throws in
      let test =
        Self.answers + """
          cases:
            - name: a
              answers:
                - { uses: sql.query, at: w.check, with: { database: other }, result: { rows: [] } }
          """
      #expect(
        try await play.failures(Self.write, test) == [
          "10: this answer of sql.query was never asked for"
        ])
    }
  }

  @Test("a check that holds before its step says nothing: it fails the case")
  func vacuous() async throws {
    try await withPlay { play async throws in
      func test(_ expect: String) -> String {
        """
        answers:
          - { uses: sql.exec, at: w, optional: true, result: { affected: 1 } }
          - { uses: sql.query, at: w.check, result: { rows: [{ n: 1 }] } }
        cases: [{ name: a, expect: \(expect) }]
        """
      }
      let told = "5: the check \"It is there\" of step \"w\" held before its step ran"
      #expect(try await play.failures(Self.write, test("{ exit: 0 }")) == [told])
      #expect(
        try await play.failures(Self.write, test("{ steps: { w: satisfied } }")).isEmpty)
      let runs = Self.write.replacing("    undo:", with: "    when-satisfied: run\n    undo:")
      #expect(try await play.failures(runs, test("{ steps: { w: done } }")) == [told])
      let invariant = runs.replacing(
        "        expect:", with: "        invariant: true\n        expect:")
      #expect(try await play.failures(invariant, test("{ steps: { w: done } }")).isEmpty)
    }
  }

  @Test("one of several checks that says nothing is found, too")
  func oneVacuous() async throws {
    try await withPlay { play async throws in
      let book = Self.write.replacing(
        "    undo:", with: "      - { name: Always, expect: 'true' }\n    undo:")
      #expect(
        try await play.failures(book, Self.answers + "cases: [{ name: a }]") == [
          "7: the check \"Always\" of step \"w\" held before its step ran"
        ])
    }
  }

  @Test("time is simulated: a sequence of answers for polls, and calls that take long")
  func time() async throws {
    let book = """
      steps:
        - id: ready
          name: Ready
          timeout: 1h
          uses: sql.exec
          with: { sql: select 1 }
          check:
            - name: It is
              uses: http
              with: { url: "http://x" }
              expect: result.json
              within: 10m
              every: 1m

      """
    try await withPlay { play async throws in
      let test = """
        answers:
          - { uses: http, result: { json: false } }
        cases:
          - name: in the end
            answers:
              - { uses: sql.exec, result: { affected: 0 } }
              - uses: http
                after: ready
                sequence:
                  - error: { kind: connection, message: refused }
                  - result: { json: false }
                  - result: { json: true }
            expect: { steps: { ready: done } }
          - name: never
            answers: [{ uses: sql.exec, result: { affected: 0 } }]
            expect: { exit: 1, steps: { ready: failed } }
          - name: too long
            answers: [{ uses: sql.exec, takes: 61m, result: { affected: 0 } }]
            expect: { exit: 8, steps: { ready: { status: in-doubt, detail: it took longer than 1 h } } }
          - name: long enough
            answers:
              - { uses: sql.exec, takes: 59m, result: { affected: 0 } }
              - { uses: http, after: ready, result: { json: true } }
        """
      #expect(try await play.failures(book, test) == [])
    }
  }

  @Test("a crash matrix finds the step of which nobody can tell whether it had its effect")
  func matrix() async throws {
    let book = """
      steps:
        - { id: a, name: A, uses: sql.exec, with: { sql: insert into t values (1) }, undo: none }

      """
    try await withPlay { play async throws in
      let test = """
        answers: [{ uses: sql.exec, recall: unknown, result: { affected: 1 } }]
        cases: [{ name: a, crash-matrix: true }]
        """
      let failures = try await play.results(book, test)[0].failures
      #expect(
        failures.map(\.message) == [
          "cut off after record 2 (step.start of a): resumed, it does not end as a run that nobody disturbed",
          "cut off before record 3 (action of a): resumed, it does not end as a run that nobody disturbed",
        ])
      #expect(failures.allSatisfy { $0.details.contains("exit code 8 instead of 0") })
      #expect(failures.allSatisfy { $0.details.contains("a: in-doubt instead of done") })
    }
  }

  @Test("the operator's questions are answered in their words, and each must be asked")
  func questions() async throws {
    let book = """
      steps:
        - { id: go, name: Go, uses: confirm, with: { message: The world ends, phrase: world } }
        - id: m
          name: By hand
          uses: manual
          with: { instruction: Pull the plug }
          check: [{ name: It is out, uses: db.info, expect: "result.in-recovery" }]

      """
    try await withPlay { play async throws in
      let test = """
        answers:
          - { uses: db.info, result: { in-recovery: false } }
          - { uses: db.info, after: m, result: { in-recovery: true } }
        cases:
          - name: both
            crash-matrix: true
            questions:
              - { text: The world ends, answer: world }
              - { text: [Pull the plug, Press Enter], answer: "" }
            expect: { steps: { go: done, m: done } }
        """
      #expect(try await play.failures(book, test) == [])
      let other = test.replacing("The world ends", with: "The world goes on")
      let failure = try #require(try await play.results(book, other)[0].failures.first)
      #expect(failure.message == "nobody answers what the operator is asked")
      #expect(failure.details.contains("| The world ends"))
    }
  }

  @Test("what a case shows of its runbook is told, and what no case shows")
  func subjects() async throws {
    let book = """
      guard: [{ name: g, uses: db.info, expect: "!result.in-recovery" }]
      steps:
        - id: s
          name: S
          run: x
          check: [{ name: ok, run: y, read-only: true }]
          undo: { run: z }

      """
    try await withPlay { play async throws in
      let test = """
        answers:
          - { uses: db.info, result: { in-recovery: false } }
          - { uses: bash, at: s.check, result: { exit-code: 1 } }
          - { uses: bash, at: s.check, after: s, result: { exit-code: 0 } }
          - { uses: bash, at: s, optional: true, result: {} }
          - { uses: bash, at: s.undo, optional: true, result: {} }
        cases:
          - { name: well }
          - name: blocked
            answers: [{ uses: db.info, result: { in-recovery: true } }]
            expect: { exit: 3 }
          - name: failed
            answers: [{ uses: bash, at: s.check, after: s, result: { exit-code: 2 } }]
            expect: { exit: 1 }
          - { name: back, then: [{ do: undo }] }
        """
      let results = try await play.results(book, test)
      #expect(results.flatMap(\.failures) == [])
      #expect(results.map(\.shows) == [[.success], [.blocked], [.failedCheck], [.success, .undo]])
      let read = try RunbookTest.load(
        play.folder.appending("tests/play.yaml"), catalog: ActionCatalog())
      #expect(read.subjects == Set(TestSubject.allCases))
      #expect(read.missing(in: results) == [])
      #expect(read.missing(in: [results[0]]) == [.blocked, .failedCheck, .undo])
    }
  }

  @Test("scripts are answered and never run; secrets are the test's")
  func scripts() async throws {
    let book = """
      secrets: { token: { from: "prompt" } }
      requires: { tools: { no-such-tool: ">=3.1" } }
      steps:
        - id: s
          name: S
          run: exit 7
          env: { TOKEN: "${{ secrets.token }}" }
          check: [{ name: ok, run: exit 9, read-only: true, expect: "result.stdout == 'yes'" }]
          undo: none

      """
    try await withPlay { play async throws in
      let test = """
        secrets: { token: abc }
        answers:
          - { uses: bash, at: s.check, result: { stdout: no } }
          - { uses: bash, at: s.check, after: s, result: { stdout: yes } }
          - { uses: bash, at: s, with: { TOKEN: abc }, result: { stdout: "" } }
        cases: [{ name: a, crash-matrix: true, expect: { steps: { s: done } } }]
        """
      #expect(try await play.failures(book, test) == [])
    }
  }
}

@Suite("runbook test: what is wrong in the file")
struct RunbookTestFormatTests {
  private static let book = """
    steps:
      - id: look
        name: Look
        uses: db.info
        check: [{ name: A primary, uses: db.info, expect: "!result.in-recovery" }]

    """

  @Test(
    "names that do not exist, with their places",
    arguments: [
      ("casse: []", "2:1: the test has no key \"casse\"; did you mean \"cases\"?"),
      ("cases: []", "2:1: \"cases\" has no case"),
      ("cases: [{ name: a, expect: { steps: { lok: done } } }]", "play has no step \"lok\""),
      ("cases: [{ name: a, expect: { steps: { look: dun } } }]", "no step can be \"dun\""),
      ("cases: [{ name: a, expect: { outputs: { x: 1 } } }]", "play has no output \"x\""),
      ("cases: [{ name: a, inputs: { x: 1 } }]", "play has no input \"x\""),
      ("cases: [{ name: a, then: [{ do: redo }] }]", "\"do\" is \"redo\""),
      ("answers: [{ uses: db.inf }]\ncases: [{ name: a }]", "play does not use \"db.inf\""),
      (
        "answers: [{ uses: db.info, at: look.guard }]\ncases: [{ name: a }]",
        "db.info is not used at \"look.guard\""
      ),
      (
        "answers: [{ uses: db.info, assertion: A replica }]\ncases: [{ name: a }]",
        "is called \"A replica\""
      ),
      (
        "answers: [{ uses: db.info, after: nowhere }]\ncases: [{ name: a }]",
        "play has no step \"nowhere\""
      ),
      (
        "answers: [{ uses: db.info, result: 1, error: { message: m } }]\ncases: [{ name: a }]",
        "\"result\" and \"error\" stand together"
      ),
      ("cases: [{ name: a }, { name: a }]", "two cases have the name \"a\""),
    ])
  func problems(_ test: String, _ problem: String) async throws {
    try await withPlay { play async throws in
      let found = try await play.problems(Self.book, test)
      #expect(found.contains { $0.contains(problem) }, "\(found)")
    }
  }

  @Test("a result that the action does not give is a slip")
  func strangeResult() async throws {
    try await withPlay { play async throws in
      let book = """
        steps: [{ id: q, name: Q, uses: sql.query, with: { query: select 1 } }]
        """
      let test = "answers: [{ uses: sql.query, result: { row: [] } }]\ncases: [{ name: a }]"
      #expect(try await play.failures(book, test) == ["2: sql.query gives no \"row\""])
    }
  }
}
