internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import SystemPackage

extension Engine {
  /// Goes on with a run that was stopped, or takes it back.
  ///
  /// - Parameter id: a run's id or short id, or a runbook's name for its latest run; nil is the
  ///   latest run of all.
  /// - Throws: `RunError` before anything was done: there is no such run, it is over, it is going on
  ///   in another process, the file or the systems are not those that it began with, or with
  ///   `options.rechecks` a finished step is not there any more.
  public func resume(
    _ id: String?, undo: Bool = false, options: RunOptions
  ) async throws -> RunReport {
    let folder = try RunHistory(runs).find(id, unfinished: !undo)
    return try await goOn(folder, undo: undo, options: options, caller: nil)
  }

  /// Goes on with the run of a folder, or takes it back.
  ///
  /// - Parameter caller: the run whose step called it; nil where a person asks.
  func goOn(
    _ folder: RunFolder, undo: Bool, options: RunOptions, caller: RunCaller?
  ) async throws -> RunReport {
    try await reopen(folder, options: options, caller: caller) { state in
      try requireUnfinished(state, folder, undo: undo)
    } beginning: { driver, prepared in
      if !undo { try await interruptible(caller) { try await prepared.requireTools() } }
      try beginLeg(driver, undo: undo)
      if options.rechecks, !undo { try await driver.recheck() }
    }
  }

  /// Opens the journal of an earlier process behind its last record, on the systems that the run
  /// began with, under its lock, and carries the run on from there.
  ///
  /// - Parameters:
  ///   - check: refuses what cannot be gone on with.
  ///   - beginning: writes down what this leg is.
  func reopen(
    _ folder: RunFolder, options: RunOptions, caller: RunCaller?,
    check: (RunState) throws -> Void, beginning: (RunDriver, PreparedRun) async throws -> Void
  ) async throws -> RunReport {
    let lock = try RunFolderLock(folder, as: holder(of: folder))
    defer { withExtendedLifetime(lock) {} }
    let contents = try JournalContents(reading: folder.journal)
    let state = RunState(contents.records)
    guard let start = state.start, let startedAt = state.startedAt else {
      throw RunError(
        .journal, "run \(folder.id) was killed before it began; there is nothing to do")
    }
    if start.mode == .drill, caller == nil {
      throw RunError(
        .input, "run \(folder.id) was a drill, and what it ran on is gone",
        hint: "Begin another: `omcops runbook drill \(start.runbook)`.")
    }
    try requireOwn(start, caller, folder)
    try check(state)
    let runbook = try loadRunbook(folder, start, state, options)
    try checkResolutions(options.resolutions, against: state, runbook)
    let inputs = try PreparedRun.inputs(of: runbook, kept: keptInputs(folder))
    let target: Target
    if let caller {
      target = caller.target
    } else {
      target = try await interruptible {
        try await surroundings.target(environment(of: runbook, inputs))
      }
    }
    try compareIdentities(start, folder, target)
    let identity = RunIdentity(
      id: folder.id, shortID: folder.shortID, startedAt: startedAt, user: start.user,
      host: start.host)
    let prepared = try await PreparedRun(
      runbook, inputs: inputs, target: target, identity: identity, folder: folder,
      called: CalledRunbooks(
        of: runbook, catalog: catalog, kept: options.acceptsChanges ? nil : folder),
      catalog: catalog, masker: caller?.masker ?? Masker(), in: surroundings)
    var options = options
    options.mode = start.mode
    let held = try await interruptible(caller) { try await takeLock(prepared, caller) }
    do {
      let journal = try JournalWriter(
        folder.journal, run: folder.shortID, after: contents, masker: prepared.masker,
        crashAfter: crashAfter, cut: caller == nil ? surroundings.cut : nil)
      let driver = RunDriver(
        prepared, of: self, journal: journal, state: state, options: options, caller: caller)
      try await beginning(driver, prepared)
      return try await finish(driver, prepared, held, resumed: true)
    } catch {
      await held?.lock.release()
      throw error
    }
  }

  /// Writes down that the run goes on, and on whose word.
  private func beginLeg(_ driver: RunDriver, undo: Bool) throws {
    let (runbook, state, options) = (driver.runbook, driver.state, driver.options)
    let isThrough = driver.sequencer.isThrough(state) && (!undo || state.isUndoing)
    try driver.record(
      .resume(
        .init(
          user: surroundings.user, host: surroundings.host, isUndo: undo,
          sha256: runbook.source.sha256, rechecks: options.rechecks,
          finallyAgain: isThrough ? [] : runbook.finally.map(\.id))))
    for (step, resolution) in options.resolutions.sorted(by: { $0.key < $1.key }) {
      // A word about a step of a called run is taken down there.
      if step.contains("/") { continue }
      try driver.record(.resolve(step: step, resolution: resolution, by: surroundings.user))
    }
  }

  // MARK: What makes a resume impossible

  /// A called run goes on with its caller, which may have other steps to take first.
  private func requireOwn(
    _ start: JournalEvent.RunStart, _ caller: RunCaller?, _ folder: RunFolder
  ) throws {
    guard caller == nil, let other = start.caller else { return }
    let short = other.run.split(separator: "-").last ?? ""
    throw RunError(
      .input, "run \(folder.id) was called by step \"\(other.step)\" of run \(other.run)",
      hint: "Name that run, \(short): what it called goes on, or is taken back, with it.")
  }

  private func requireUnfinished(_ state: RunState, _ folder: RunFolder, undo: Bool) throws {
    if state.isAborting {
      throw RunError(.input, "run \(folder.id) was aborted; it cannot go on or be taken back")
    }
    switch state.finish?.status {
    case "undone":
      throw RunError(.input, "run \(folder.id) was taken back; there is nothing left to do")
    case "done" where !undo:
      throw RunError(
        .input, "run \(folder.id) is done; there is nothing left to do",
        hint: "`omcops runbook undo \(folder.shortID)` takes it back.")
    default: break
    }
  }

  /// A word about a step has to be about one that waits for it.
  private func checkResolutions(
    _ resolutions: [String: Resolution], against state: RunState, _ runbook: Runbook
  ) throws {
    for word in resolutions.keys.sorted() {
      let step = word.split(separator: "/").first.map(String.init) ?? word
      guard runbook.step(step) != nil else {
        let names = runbook.allSteps.map(\.id)
        throw RunError(
          .input,
          "there is no step \"\(word)\" to resolve\(Suggestion.phrase(for: step, among: names))")
      }
      let now = state[step]
      if step != word, runbook.step(step)?.work?.call != nil { continue }
      guard step == word, now.hasBegun, !now.status.isSettled, now.status != .undone else {
        throw RunError(
          .input, "step \"\(step)\" is not in doubt: it is \(now.status.rawValue)",
          hint: "Leave --resolve \(step) out.")
      }
    }
  }

  /// The file as it was, or with `--accept-changed` as it is now if what has run is the same in it.
  private func loadRunbook(
    _ folder: RunFolder, _ start: JournalEvent.RunStart, _ state: RunState, _ options: RunOptions
  ) throws -> Runbook {
    let kept = try Runbook(
      parsing: DurableFile.read(folder.runbook), file: start.file, catalog: catalog)
    guard options.acceptsChanges else {
      if let now = try? DurableFile.read(FilePath(start.file)), now != kept.source.bytes {
        tell(
          .message(
            "\(start.file) has changed since this run began; it goes on with the file as it was "
              + "(--accept-changed takes it as it is now)"))
      }
      return kept
    }
    let current = try Runbook.load(FilePath(start.file), catalog: catalog)
    try current.requireSense(catalog: catalog)
    try compare(current, with: kept, state, start.file)
    return current
  }

  private func compare(
    _ current: Runbook, with kept: Runbook, _ state: RunState, _ file: String
  ) throws {
    let hint = "Resume without --accept-changed to go on with the file as it was."
    func hasRun(_ step: Step) -> Bool {
      state[step.id].hasBegun || state[step.id].status != .pending
    }
    for step in kept.allSteps where hasRun(step) {
      guard current.step(step.id)?.digest == step.digest else {
        throw RunError(
          .changed, "\(file): step \"\(step.id)\" has run and is not what it was", hint: hint)
      }
    }
    let past = kept.steps.filter(hasRun).map(\.id)
    for (step, id) in zip(current.steps, past) where step.id != id {
      throw RunError(
        .changed, "\(file): step \"\(step.id)\" now stands before \"\(id)\", which has run",
        hint: hint)
    }
  }

  private func keptInputs(_ folder: RunFolder) throws -> OrderedDictionary<String, Value> {
    let json: JSON
    do {
      json = try JSON(parsing: DurableFile.read(folder.inputs))
    } catch let error as JSONError {
      throw RunError(.file, "\(folder.inputs): \(error)")
    }
    return ValueCoding.decode(json).object ?? [:]
  }

  /// Refuses to go on against other systems, each of which is named. The journal's word counts;
  /// journals of earlier versions have none, the file beside them has.
  private func compareIdentities(
    _ start: JournalEvent.RunStart, _ folder: RunFolder, _ target: Target
  ) throws {
    var kept = start.identities
    if kept.isEmpty {
      do {
        let json = try JSON(parsing: DurableFile.read(folder.identities))
        for (name, value) in json.object ?? [:] { kept[name] = value.string }
      } catch let error as JSONError {
        throw RunError(.file, "\(folder.identities): \(error)")
      }
    }
    let differences = kept.keys.sorted().filter { kept[$0] != target.identities[$0] }.map {
      "\($0) is \(target.identities[$0] ?? "not there") now, and was \(kept[$0] ?? "") "
        + "when the run began"
    }
    guard let first = differences.first else { return }
    throw RunError(
      .identity, differences.count == 1 ? first : "these are not the systems that the run began on",
      details: differences.count == 1 ? [] : differences,
      hint: "Point the environment at the systems that the run began on.")
  }
}

// MARK: - What a resume looks at again

extension RunDriver {
  /// Asks the checks of finished steps again; throws when one does not hold any more.
  ///
  /// A step whose undo is no longer valid is passed over: what came after it has moved on from what
  /// it left.
  func recheck() async throws {
    let still = Set(sequencer.undoable(in: state))
    var lost: [String] = []
    for step in runbook.steps where [.done, .satisfied, .recovered].contains(state[step.id].status)
    {
      if case .action(let undo) = step.undo, undo.until != nil, !still.contains(step.id) {
        continue
      }
      for assertion in step.checks {
        let verdict = try await recheck(assertion)
        try record(
          .check(
            step: step.id, phase: .recheck, name: assertion.name, ok: verdict == .holds,
            detail: verdict.reason))
        tell(.assertion(assertion.name, holds: verdict == .holds, detail: verdict.reason))
        if let reason = verdict.reason { lost.append("\(step.id): \(assertion.name): \(reason)") }
      }
    }
    guard lost.isEmpty else {
      try record(.runFinish(status: "blocked", exit: ExitStatus.blocked.rawValue, detail: nil))
      throw RunError(
        .recheck, "what was done is not there any more; nothing was changed now",
        details: lost.map(masker.mask),
        hint: "Mend it, resume without --recheck to go on all the same, or undo the run.")
    }
  }

  private func recheck(_ assertion: Assertion) async throws -> Prober.Verdict {
    do {
      return try await settle(assertion, waits: false) { $0 }
    } catch Obstacle.interrupted {
      throw RunError(.interrupted, "interrupted; nothing was changed")
    }
  }

  /// Finds secret outputs of finished steps again, which no journal holds: by reading once more, or
  /// from what the action finds of its effect. What cannot be found stays absent.
  func recollectSecrets() async {
    for step in runbook.steps
    where state[step.id].status.isSettled && !state[step.id].withheld.isEmpty {
      guard let work = step.work else { continue }
      let result = try? await recollect(work, before: state[step.id].before ?? .null)
      let scope = scope().with("result", result ?? .null)
      var found: OrderedDictionary<String, Value> = [:]
      for name in state[step.id].withheld {
        guard let value = try? step.outputs[name]?.value.evaluate(in: scope) else { continue }
        masker.register(value)
        found[name] = value
      }
      keepSecret(found, of: step.id)
    }
  }

  private func recollect(_ work: Work, before: Value) async throws -> Value {
    let (performer, scope) = (performer, scope())
    let isRead = performer.effect(of: work) == .read
    return try await bounds().run {
      if isRead { return try await performer.perform(work, in: scope).result }
      guard case .there(let result) = try await performer.recall(work, in: scope, before: before)
      else { return .null }
      return Performer.adding(before, to: result)
    }
  }
}
