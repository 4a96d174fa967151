internal import Diagnostics
internal import Glibc
internal import OrderedCollections
internal import SystemPackage

/// A step, or an undo, that is a run of another runbook, with a folder and a journal of its own.
///
/// The caller's journal names the called run before that begins, and the called run's first record
/// names the caller; so a resume finds what it has to go on with, and an undo what it has to take
/// back.
struct CalledRun {
  private let runbook: Runbook
  private let reference: ActionReference
  private let step: Step
  private let driver: RunDriver
  private let isUndo: Bool

  /// How the run that the step has begun stands.
  enum Standing {
    /// None has begun.
    case none
    case unfinished(RunFolder)
    case done(RunFolder, outputs: OrderedDictionary<String, Value>)
    /// It was taken back: calling again is another run.
    case takenBack
    /// Somebody ends it for good; it is over when its final steps are through.
    case aborted(RunFolder, isOver: Bool)
  }

  /// Nil when the work is no call.
  init?(_ work: Work?, of step: Step, _ driver: RunDriver, isUndo: Bool = false) {
    guard let reference = work?.call, let name = reference.calledRunbook,
      let runbook = driver.called[name]
    else { return nil }
    self.runbook = runbook
    self.reference = reference
    self.step = step
    self.driver = driver
    self.isUndo = isUndo
  }

  /// Looks at the journal of the run that the step has begun.
  func standing() throws -> Standing {
    let now = driver.state[step.id]
    guard let id = isUndo ? now.undoCalled : now.called else { return .none }
    let folder = RunFolder(path: driver.engine.runs.appending(id))
    // A crash may come between the record of the call and the first record of the called run.
    guard access(folder.journal.string, F_OK) == 0 else { return .none }
    let state = RunState(try JournalContents(reading: folder.journal).records)
    guard state.start != nil else { return .none }
    if state.isAborting {
      return .aborted(folder, isOver: state.finish?.status == "aborted")
    }
    switch state.finish?.status {
    case "done": return .done(folder, outputs: state.outputs)
    case "undone": return .takenBack
    default: return .unfinished(folder)
    }
  }

  /// Begins the run, or goes on with the one that the step has begun, and gives its outputs.
  ///
  /// - Parameter isShielded: whether the call cleans up: then signals do not reach the called run,
  ///   and only the operator's word ends it.
  /// - Throws: `ActionError` where another try may do, `CalledRunEnd` where it will not, the
  ///   `Obstacle` of a signal.
  func run(in scope: Scope, within bounds: Bounds, isShielded: Bool) async throws -> Value {
    let engine = engine(isShielded: isShielded)
    let caller = caller(within: bounds, isShielded: isShielded)
    let options = driver.options.within(step.id)
    let work: @Sendable () async throws -> RunReport
    do {
      switch try standing() {
      case .done(_, let outputs): return .object(outputs)
      case .unfinished(let folder):
        work = { try await engine.goOn(folder, undo: false, options: options, caller: caller) }
      case .aborted(let folder, _):
        throw CalledRunEnd(
          status: .failed, exit: .failed, message: "run \(folder.id) was aborted")
      case .none, .takenBack:
        let (runbook, inputs) = (runbook, try inputs(in: scope))
        let called = driver.called.below(runbook)
        let folder = try RunFolder.make(
          in: engine.runs, runbook: runbook.name, at: engine.surroundings.now())
        try driver.record(
          .called(step: step.id, run: folder.id, runbook: runbook.name, isUndo: isUndo))
        work = {
          try await engine.run(
            runbook, inputs, calling: called, on: caller.target, in: folder, plan: nil,
            options: options, caller: caller)
        }
      }
    } catch let error as InputError {
      throw CalledRunEnd(status: .blocked, exit: .blocked, message: error.message)
    }
    let report = try await carryOut(work, within: bounds, isShielded: isShielded)
    if case .done(_, let outputs) = try standing() { return .object(outputs) }
    throw failure(report)
  }

  /// Takes the called run back.
  ///
  /// - Throws: `ActionError` when it could not be taken back wholly.
  func takeBack(within bounds: Bounds) async throws {
    let folder: RunFolder
    switch try standing() {
    case .none, .takenBack: return
    case .aborted(let aborted, _):
      throw ActionError(.other, "run \(aborted.id) was aborted and can no longer be taken back")
    case .done(let done, _): folder = done
    case .unfinished(let unfinished): folder = unfinished
    }
    let engine = engine(isShielded: true)
    let caller = caller(within: bounds, isShielded: true)
    let options = driver.options.within(step.id)
    do {
      let report = try await carryOut(
        { try await engine.goOn(folder, undo: true, options: options, caller: caller) },
        within: bounds, isShielded: true)
      if report.exit != .done, report.exit != .undone {
        throw ActionError(.other, "run \(folder.id) is \(report.words)")
      }
    } catch let end as CalledRunEnd {
      throw ActionError(.other, end.message)
    }
  }

  /// Ends the called run for good, if it is not at its end; final steps that have failed in an
  /// earlier try are tried again.
  func abort(within bounds: Bounds) async throws {
    let folder: RunFolder
    switch try standing() {
    case .unfinished(let unfinished): folder = unfinished
    case .aborted(let aborted, isOver: false): folder = aborted
    case .none, .done, .takenBack, .aborted: return
    }
    let engine = engine(isShielded: true)
    let caller = caller(within: bounds, isShielded: true)
    let options = driver.options.within(step.id)
    let report = try await carryOut(
      { try await engine.abort(folder, options: options, caller: caller) }, within: bounds,
      isShielded: true)
    guard report.exit == .done else {
      throw ActionError(.other, "run \(folder.id) is \(report.words)")
    }
  }

  // MARK: - The other run

  /// Runs it and says what keeps it from beginning in the words of a step.
  private func carryOut(
    _ work: @escaping @Sendable () async throws -> RunReport, within bounds: Bounds,
    isShielded: Bool
  ) async throws -> RunReport {
    do {
      guard isShielded else { return try await work() }
      return try await Bounds(clock: bounds.clock, stop: bounds.stop).run(work)
    } catch let error as RunError {
      switch error.code {
      case .file, .journal: throw error
      case .interrupted: throw Obstacle.interrupted(SIGINT)
      case .terminated: throw Obstacle.interrupted(SIGTERM)
      default:
        throw CalledRunEnd(
          status: .blocked, exit: error.status,
          message: driver.masker.mask("\(runbook.name): \(error.message)"))
      }
    }
  }

  private func failure(_ report: RunReport) -> any Error {
    let message = "run \(report.run) is \(report.words)"
    switch report.exit {
    case .interrupted: return Obstacle.interrupted(SIGINT)
    case .terminated: return Obstacle.interrupted(SIGTERM)
    case .failed, .undone:
      return ActionError(.exit, message, exitCode: Int(report.exit.rawValue))
    case .blocked: return CalledRunEnd(status: .blocked, exit: .blocked, message: message)
    case .inDoubt: return CalledRunEnd(status: .inDoubt, exit: .inDoubt, message: message)
    default: return CalledRunEnd(status: .failed, exit: report.exit, message: message)
    }
  }

  private func inputs(in scope: Scope) throws -> OrderedDictionary<String, Value> {
    let values = try driver.performer.evaluate(reference, in: scope)
    do {
      return try PreparedRun.inputs(
        of: runbook, called: values, on: driver.target, masker: driver.masker)
    } catch let error as RunError {
      throw CalledRunEnd(status: .blocked, exit: error.status, message: error.message)
    }
  }

  private func caller(within bounds: Bounds, isShielded: Bool) -> RunCaller {
    let end = bounds.time.map { bounds.clock.elapsed + $0 }
    return RunCaller(
      run: driver.folder.id, step: step.id, target: driver.target, masker: driver.masker,
      locks: driver.locks, knownSignals: isShielded ? 0 : driver.knownSignals,
      deadline: [bounds.deadline, end].compactMap(\.self).min())
  }

  /// The engine for the other run; what it tells is marked as being of a called run.
  private func engine(isShielded: Bool) -> Engine {
    let tell = driver.tell
    return driver.engine.calling(isShielded: isShielded) { tell(.called($0)) }
  }
}

extension RunOptions {
  /// What is said to the steps of a run that a step calls: `CALLER/STEP`.
  func within(_ caller: String) -> RunOptions {
    func part<Word>(_ words: [String: Word]) -> [String: Word] {
      var part: [String: Word] = [:]
      for (step, word) in words where step.hasPrefix("\(caller)/") {
        part[String(step.dropFirst(caller.count + 1))] = word
      }
      return part
    }
    var options = self
    options.approvals = part(approvals)
    options.resolutions = part(resolutions)
    options.rechecks = false
    return options
  }
}
