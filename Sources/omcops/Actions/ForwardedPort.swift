internal import Diagnostics
internal import KubeExec
internal import Runbooks
internal import Synchronization

/// A port of a workload's pod, reached from here for as long as something is asked of it.
///
/// The way goes through the API server and the kubelet, as `omcops kube forward` does: it needs neither
/// an Ingress nor a route to the pods' network, and asks the pods themselves.
struct ForwardedPort {
  let session: KubeSession
  /// A component of omcops.yaml, kind/name, a selector or a pod.
  let word: String
  let port: Int

  /// Runs `body` with a port of 127.0.0.1.
  ///
  /// - Throws: `ActionError` with the pod's own reason where a connection was not carried.
  func open<Result: Sendable>(
    _ body: @escaping @Sendable (_ port: Int) async throws -> Result
  ) async throws -> Result {
    let (ports, opened) = AsyncStream.makeStream(of: Int.self)
    let trouble = Trouble()
    let target = PodTarget(session: session, word: word)
    guard let pair = PortForward.Pair(parsing: ":\(port)") else {
      throw ActionError(.other, "\(port) is not a port")
    }
    return try await withThrowingTaskGroup(of: Result?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        let forward = PortForward(
          session.client,
          to: { (try await target.pod().object, try await target.service()) },
          { event in
            switch event {
            case .listening(_, let port, _, _): opened.yield(port)
            case .moved: break
            case .failed(let reason): trouble.note(reason)
            }
          })
        try await forward.run([pair], address: "127.0.0.1")
        return nil
      }
      group.addTask {
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { return nil }
        do {
          return try await body(port)
        } catch let error as ActionError where error.kind == .connection {
          guard let reason = trouble.first else { throw error }
          throw ActionError(.connection, reason)
        }
      }
      while let result = try await group.next() {
        if let result { return result }
      }
      throw CancellationError()
    }
  }
}

/// Why the first connection that failed did.
private final class Trouble: Sendable {
  private let reason = Mutex<String?>(nil)

  var first: String? { reason.withLock { $0 } }

  func note(_ text: String) { reason.withLock { $0 = $0 ?? text } }
}
