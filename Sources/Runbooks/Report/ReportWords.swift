internal import Diagnostics
internal import Pages
internal import Quantities

// What a report says in words, whatever it is written in.
extension RunRecord {
  /// The run's end in a word or two.
  var verdict: (words: String, tone: Tone) {
    switch status {
    case "done" where drill.map { $0.exit != 0 } ?? false:
      ("Done, and the drill's objectives were missed", .bad)
    case "done": ("Done", .good)
    case "undone": ("Failed, wholly taken back", .warn)
    case "failed": ("Failed", .bad)
    case "undo-failed": ("Failed, and the undo failed too", .bad)
    case "partly-undone": ("Taken back in part", .warn)
    case "blocked": ("Blocked", .warn)
    case "in-doubt": ("In doubt", .warn)
    case "interrupted": ("Interrupted", .warn)
    case "aborted": ("Ended for good before it was done", .warn)
    case "running": ("Running", .calm)
    case "cut-off": ("Cut off: its process died", .bad)
    default: (status, .bad)
    }
  }

  /// The step that the run stopped at, or the guard, and why.
  var stop: (name: String, reason: String)? {
    let state = story.state
    if let name = state.failedGuard {
      return (name, story.guards.questions.last { !$0.holds }?.detail ?? "it does not hold")
    }
    for (id, name, _, _) in steps {
      let now = state[id]
      let isStopped =
        state.isUndoing
        ? now.undo == .failed || now.undo == .started
        : !now.status.isSettled && now.status != .pending && now.decision != .goOn
      if isStopped { return (name, now.detail ?? "it was cut off here") }
    }
    // Of a run that was taken back, the step that it was taken back for.
    guard state.isUndoing, !state.undoIsWanted else { return nil }
    return steps.first { state[$0.id].decision == .undo }
      .map { ($0.name, state[$0.id].detail ?? "it failed") }
  }

  /// Whether systems are other than before.
  var changeWords: String {
    if isChanged { return status == "done" ? "Yes" : "Yes, and not taken back" }
    return story.state.isUndoing ? "No longer" : "No"
  }

  /// The exit code and what it means.
  var exitWords: String? {
    (drill?.exit ?? story.state.finish?.exit).map { exit in
      "\(exit)" + (ExitStatus(rawValue: exit).map { ": \($0.meaning)" } ?? "")
    }
  }
}

extension RunStory.Leg {
  /// What the leg was, and by whom.
  var words: String {
    switch kind {
    case .run: "begun by \(user)@\(host)"
    case .walk: "walked through by \(user)@\(host)"
    case .abort: "aborted by \(user)@\(host)"
    case .resume: "resumed by \(user)@\(host)"
    case .undo: "taken back by \(user)@\(host)"
    }
  }

  /// How it came to its end.
  var end: String {
    var words = status ?? "no end: its process died, or goes on"
    for signal in signals {
      words += signal == 2 ? "; Ctrl-C" : signal == 15 ? "; told to end" : "; signal \(signal)"
    }
    return words
  }
}

extension StepStatus {
  /// For people.
  var words: String {
    switch self {
    case .pending: "not begun"
    case .running: "cut off"
    case .done: "done"
    case .satisfied: "was so already"
    case .recovered: "found done"
    case .skipped: "not needed"
    case .blocked: "blocked"
    case .failed: "failed"
    case .inDoubt: "in doubt"
    case .undone: "taken back"
    }
  }

  var tone: Tone {
    switch self {
    case .done, .satisfied, .recovered: .good
    case .failed: .bad
    case .blocked, .inDoubt, .running, .undone: .warn
    case .pending, .skipped: .calm
    }
  }

  /// A sign that can be told apart without colour.
  var sign: String {
    switch self {
    case .done, .satisfied, .recovered: "✓"
    case .failed: "✗"
    case .blocked: "■"
    case .inDoubt, .running: "?"
    case .undone: "↶"
    case .pending, .skipped: "–"
    }
  }
}

extension RunStory.Question {
  /// When it was asked.
  var when: String {
    switch phase {
    case "guard": "guard"
    case "before": "asked before"
    case "after": "check"
    case "undo": "after the undo"
    case "recover": "asked when the run went on"
    case "recheck": "asked once more"
    default: phase
    }
  }

  /// What is asked before a step, to see whether it is done already, need not hold.
  var isBad: Bool { !holds && phase != "before" && phase != "recover" }
}

extension RunStory.Span.Kind {
  var words: String {
    switch self {
    case .looking: "looking"
    case .working: "working"
    case .proving: "checks"
    case .person: "waiting for a person"
    case .pausing: "waiting to try again"
    case .undoing: "taking back"
    }
  }
}

extension Value {
  /// For people: durations in words, lists and mappings as JSON.
  var readable: String {
    if case .duration(let duration) = self { return duration.readable }
    return text ?? json.text()
  }
}
