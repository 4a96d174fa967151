internal import OrderedCollections
internal import Processes
internal import Quantities

/// Who runs what: the tests of a run, the workers that share them, and what came of it.
///
/// A state machine: it opens nothing and starts nothing, what happens to the workers comes in as events,
/// what they shall do goes out as answers.
struct Crew: Sendable {
  /// What a worker's interpreter is to be answered.
  enum Answer: Sendable {
    case none
    case tell(WorkerCommand)
    /// First its database has to be looked at; then `databaseSeen` has the answer.
    case lookAtDatabase
  }

  let options: RunOptions
  /// Whether failures may be those of a database that is gone.
  let hasDatabases: Bool
  private(set) var results: [TestResult] = []
  private(set) var troubles: [Trouble] = []
  private(set) var notes: [String] = []
  /// What was told and nobody has taken yet.
  private var events: [RunEvent] = []
  var tests: OrderedDictionary<String, TestCase>?
  var queue: TestQueue?
  var hands: [Hand]
  var tries: [String: Int] = [:]
  private var rounds: [String: Int] = [:]
  private var victims: Set<String> = []
  /// Tests whose pod was lost while they ran.
  var bereft: Set<String> = []
  /// Workers that never had an interpreter, or no other one, and why.
  var absences: [Int: String] = [:]
  var unreadable: Set<String> = []
  private var done = 0
  private var failed = 0
  /// Nothing that a collection may do takes longer; one that waits for what never comes does.
  private static let collectionLimit = Duration.seconds(900)
  /// Whether nothing more is to be handed out.
  var isStopped = false
  /// Whether a part of the suite was left out on purpose, so that the run says nothing of the rest.
  private(set) var isPartial = false

  init(_ options: RunOptions, hasDatabases: Bool) {
    self.options = options
    self.hasDatabases = hasDatabases
    hands = Array(repeating: Hand(), count: max(1, options.workers))
  }

  /// What happened since it was asked last.
  mutating func takeEvents() -> [RunEvent] {
    defer { events = [] }
    return events
  }

  // MARK: What the interpreters tell

  /// - Parameter now: when it was heard.
  mutating func receive(
    _ event: WorkerEvent, from worker: Int, now: ContinuousClock.Instant
  ) -> Answer {
    switch event {
    case .hello:
      hands[worker].phase = .collecting
      hands[worker].vainStarts = 0
    case .test(let test): hands[worker].collected.append(test)
    case .ready: return ready(worker)
    case .broken(let id, let text): collectionFailed(id, text)
    case .deselected(let count):
      if tests == nil { note("\(counted(count, "test")) left out by pytest's options") }
    case .need: return .tell(next(for: worker))
    case .note(let text): note(text)
    case .started(let id, let start):
      hands[worker].words.clear()
      if let place = hands[worker].waiting.firstIndex(of: id) {
        hands[worker].waiting.remove(at: place)
      }
      hands[worker].running = .init(id: id, start: start, since: now)
    case .ended(let result): return ended(result, on: worker)
    case .file: break
    case .warning(let text): note("warning: \(text)")
    case .stopped(let reason, let isHard):
      if unreadable.isEmpty {
        stop("pytest ended the run: \(reason)", isTrouble: isHard)
      } else {
        isStopped = true
      }
    case .fatal(let text, let lacksPytest):
      hands[worker].fatal = text
      if lacksPytest, troubles.isEmpty {
        add(Trouble(.other, text, worker: worker))
        isStopped = true
      }
    case .bye(let status, let isOdd):
      hands[worker].byeAt = now
      if isOdd { endedOddly(worker, status) }
    }
    return .none
  }

  /// What a process says outside of any test's capture.
  mutating func heard(_ bytes: UnsafeRawBufferPointer, from worker: Int) {
    hands[worker].words.append(bytes)
  }

  private mutating func ready(_ worker: Int) -> Answer {
    let collected = hands[worker].collected
    hands[worker].collected = []
    hands[worker].phase = .working
    guard let tests else {
      begin(collected)
      return .none
    }
    let known = Set(collected.map(\.id))
    let missing = tests.keys.filter { !known.contains($0) }
    if let other = missing.first ?? collected.first(where: { tests[$0.id] == nil })?.id {
      // Names that are made by chance or by the clock: what both know both can run.
      hands[worker].unknown = Set(missing)
      note(
        "worker \(worker) found other tests than the first one, as \(other); it runs those that both have"
      )
    }
    return .none
  }

  private mutating func begin(_ collected: [TestCase]) {
    tests = OrderedDictionary(
      collected.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    var meant = collected
    if let choice = options.chosen {
      meant = collected.filter { choice.tests.contains($0.id) }
      isPartial = true
      note("\(meant.count) of \(counted(collected.count, "test")): those \(choice.phrase)")
    }
    if options.onlyAffected {
      meant = meant.filter(\.isAffected)
      isPartial = true
      note(
        "\(meant.count) of \(counted(collected.count, "test")): those that the changed files may have "
          + "an effect on")
    }
    let all = Array(repeating: meant, count: options.rounds).flatMap { $0 }
    queue = TestQueue(
      all, durations: options.durations, workers: hands.count, seed: options.seed)
    events.append(.collected(all.count))
  }

  private mutating func collectionFailed(_ id: String, _ text: String) {
    guard unreadable.insert(id).inserted else { return }
    let lines = text.split(separator: "\n")
    // The last line that pytest marks as the error's own, else the last one.
    let line = (lines.last { $0.hasPrefix("E ") } ?? lines.last).map {
      String($0.drop { $0 == "E" || $0 == " " })
    }
    add(
      Trouble(
        .collection,
        "cannot collect \(id.isEmpty ? "the tests" : id)"
          + (line.map { ": \($0)" } ?? ""), details: text, during: id))
  }

  private mutating func next(for worker: Int) -> WorkerCommand {
    let unknown = hands[worker].unknown
    guard !isStopped, let piece = queue?.next(without: unknown) else {
      hands[worker].phase = .leaving
      return .end
    }
    hands[worker].waiting += piece.tests
    return .run(piece.tests)
  }

  // MARK: What becomes of a test

  private mutating func ended(_ told: TestResult, on worker: Int) -> Answer {
    hands[worker].running = nil
    hands[worker].deaths = 0
    var result = told
    if let test = tests?[told.id] { result.place(at: test) }
    guard result.outcome.isBad else {
      settle(&result, isTriedAgain: false)
      return isStopped ? .tell(.quit) : .none
    }
    if hasDatabases {
      hands[worker].suspect = result
      return .lookAtDatabase
    }
    return .tell(settleFailure(&result))
  }

  /// A failed test's database was looked at.
  ///
  /// - Parameter isThere: false when it, or its server, is gone: then the failure may not be the
  ///   test's own, and the worker begins anew with another one.
  mutating func databaseSeen(_ isThere: Bool, by worker: Int) -> WorkerCommand {
    guard var result = hands[worker].suspect else { return .go }
    hands[worker].suspect = nil
    if isThere { return settleFailure(&result) }
    let isAgain = !victims.insert(result.id).inserted
    add(
      Trouble(
        .database,
        "the database of worker \(worker) was gone when \(result.id) failed"
          + (isAgain ? "" : "; it is run again on a new one"),
        details: result.details, during: result.id, worker: worker, isRecovered: true))
    if isAgain {
      settleFailure(&result, isLastWord: true)
    } else {
      queue?.putBack([result.id])
    }
    return .quit
  }

  @discardableResult
  mutating func settleFailure(
    _ result: inout TestResult, isLastWord: Bool = false
  ) -> WorkerCommand {
    let isTriedAgain =
      !isLastWord && !isStopped && (tries[result.id] ?? 0) < options.retries
    settle(&result, isTriedAgain: isTriedAgain)
    return isTriedAgain ? .again : isStopped ? .quit : .go
  }

  mutating func settle(_ result: inout TestResult, isTriedAgain: Bool) {
    result.attempt = (tries[result.id] ?? 0) + 1
    result.round = (rounds[result.id] ?? 0) + 1
    results.append(result)
    events.append(.ended(result, isFinal: !isTriedAgain))
    if isTriedAgain {
      tries[result.id] = result.attempt
      return
    }
    tries[result.id] = nil
    rounds[result.id] = result.round
    done += 1
    guard result.outcome.isBad else { return }
    failed += 1
    if options.failFast { stop("ended at the first failure") }
  }

  /// Something befell the run beside its workers.
  mutating func befell(_ trouble: Trouble) { add(trouble) }

  // MARK: Time

  /// The worker's interpreter is under way from now on.
  mutating func started(_ worker: Int, now: ContinuousClock.Instant) {
    hands[worker].startedAt = now
  }

  /// What has to be done to a worker's process for the time that it has taken.
  enum Overdue: Sendable {
    case abort, kill
  }

  mutating func overdue(_ worker: Int, now: ContinuousClock.Instant) -> Overdue? {
    if let bye = hands[worker].byeAt, now - bye > .seconds(5) { return .kill }
    if let aborted = hands[worker].abortedAt { return now - aborted > .seconds(2) ? .kill : nil }
    if [.starting, .collecting].contains(hands[worker].phase),
      let started = hands[worker].startedAt, now - started > Crew.collectionLimit
    {
      hands[worker].abortedAt = now
      hands[worker].fatal =
        "collecting its tests took longer than \(Crew.collectionLimit.canonical)"
      return .abort
    }
    guard let timeout = options.timeout, let running = hands[worker].running,
      now - running.since > timeout
    else { return nil }
    hands[worker].abortedAt = now
    return .abort
  }

  // MARK: The whole

  /// Ends the run as soon as the tests that run have ended.
  private mutating func stop(_ reason: String, isTrouble: Bool = false) {
    guard !isStopped else { return }
    isStopped = true
    let left = (queue?.clear() ?? 0) + hands.reduce(0) { $0 + $1.waiting.count }
    let text = left == 0 ? reason : "\(reason); \(counted(left, "test")) not run"
    // Without a test that failed nothing else would say that the run is not whole.
    let isTrouble = isTrouble || left > 0 && failed == 0
    if isTrouble { add(Trouble(.other, text)) } else { note(text) }
    if left > 0 { isPartial = true }
  }

  /// A plugin, as for coverage that is too low, or a hook of the project has the last word.
  private mutating func endedOddly(_ worker: Int, _ status: Int) {
    guard !isStopped, unreadable.isEmpty, hands[worker].fatal == nil else { return }
    add(
      Trouble(
        .other,
        "pytest ended with exit status \(status) in worker \(worker), and not for a test that failed",
        details: hands[worker].words.text, worker: worker))
  }

  /// Says what was not run though it was meant to be, when all workers have gone.
  mutating func finish() {
    let left = queue?.clear() ?? 0
    if !absences.isEmpty { tellAbsences(left) }
    if left > 0 {
      if troubles.contains(where: { !$0.isRecovered }) {
        note("\(counted(left, "test")) not run")
      } else if !isStopped {
        add(Trouble(.collection, "\(counted(left, "test")) not run: no worker found them again"))
      }
    }
    if results.isEmpty, troubles.allSatisfy(\.isRecovered) {
      let reason =
        options.chosen.map { "there is none \($0.phrase)" }
        ?? (options.onlyAffected
          ? "there is none that the changed files may have an effect on" : "pytest found none")
      add(Trouble(.nothingRan, "no tests ran: \(reason)"))
    }
  }

  /// How far it is.
  func snapshot(now: ContinuousClock.Instant) -> RunSnapshot {
    var snapshot = RunSnapshot(total: queue == nil ? nil : done, done: done, failed: failed)
    guard let queue else { return snapshot }
    let inHand = hands.reduce(0) { $0 + $1.waiting.count + ($1.running == nil ? 0 : 1) }
    snapshot.total = done + inHand + queue.count
    snapshot.running = hands.compactMap(\.running).map {
      .init(id: $0.id, time: now - $0.since)
    }
    if !options.durations.isEmpty {
      snapshot.left = .milliseconds(Int64(queue.estimate / Double(hands.count) * 1000))
    }
    return snapshot
  }

  mutating func add(_ trouble: Trouble) {
    troubles.append(trouble)
    events.append(.trouble(trouble))
  }

  mutating func note(_ text: String) {
    if notes.count < 200, !notes.contains(text) { notes.append(text) }
  }
}

/// `1 test`, `2 tests`.
func counted(_ count: Int, _ thing: String) -> String {
  "\(count) \(thing)\(count == 1 ? "" : "s")"
}
