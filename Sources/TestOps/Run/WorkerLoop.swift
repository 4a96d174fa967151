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

  func run() async throws {
    var goesOn = true
    var isSuccessor = false
    while goesOn {
      guard try await isReady() else { return }
      let database: ConnectionSettings?
      do {
        database = try await run.databases?.clone()
      } catch let error as PostgresError {
        return board.update {
          $0.failed(
            number,
            Trouble(
              .database, "no database could be made for worker \(number): \(error.message)",
              worker: number))
        }
      }
      let services: RunningServices?
      do {
        services = try await startServices(database)
      } catch let error as TestFailure {
        await drop(database)
        return board.update { $0.failed(number, Trouble(error, worker: number)) }
      } catch {
        await drop(database)
        throw error
      }
      do {
        let end = try await session(database, services)
        await stop(services)
        let isCancelled = Task.isCancelled
        goesOn = board.update { crew in
          crew.sessionEnded(number, end, isRunCancelled: isCancelled)
        }
      } catch let error as ProcessFailure where isSuccessor {
        // The folder is gone, or the machine has no room: what is known so far is not lost.
        await stop(services)
        await drop(database)
        return board.update {
          $0.failed(number, Trouble(.other, error.message, worker: number))
        }
      } catch {
        await stop(services)
        await drop(database)
        throw error
      }
      isSuccessor = true
      await drop(database)
      try Task.checkCancellation()
    }
  }

  private func startServices(_ database: ConnectionSettings?) async throws -> RunningServices? {
    var known = database.map { run.variables.values($0) } ?? [:]
    known["OMCOPS_TEST_WORKER"] = String(number)
    return try await run.services?.start(for: "worker-\(number)", known)
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
      board.say("\(place.label(number) ?? "worker \(number)") cannot start: \(reason)")
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
  private func session(
    _ database: ConnectionSettings?, _ services: RunningServices?
  ) async throws -> WorkerEnd {
    let session = try place.session(
      WorkerLaunch(
        worker: number, arguments: run.arguments, environment: environment(database, services),
        server: database.map { database in
          (database["host"] ?? "localhost", database["port"].flatMap { Int($0) } ?? 5432)
        }))
    board.took(session, for: number)
    defer { board.took(nil, for: number) }
    let (looks, asked) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let lines = EventLines()
    let speech = place.label(number).map { WorkerSpeech($0, board) }
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
        lines.append(bytes) { line in
          guard let event = WorkerEvent(parsing: line, worker: number) else { return }
          switch board.update({ $0.receive(event, from: number, now: ContinuousClock().now) }) {
          case .none: break
          case .tell(let command): session.tell(command)
          case .lookAtDatabase: asked.yield()
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

  private func environment(
    _ database: ConnectionSettings?, _ services: RunningServices?
  ) -> [String: String] {
    var environment = run.environment
    if let database {
      environment.merge(run.variables.values(database)) { $1 }
    }
    if let services { environment.merge(services.variables) { $1 } }
    environment["OMCOPS_TEST_WORKER"] = String(number)
    // What is measured in a pod stays there.
    guard run.pods == nil else { return environment }
    let file = data.next()
    environment["OMCOPS_TEST_COVERAGE_FILE"] = file
    if run.coverage.isMeasured { environment["OMCOPS_TEST_COVERAGE"] = "1" }
    // Then coverage.py begins with the interpreter, before anything of ours.
    if environment["COVERAGE_PROCESS_START"] != nil { environment["COVERAGE_FILE"] = file }
    environment["OMCOPS_TEST_WORKERS"] = String(run.options.workers)
    if run.options.workers > 1, environment["PYTEST_XDIST_WORKER"] == nil {
      // What is prepared to be run by pytest-xdist keeps its workers apart by these.
      environment["PYTEST_XDIST_WORKER"] = "gw\(number)"
      environment["PYTEST_XDIST_WORKER_COUNT"] = String(run.options.workers)
    }
    return environment
  }
}

/// What an interpreter writes outside of any test's capture, shown line by line as it comes.
private final class WorkerSpeech: Sendable {
  /// More than people read of a line.
  private static let limit = 8 << 10

  private let label: String
  private let board: CrewBoard
  private let rest = Mutex<[UInt8]>([])

  init(_ label: String, _ board: CrewBoard) {
    self.label = label
    self.board = board
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    rest.withLock { rest in
      rest += bytes
      var start = rest.startIndex
      while let newline = rest[start...].firstIndex(of: 0x0A) {
        say(rest[start..<newline])
        start = newline + 1
      }
      rest.removeFirst(start)
      if rest.count > WorkerSpeech.limit {
        say(rest[...])
        rest = []
      }
    }
  }

  private func say(_ line: ArraySlice<UInt8>) {
    if line.isEmpty { return }
    board.say("\(label) | \(String(decoding: line, as: UTF8.self))")
  }
}

/// Cuts what an interpreter tells into lines.
private final class EventLines: Sendable {
  /// More than the program ever puts on a line: what it is told it clips.
  private static let limit = 16 << 20

  private let rest = Mutex<[UInt8]>([])

  func append(_ bytes: UnsafeRawBufferPointer, _ body: (ArraySlice<UInt8>) -> Void) {
    rest.withLock { rest in
      rest += bytes
      var start = rest.startIndex
      while let newline = rest[start...].firstIndex(of: 0x0A) {
        body(rest[start..<newline])
        start = newline + 1
      }
      rest.removeFirst(start)
      if rest.count > EventLines.limit { rest = [] }
    }
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
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }
}
