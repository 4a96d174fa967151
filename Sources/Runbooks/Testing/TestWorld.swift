internal import Diagnostics
internal import OrderedCollections
internal import Quantities
internal import Synchronization
internal import Text

/// What a case's run meets instead of the world: recorded answers, and the effects that its steps had.
///
/// A step has its effect when its action succeeded (or a person said that it was done), and has it no
/// longer when its undo succeeded. Answers may wait for effects.
final class TestWorld: Sendable {
  /// Answers and questions of one leg, the nearest first: the leg's, the case's, the file's.
  struct Offer: Sendable {
    var answers: [[TestAnswer]]
    /// Nil where nobody sits at a terminal.
    var questions: [TestQuestion]?
  }

  fileprivate struct State: Sendable {
    var offer = Offer(answers: [])
    /// Steps whose effects are there, in the order in which they came.
    var effects: [String] = []
    /// How often each answer was given.
    var counts: [Int: Int] = [:]
    /// The questions of this leg that were asked, and all that ever were.
    var asked: Set<Int> = []
    var everAsked: Set<Int> = []
    var shown: [String] = []
    /// The step that goes on, and whether it is being taken back.
    var step: String?
    var isUndoing = false
    var failure: TestFailure?
  }

  let sites: CallSites
  let clock: SimulatedClock
  private let test: RunbookTest
  private let testCase: TestCase
  private let inputs: Value
  private let target: Value
  private let state = Mutex(State())

  init(
    _ test: RunbookTest, _ testCase: TestCase, inputs: Value, target: Value, clock: SimulatedClock
  ) {
    self.test = test
    self.testCase = testCase
    self.inputs = inputs
    self.target = target
    self.clock = clock
    sites = test.sites
  }

  /// What was missing or did not fit; the run cannot go on then.
  var failure: TestFailure? { state.withLock { $0.failure } }
  /// The steps whose effects are there.
  var effects: Set<String> { Set(state.withLock { $0.effects }) }
  /// The answers and questions that were used.
  var used: Set<Int> {
    state.withLock { Set($0.counts.keys).union($0.everAsked) }
  }

  /// Begins a leg: other answers, and questions may be asked again.
  func begin(_ offer: Offer) {
    state.withLock {
      $0.offer = offer
      $0.asked = []
      $0.shown = []
    }
  }

  /// Notes what is missing and gives the error that ends the run.
  func fail(_ failure: TestFailure) -> RunError {
    state.withLock { $0.failure = $0.failure ?? failure }
    return RunError(.unanswered, failure.message)
  }

  // MARK: What the run tells

  /// Takes in what the operator is told.
  func heard(_ event: RunEvent) {
    let runbook = test.runbook
    state.withLock { state in
      switch event {
      case .message(let text): state.shown.append(text)
      case .stepBegins(let name, let number, _):
        let steps = number == nil ? runbook.finally : runbook.steps
        state.step = steps.first { $0.name == name }?.id
        state.isUndoing = false
        state.shown = []
      case .undoBegins(let name):
        state.step =
          runbook.steps.last {
            guard case .action(let undo) = $0.undo else { return false }
            return (undo.name ?? $0.name) == name && state.effects.contains($0.id)
          }?.id
        state.isUndoing = true
        state.shown = []
      default: break
      }
    }
  }

  /// What the operator types.
  func reply(to prompt: String, message: String) async throws -> String? {
    let (shown, question) = state.withLock { state -> (String, TestQuestion?) in
      let shown = (state.shown + [message, prompt]).filter { !$0.isEmpty }
        .joined(separator: "\n")
      let question = state.offer.questions?.first { question in
        !state.asked.contains(question.id) && question.text.allSatisfy(shown.contains(text:))
      }
      if let question {
        state.asked.insert(question.id)
        state.everAsked.insert(question.id)
      }
      return (shown, question)
    }
    guard let question else { throw fail(unanswered(shown)) }
    if let takes = question.takes { try await clock.pause(takes) }
    state.withLock { state in
      guard let id = state.step, isHuman(id, state.isUndoing),
        let answer = question.answer, !["no", "n"].contains(answer.lowercased())
      else { return }
      state.change(id, isThere: !state.isUndoing)
    }
    return question.answer
  }

  private func isHuman(_ id: String, _ isUndo: Bool) -> Bool {
    guard let step = test.runbook.step(id) else { return false }
    var work = step.work
    if isUndo {
      guard case .action(let undo) = step.undo else { return false }
      work = undo.work
    }
    guard case .action(let reference)? = work else { return false }
    return ["confirm", "manual"].contains(reference.name)
  }

  private func unanswered(_ shown: String) -> TestFailure {
    let lines = shown.split(separator: "\n").map(String.init)
    return TestFailure(
      "nobody answers what the operator is asked", at: testCase.location, seen: lines.last,
      details: lines.dropLast().map { "| " + $0 } + [
        "add to \"questions\":", "  - text: \(quoted(lines.first ?? ""))", "    answer: ...",
      ])
  }

  private func quoted(_ text: String) -> String { Value.string(text).json.text() }
}

// MARK: - Answers

extension TestWorld {
  /// The answer to a call; nil where there is none.
  func answer(
    _ site: CallSites.Site, with: OrderedDictionary<String, Value>, run: RunIdentity
  ) -> TestAnswer? {
    let (levels, effects) = state.withLock { ($0.offer.answers, $0.effects) }
    let scope = scope(with: with, run: run)
    for level in levels {
      let fitting = level.filter { fits($0, site, with, scope) }
      // What is true after a step is nearer than what is always true, and what came last is nearest.
      let after = fitting.filter { !$0.after.isEmpty && $0.after.allSatisfy(effects.contains) }
      func latest(_ answer: TestAnswer) -> Int {
        answer.after.compactMap { effects.lastIndex(of: $0) }.max() ?? -1
      }
      if let last = after.map(latest).max() { return after.first { latest($0) == last } }
      if let plain = fitting.first(where: { $0.after.isEmpty }) { return plain }
    }
    return nil
  }

  private func fits(
    _ answer: TestAnswer, _ site: CallSites.Site, _ with: OrderedDictionary<String, Value>,
    _ scope: Scope
  ) -> Bool {
    guard answer.uses == site.uses, answer.place == nil || answer.place == site.place,
      answer.assertion == nil || answer.assertion == site.assertion
    else { return false }
    return answer.with.allSatisfy { name, template in
      guard let wanted = try? template.evaluate(in: scope) else { return false }
      return wanted.json == (with[name] ?? .null).json
    }
  }

  private func scope(with: OrderedDictionary<String, Value>, run: RunIdentity) -> Scope {
    Scope(
      contexts: [
        "with": .object(with), "run": run.value, "inputs": inputs, "target": target,
      ], now: clock.now)
  }

  /// Gives the next outcome of an answer.
  func perform(
    _ answer: TestAnswer, at site: CallSites.Site, _ entry: ActionCatalog.Entry,
    with: OrderedDictionary<String, Value>, run: RunIdentity
  ) async throws -> Value {
    let count = state.withLock { state in
      defer { state.counts[answer.id, default: 0] += 1 }
      return state.counts[answer.id] ?? 0
    }
    let outcome = answer.outcomes[min(count, answer.outcomes.count - 1)]
    if let takes = outcome.takes { try await clock.pause(takes) }
    if let problem = outcome.error {
      if problem.takesEffect { takeEffect(site) }
      throw ActionError(
        problem.kind, problem.message, hint: problem.hint, exitCode: problem.exitCode,
        sqlState: problem.sqlState, isInDoubt: problem.isInDoubt)
    }
    let value = try value(of: outcome.result, entry, with, run)
    takeEffect(site)
    return value
  }

  /// What a template says in the scope of a call, in the shape that the action gives.
  func value(
    of template: Template?, _ entry: ActionCatalog.Entry,
    _ with: OrderedDictionary<String, Value>, _ run: RunIdentity
  ) throws -> Value {
    guard let template else { return .null }
    let value: Value
    do {
      value = try template.evaluate(in: scope(with: with, run: run))
    } catch {
      throw fail(TestFailure(error.reason, at: error.location))
    }
    if let name = entry.result.strangeMember(of: value) {
      throw fail(
        TestFailure("\(entry.name) gives no \"\(name)\"", at: template.location, seen: name))
    }
    return entry.result.coerced(value)
  }

  private func takeEffect(_ site: CallSites.Site) {
    guard let step = site.step, site.isWork || site.isUndo else { return }
    state.withLock { $0.change(step, isThere: site.isWork) }
  }

  /// Says what to add to the file for a call that nobody answers.
  func unanswered(
    _ site: CallSites.Site, _ entry: ActionCatalog.Entry, with: OrderedDictionary<String, Value>
  ) -> TestFailure {
    var lines = ["add to \"answers\":", "  - uses: \(site.uses)", "    at: \(site.place)"]
    if let name = site.assertion { lines.append("    assertion: \(quoted(name))") }
    lines.append("    result: \(entry.result.example)")
    if !with.isEmpty { lines.append("  # called with \(Value.object(with).json.text())") }
    return TestFailure(
      "nothing answers \(site.uses) at \(site.words)", at: testCase.location, details: lines)
  }
}

extension TestWorld.State {
  fileprivate mutating func change(_ step: String, isThere: Bool) {
    effects.removeAll { $0 == step }
    if isThere { effects.append(step) }
  }
}
