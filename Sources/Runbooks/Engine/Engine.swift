internal import Diagnostics
internal import Glibc
internal import JSON
internal import OrderedCollections
internal import Quantities
internal import SystemPackage

/// Plans, runs, resumes and takes back runbooks.
public struct Engine: Sendable {
  let surroundings: Surroundings
  let catalog: ActionCatalog
  private let version: String
  let tell: @Sendable (RunEvent) -> Void

  /// Creates an engine; `tell` is called, from any task, with what the operator should see.
  ///
  /// - Parameter catalog: what is known of actions; nil is what the surroundings' actions say.
  public init(
    _ surroundings: Surroundings, version: String, catalog: ActionCatalog? = nil,
    tell: @escaping @Sendable (RunEvent) -> Void
  ) {
    self.surroundings = surroundings
    self.version = version
    self.tell = tell
    self.catalog = catalog ?? ActionCatalog(offering: Array(surroundings.actions.values))
  }

  var runs: FilePath { FilePath(surroundings.runsFolder) }

  /// Begins a run and carries it to its end.
  ///
  /// - Parameter plan: the plan that somebody approved; the run is refused when a plan would say
  ///   something else now.
  /// - Throws: `RunError`, `InputError` or what resolving the target throws, before anything was
  ///   done; after that the report tells how the run ended.
  public func run(
    _ runbook: Runbook, inputs given: [String: String], plan: SavedPlan? = nil, options: RunOptions
  ) async throws -> RunReport {
    let inputs = try PreparedRun.inputs(of: runbook, given: given)
    let target = try await interruptible {
      try await surroundings.target(environment(of: runbook, inputs))
    }
    if let plan { try await compare(plan, runbook, inputs, target) }
    let folder = try RunFolder.make(in: runs, runbook: runbook.name, at: surroundings.now())
    return try await run(
      runbook, inputs, calling: nil, on: target, in: folder, plan: plan, options: options,
      caller: nil)
  }

  /// Begins a run in a folder that was made for it, which goes away when the run is refused.
  ///
  /// - Parameter called: the runbooks that it calls, as its caller has read them before its first
  ///   step; nil reads them now.
  func run(
    _ runbook: Runbook, _ inputs: OrderedDictionary<String, Value>, calling called: CalledRunbooks?,
    on target: Target, in folder: RunFolder, plan: SavedPlan?, options: RunOptions,
    caller: RunCaller?
  ) async throws -> RunReport {
    let lock = try RunFolderLock(folder, as: holder(of: folder))
    defer { withExtendedLifetime(lock) {} }
    let identity = RunIdentity(
      id: folder.id, shortID: folder.shortID, startedAt: surroundings.now(),
      user: surroundings.user, host: surroundings.host)
    var held: HeldGroup?
    let prepared: PreparedRun
    do {
      // Somebody may be asked for a secret.
      prepared = try await interruptible(caller) {
        try await PreparedRun(
          runbook, inputs: inputs, target: target, identity: identity, folder: folder,
          called: called ?? CalledRunbooks(of: runbook, catalog: catalog), catalog: catalog,
          masker: caller?.masker ?? Masker(), in: surroundings)
      }
      try prepared.requireOffers()
      try await interruptible(caller) { try await prepared.requireTools() }
      held = try await interruptible(caller) { try await takeLock(prepared, caller) }
      try keep(prepared, inputs, plan)
    } catch {
      await held?.lock.release()
      folder.removeUnbegun(called: runbook.calls.compactMap(\.calledRunbook))
      throw error
    }
    let journal = try JournalWriter(
      folder.journal, run: folder.shortID, after: nil, masker: prepared.masker,
      crashAfter: crashAfter, cut: caller == nil ? surroundings.cut : nil)
    let driver = RunDriver(
      prepared, of: self, journal: journal, state: RunState(), options: options, caller: caller)
    try driver.record(
      .runStart(
        .init(
          runbook: runbook.name, file: runbook.source.file, sha256: runbook.source.sha256,
          id: folder.id, user: identity.user, host: identity.host,
          workingDirectory: prepared.performer.workingDirectory, version: version,
          mode: options.mode,
          caller: caller.map { .init(run: $0.run, step: $0.step) }, identities: target.identities)))
    if let plan { try driver.record(.plan(sha256: plan.sha256, summary: plan.verdict)) }
    return try await finish(driver, prepared, held, resumed: false)
  }

  /// The same engine for a run that one of its steps calls.
  ///
  /// - Parameter isShielded: whether signals are kept from it.
  func calling(
    isShielded: Bool, tell: @escaping @Sendable (RunEvent) -> Void
  ) -> Engine {
    var surroundings = surroundings
    if isShielded { surroundings.interrupts = RunInterrupts() }
    return Engine(surroundings, version: version, tell: tell)
  }

  /// Carries a prepared run to its end, whatever that is, and gives the lock back.
  func finish(
    _ driver: RunDriver, _ prepared: PreparedRun, _ held: HeldGroup?, resumed: Bool
  ) async throws -> RunReport {
    if let held { driver.locks.append(held) }
    tell(
      .begins(
        run: prepared.folder.id, runbook: prepared.runbook.title,
        as: driver.state.isAborting
          ? .abort
          : driver.state.isUndoing
            ? .undo : resumed ? .resume : driver.options.mode == .walk ? .walk : .run))
    do {
      if let concurrency = prepared.runbook.concurrency {
        // Where the caller holds the lock already there is no other to give back.
        let kind = held == nil ? "caller" : concurrency.lock
        try driver.record(.lock(group: try group(prepared), kind: kind))
      }
      if resumed { await driver.recollectSecrets() }
      if driver.state.isAborting { try await driver.abortCalledRuns() }
      let exit = try await driver.drive()
      if driver.state.isOver { PendingFiles(of: prepared.folder.path).remove() }
      await held?.lock.release()
      let report = RunReport(driver, exit: exit)
      try report.write(to: prepared.folder)
      tell(.finished(RunEnding(driver, report)))
      return report
    } catch {
      await held?.lock.release()
      throw error
    }
  }

  // MARK: - Before the first step

  /// The name of the environment that an input chooses.
  func environment(
    of runbook: Runbook, _ inputs: OrderedDictionary<String, Value>
  ) -> String? {
    let input = runbook.inputs.values.first { $0.kind == .environment }
    return input.flatMap { inputs[$0.name]?.string }
  }

  /// Work before the first step: a signal ends it, and nothing was done.
  func interruptible<Result: Sendable>(
    _ caller: RunCaller? = nil, _ work: @escaping @Sendable () async throws -> Result
  ) async throws -> Result {
    let (interrupts, known) = (surroundings.interrupts, caller?.knownSignals ?? 0)
    do {
      return try await Bounds(
        clock: surroundings.clock, stop: { await interrupts.next(after: known) }
      ).run(work)
    } catch Obstacle.interrupted(let signal) {
      throw RunError(
        signal == SIGTERM ? .terminated : .interrupted, "interrupted; nothing was changed")
    }
  }

  private func group(_ prepared: PreparedRun) throws -> String {
    let scope = Scope(contexts: prepared.contexts, now: surroundings.now())
    return try prepared.runbook.concurrency?.group.text(in: scope) ?? ""
  }

  /// Takes the lock of the run's group; nil where it wants none or its caller holds it.
  func takeLock(_ prepared: PreparedRun, _ caller: RunCaller?) async throws -> HeldGroup? {
    guard let concurrency = prepared.runbook.concurrency else { return nil }
    let fileLock = FileLock(
      folder: runs.removingLastComponent().appending("locks").string)
    guard let kind = concurrency.lock == "file" ? fileLock : surroundings.locks[concurrency.lock]
    else {
      throw RunError(.unsupported, "this program has no lock of the kind \"\(concurrency.lock)\"")
    }
    let group = try group(prepared)
    let isHeld = (caller?.locks ?? []).contains { $0.kind == concurrency.lock && $0.group == group }
    if isHeld { return nil }
    let wait = try concurrency.wait.evaluate(
      in: Scope(contexts: prepared.contexts, now: surroundings.now()))
    do {
      let lock = try await kind.acquire(
        group: group, holder: holder(of: prepared.folder), wait: wait)
      return HeldGroup(kind: concurrency.lock, group: group, lock: lock)
    } catch let busy as LockBusy {
      let who = busy.holder.map { "held by \($0)" }
      throw RunError(
        .locked, "\"\(busy.group)\" is locked\(who.map { ": \($0)" } ?? " by another run")",
        hint: "Wait for that run to end, or speak with whoever runs it.")
    }
  }

  /// This process, as it stands in locks.
  func holder(of folder: RunFolder) -> LockHolder {
    LockHolder(
      user: surroundings.user, host: surroundings.host, pid: getpid(), run: folder.id,
      since: surroundings.now())
  }

  private func keep(
    _ prepared: PreparedRun, _ inputs: OrderedDictionary<String, Value>, _ plan: SavedPlan?
  ) throws {
    let folder = prepared.folder
    try DurableFile.write(prepared.runbook.source.bytes, to: folder.runbook)
    let encoded = ValueCoding.encode(.object(inputs))
    try DurableFile.write(Array(encoded.text(.pretty).utf8), to: folder.inputs)
    let identities = JSON(prepared.target.identities)
    try DurableFile.write(Array(identities.text(.pretty).utf8), to: folder.identities)
    let target: JSON = [
      "name": .string(prepared.target.name),
      "value": prepared.masker.mask(ValueCoding.encode(prepared.target.value)),
    ]
    try DurableFile.write(Array(target.text(.pretty).utf8), to: folder.target)
    if let plan { try DurableFile.write(plan.bytes, to: folder.plan) }
    if !prepared.called.all.isEmpty { try DurableFile.makeFolder(folder.calledFolder) }
    for runbook in prepared.called.all {
      try DurableFile.write(runbook.source.bytes, to: folder.called(runbook.name))
    }
  }

  var crashAfter: Int? {
    surroundings.environment["OMCOPS_CRASH_AFTER"].flatMap { Int($0) }
  }
}

extension JSON {
  /// An object of texts, its keys in order.
  init(_ texts: [String: String]) {
    var members: OrderedDictionary<String, JSON> = [:]
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) { members[name] = .string(text) }
    self = .object(members)
  }
}
