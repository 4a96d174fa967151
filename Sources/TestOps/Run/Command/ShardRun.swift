internal import DBOps
internal import Glibc
internal import Postgres
internal import Processes
internal import Quantities
internal import Synchronization
internal import SystemPackage

/// One run of a suite's command.
struct ShardRun: Sendable {
  /// How long a command has between SIGTERM and SIGKILL.
  private static let grace = Duration.seconds(5)

  private let run: CommandRun
  private let part: CommandPart
  private let worker: Int
  private let traces: RunTraces
  private let board: CommandBoard

  init(
    _ run: CommandRun, _ part: CommandPart, worker: Int, _ traces: RunTraces, _ board: CommandBoard
  ) {
    self.run = run
    self.part = part
    self.worker = worker
    self.traces = traces
    self.board = board
  }

  func run() async throws -> [TestResult] {
    board.began(part, on: worker)
    defer { board.ended(on: worker) }
    let database: ConnectionSettings?
    do {
      database = try await run.databases?.clone()
    } catch let error as PostgresError {
      let words = "no database could be made for \(part.words): \(error.message)"
      board.add([], [Trouble(.database, words, worker: part.shard - 1)], isFinal: { _ in true })
      return []
    }
    do {
      let results = try await withServices(database)
      await drop(database)
      try Task.checkCancellation()
      return results
    } catch {
      await drop(database)
      throw error
    }
  }

  private func withServices(_ database: ConnectionSettings?) async throws -> [TestResult] {
    var known = database.map { run.variables.values($0) } ?? [:]
    known["OMCOPS_TEST_WORKER"] = String(worker)
    let services: RunningServices?
    do {
      services = try await run.services?.start(for: part.name, known)
    } catch let error as TestFailure {
      board.add([], [Trouble(error, worker: part.shard - 1)], isFinal: { _ in true })
      return []
    }
    do {
      known.merge(services?.variables ?? [:]) { $1 }
      let results = try await command(known)
      board.add([], await services?.stop() ?? [], isFinal: { _ in true })
      return results
    } catch {
      // A task of its own: they have to go when this one was cancelled, too.
      await Task { _ = await services?.stop() }.value
      throw error
    }
  }

  private func drop(_ database: ConnectionSettings?) async {
    // What left the command's group may still hold the database.
    await traces.end(part.name)
    guard let database, let databases = run.databases else { return }
    // A task of its own: it has to go when this one was cancelled, too.
    await Task { await databases.drop(database) }.value
  }

  // MARK: The command

  private func command(_ known: [String: String]) async throws -> [TestResult] {
    let place = "\(traces.folder)/\(part.name)"
    guard mkdir(place, 0o700) == 0 else {
      throw TestFailure("cannot make \(place): \(Errno(rawValue: errno))")
    }
    let invocation = try run.program.invocation(
      of: part, run.options, in: run.folder, results: place)
    let environment = environment(known, invocation)
    guard
      let path = StepProgram.find(
        invocation.words.first ?? "", in: environment, folder: run.folder)
    else {
      throw TestFailure(
        "there is no program \(invocation.words.first ?? "") to run suite \"\(run.options.suite)\"",
        status: .usage)
    }
    let files = ResultFiles(invocation.results, in: run.folder)
    let ears = CommandEars(run.program.runner)
    let start = Timestamp.now()
    let (end, isOverdue) = try await process(path, invocation.words, environment, ears)
    try Task.checkCancellation()
    if board.hasGivenUp(worker) {
      board.note("\(part.words) was ended")
      return []
    }
    var file = run.program.runner == .tap ? ears.protocolResults() : files.read()
    ears.complete(&file.results)
    let verdict = CommandVerdict(
      part: part, command: FilePath(path).lastComponent?.string ?? path, end: end,
      timedOutAfter: isOverdue ? run.limit?.readable : nil, file: file, said: ears.said,
      strayErrors: ears.strayErrors)
    let results = settled(file.results, start: Double(start.microseconds) / 1e6)
    board.add(results, verdict.troubles) {
      !$0.outcome.isBad || part.attempt > run.options.retries
    }
    return results
  }

  /// Runs it to its end, or to the end of its time.
  private func process(
    _ path: String, _ words: [String], _ environment: [String: String], _ ears: CommandEars
  ) async throws -> (GroupProcess.End, isOverdue: Bool) {
    let process = GroupProcess(
      executable: path, arguments: words, environment: environment, workingDirectory: run.folder,
      grace: ShardRun.grace, endsGroup: true)
    let control = ProcessControl(hasInput: false)
    let clock = CommandClock()
    let end = try await withThrowingTaskGroup(of: Void.self) { group in
      if let limit = run.limit {
        group.addTask {
          try await Task.sleep(for: limit)
          clock.ranOut()
          control.signalGroup(SIGTERM)
          try await Task.sleep(for: ShardRun.grace)
          control.signalGroup(SIGKILL)
        }
      }
      board.took(control, for: worker)
      defer {
        board.took(nil, for: worker)
        group.cancelAll()
      }
      return try await process.run(control: control) { channel, bytes in
        ears.hear(channel, bytes)
        board.heard(ears.lastLine, count: ears.count, from: worker)
      }
    }
    return (end, clock.isOver)
  }

  private func environment(
    _ known: [String: String], _ invocation: CommandProgram.Invocation
  ) -> [String: String] {
    var environment = run.environment.merging(invocation.environment) { $1 }
      .merging(known) { $1 }
    environment["OMCOPS_TEST_SHARD"] = String(part.shard)
    environment["OMCOPS_TEST_SHARDS"] = String(part.shards)
    if let seed = run.options.seed { environment["OMCOPS_TEST_SEED"] = String(seed) }
    return environment.merging(traces.mark(part.name)) { $1 }
  }

  /// The results with what only the run knows of them.
  private func settled(_ results: [TestResult], start: Double) -> [TestResult] {
    var clock = start
    let end = wallClock()
    return results.compactMap { result in
      var result = result
      // Runners tell of tests that were left out as skipped.
      if let tests = part.tests, result.outcome == .skipped, !tests.contains(result.id) {
        return nil
      }
      result.round = part.round
      result.attempt += part.attempt - 1
      result.worker = part.shard - 1
      if result.suite.isEmpty { result.suite = run.options.suite }
      if let file = result.file, file.hasPrefix(run.folder + "/") {
        result.file = String(file.dropFirst(run.folder.count + 1))
      }
      // Where nobody said when a test began, or what was said was not in this run, they are thought to have
      // come one after the other.
      if result.start < start - 1 || result.start > end + 1 { result.start = clock }
      clock = max(clock, result.start) + result.duration
      return result
    }
  }
}

/// Whether a command's time is over.
private final class CommandClock: Sendable {
  private let state = Mutex(false)

  var isOver: Bool { state.withLock { $0 } }

  func ranOut() { state.withLock { $0 = true } }
}

/// What is heard of a command: its last words, and its results where it tells them on its standard output.
final class CommandEars: Sendable {
  private struct State {
    var words = BoundedText()
    var line: [UInt8] = []
    var lastLine: String?
    var stream: TAPStream?
    var complaints = XCTestComplaints()
    var strays: StrayErrors

    mutating func hear(_ bytes: [UInt8]) {
      bytes.forEachLine(keeping: &line, upTo: 2048) { line in
        complaints.take(line)
        strays.take(line)
        if line.contains(where: { $0 > 0x20 }) {
          lastLine = String(decoding: line.prefix(200), as: UTF8.self).harmlessLine
        }
      }
    }
  }

  private let state: Mutex<State>

  init(_ runner: CommandRunner) {
    var state = State(strays: StrayErrors(runner))
    if runner == .tap { state.stream = TAPStream(name: "the command's output", group: nil) }
    state.complaints.isListening = runner == .swift
    self.state = Mutex(state)
  }

  /// How many tests it told of.
  var count: Int { state.withLock { $0.stream?.count ?? 0 } }
  /// How many errors it counted outside of any test; nil for none.
  var strayErrors: String? { state.withLock(\.strays.words) }
  /// The line that it wrote last.
  var lastLine: String? { state.withLock(\.lastLine) }
  /// What it said, its middle left out; nil for nothing.
  var said: String? {
    state.withLock { state in
      let lines = state.complaints.ends + (state.words.isEmpty ? [] : [state.words.text])
      return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
  }

  func hear(_ channel: GroupProcess.Channel, _ chunk: UnsafeRawBufferPointer) {
    let bytes = Array(chunk)
    state.withLock { state in
      state.words.append(bytes)
      if channel == .output { state.stream?.append(bytes) }
      state.hear(bytes)
    }
  }

  /// What it told in the Test Anything Protocol.
  func protocolResults() -> ResultFile {
    state.withLock { $0.stream?.finish() ?? ResultFile() }
  }

  /// Adds what its results leave out and it said.
  func complete(_ results: inout [TestResult]) {
    let complaints = state.withLock(\.complaints)
    for index in results.indices { complaints.complete(&results[index]) }
  }
}

/// Of XCTest's failures the file of `swift test` says no more than that there is one; what and where stands
/// in its output: `/path/A.swift:14: error: Sums.testBad : XCTAssertEqual failed`.
struct XCTestComplaints {
  private struct Complaint {
    var file: String
    var line: Int
    var message: String
  }

  var isListening = false
  private var all: [String: [Complaint]] = [:]
  /// What ended a process, which pages of its stack would hide: `A.swift:3: Fatal error: ...`.
  private(set) var ends: [String] = []

  mutating func take(_ line: [UInt8]) {
    guard isListening, all.count < 1000 else { return }
    let text = String(decoding: line, as: UTF8.self)
    let parts = text.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count > 3, Int(parts[1]) != nil else { return }
    if parts[2] == " Fatal error", ends.count < 5 { ends.append(text) }
    guard parts.count == 5, let number = Int(parts[1]), parts[2] == " error" else { return }
    let test = parts[3].split(separator: " ").joined()
    guard !test.isEmpty, all[test, default: []].count < 20 else { return }
    all[test, default: []].append(
      Complaint(
        file: String(parts[0]), line: number,
        message: String(parts[4].drop { $0 == " " })))
  }

  func complete(_ result: inout TestResult) {
    guard isListening, result.outcome.isBad,
      let type = result.suite.split(separator: ".").last,
      let complaints = all["\(type).\(result.name)"], let first = complaints.first
    else { return }
    (result.file, result.line, result.message) = (first.file, first.line, first.message)
    result.details = complaints.map { "\($0.file):\($0.line): \($0.message)" }
      .joined(separator: "\n")
  }
}
