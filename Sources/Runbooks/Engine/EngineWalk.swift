extension Engine {
  /// Begins a run that the person at the terminal carries out: each step that changes something is
  /// shown and waited for, everything around it is as in any run. A resume goes on the same way.
  ///
  /// - Throws: as `run` does, and where there is no terminal.
  public func walk(
    _ runbook: Runbook, inputs: [String: String], options: RunOptions
  ) async throws -> RunReport {
    guard surroundings.operators != nil else {
      throw RunError(
        .declined, "a walk needs a person at a terminal",
        hint: "`omcops runbook doc \(runbook.name)` prints the procedure.")
    }
    var options = options
    options.mode = .walk
    return try await run(runbook, inputs: inputs, options: options)
  }
}
