internal import Glibc
internal import JSON
internal import KubeExec
internal import Processes
internal import Synchronization
internal import Text

/// An interpreter in a pod, by a command that runs there as long as it does.
final class PodSession: WorkerSession {
  private let pods: TestPods
  private let pod: KubeObject
  private let launch: WorkerLaunch
  private let outgoing: AsyncStream<[UInt8]>
  private let sink: AsyncStream<[UInt8]>.Continuation
  private let heard = Mutex(Heard())

  /// What tells how it ended.
  private struct Heard {
    /// The end of standard output, with the keeper's last word in it.
    var output = Tail(limit: 1024)
    var errors = Tail(limit: 4096)
  }

  init(_ pods: TestPods, in pod: KubeObject, _ launch: WorkerLaunch) {
    self.pods = pods
    self.pod = pod
    self.launch = launch
    (outgoing, sink) = AsyncStream.makeStream()
  }

  func tell(_ command: WorkerCommand) { sink.yield(command.line) }
  func abort() { sink.yield(Array("!\(SIGABRT)\n".utf8)) }
  func kill() { sink.yield(Array("!-\(SIGKILL)\n".utf8)) }

  func run(
    _ receive: @escaping @Sendable (GroupProcess.Channel, UnsafeRawBufferPointer) -> Void
  ) async throws -> WorkerEnd {
    let exec: ExecSession
    do {
      exec = try await ExecSession.start(request, with: pods.client)
    } catch let error as KubeError where PodSession.isPassing(error) {
      // The pod may be about to go, or to be known to its node.
      try await Task.sleep(for: .seconds(1))
      return .lost(
        pods.board.fate(of: pod, container: pods.container)
          ?? "has no way into pod \(pod.name): \(error.message)")
    }
    return try await withThrowingTaskGroup(of: WorkerEnd?.self) { group in
      defer { group.cancelAll() }
      group.addTask { [self] in
        await send(over: exec)
        return nil
      }
      group.addTask { [self] in .lost(try await pods.fate(of: pod)) }
      group.addTask { [self] in try await receiveAll(from: exec, receive) }
      while let next = try await group.next() {
        if let next { return next }
      }
      throw CancellationError()
    }
  }

  private var request: ExecRequest {
    var request = ExecRequest(
      pod: pod.name, namespace: pods.namespace, container: pods.container,
      command: [pods.interpreter, "-c", KeeperProgram.loader], hasInput: true)
    // The keeper knows by itself when there is nothing more to come.
    request.endsInput = false
    return request
  }

  /// Whether another pod, or this one a little later, may do better.
  private static func isPassing(_ error: KubeError) -> Bool {
    [.notFound, .serverFailed, .unreachable, .invalid, .tooManyRequests].contains(error.code)
  }

  // MARK: To the pod

  private func send(over exec: ExecSession) async {
    do {
      for part in [Array(KeeperProgram.source.utf8), setup] {
        try await exec.send(Array("\(part.count)\n".utf8) + part)
      }
      for await bytes in outgoing { try await exec.send(bytes) }
    } catch {
      // That the connection has ended is told where its output is read.
    }
  }

  /// Where its database is; null where it has none.
  private var server: JSON {
    guard let server = launch.server else { return .null }
    return [.string(server.host), JSON(server.port)]
  }

  private var setup: [UInt8] {
    let json: JSON = [
      "server": server, "loader": .string(WorkerProgram.loader(folderFirst: false)),
      "folder": JSON(pods.folder), "coverage": .bool(launch.bringsCoverage),
      "arguments": .array(launch.arguments.map(JSON.string)), "files": .object(pods.files),
      "environment": .object(
        .init(
          uniqueKeysWithValues: launch.environment.sorted { $0.key < $1.key }.map {
            ($0.key, JSON.string($0.value))
          })),
    ]
    return Array(json.text().utf8)
  }

  // MARK: From the pod

  private func receiveAll(
    from exec: ExecSession,
    _ receive: @Sendable (GroupProcess.Channel, UnsafeRawBufferPointer) -> Void
  ) async throws -> WorkerEnd {
    do {
      let outcome = try await exec.run { channel, bytes in
        bytes.withUnsafeBytes { bytes in
          heard.withLock { heard in
            channel == .output ? heard.output.append(bytes) : heard.errors.append(bytes)
          }
          receive(channel == .output ? .output : .error, bytes)
        }
      }
      return try await end(outcome)
    } catch let error as KubeError where error.code == .unreachable {
      return .lost(
        try await explained("lost the connection to pod \(pod.name): \(error.message)"))
    }
  }

  /// What the keeper said last, else what is known of the pod.
  private func end(_ outcome: ExecOutcome) async throws -> WorkerEnd {
    let (output, errors) = heard.withLock { ($0.output.text ?? "", $0.errors.text ?? "") }
    if let line = output.split(separator: "\n").last, let word = try? JSON(parsing: line.utf8),
      word["e"] == "exit"
    {
      if let server = word["unreached"]?.string {
        // It may be on its way.
        try await Task.sleep(for: .seconds(1))
        return .unable("pod \(pod.name) does not reach \(server)")
      }
      if let trouble = word["trouble"]?.string {
        throw TestFailure("no test can be run in pod \(pod.name): \(trouble)")
      }
      if let signal = word["signal"]?.int { return .signaled(Int32(truncatingIfNeeded: signal)) }
      return .exited(Int32(truncatingIfNeeded: word["code"]?.int ?? 1))
    }
    switch outcome {
    case .exited(126), .exited(127), .failed:
      let reason = if case .failed(let words) = outcome { words } else { errors }
      if let fate = try await pods.soonFate(of: pod) { return .lost(fate) }
      let isMissing = ["executable file not found", "no such file"].contains {
        reason.lowercased().contains(text: $0)
      }
      guard isMissing else {
        return .lost("lost the connection to pod \(pod.name): \(reason)")
      }
      throw TestFailure(
        "pod \(pod.name) has no \(pods.interpreter) to run the tests with",
        hint: "name the interpreter inside of the image: where: { python: PATH }", status: .usage)
    case .exited(let code):
      return .lost(
        try await explained(
          "was ended in pod \(pod.name) by somebody else (exit code \(code))"))
    }
  }

  /// The pod's own fate where that becomes known soon, else these words.
  private func explained(_ words: String) async throws -> String {
    try await pods.soonFate(of: pod) ?? words
  }
}
