import ClusterStandIn
import Synchronization
import Testing

@testable import KubeExec

@Suite("A server that goes away")
struct OutageTests {
  @Test("a watch tells once that the server fails, and that it is back")
  func once() async throws {
    let watches = Mutex(0)
    try await withClient { request in
      guard request.query["watch"] == "true" else {
        return ClientTests.list([ClientTests.pod("a", 1)], 5)
      }
      switch watches.withLock({
        $0 += 1
        return $0
      }) {
      case 1...3: return FakeAPI.Answer.failure(500, "InternalError", "etcd is gone")
      default:
        return FakeAPI.Answer(
          body: "{\"type\":\"ADDED\",\"object\":\(ClientTests.pod("b", 6))}\n")
      }
    } _: { client, _ in
      var told: [String] = []
      let query = ObjectQuery(.pods, namespace: "shop")
      let _: Bool = try await ObjectWatch(client, query).first { news in
        switch news {
        case .state(let objects): told += objects.map(\.name)
        case .changed(let object):
          told.append(object.name)
          return true
        case .deleted: break
        case .outage(let outage): told.append("\(outage)")
        }
        return nil
      }
      #expect(
        told.map { $0.hasPrefix("the API server answers again") ? "back" : $0 } == [
          "a", "watch pods: etcd is gone; trying again", "back", "b",
        ])
    }
  }

  @Test("what was seen before an outage is what was seen after it")
  func lastSeen() {
    let last = LastSeen()
    last.words = "1 of 2 pods are ready"
    last.note(.begun(KubeError(.unreachable, "nobody answers")))
    #expect(last.words == "nobody answers")
    last.note(.over(.seconds(3)))
    #expect(last.words == "1 of 2 pods are ready")
  }
}
