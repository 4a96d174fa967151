// After a failure, with `on-failure: ask`: what is to become of the run.
extension RunDriver {
  /// Asks the person at the terminal: retry the step, take the run back, or stop.
  ///
  /// To pass over a step that failed is no choice: the file says with `continue-on-error` which steps
  /// a run can do without, and those are not asked about.
  func askOperator(_ id: String) async throws {
    guard let operators = surroundings.operators else {
      return try record(.confirm(step: id, by: surroundings.user, how: "nobody", answer: "stop"))
    }
    let back = sequencer.undoable(in: state)
    var message = "Now type one of:\n  retry  run the step once more\n"
    if !back.isEmpty { message += "  undo   take back \(back.joined(separator: ", "))\n" }
    message += "  stop   leave everything as it is; a resume goes on here"
    var answer: String?
    while answer == nil {
      let (text, prompt) = (message, back.isEmpty ? "retry or stop? " : "retry, undo or stop? ")
      tell(.prompts)
      let line = try await bounds().run { try await operators.ask(text, prompt: prompt) }
      guard let line else { answer = "stop"; break }
      let word = line.lowercased().filter { !$0.isWhitespace }
      answer = ["retry", "undo", "stop"].first { !word.isEmpty && $0.hasPrefix(word) }
      if answer == "undo", back.isEmpty { answer = nil }
      message = "\"\(line)\" is none of them."
    }
    try record(.confirm(step: id, by: surroundings.user, how: "terminal", answer: answer ?? "stop"))
  }

  /// Why a run stops that would ask what to do; nil where something else stops it.
  ///
  /// The default of the format is to ask, so that this is what a run without a terminal does after
  /// any failure.
  var reasonNotToAsk: String? {
    guard runbook.onFailure == .ask, surroundings.operators == nil else { return nil }
    return "on-failure says ask, and there is no terminal to ask at: the run stops here"
  }
}
