internal import HTTPClient

/// Carries connections by a command in a container, whose standard input and output are the
/// connection (v5.channel.k8s.io and v4.channel.k8s.io).
struct RelayCarrier: TunnelCarrier {
  let client: KubeClient
  let host: String
  let port: Int
  let container: String?
  let chosen: ChosenPod

  /// The greatest message: servers read frame by frame.
  private static let frame = 32 << 10
  /// How long the server may take to end after this side has: nobody waits for its last words.
  private static let patience: Duration = .seconds(5)

  func carry(_ connection: LocalSocket) async throws -> String? {
    let (socket, pod) = try await chosen.opening { pod, _ in
      let request = ExecRequest(
        pod: pod.name, namespace: pod.namespace ?? "default",
        container: try PodChoice.container(of: pod, named: container),
        command: RelayProgram.command(host: host, port: port), hasInput: true)
      return try await client.socket(
        request.request(running: request.command),
        subprotocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"], options: .forInput)
    }
    defer { socket.disconnect() }
    let end = try await RelaySession(socket: socket, connection: connection).run()
    switch end {
    case .here:
      await socket.close(patience: RelayCarrier.patience)
      return nil
    case .there(let problem):
      let fate = try await PodFate(pod, with: client).words
      if fate != nil { chosen.forget(pod) }
      return fate ?? problem.map { "pod \(pod.name) to \(host):\(port): \($0)" }
    }
  }

  /// One command.
  private struct RelaySession: Sendable {
    let socket: WebSocket
    let connection: LocalSocket

    func run() async throws -> TunnelEnd {
      try await withThrowingTaskGroup(of: TunnelEnd.self) { group in
        defer { group.cancelAll() }
        group.addTask { .there(problem: try await down()) }
        group.addTask {
          try await TunnelEnd.blamingReceiver { try await up() }
          return .here
        }
        return try await group.next() ?? .here
      }
    }

    private func up() async throws {
      while true {
        let bytes = try await connection.read(upTo: RelayCarrier.frame - 1)
        if bytes.isEmpty { return }
        try await socket.send([0] + bytes)
      }
    }

    private func down() async throws -> String? {
      var (words, status): ([UInt8], [UInt8]) = ([], [])
      do {
        while let message = try await socket.receive() {
          guard case .binary(let bytes) = message, let channel = bytes.first else { continue }
          let data = bytes.dropFirst()
          switch channel {
          case 1: if !data.isEmpty { try await connection.write(data) }
          case 2: words = (words + data).suffix(4096)
          case 3: status += data
          default: break
          }
        }
      } catch let error as HTTPError {
        if status.isEmpty { return error.message }
      }
      return problem(words, status)
    }

    private func problem(_ words: [UInt8], _ status: [UInt8]) -> String? {
      // Python says what happened last.
      let line = String(decoding: words, as: UTF8.self).split(whereSeparator: \.isNewline).last
      switch ExecOutcome(status) {
      case .exited(0)?: return nil
      case .exited(let code)?:
        return line.map(String.init) ?? "the relay ended with exit code \(code)"
      case .failed(let reason)?: return reason
      case nil: return "the relay ended without saying why"
      }
    }
  }
}
