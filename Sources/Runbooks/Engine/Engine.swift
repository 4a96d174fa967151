internal import Diagnostics
internal import Digest
internal import Glibc
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import SystemPackage

/// Runs, resumes and takes back runbooks.
public struct Engine: Sendable {
  private let surroundings: Surroundings
  private let catalog: ActionCatalog
  private let version: String
  private let tell: @Sendable (RunEvent) -> Void

  /// Creates an engine; `tell` is called, from any task, with what the operator should see.
  public init(
    _ surroundings: Surroundings, version: String, tell: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.surroundings = surroundings
    self.version = version
    self.tell = tell
    catalog = ActionCatalog(offering: Array(surroundings.actions.values))
  }

  private var runs: FilePath { FilePath(surroundings.runsFolder) }

  /// Begins a run and carries it to its end.
  ///
  /// - Throws: `RunError`, `InputError` or what resolving the target throws, before anything was
  ///   done; after that the report tells how the run ended.
  public func run(
    _ runbook: Runbook, inputs given: [String: String], options: RunOptions
  ) async throws -> RunReport {
    let inputs = try PreparedRun.inputs(of: runbook, given: given)
    let target = try await surroundings.target(environment(of: runbook, inputs))
    let start = surroundings.now()
    let folder = try RunFolder.make(in: runs, runbook: runbook.name, at: start)
    let lock = try RunFolderLock(folder)
    defer { withExtendedLifetime(lock) {} }
    let identity = RunIdentity(
      id: folder.id, shortID: folder.shortID, startedAt: start, user: surroundings.user,
      host: surroundings.host)
    let held: (any HeldLock)?
    let prepared: PreparedRun
    do {
      prepared = try PreparedRun(
        runbook, inputs: inputs, target: target, identity: identity, folder: folder,
        catalog: catalog, in: surroundings)
      held = try await takeLock(prepared)
      try keep(prepared, inputs)
    } catch {
      folder.removeUnbegun()
      throw error
    }
    let journal = try JournalWriter(
      folder.journal, run: folder.shortID, after: nil, masker: prepared.masker,
      crashAfter: crashAfter)
    let driver = RunDriver(
      prepared, journal: journal, state: RunState(), options: options, tell: tell)
    try driver.record(
      .runStart(
        .init(
          runbook: runbook.name, file: runbook.source.file, sha256: runbook.source.sha256,
          id: folder.id, user: identity.user, host: identity.host,
          workingDirectory: prepared.performer.workingDirectory, version: version)))
    return try await finish(driver, prepared, held, resumed: false)
  }

  /// Goes on with a run that was stopped, or takes it back.
  public func resume(
    _ id: String?, undo: Bool = false, options: RunOptions
  ) async throws -> RunReport {
    let folder = try RunHistory(runs).find(id, unfinished: !undo)
    let lock = try RunFolderLock(folder)
    defer { withExtendedLifetime(lock) {} }
    let contents = try JournalContents(reading: folder.journal)
    let state = RunState(contents.records)
    guard let start = state.start, let startedAt = state.startedAt else {
      throw RunError(
        .journal, "run \(folder.id) was killed before it began; there is nothing to do")
    }
    let runbook = try loadRunbook(folder, start, state, options)
    let inputs = try keptInputs(folder)
    let target = try await surroundings.target(environment(of: runbook, inputs))
    try compareIdentities(folder, target)
    let identity = RunIdentity(
      id: folder.id, shortID: folder.shortID, startedAt: startedAt, user: start.user,
      host: start.host)
    let prepared = try PreparedRun(
      runbook, inputs: inputs, target: target, identity: identity, folder: folder,
      catalog: catalog, in: surroundings)
    let held = try await takeLock(prepared)
    let journal = try JournalWriter(
      folder.journal, run: folder.shortID, after: contents, masker: prepared.masker,
      crashAfter: crashAfter)
    let driver = RunDriver(
      prepared, journal: journal, state: state, options: options, tell: tell)
    let isThrough = Sequencer(runbook).isThrough(state) && (!undo || state.isUndoing)
    try driver.record(
      .resume(
        .init(
          user: surroundings.user, host: surroundings.host, isUndo: undo,
          sha256: runbook.source.sha256, rechecks: false,
          finallyAgain: isThrough ? [] : runbook.finally.map(\.id))))
    for (step, resolution) in options.resolutions.sorted(by: { $0.key < $1.key }) {
      guard runbook.step(step) != nil else {
        throw RunError(.input, "there is no step \"\(step)\" to resolve")
      }
      try driver.record(.resolve(step: step, resolution: resolution, by: surroundings.user))
    }
    return try await finish(driver, prepared, held, resumed: true)
  }

  private func finish(
    _ driver: RunDriver, _ prepared: PreparedRun, _ held: (any HeldLock)?, resumed: Bool
  ) async throws -> RunReport {
    tell(
      .begins(run: prepared.folder.id, runbook: prepared.runbook.title, resumed: resumed))
    do {
      if let concurrency = prepared.runbook.concurrency {
        try driver.record(.lock(group: try group(prepared), kind: concurrency.lock))
      }
      let exit = try await driver.drive()
      await held?.release()
      let report = RunReport(prepared.runbook, driver, exit: exit)
      try report.write(to: prepared.folder)
      return report
    } catch {
      await held?.release()
      throw error
    }
  }

  // MARK: - Before the first step

  /// The name of the environment that an input chooses.
  private func environment(
    of runbook: Runbook, _ inputs: OrderedDictionary<String, Value>
  ) -> String? {
    let input = runbook.inputs.values.first { $0.kind == .environment }
    return input.flatMap { inputs[$0.name]?.string }
  }

  private func group(_ prepared: PreparedRun) throws -> String {
    let scope = Scope(contexts: prepared.contexts, now: surroundings.now())
    return try prepared.runbook.concurrency?.group.text(in: scope) ?? ""
  }

  private func takeLock(_ prepared: PreparedRun) async throws -> (any HeldLock)? {
    guard let concurrency = prepared.runbook.concurrency else { return nil }
    let fileLock = FileLock(
      folder: runs.removingLastComponent().appending("locks").string)
    guard let kind = concurrency.lock == "file" ? fileLock : surroundings.locks[concurrency.lock]
    else {
      throw RunError(.unsupported, "this program has no lock of the kind \"\(concurrency.lock)\"")
    }
    let group = try group(prepared)
    let wait = try concurrency.wait.evaluate(
      in: Scope(contexts: prepared.contexts, now: surroundings.now()))
    do {
      return try await kind.acquire(
        group: group,
        holder: LockHolder(
          user: surroundings.user, host: surroundings.host, pid: getpid(),
          run: prepared.folder.id, since: surroundings.now()), wait: wait)
    } catch let busy as LockBusy {
      let who = busy.holder.map {
        "held by \($0.user)@\($0.host), process \($0.pid), run \($0.run), "
          + "since \($0.since.rfc3339(fractionDigits: 0))"
      }
      throw RunError(
        .locked, "\"\(busy.group)\" is locked\(who.map { ": \($0)" } ?? " by another run")",
        hint: "Wait for that run to end, or speak with whoever runs it.")
    }
  }

  private func keep(_ prepared: PreparedRun, _ inputs: OrderedDictionary<String, Value>) throws {
    let folder = prepared.folder
    try DurableFile.write(prepared.runbook.source.bytes, to: folder.runbook)
    let encoded = ValueCoding.encode(.object(inputs))
    try DurableFile.write(Array(encoded.text(.pretty).utf8), to: folder.inputs)
    var identities: OrderedDictionary<String, JSON> = [:]
    for (name, value) in prepared.target.identities.sorted(by: { $0.key < $1.key }) {
      identities[name] = .string(value)
    }
    try DurableFile.write(Array(JSON.object(identities).text(.pretty).utf8), to: folder.identities)
  }

  private var crashAfter: Int? {
    surroundings.environment["OMCOPS_CRASH_AFTER"].flatMap { Int($0) }
  }

  // MARK: - Before a resume

  /// The file as it is now, if what has run already is the same in it.
  private func loadRunbook(
    _ folder: RunFolder, _ start: JournalEvent.RunStart, _ state: RunState, _ options: RunOptions
  ) throws -> Runbook {
    let kept = try Runbook(
      parsing: DurableFile.read(folder.runbook), file: start.file, catalog: catalog)
    guard options.acceptsChanges else { return kept }
    let current = try Runbook.load(FilePath(start.file), catalog: catalog)
    for step in kept.allSteps where state[step.id].hasBegun {
      guard current.step(step.id)?.digest == step.digest else {
        throw RunError(
          .changed, "\(start.file): step \"\(step.id)\" has run and is not what it was",
          hint: "Resume without --accept-changed to go on with the file as it was.")
      }
    }
    return current
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

  private func compareIdentities(_ folder: RunFolder, _ target: Target) throws {
    let kept = try JSON(parsing: DurableFile.read(folder.identities)).object ?? [:]
    for (name, value) in kept where target.identities[name] != value.string {
      throw RunError(
        .identity,
        "\(name) is \(target.identities[name] ?? "not there") now, and was \(value.string ?? "") when the run began",
        hint: "Point the environment at the system that the run began on.")
    }
  }
}
