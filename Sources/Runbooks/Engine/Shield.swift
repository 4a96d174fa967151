/// Keeps signals away from what cleans up: half an undo is worse than none.
///
/// The first signal is noted only. A second one within five seconds is asked about: the operator
/// may know that what goes on will never end. Without anybody to ask, it goes on.
struct Shield: Sendable {
  /// How quickly the second signal has to follow.
  static let patience = Duration.seconds(5)

  let interrupts: RunInterrupts
  let operators: (any Operator)?
  let clock: any RunClock
  /// What goes on, for the operator: `the undo`.
  let what: String
  /// How many signals are behind the run already.
  let known: Int
  let tell: @Sendable (RunEvent) -> Void

  /// Waits for a signal that shall end the work all the same; nil when the wait is cancelled.
  func wait() async -> Int32? {
    var count = known
    var last: Duration?
    while let signal = await interrupts.next(after: count) {
      count += 1
      let now = clock.elapsed
      if let earlier = last, now - earlier <= Shield.patience, operators != nil {
        if await operatorGivesUp() { return signal }
        last = nil
      } else {
        last = now
        tell(.message(notice))
      }
    }
    return nil
  }

  private var notice: String {
    operators == nil
      ? "\(what) is not interrupted"
      : "\(what) is not interrupted; press Ctrl-C again within 5 s to leave it half done"
  }

  private func operatorGivesUp() async -> Bool {
    tell(.prompts)
    let line = try? await operators?.ask(
      "Leave \(what) half done? A resume goes on with it.", prompt: "Type yes to leave it: ")
    return line?.lowercased() == "yes"
  }
}
