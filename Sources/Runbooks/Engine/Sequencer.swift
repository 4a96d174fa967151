internal import Diagnostics
internal import Glibc

/// Says what a run does next, from where it stands. Pure: no clock, no files, no servers.
struct Sequencer: Sendable {
  /// What the order of things depends on.
  struct StepOutline: Sendable {
    var id: String
    var undo = UndoOutline.none
  }

  enum UndoOutline: Sendable, Equatable {
    /// The file says nothing, and the step changes something.
    case missing
    /// Nothing to take back, or the author says so.
    case none
    case action(until: String?)
  }

  /// What comes next.
  enum Decision: Sendable, Equatable {
    case guards
    case step(String)
    /// Ask the operator what is to happen after the failure of a step.
    case ask(String)
    case undo(String)
    case finally(String)
    case finish(status: String, exit: ExitStatus)

    /// Whether it is kept away from signals: it cleans up, or there is nothing left to do.
    var isShielded: Bool {
      switch self {
      case .undo, .finally, .finish: true
      case .guards, .step, .ask: false
      }
    }
  }

  var steps: [StepOutline]
  var finally: [StepOutline]

  func next(in state: RunState) -> Decision {
    if state.isAbandoned { return end(of: state) }
    if let work = nextWork(in: state) { return work }
    // Where the runbook's own guards did not let it begin there is nothing to clean up.
    for step in finally where state.guardsHold {
      switch state[step.id].status {
      case .pending, .running: return .finally(step.id)
      default: continue
      }
    }
    return end(of: state)
  }

  private func nextWork(in state: RunState) -> Decision? {
    if state.isAborting { return nil }
    if state.isUndoing { return nextUndo(in: state).map { .undo($0) } }
    if state.signal != nil || state.failedGuard != nil { return nil }
    if !state.guardsHold { return .guards }
    for step in steps {
      let now = state[step.id]
      switch now.status {
      case .done, .satisfied, .recovered, .skipped, .undone: continue
      case .pending, .running: return .step(step.id)
      case .failed, .blocked, .inDoubt:
        if now.decision == .goOn { continue }
        return now.decision == .ask ? .ask(step.id) : nil
      }
    }
    return nil
  }

  /// Whether every step is behind the run, so that a later leg has nothing to do but `finally`.
  func isThrough(_ state: RunState) -> Bool {
    if state.isUndoing { return nextUndo(in: state) == nil }
    return steps.allSatisfy { state[$0.id].status.isSettled || state[$0.id].decision == .goOn }
  }

  // MARK: Undo

  /// The steps that an undo of the run would take back, in its order.
  func undoable(in state: RunState) -> [String] {
    var state = state
    var ids: [String] = []
    while let id = nextUndo(in: state) {
      ids.append(id)
      state.assumeUndone(id)
    }
    return ids
  }

  /// The next step to take back: in reverse order, so that the failed step comes first.
  ///
  /// After an undo that failed nothing more is taken back: what comes before in the file may rest
  /// on it.
  private func nextUndo(in state: RunState) -> String? {
    if steps.contains(where: { state[$0.id].undo == .failed }) { return nil }
    return steps.last { needsUndo($0, state) && isValid($0, state) }?.id
  }

  private func needsUndo(_ step: StepOutline, _ state: RunState) -> Bool {
    guard case .action = step.undo else { return false }
    return isThere(state[step.id]) && state[step.id].undo != .done
  }

  /// Whether this run may have brought the step's effect about.
  private func isThere(_ step: RunState.StepState) -> Bool {
    guard step.hasBegun else { return false }
    switch step.status {
    case .pending, .running, .done, .recovered, .failed, .inDoubt: return true
    case .satisfied, .skipped, .blocked, .undone: return false
    }
  }

  /// Whether the step named by `until` has not taken hold, or has been taken back itself.
  private func isValid(_ step: StepOutline, _ state: RunState) -> Bool {
    guard case .action(let until?) = step.undo else { return true }
    let limit = state[until]
    switch limit.status {
    case .done, .satisfied, .recovered, .inDoubt, .running: return false
    case .failed, .pending:
      return !limit.hasBegun || !(limit.isInDoubt || limit.completedAction != nil)
    case .skipped, .blocked, .undone: return true
    }
  }

  // MARK: The end

  private func end(of state: RunState) -> Decision {
    if let signal = state.signal, state.isAbandoned || (!state.isUndoing && !isThrough(state)) {
      return .finish(
        status: "interrupted", exit: signal == SIGTERM ? .terminated : .interrupted)
    }
    if state.isAborting {
      guard let failed = failedFinally(state) else {
        return .finish(status: "aborted", exit: .done)
      }
      return .finish(status: "abort-failed", exit: ExitStatus(rawValue: failed.exit) ?? .failed)
    }
    if state.isUndoing { return endOfUndo(state) }
    if state.failedGuard != nil { return .finish(status: "blocked", exit: .blocked) }
    for step in steps {
      let now = state[step.id]
      if now.status.isSettled || now.decision == .goOn || now.status == .undone { continue }
      return .finish(
        status: now.status.rawValue, exit: ExitStatus(rawValue: now.exit) ?? .failed)
    }
    if let failed = failedFinally(state) {
      return .finish(status: "failed", exit: ExitStatus(rawValue: failed.exit) ?? .failed)
    }
    return .finish(status: "done", exit: .done)
  }

  private func failedFinally(_ state: RunState) -> RunState.StepState? {
    // A pending one was not reached: nothing was done that it would have to clean up.
    finally.lazy.map { state[$0.id] }
      .first { !$0.status.isSettled && $0.status != .pending && $0.decision != .goOn }
  }

  private func endOfUndo(_ state: RunState) -> Decision {
    if steps.contains(where: { state[$0.id].undo == .failed }) {
      return .finish(status: "undo-failed", exit: .undoFailed)
    }
    let isWhole = steps.allSatisfy { step in
      switch step.undo {
      case .none: true
      case .missing, .action: !isThere(state[step.id]) || state[step.id].undo == .done
      }
    }
    guard isWhole, failedFinally(state) == nil else {
      return .finish(status: "partly-undone", exit: .failed)
    }
    return .finish(status: "undone", exit: state.undoIsWanted ? .done : .undone)
  }
}
