import Processes
import Testing

@testable import TestOps

@Suite("what becomes of tests and workers")
struct CrewTests {
  private let now = ContinuousClock().now

  /// A crew of one worker that has collected tests and taken all of them.
  private func crew(
    _ names: [String], hasDatabases: Bool = false, _ change: (inout RunOptions) -> Void = { _ in }
  ) -> Crew {
    var options = RunOptions(suite: "unit", workers: 1)
    change(&options)
    var crew = Crew(options, hasDatabases: hasDatabases)
    start(&crew, names)
    _ = crew.receive(.need, from: 0, now: now)
    return crew
  }

  private func start(_ crew: inout Crew, _ names: [String]) {
    _ = crew.receive(.hello(python: "3.11", pytest: "9"), from: 0, now: now)
    for name in names {
      let test = TestCase(id: "a.py::\(name)", file: "a.py", line: 1, suite: "a", name: name)
      _ = crew.receive(.test(test), from: 0, now: now)
    }
    _ = crew.receive(.ready, from: 0, now: now)
  }

  private func begin(_ crew: inout Crew, _ name: String) {
    _ = crew.receive(.started(id: "a.py::\(name)", start: 1), from: 0, now: now)
  }

  private func end(
    _ crew: inout Crew, _ name: String, _ outcome: TestResult.Outcome
  ) -> Crew.Answer {
    crew.receive(
      .ended(TestResult(id: "a.py::\(name)", suite: "", name: name, outcome: outcome)), from: 0,
      now: now)
  }

  private func run(_ crew: Crew) -> TestRun {
    var crew = crew
    crew.finish()
    return TestRun(
      suite: "unit", start: 0, results: crew.results, troubles: crew.troubles, notes: crew.notes)
  }

  @Test("a dead interpreter's test is an error, and the tests behind it are handed out again")
  func crash() {
    var crew = crew(["one", "two", "three"])
    begin(&crew, "one")
    _ = end(&crew, "one", .passed)
    begin(&crew, "two")
    let answer1 = crew.sessionEnded(0, .signaled(11), isRunCancelled: false)
    #expect(answer1)
    start(&crew, ["one", "two", "three"])
    guard case .tell(.run(let next)) = crew.receive(.need, from: 0, now: now) else {
      return #expect(Bool(false), "nothing was handed out")
    }
    #expect(next == ["a.py::three"])
    begin(&crew, "three")
    _ = end(&crew, "three", .passed)
    guard case .tell(.end) = crew.receive(.need, from: 0, now: now) else {
      return #expect(Bool(false), "there was more")
    }
    let answer2 = crew.sessionEnded(0, .exited(0), isRunCancelled: false)
    #expect(!answer2)
    let run = run(crew)
    #expect(run.verdict == .failed)
    #expect(run.failures.map(\.id) == ["a.py::two"])
    #expect(run.failures.first?.message?.contains("signal 11 (SIGSEGV)") == true)
    #expect(run.troubles.map(\.kind) == [.crashed])
  }

  @Test(
    "what a lost pod's worker had not ended runs again; a test that takes two with it is an error")
  func lostPods() {
    var crew = crew(["one", "two", "three"])
    begin(&crew, "one")
    _ = end(&crew, "one", .passed)
    for round in 1...2 {
      begin(&crew, "two")
      let goesOn = crew.sessionEnded(
        0, .lost("lost pod a, which was deleted"), isRunCancelled: false)
      #expect(goesOn && crew.hasWorkLeft)
      #expect(crew.results.count == round)
      start(&crew, ["one", "two", "three"])
      _ = crew.receive(.need, from: 0, now: now)
      if round == 1 { _ = crew.receive(.need, from: 0, now: now) }
    }
    begin(&crew, "three")
    _ = end(&crew, "three", .passed)
    #expect(!crew.hasWorkLeft)
    let run = run(crew)
    #expect(run.verdict == .failed)
    #expect(run.results.map(\.name) == ["one", "two", "three"])
    #expect(run.failures.first?.message?.contains("for the second time") == true)
    #expect(run.troubles.map(\.kind) == [.killed, .killed])
    #expect(
      run.troubles.first?.message.contains("2 tests that it had not ended will run again") == true)
  }

  @Test("a worker that cannot begin is tried three times, and costs nobody else's results")
  func vainStarts() {
    var options = RunOptions(suite: "unit", workers: 2)
    options.retries = 0
    var crew = Crew(options, hasDatabases: true)
    for attempt in 1...3 {
      let goesOn = crew.sessionEnded(1, .unable("pod a does not reach it"), isRunCancelled: false)
      #expect(goesOn == (attempt < 3))
    }
    start(&crew, ["one"])
    _ = crew.receive(.need, from: 0, now: now)
    begin(&crew, "one")
    _ = end(&crew, "one", .passed)
    let run = run(crew)
    #expect(run.verdict == .passed && run.troubles.isEmpty)
    #expect(run.notes.last == "worker 1 took no part: pod a does not reach it")
  }

  @Test("what a worker had in hand when it cannot go on is not lost without a word")
  func givenUp() {
    var crew = crew(["one", "two"])
    begin(&crew, "one")
    crew.absent(0, "the token has expired")
    let run = run(crew)
    #expect(run.verdict == .broken && run.results.isEmpty)
    #expect(
      run.troubles.map(\.message) == [
        "worker 0 cannot go on: the token has expired, during a.py::one; 2 tests that it had not ended "
          + "will run again", "no worker could start: the token has expired",
      ])
    #expect(run.notes == ["2 tests not run"])
  }

  @Test("workers that take no part are trouble only where something is left undone for it")
  func absentWorkers() {
    var options = RunOptions(suite: "unit", workers: 2)
    options.retries = 0
    var crew = Crew(options, hasDatabases: false)
    crew.absent(1, "no room")
    start(&crew, ["one"])
    _ = crew.receive(.need, from: 0, now: now)
    begin(&crew, "one")
    _ = end(&crew, "one", .passed)
    let run = run(crew)
    #expect(run.verdict == .passed && run.troubles.isEmpty)
    #expect(run.notes == ["worker 1 took no part: no room"])
    crew = Crew(options, hasDatabases: false)
    crew.absent(0, "no image")
    crew.absent(1, "no image")
    let other = self.run(crew)
    #expect(other.verdict == .broken)
    #expect(other.troubles.map(\.message) == ["no worker could start: no image"])
  }

  @Test("an interpreter that ends before its tests are known breaks the run")
  func collectionCrash() {
    var crew = Crew(RunOptions(suite: "unit", workers: 1), hasDatabases: false)
    _ = crew.receive(.hello(python: "3.11", pytest: "9"), from: 0, now: now)
    let answer3 = crew.sessionEnded(0, .exited(1), isRunCancelled: false)
    #expect(!answer3)
    #expect(run(crew).verdict == .broken)
  }

  @Test("a retry that passes makes a test flaky, one that fails leaves it failed")
  func retries() {
    var crew = crew(["one", "two"]) { $0.retries = 1 }
    begin(&crew, "one")
    guard case .tell(.again) = end(&crew, "one", .failed) else {
      return #expect(Bool(false), "it was not tried again")
    }
    begin(&crew, "one")
    _ = end(&crew, "one", .passed)
    for expected in [true, false] {
      begin(&crew, "two")
      let answer = end(&crew, "two", .failed)
      if case .tell(.again) = answer { #expect(expected) } else { #expect(!expected) }
    }
    let run = run(crew)
    #expect(run.flaky == ["a.py::one"])
    #expect(run.failures.map(\.id) == ["a.py::two"])
    #expect(run.results.map(\.attempt) == [1, 2, 1, 2])
  }

  @Test("a test that failed without its database is run again, but once only")
  func victims() {
    var crew = crew(["one"], hasDatabases: true)
    for _ in 0..<2 {
      begin(&crew, "one")
      guard case .lookAtDatabase = end(&crew, "one", .failed) else {
        return #expect(Bool(false), "nobody looked")
      }
      guard case .quit = crew.databaseSeen(false, by: 0) else {
        return #expect(Bool(false), "it went on")
      }
      _ = crew.receive(.bye(status: 1, isOdd: false), from: 0, now: now)
      let more = crew.sessionEnded(0, .exited(1), isRunCancelled: false)
      #expect(more == crew.results.isEmpty)
      if more {
        start(&crew, ["one"])
        _ = crew.receive(.need, from: 0, now: now)
      }
    }
    let run = run(crew)
    #expect(run.results.count == 1 && run.verdict == .failed)
    #expect(run.troubles.map(\.kind) == [.database, .database])
  }

  @Test("the first failure ends a run that shall fail fast, and says what was not run")
  func failFast() {
    var crew = crew(["one", "two", "three"]) { $0.failFast = true }
    begin(&crew, "one")
    guard case .tell(.quit) = end(&crew, "one", .failed) else {
      return #expect(Bool(false), "it went on")
    }
    let answer4 = crew.sessionEnded(0, .exited(1), isRunCancelled: false)
    #expect(!answer4)
    #expect(run(crew).notes == ["ended at the first failure; 2 tests not run"])
  }

  @Test("tests that are chosen and not there are no green run")
  func nothing() {
    var crew = crew(["one"]) { $0.chosen = .init(["a.py::gone"], phrase: "that failed") }
    let answer5 = crew.sessionEnded(0, .exited(0), isRunCancelled: false)
    #expect(!answer5)
    #expect(run(crew).verdict == .nothingRan)
  }

  @Test("what stands still is aborted, then killed")
  func timeout() {
    var crew = crew(["one"]) { $0.timeout = .seconds(1) }
    begin(&crew, "one")
    let overdue7 = crew.overdue(0, now: now + .milliseconds(900))
    #expect(overdue7 == nil)
    let overdue8 = crew.overdue(0, now: now + .milliseconds(1100))
    #expect(overdue8 == .abort)
    let overdue9 = crew.overdue(0, now: now + .milliseconds(1200))
    #expect(overdue9 == nil)
    let overdue10 = crew.overdue(0, now: now + .seconds(4))
    #expect(overdue10 == .kill)
    let answer6 = crew.sessionEnded(0, .signaled(6), isRunCancelled: false)
    #expect(!answer6)
    #expect(run(crew).failures.first?.message == "the test did not end within 1s")
  }

  @Test("what only one worker finds it runs alone; nobody waits for it")
  func otherTests() {
    var crew = Crew(RunOptions(suite: "unit", workers: 2), hasDatabases: false)
    start(&crew, ["one", "at 12:00:01"])
    _ = crew.receive(.hello(python: "3.11", pytest: "9"), from: 1, now: now)
    for name in ["one", "at 12:00:02"] {
      let test = TestCase(id: "a.py::\(name)", file: "a.py", line: 1, suite: "a", name: name)
      _ = crew.receive(.test(test), from: 1, now: now)
    }
    _ = crew.receive(.ready, from: 1, now: now)
    var taken: [Int: [String]] = [:]
    for worker in [1, 0, 1, 0] {
      guard case .tell(.run(let ids)) = crew.receive(.need, from: worker, now: now) else {
        continue
      }
      taken[worker, default: []] += ids
    }
    #expect(taken[1] == ["a.py::one"])
    #expect(taken[0] == ["a.py::at 12:00:01"])
    _ = crew.receive(.started(id: "a.py::one", start: 1), from: 1, now: now)
    let one = TestResult(id: "a.py::one", suite: "", name: "one", outcome: .passed)
    _ = crew.receive(.ended(one), from: 1, now: now)
    let another = crew.sessionEnded(1, .exited(0), isRunCancelled: false)
    #expect(!another)
    #expect(crew.troubles.isEmpty && crew.notes.count == 1)
  }

  @Test("a status of pytest's that no test explains is no green run")
  func oddStatus() {
    var crew = crew(["one"])
    begin(&crew, "one")
    _ = end(&crew, "one", .passed)
    _ = crew.receive(.need, from: 0, now: now)
    _ = crew.receive(.bye(status: 1, isOdd: true), from: 0, now: now)
    let another = crew.sessionEnded(0, .exited(1), isRunCancelled: false)
    #expect(!another)
    #expect(run(crew).verdict == .broken)
  }
}
