internal import HTTPClient
internal import Synchronization

/// One connection of this machine carried to a port of a pod: a WebSocket of its own, whose end is
/// the connection's end (subprotocol v4.channel.k8s.io).
struct ForwardTunnel {
  let socket: WebSocket
  let local: LocalSocket
  /// How long the pod may be silent after this side has said that it sends no more, which the
  /// protocol cannot pass on: whoever waits for that would wait for ever.
  var silenceAfterEnd: Duration = .seconds(60)

  /// The greatest message: servers read frame by frame.
  private static let frame = 32 << 10

  /// Asks for a tunnel.
  static func open(
    _ pod: String, _ namespace: String, port: Int, with client: KubeClient
  ) async throws -> WebSocket {
    let path = KubeResource.pods.path(
      namespace: namespace, name: pod, subresource: "portforward")
    var request = APIRequest(path, subject: "forward port \(port) of pod \"\(pod)\"")
    request.query = [("ports", String(port))]
    return try await client.socket(
      request, subprotocols: ["v4.channel.k8s.io"], options: .forInput)
  }

  /// Carries bytes in both directions until one side ends.
  ///
  /// - Returns: which side ended first, and what the pod's side says went wrong.
  func run() async throws -> TunnelEnd {
    let clock = Clock()
    return try await withThrowingTaskGroup(of: TunnelEnd.self) { group in
      defer {
        group.cancelAll()
        socket.disconnect()
      }
      group.addTask { .there(problem: try await down(clock)) }
      group.addTask {
        try await TunnelEnd.blamingReceiver { try await up() }
        try await clock.waitForSilence(silenceAfterEnd)
        return .here
      }
      return try await group.next() ?? .here
    }
  }

  private func up() async throws {
    while true {
      let bytes = try await local.read(upTo: ForwardTunnel.frame - 1)
      if bytes.isEmpty { return }
      try await socket.send([0] + bytes)
    }
  }

  private func down(_ clock: Clock) async throws -> String? {
    // The first two bytes of each channel are the port.
    var pending: [UInt8: Int] = [0: 2, 1: 2]
    var problem: [UInt8] = []
    do {
      while let message = try await socket.receive() {
        guard case .binary(let bytes) = message, let channel = bytes.first else { continue }
        var data = bytes.dropFirst()
        let skipped = min(pending[channel] ?? 0, data.count)
        pending[channel] = (pending[channel] ?? 0) - skipped
        data = data.dropFirst(skipped)
        clock.tick()
        if data.isEmpty { continue }
        if channel == 0 { try await local.write(data) }
        if channel == 1, problem.count < 4096 { problem += data }
      }
    } catch let error as HTTPError where error.kind == .unclosed {
      // Runtimes end tunnels without a closing frame.
    } catch let error as HTTPError where error.kind == .reset {
      if problem.isEmpty { problem = Array(error.message.utf8) }
    } catch let error as HTTPError {
      if problem.isEmpty { throw error }
    }
    return problem.isEmpty ? nil : trimmed(problem)
  }

  /// When something came last.
  private final class Clock: Sendable {
    private let last = Mutex(ContinuousClock.now)

    func tick() { last.withLock { $0 = .now } }

    func waitForSilence(_ limit: Duration) async throws {
      while true {
        let left = limit - last.withLock { $0.duration(to: .now) }
        if left <= .zero { return }
        try await Task.sleep(for: left)
      }
    }
  }
}
