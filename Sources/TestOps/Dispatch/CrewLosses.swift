/// Interpreters that end before the tests do, and pods that are lost or never come.
extension Crew {
  /// A worker's process has ended.
  ///
  /// - Parameter isRunCancelled: whether that was our own doing.
  /// - Returns: whether another one is needed in its place.
  mutating func sessionEnded(
    _ worker: Int, _ end: WorkerEnd, isRunCancelled: Bool
  ) -> Bool {
    let hand = hands[worker]
    hands[worker].renew()
    if isRunCancelled { return false }
    if var result = hand.suspect { settleFailure(&result, isLastWord: true) }
    switch end {
    case .unable(let reason): return isTriedAgain(worker, reason)
    case .lost(let reason): lost(hand, reason, worker)
    case .exited, .signaled:
      if let running = hand.running {
        died(hand, running, end, worker)
      } else if hand.phase != .leaving || hand.fatal != nil {
        vanished(hand, end, worker)
      }
    }
    queue?.putBack(hand.waiting)
    // What is left nevertheless is not for this one.
    let hasLeft = hand.phase == .leaving && hand.running == nil && hand.waiting.isEmpty
    if hasLeft, hand.fatal == nil, !hand.unknown.isEmpty { return false }
    // One that was lost before it had collected leaves all to its successor.
    var isLost = false
    if case .lost = end { isLost = true }
    guard !isStopped, queue.map({ $0.count > 0 }) ?? isLost else { return false }
    if hands[worker].deaths < 10 { return true }
    add(
      Trouble(
        .crashed, "worker \(worker) was given up: ten interpreters died one after the other",
        worker: worker))
    return false
  }

  /// In the middle of a test, whose result this is.
  private mutating func died(
    _ hand: Hand, _ running: Hand.Running, _ end: WorkerEnd, _ worker: Int
  ) {
    guard let test = tests?[running.id] else { return }
    hands[worker].deaths += 1
    let isTimeout = hand.abortedAt != nil
    let how =
      isTimeout ? "did not end within \(options.timeout?.canonical ?? "its time")" : end.phrase
    add(
      Trouble(
        isTimeout ? .timedOut : .crashed,
        isTimeout
          ? "\(test.id) \(how); its interpreter was ended"
          : "the interpreter of worker \(worker) \(how) during \(test.id)",
        details: hand.words.lastWords, during: test.id, worker: worker, isRecovered: true))
    var result = result(
      of: test, running, isTimeout ? "the test \(how)" : "the interpreter \(how) during the test",
      hand, worker)
    let isTriedAgain = !isStopped && (tries[test.id] ?? 0) < options.retries
    settle(&result, isTriedAgain: isTriedAgain)
    if isTriedAgain { queue?.append(test.id) }
  }

  /// Between tests, or before the first one.
  private mutating func vanished(_ hand: Hand, _ end: WorkerEnd, _ worker: Int) {
    if !unreadable.isEmpty || isStopped { return }
    let isEmpty = tests?.isEmpty == true
    if isEmpty, end == .exited(5) { return }
    hands[worker].deaths += 1
    // One that was told to quit and did so has done what it should.
    if hand.phase == .working, hand.byeAt != nil, hand.fatal == nil { return }
    let isCollecting = hand.phase == .starting || hand.phase == .collecting
    let during = isCollecting ? "before a test was run" : "between two tests"
    add(
      Trouble(
        .crashed, "the interpreter of worker \(worker) \(end.phrase) \(during)",
        details: hand.fatal ?? hand.words.lastWords, worker: worker, isRecovered: !isCollecting))
    // It would end in the same way again.
    if isCollecting { isStopped = true }
  }

  /// With its pod. What it has told is known; what it has not ended is run again, but a test that has
  /// taken two pods with it has said enough.
  private mutating func lost(_ hand: Hand, _ reason: String, _ worker: Int) {
    if hand.phase == .leaving, hand.running == nil { return }
    hands[worker].deaths += 1
    let test = hand.running.flatMap { tests?[$0.id] }
    var words = "worker \(worker) \(reason)"
    if let test { words += ", during \(test.id)" }
    guard let test, let running = hand.running, !bereft.insert(test.id).inserted else {
      let again = (test.map { [$0.id] } ?? []) + hand.waiting
      if !again.isEmpty {
        words += "; \(counted(again.count, "test")) that it had not ended will run again"
      }
      if let test { queue?.putBack([test.id]) }
      return add(
        Trouble(
          .killed, words, details: hand.words.lastWords, during: test?.id, worker: worker,
          isRecovered: true))
    }
    words += " for the second time"
    add(
      Trouble(
        .killed, words, details: hand.words.lastWords, during: test.id, worker: worker,
        isRecovered: true))
    var result = result(of: test, running, words, hand, worker)
    settle(&result, isTriedAgain: false)
  }

  /// The result of a test that did not live to tell it.
  private func result(
    of test: TestCase, _ running: Hand.Running, _ words: String, _ hand: Hand, _ worker: Int
  ) -> TestResult {
    var result = TestResult(of: test, .error, words, start: running.start, worker: worker)
    result.duration = running.since.duration(to: .now).seconds
    result.details = hand.words.lastWords
    return result
  }

  // MARK: Workers that cannot begin

  /// How often a worker may begin in vain, one time after the other.
  private static let vainStarts = 3

  /// There was nothing yet that could have run a test.
  private mutating func isTriedAgain(_ worker: Int, _ reason: String) -> Bool {
    hands[worker].vainStarts += 1
    guard hands[worker].vainStarts < Crew.vainStarts else {
      absent(worker, reason)
      return false
    }
    note("worker \(worker) was tried again: \(reason)")
    return hasWorkLeft
  }

  /// Whether a worker that comes now may find something to do.
  var hasWorkLeft: Bool {
    guard !isStopped, let queue else { return !isStopped }
    return queue.count > 0
      || hands.contains { !$0.waiting.isEmpty || $0.running != nil || $0.suspect != nil }
  }

  /// A worker cannot have a database, or services.
  mutating func failed(_ worker: Int, _ trouble: Trouble) {
    queue?.putBack(hands[worker].waiting)
    hands[worker].renew()
    add(trouble)
  }

  /// A worker takes no part, or no more. What it had in hand is left to the others.
  ///
  /// - Parameter reason: nil where the others had done everything before it came.
  mutating func absent(_ worker: Int, _ reason: String?) {
    guard let reason else {
      hands[worker].renew()
      return note("worker \(worker) came too late to take part")
    }
    let hand = hands[worker]
    if hand.running != nil || hand.suspect != nil || !hand.waiting.isEmpty {
      _ = sessionEnded(worker, .lost("cannot go on: \(reason)"), isRunCancelled: false)
    }
    hands[worker].renew()
    absences[worker] = reason
  }

  /// Tells of those that took no part: trouble only where something is left undone for it.
  mutating func tellAbsences(_ left: Int) {
    let absences = absences.sorted { $0.key < $1.key }
    if tests != nil, left == 0 {
      for (worker, reason) in absences {
        let had = results.contains { $0.worker == worker }
        note("worker \(worker) took no \(had ? "more " : "")part: \(reason)")
      }
    } else if absences.count == hands.count, let (_, reason) = absences.first {
      add(Trouble(.other, "no worker could \(results.isEmpty ? "start" : "go on"): \(reason)"))
    } else {
      for (worker, reason) in absences {
        let what = results.contains { $0.worker == worker } ? "go on" : "start"
        add(Trouble(.killed, "worker \(worker) could not \(what): \(reason)", worker: worker))
      }
    }
  }
}
