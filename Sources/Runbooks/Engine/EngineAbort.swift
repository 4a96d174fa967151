extension Engine {
  /// Ends a run for good that was stopped or cut off: under its lock its final steps run, and what
  /// it has changed stays. Runs that it called are ended before it.
  ///
  /// - Parameter id: a run's id or short id, or a runbook's name for its latest run; nil is the
  ///   latest unfinished run of all.
  /// - Throws: `RunError` before anything was done: there is no such run, it is at its end, or its
  ///   process lives.
  public func abort(_ id: String?, options: RunOptions) async throws -> RunReport {
    try await abort(RunHistory(runs).find(id, unfinished: true), options: options, caller: nil)
  }

  func abort(
    _ folder: RunFolder, options: RunOptions, caller: RunCaller?
  ) async throws -> RunReport {
    try await reopen(folder, options: options, caller: caller) { state in
      guard let status = state.finish?.status, ["done", "undone", "aborted"].contains(status)
      else { return }
      throw RunError(
        .input, "run \(folder.id) is \(status); there is nothing to abort",
        hint: status == "done" ? "`omcops runbook undo \(folder.shortID)` takes it back." : nil)
    } beginning: { driver, _ in
      try driver.record(.abort(by: surroundings.user, host: surroundings.host))
    }
  }
}

extension RunDriver {
  /// Ends the runs that the steps of this one have called and that are not at their end.
  func abortCalledRuns() async throws {
    for step in runbook.allSteps {
      var works = [(step.work, false)]
      if case .action(let undo) = step.undo { works.append((undo.work, true)) }
      for (work, isUndo) in works {
        try await CalledRun(work, of: step, self, isUndo: isUndo)?
          .abort(within: shielded("the end of a called run"))
      }
    }
  }
}
