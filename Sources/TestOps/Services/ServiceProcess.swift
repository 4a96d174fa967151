internal import DBOps
internal import Glibc
internal import Processes
internal import Quantities
internal import Synchronization

/// A service that was started.
final class ServiceProcess: Sendable {
  /// How long it has between SIGTERM and SIGKILL.
  private static let grace = Duration.seconds(5)

  private let service: TestService
  private let port: UInt16
  private let environment: [String: String]
  private let mark: String
  private let traces: RunTraces
  private let ears: ServiceEars
  private let task: Task<Void, Never>

  /// Starts it and waits until it is ready.
  ///
  /// - Parameters:
  ///   - environment: what it has in its environment beside its own variables.
  ///   - mark: names it among the run's processes.
  /// - Throws: `TestFailure` with what it wrote where it ends or does not come up; nothing of it is left
  ///   then.
  static func start(
    _ service: TestService, _ environment: [String: String], mark: String, _ traces: RunTraces
  ) async throws -> ServiceProcess {
    let process = try await ServiceProcess(service, environment, mark: mark, traces)
    do {
      try await process.waitUntilReady()
    } catch {
      _ = await process.stop()
      throw error
    }
    return process
  }

  private init(
    _ service: TestService, _ given: [String: String], mark: String, _ traces: RunTraces
  ) async throws {
    self.service = service
    self.mark = mark
    self.traces = traces
    port = try await ServiceProcess.port(of: service)
    let values = ["port": String(port)]
    var environment = given
    for (name, value) in service.environment {
      environment[name] = Placeholders.fill(value, values)
    }
    environment.merge(traces.mark(mark)) { $1 }
    self.environment = environment
    let words = service.command.map { Placeholders.fill($0, values) }
    guard
      let path = StepProgram.find(words.first ?? "", in: environment, folder: service.folder)
    else {
      throw TestFailure(
        "there is no program \(words.first ?? "") for service \"\(service.name)\"", status: .usage)
    }
    let process = GroupProcess(
      executable: path, arguments: words, environment: environment,
      workingDirectory: service.folder, grace: ServiceProcess.grace, endsGroup: true)
    var text: String?
    if case .log(let wanted) = service.readiness { text = wanted }
    let ears = ServiceEars(waitingFor: text)
    self.ears = ears
    task = Task {
      do {
        let end = try await process.run { _, bytes in ears.hear(bytes) }
        ears.ended(end.phrase)
      } catch {
        ears.ended("could not be started: \((error as? ProcessFailure)?.message ?? "\(error)")")
      }
    }
  }

  private static func port(of service: TestService) async throws -> UInt16 {
    guard let port = service.port else {
      guard let free = FreePort.next() else {
        throw TestFailure("there is no free port for service \"\(service.name)\"")
      }
      return free
    }
    guard await LoopbackPort.host(listeningAt: port) == nil else {
      throw TestFailure(
        "port \(port) of service \"\(service.name)\" is taken: something else listens there",
        hint: "end that, or leave \"port\" out and write ${port} where the service takes it")
    }
    return port
  }

  /// What tests know of it.
  var variables: [String: String] {
    service.values(host: ears.host ?? "127.0.0.1", port: port)
  }

  // MARK: Readiness

  private func waitUntilReady() async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + service.patience
    while true {
      try Task.checkCancellation()
      // Looked at first: another one may listen at the port of one that has ended.
      if let end = ears.end {
        throw failure("service \"\(service.name)\" \(end) before it was ready")
      }
      if try await isReady(before: deadline) { return }
      guard clock.now < deadline else {
        throw failure(
          "service \"\(service.name)\" was not ready within \(service.patience.readable): \(lack)")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func isReady(before deadline: ContinuousClock.Instant) async throws -> Bool {
    switch service.readiness {
    case .none: return true
    case .log: return ears.hasSaidIt
    case .port:
      guard let host = await LoopbackPort.host(listeningAt: port) else { return false }
      ears.found(host)
      return true
    case .http(let path):
      guard let host = await LoopbackPort.host(listeningAt: port) else { return false }
      ears.found(host)
      let status = await LoopbackPort.status(ofRequestFor: path, at: host, port)
      ears.answered(status)
      return status.map { (200..<400).contains($0) } ?? false
    case .command(let words):
      let values = ["port": String(port)]
      do {
        let program = try StepProgram(
          words.map { Placeholders.fill($0, values) }, environment: environment,
          folder: service.folder, purpose: "look whether service \"\(service.name)\" is ready")
        return try await withThrowingTaskGroup(of: Bool.self) { group in
          group.addTask {
            try await program.run()
            return true
          }
          group.addTask {
            try await Task.sleep(until: deadline)
            return false
          }
          defer { group.cancelAll() }
          return try await group.next() ?? false
        }
      } catch let error as TestFailure {
        if error.status == .usage { throw error }
        return false
      }
    }
  }

  private var lack: String {
    switch service.readiness {
    case .none: "it was not started"
    case .port: "nothing listens at port \(port)"
    case .log(let text): "it did not write \"\(text)\""
    case .command(let words): "\(words.first ?? "") did not end with exit code 0"
    case .http(let path):
      ears.host == nil
        ? "nothing listens at port \(port)"
        : ears.status.map { "\(path) is answered with status \($0)" } ?? "\(path) is not answered"
    }
  }

  private func failure(_ message: String) -> TestFailure {
    let lines = ears.text.split(separator: "\n").suffix(20).map(String.init)
    return TestFailure(message, details: lines)
  }

  // MARK: The end

  /// Ends it with all that it started.
  ///
  /// - Returns: what befell it meanwhile, where it had ended by itself.
  func stop() async -> Trouble? {
    let early = ears.end
    task.cancel()
    await task.value
    await traces.end(mark)
    return early.map {
      Trouble(
        .other, "service \"\(service.name)\" \($0) while the tests ran", details: ears.text.orNil)
    }
  }
}

/// What is known of a service that runs.
private final class ServiceEars: Sendable {
  private struct State {
    var words = BoundedText()
    var line: [UInt8] = []
    var hasSaidIt = false
    var end: String?
    var host: String?
    var status: Int?
  }

  private let wanted: [UInt8]?
  private let state = Mutex(State())

  init(waitingFor text: String?) { wanted = text.map { Array($0.utf8) } }

  var hasSaidIt: Bool { state.withLock(\.hasSaidIt) }
  /// How it ended, in words; nil while it runs.
  var end: String? { state.withLock(\.end) }
  var text: String { state.withLock(\.words).text }
  var host: String? { state.withLock(\.host) }
  var status: Int? { state.withLock(\.status) }

  func found(_ host: String) { state.withLock { $0.host = host } }
  func answered(_ status: Int?) { state.withLock { $0.status = status } }
  func ended(_ words: String) { state.withLock { $0.end = words } }

  func hear(_ chunk: UnsafeRawBufferPointer) {
    let bytes = Array(chunk)
    state.withLock { state in
      state.words.append(bytes)
      guard let wanted, !state.hasSaidIt else { return }
      for byte in bytes {
        if byte == 0x0A {
          state.line.removeAll(keepingCapacity: true)
        } else if state.line.count < 65536 {
          state.line.append(byte)
          if byte == wanted.last, state.line.suffix(wanted.count) == wanted[...] {
            state.hasSaidIt = true
          }
        }
      }
    }
  }
}
