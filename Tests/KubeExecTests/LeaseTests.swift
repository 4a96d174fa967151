import ClusterStandIn
import JSON
import KubeExec
import Synchronization
import Testing

@Suite struct LeaseTests {
  private let me = Lease.Holder(identity: "me", notes: [:])

  /// A server that has no lease yet, and is away when a test says so.
  private final class Server: Sendable {
    struct State {
      var isThere = false
      var holder: String?
      /// How many of the next requests fail.
      var failures = 0
    }
    private let state = Mutex(State())

    @Sendable func answer(_ request: FakeAPI.Request) -> FakeAPI.Answer {
      state.withLock { state in
        if state.failures > 0 {
          state.failures -= 1
          return .failure(500, "InternalError", "down")
        }
        if request.method != "GET", let body = try? JSON(parsing: request.body) {
          state.isThere = true
          if let holder = body["spec"]?["holderIdentity"] { state.holder = holder.string }
        }
        guard state.isThere else { return .failure(404, "NotFound", "no l") }
        let lease: JSON = [
          "metadata": ["name": "l", "resourceVersion": "1"],
          "spec": ["holderIdentity": JSON(state.holder)],
        ]
        return FakeAPI.Answer(body: lease.text())
      }
    }

    var holder: String? {
      get { state.withLock { $0.holder } }
      set { state.withLock { $0.holder = newValue } }
    }
    var failures: Int {
      get { state.withLock { $0.failures } }
      set { state.withLock { $0.failures = newValue } }
    }
  }

  private func take(_ client: KubeClient, for duration: Duration) async throws -> Lease {
    let attempt = try await Lease.take(
      "l", in: "n", as: me, for: duration, wait: .zero, with: client)
    guard case .taken(let lease) = attempt else {
      throw KubeError(.refused, "somebody else keeps it")
    }
    return lease
  }

  @Test("a namespace that is not there is an error, after one attempt")
  func missingNamespace() async throws {
    try await withClient({ _ in .failure(404, "NotFound", "namespaces n not found") }) {
      client, api in
      let error = await #expect(throws: KubeError.self) { try await take(client, for: .seconds(1)) }
      #expect(error?.code == .notFound)
      #expect(api.requests.map(\.method) == ["GET", "POST"])
    }
  }

  @Test("after an outage that is longer than the lease it is renewed by itself, unless it is lost")
  func outage() async throws {
    let server = Server()
    try await withClient(server.answer) { client, _ in
      let lease = try await take(client, for: .seconds(1))
      server.failures = .max
      try await until { !lease.isHeld }
      #expect(await lease.check() == false)
      server.failures = 0
      try await until { lease.isHeld }
      server.holder = "other"
      #expect(await lease.check() == false)
      await lease.release()
      #expect(server.holder == "other")
    }
  }

  @Test("a lease is given back though the first look fails")
  func release() async throws {
    let server = Server()
    try await withClient(server.answer) { client, _ in
      let lease = try await take(client, for: .seconds(60))
      server.failures = 1
      await lease.release()
      #expect(server.failures == 0)
      #expect(server.holder == nil)
    }
  }

  private func until(_ holds: () -> Bool) async throws {
    for _ in 0..<3000 where !holds() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(holds())
  }
}
