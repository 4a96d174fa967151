import ClusterStandIn
import KubeExec
import Synchronization
import Testing

@Suite struct NodeDrainTests {
  @Test("a node whose pods cannot be seen after the cordon takes pods again")
  func unseen() async throws {
    let isCordoned = Mutex(false)
    let answer = { @Sendable (request: FakeAPI.Request) -> FakeAPI.Answer in
      if request.path.hasSuffix("/pods") { return .failure(403, "Forbidden", "no pods for you") }
      return isCordoned.withLock { isCordoned in
        if request.method == "PATCH" { isCordoned = request.body.contains("true") }
        return FakeAPI.Answer(
          body: "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"unschedulable\":\(isCordoned)}}")
      }
    }
    try await withClient(answer) { client, api in
      let told = Shown()
      let drain = NodeDrain(client, node: "a", NodeDrain.Permissions())
      let error = await #expect(throws: KubeError.self) {
        try await drain.run(timeout: nil) { told.add($0) }
      }
      #expect(error?.code == .forbidden)
      #expect(api.requests.count { $0.method == "PATCH" } == 2)
      #expect(isCordoned.withLock { $0 } == false)
      #expect(told.texts.last == "node \"a\" takes pods again")
    }
  }
}
