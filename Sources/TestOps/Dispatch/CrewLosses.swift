/// Workers that are elsewhere: their pods can be lost, or never come.
extension Crew {
  /// With its pod. What it has told is known; what it has not ended is run again, but a test that has
  /// taken two pods with it has said enough.
  mutating func lost(_ hand: Hand, _ reason: String, _ worker: Int) {
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
          .killed, words, details: hand.words.text, during: test?.id, worker: worker,
          isRecovered: true))
    }
    words += " for the second time"
    add(
      Trouble(
        .killed, words, details: hand.words.text, during: test.id, worker: worker,
        isRecovered: true))
    var result = TestResult(of: test, .error, words, start: running.start, worker: worker)
    result.duration = running.since.duration(to: .now).seconds
    result.details = hand.words.text
    settle(&result, isTriedAgain: false)
  }

  /// Whether a worker that comes now may find something to do.
  var hasWorkLeft: Bool {
    guard !isStopped, let queue else { return !isStopped }
    return queue.count > 0
      || hands.contains { !$0.waiting.isEmpty || $0.running != nil || $0.suspect != nil }
  }

  /// A worker takes no part, or no more.
  ///
  /// - Parameter reason: nil where the others had done everything before it came.
  mutating func absent(_ worker: Int, _ reason: String?) {
    hands[worker].renew()
    if let reason { absences[worker] = reason }
    if reason == nil { note("worker \(worker) came too late to take part") }
  }

  /// Tells of those that took no part: trouble only where something is left undone for it.
  mutating func tellAbsences(_ left: Int) {
    if tests != nil, left == 0 {
      for (worker, reason) in absences.sorted(by: { $0.key < $1.key }) {
        note("worker \(worker) took no part: \(reason)")
      }
    } else if absences.count == hands.count, let (_, reason) = absences.min(by: { $0.key < $1.key })
    {
      add(Trouble(.other, "no worker could start: \(reason)"))
    } else {
      for (worker, reason) in absences.sorted(by: { $0.key < $1.key }) {
        add(Trouble(.killed, "worker \(worker) could not start: \(reason)", worker: worker))
      }
    }
  }
}
