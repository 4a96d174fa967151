internal import JSON
public import KubeExec
internal import Synchronization

/// Reads the logs of pods into a pipeline, and follows them: every container, new pods, restarts.
public struct PodLogs: Sendable {
  private let client: KubeClient
  private let options: FollowOptions
  private let pipeline: LogPipeline
  private let notices: LogNotices

  /// Connects to nothing yet.
  public init(
    _ client: KubeClient, _ options: FollowOptions, into pipeline: LogPipeline,
    notices: LogNotices
  ) {
    self.client = client
    self.options = options
    self.pipeline = pipeline
    self.notices = notices
  }

  /// Reads until all is read, or until the pipeline wants no more; says how it ended.
  ///
  /// - Throws: `NoPods` where no pod matches and none is waited for, `KubeError` for what the server
  ///   refuses for good, `CancellationError`, and what writing throws.
  public func run() async throws -> Ending {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { try await tick() }
      group.addTask {
        try await readAll()
        return true
      }
      defer { group.cancelAll() }
      do {
        // Whoever is done first ends the others: all is read, or nothing more is wanted.
        _ = try await group.next()
      } catch is CancellationError where pipeline.hasEnded {
      } catch {
        // What came before it is shown first.
        group.cancelAll()
        while let _ = await group.nextResult() {}
        _ = try? pipeline.finish()
        throw error
      }
      group.cancelAll()
      while let _ = await group.nextResult() {}
      let ending = try pipeline.finish()
      try await pipeline.folder?.oldFiles.compress()
      return ending
    }
  }

  /// The pipeline's clock.
  private func tick() async throws -> Bool {
    while try pipeline.tick() { try await Task.sleep(for: .milliseconds(20)) }
    return false
  }

  private func readAll() async throws {
    let shared = ReaderSurroundings(client, options, into: pipeline, notices)
    let (news, inbox) = AsyncStream.makeStream(of: PodNews.self)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (index, scope) in options.scopes.enumerated() {
        group.addTask { try await watch(scope, index, inbox) }
      }
      if options.showsEvents {
        group.addTask { try await EventNotices(client, options, notices).run() }
      }
      if let folder = pipeline.folder {
        group.addTask { try await compress(folder) }
      }
      if let lastPods = options.lastPods {
        group.addTask { try await tellLast(lastPods, inbox) }
      }
      group.addTask { try await shared.watch.run() }
      defer { group.cancelAll() }
      group.addTask {
        try await read(news, shared, inbox)
        throw AllRead()
      }
      do {
        while try await group.next() != nil {}
      } catch is AllRead {}
    }
  }

  /// Tells of the pods of a scope; without following once.
  private func watch(
    _ scope: PodScope, _ index: Int, _ inbox: AsyncStream<PodNews>.Continuation
  ) async throws {
    guard options.follows else {
      let list = try await client.list(scope.query)
      inbox.yield(.state(index, list.items.filter { wants($0, scope) }))
      return
    }
    let _: Never = try await ObjectWatch(client, scope.query).first { news in
      switch news {
      case .state(let pods): inbox.yield(.state(index, pods.filter { wants($0, scope) }))
      case .changed(let pod) where wants(pod, scope): inbox.yield(.changed(index, pod))
      case .deleted(let pod) where wants(pod, scope): inbox.yield(.deleted(index, pod))
      case .outage(let outage): notices.tell(outage, of: index)
      default: break
      }
      return nil
    }
  }

  /// Tells that no more pods will come, once that is so.
  private func tellLast(
    _ lastPods: @Sendable () async throws -> Void, _ inbox: AsyncStream<PodNews>.Continuation
  ) async throws {
    try await lastPods()
    // The watches may be behind.
    for (index, scope) in options.scopes.enumerated() {
      let list = try await client.list(scope.query)
      inbox.yield(.state(index, list.items.filter { wants($0, scope) }))
    }
    inbox.yield(.complete)
  }

  private func wants(_ pod: KubeObject, _ scope: PodScope) -> Bool {
    guard let name = scope.name else { return true }
    return Array(pod.name.utf8).withUnsafeBytes { name.matches($0) }
  }

  /// Starts a reader for every instance that is told of, and ends when nothing more can come.
  private func read(
    _ news: AsyncStream<PodNews>, _ shared: ReaderSurroundings,
    _ inbox: AsyncStream<PodNews>.Continuation
  ) async throws {
    var roster = PodRoster(options)
    var history = options.startHistory
    // Instances come and go without end: a group that kept what each of them gave would grow.
    try await withThrowingDiscardingTaskGroup { group in
      for await item in news {
        if case .finished(let identity) = item {
          roster.finished(identity)
          shared.ends.forget(identity)
        }
        for notice in roster.take(item) { notices.tell(notice) }
        shared.ends.note(roster.ends())
        if let past = history {
          guard roster.hasAllScopes else { continue }
          history = nil
          if try await read(past, roster) { roster.notePastPods() }
        }
        try roster.check()
        for start in roster.starts() {
          let label = roster.label(of: start.state, generation: start.generation)
          let turn = shared.turns.queue(start.state)
          group.addTask {
            do {
              try await read(start, label, turn, shared)
              inbox.yield(.finished(start.state.identity))
            } catch {
              // Nobody looks at the readers while there may be news.
              inbox.finish()
              throw error
            }
          }
        }
        if roster.isDone { break }
      }
    }
  }
}

extension PodLogs {
  /// Reads the pods that are gone; whether there were any.
  private func read(_ history: LogHistory, _ roster: PodRoster) async throws -> Bool {
    let past = PastPods(
      client: client, history: history, options: options, pipeline: pipeline, notices: notices)
    return try await past.read { namespace, pod in roster.has(pod, in: namespace) }
  }

  /// Reads an instance to its end, and before it what is left of the one before, where nobody else does.
  private func read(
    _ start: PodRoster.Start, _ label: SourceLabel, _ turn: InstanceTurn,
    _ shared: ReaderSurroundings
  ) async throws {
    var point: ResumePoint?
    defer { shared.turns.end(turn, leaving: point) }
    var reader = reader(of: start, label, turn, shared)
    if let previous = start.state.previous, try await isUnread(previous, start, turn) {
      reader.inherited = try await rest(reader, previous, start.state).run()
      reader.source = pipeline.addStamped(label, notices)
      reader.held = HeldLog(shared.turns.room)
    }
    point = try await reader.run()
  }

  /// A reader of what is left of the instance before.
  private func rest(
    _ reader: InstanceReader, _ previous: ContainerState.Identity, _ state: ContainerState
  ) -> InstanceReader {
    var rest = reader
    rest.identity = previous
    rest.started = state.previousStarted
    rest.isRest = true
    rest.isOver = true
    rest.prepare = keeping(previous, state)
    return rest
  }

  private func reader(
    of start: PodRoster.Start, _ label: SourceLabel, _ turn: InstanceTurn,
    _ shared: ReaderSurroundings
  ) -> InstanceReader {
    InstanceReader(
      shared: shared, turn: turn, held: HeldLog(shared.turns.room),
      identity: start.state.identity, started: start.state.started,
      namespace: start.state.namespace, pod: start.state.pod,
      source: pipeline.addStamped(label, notices),
      prepare: keeping(start.state.identity, start.state), wasThere: start.wasThere,
      isOver: start.state.phase != .running)
  }

  /// Whether the instance before is still to be read: it came and went unseen, or an earlier run that
  /// kept logs in files stopped in the middle of it.
  private func isUnread(
    _ previous: ContainerState.Identity, _ start: PodRoster.Start, _ turn: InstanceTurn
  ) async throws -> Bool {
    if start.readsPrevious { return true }
    guard let folder = pipeline.folder, start.wasThere else { return false }
    _ = try await turn.come()
    return try folder.isUnfinished(previous, at: folder.place(of: start.state))
  }

  /// Where logs are kept in files, what opens that of an instance.
  private func keeping(
    _ identity: ContainerState.Identity, _ state: ContainerState
  ) -> (@Sendable (Int) throws -> Void)? {
    guard let folder = pipeline.folder else { return nil }
    let place = folder.place(of: state)
    return { [pipeline] source in try pipeline.keep(source, of: identity, at: place, in: folder) }
  }

  /// Compresses closed files as they come, at the end what is left.
  private func compress(_ folder: LogFolder) async throws {
    while true {
      try await folder.oldFiles.compress()
      try await Task.sleep(for: .milliseconds(500))
    }
  }
}

/// All that there is has been read.
private struct AllRead: Error {}

/// What is told of pods.
enum PodNews: Sendable {
  /// All pods of a scope, by its number.
  case state(Int, [KubeObject])
  case changed(Int, KubeObject)
  case deleted(Int, KubeObject)
  /// No more pods will come.
  case complete
  /// An instance is read to its end.
  case finished(ContainerState.Identity)
}
