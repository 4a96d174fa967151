internal import Diagnostics
internal import Glibc
internal import JSON
internal import Postgres
internal import Processes
internal import Quantities
internal import Synchronization
internal import SystemPackage

/// One worker: an interpreter with a database, and another one where it dies before the tests are done.
struct WorkerLoop: Sendable {
  private let run: PytestRun
  private let place: any WorkerPlace
  private let data: CoverageFiles
  private let board: CrewBoard
  private let number: Int

  init(
    _ run: PytestRun, _ place: any WorkerPlace, _ data: CoverageFiles, _ board: CrewBoard,
    _ number: Int
  ) {
    self.run = run
    self.place = place
    self.data = data
    self.board = board
    self.number = number
  }

  /// Until there is nothing more for it to do. What keeps it from going on once tests are known costs the
  /// run this worker, and not what the others have told.
  func run() async throws {
    do {
      var goesOn = true
      while goesOn { goesOn = try await oneSession() }
    } catch  where !Task.isCancelled && board.update({ $0.tests != nil }) {
      let reason = (error as? any Failure)?.message ?? "\(error)"
      board.say("\(title) cannot go on: \(reason)")
      board.update { $0.absent(number, reason) }
    }
  }

  private var title: String { place.label(number) ?? "worker \(number)" }

  /// One interpreter with its database.
  ///
  /// - Returns: whether another one is needed in its place.
  private func oneSession() async throws -> Bool {
    guard try await isReady() else { return false }
    let database: ConnectionSettings?
    do {
      database = try await run.databases?.clone()
    } catch let error as PostgresError {
      board.update {
        $0.failed(
          number,
          Trouble(
            .database, "no database could be made for worker \(number): \(error.message)",
            worker: number))
      }
      return false
    }
    let goesOn: Bool
    do {
      let services = try await startServices(database)
      goesOn = try await session(database, services)
    } catch let error as ServicesFailure {
      board.update { $0.failed(number, Trouble(error.reason, worker: number)) }
      goesOn = false
    } catch {
      await drop(database)
      throw error
    }
    await drop(database)
    try Task.checkCancellation()
    return goesOn
  }

  /// The services of a worker did not come to be ready.
  private struct ServicesFailure: Error {
    var reason: TestFailure
  }

  private func session(
    _ database: ConnectionSettings?, _ services: RunningServices?
  ) async throws -> Bool {
    let end: WorkerEnd
    do {
      end = try await interpreter(database, services)
    } catch {
      await stop(services)
      throw error
    }
    await stop(services)
    if case .unable(let reason) = end {
      data.takeBack()
      board.say("\(title) cannot start: \(reason)")
    }
    let isCancelled = Task.isCancelled
    return board.update { $0.sessionEnded(number, end, isRunCancelled: isCancelled) }
  }

  private func startServices(_ database: ConnectionSettings?) async throws -> RunningServices? {
    var known = database.map { run.variables.values($0) } ?? [:]
    known["OMCOPS_TEST_WORKER"] = String(number)
    do {
      return try await run.services?.start(for: "worker-\(number)", known)
    } catch let error as TestFailure {
      throw ServicesFailure(reason: error)
    }
  }

  private func stop(_ services: RunningServices?) async {
    guard let services else { return }
    // A task of its own: they have to go when this one was cancelled, too.
    let troubles = await Task { await services.stop() }.value
    board.update { crew in troubles.forEach { crew.befell($0) } }
  }

  /// Waits for the place of an interpreter; false where there will be none, or need be none.
  private func isReady() async throws -> Bool {
    let readiness = try await place.wait(
      for: number, while: { board.update { $0.hasWorkLeft } }, say: { board.say($0) })
    switch readiness {
    case .ready: return true
    case .notNeeded: board.update { $0.absent(number, nil) }
    case .impossible(let reason):
      board.say("\(title) cannot start: \(reason)")
      board.update { $0.absent(number, reason) }
    }
    return false
  }

  private func drop(_ database: ConnectionSettings?) async {
    guard let database, let databases = run.databases else { return }
    // A task of its own: it has to go when this one was cancelled, too.
    await Task { await databases.drop(database) }.value
  }

  /// One interpreter, from its start to its end.
  private func interpreter(
    _ database: ConnectionSettings?, _ services: RunningServices?
  ) async throws -> WorkerEnd {
    let coverage = run.bringsCoverage ? data.next() : nil
    let session = try place.session(
      WorkerLaunch(
        worker: number, arguments: run.arguments,
        environment: environment(database, services, coverage: coverage),
        server: database.map { database in
          (database["host"] ?? "localhost", database["port"].flatMap { Int($0) } ?? 5432)
        }, bringsCoverage: coverage != nil))
    board.took(session, for: number)
    defer { board.took(nil, for: number) }
    let (looks, asked) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let rest = Mutex<[UInt8]>([])
    let speech = place.label(number).map { WorkerSpeech($0, board) }
    defer { speech?.finish() }
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in looks { await look(database, session) }
      }
      defer { group.cancelAll() }
      return try await session.run { channel, bytes in
        guard channel == .output else {
          speech?.append(bytes)
          return board.update { $0.heard(bytes, from: number) }
        }
        rest.withLock { rest in
          bytes.forEachLine(keeping: &rest, upTo: WorkerEvent.limit) { line in
            guard let event = WorkerEvent(parsing: line, worker: number) else { return }
            if case .file(let part) = event, let coverage {
              return data.receive(part, of: coverage)
            }
            switch board.update({ $0.receive(event, from: number, now: ContinuousClock().now) }) {
            case .none: break
            case .tell(let command): session.tell(command)
            case .lookAtDatabase: asked.yield()
            }
          }
        }
      }
    }
  }

  private func look(_ database: ConnectionSettings?, _ session: any WorkerSession) async {
    guard let database, let databases = run.databases else { return }
    let isThere = await databases.exists(database)
    let command = board.update { $0.databaseSeen(isThere, by: number) }
    session.tell(command)
  }

  /// - Parameter coverage: the file for what coverage.py measures; that of a pod is its own affair.
  private func environment(
    _ database: ConnectionSettings?, _ services: RunningServices?, coverage file: String?
  ) -> [String: String] {
    var environment = run.environment
    if let database {
      environment.merge(run.variables.values(database)) { $1 }
    }
    if let services { environment.merge(services.variables) { $1 } }
    environment["OMCOPS_TEST_WORKER"] = String(number)
    environment["OMCOPS_TEST_WORKERS"] = String(run.options.workers)
    if run.options.workers > 1, environment["PYTEST_XDIST_WORKER"] == nil {
      // What is prepared to be run by pytest-xdist keeps its workers apart by these.
      environment["PYTEST_XDIST_WORKER"] = "gw\(number)"
      environment["PYTEST_XDIST_WORKER_COUNT"] = String(run.options.workers)
    }
    if run.coverage.isMeasured { environment["OMCOPS_TEST_COVERAGE"] = "1" }
    guard run.pods == nil else { return environment }
    environment["OMCOPS_TEST_COVERAGE_FILE"] = file
    // Then coverage.py begins with the interpreter, before anything of ours.
    if environment["COVERAGE_PROCESS_START"] != nil { environment["COVERAGE_FILE"] = file }
    return environment
  }
}

/// The file of the program that interpreters run.
struct WorkerFile {
  let path: String

  /// Writes it, for this user's eyes.
  ///
  /// - Parameter changed: files, where only the tests are meant that they may have an effect on.
  init(in folder: String, changed: [String]?) throws {
    path = folder + "/omcops_worker.py"
    try WorkerFile.write(WorkerProgram.source, to: path)
    guard let changed else { return }
    try WorkerFile.write(AffectedProgram.source, to: folder + "/omcops_affected.py")
    try WorkerFile.write(
      JSON.array(changed.map(JSON.string)).text(), to: folder + "/changed.json")
  }

  private static func write(_ text: String, to path: String) throws {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
        permissions: .ownerReadWrite)
      try file.closeAfter { _ = try file.writeAll(text.utf8) }
    } catch let reason as Errno {
      throw TestFailure("cannot write \(path): \(reason)", hint: "TMPDIR names another folder")
    }
  }
}
