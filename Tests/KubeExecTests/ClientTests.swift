import ClusterStandIn
import Diagnostics
import JSON
import KubeExec
import Synchronization
import Testing

@Suite struct ClientTests {
  static func pod(_ name: String, _ version: Int, uid: String? = nil) -> String {
    """
    {"metadata":{"name":"\(name)","namespace":"n","uid":"\(uid ?? name)",\
    "resourceVersion":"\(version)"}}
    """
  }

  static func list(
    _ pods: [String], _ version: Int, more: String? = nil
  ) -> FakeAPI.Answer {
    let next = more.map { ",\"continue\":\"\($0)\"" } ?? ""
    return FakeAPI.Answer(
      body: """
        {"kind":"PodList","metadata":{"resourceVersion":"\(version)"\(next)},\
        "items":[\(pods.joined(separator: ","))]}
        """)
  }

  private let pods = ObjectQuery(.pods, namespace: "n")

  @Test("a list is read page by page, with token, prefix and impersonation")
  func pages() async throws {
    try await withClient { request in
      request.query["continue"] == "next"
        ? ClientTests.list([ClientTests.pod("b", 2)], 7)
        : ClientTests.list([ClientTests.pod("a", 1)], 7, more: "next")
    } _: { client, api in
      let list = try await client.list(pods)
      #expect(list.items.map(\.name) == ["a", "b"])
      #expect(list.items.first?.kind == "Pod")
      #expect(list.resourceVersion == "7")
      let first = try #require(api.requests.first)
      #expect(first.path == "/prefix/api/v1/namespaces/n/pods")
      #expect(first.query == ["limit": "500"])
      #expect(first.headers["authorization"] == "Bearer t")
      #expect(first.headers["impersonate-user"] == "bob")
    }
  }

  @Test("a change that may be made twice is sent again after a reset, others are not")
  func reset() async throws {
    let cases: [(patch: JSON, kind: PatchKind, isSentAgain: Bool)] = [
      (["spec": ["replicas": 3]], .merge, true),
      ([["op": "add", "path": "/metadata/annotations", "value": [:]]], .operations, true),
      (["metadata": ["resourceVersion": "1"]], .merge, true),
      ([["op": "add", "path": "/spec/list/-", "value": 1]], .operations, false),
      ([["op": "remove", "path": "/spec/list/0"]], .operations, false),
    ]
    for (patch, kind, isSentAgain) in cases {
      let sent = Shown()
      try await withClient { _ in
        defer { sent.add("") }
        return sent.texts.isEmpty ? .reset : FakeAPI.Answer(body: #"{"kind":"Deployment"}"#)
      } _: { client, api in
        do {
          _ = try await client.patch(.deployments, "web", in: "n", patch, as: kind)
          #expect(isSentAgain)
        } catch let error as KubeError {
          #expect(error.code == .unreachable && !isSentAgain, "\(error)")
        }
        #expect(api.requests.count == (isSentAgain ? 2 : 1))
      }
    }
  }

  /// What a server answers to a request that it got twice, after it lost the answer to the first one.
  private static func secondTime(
    _ refusal: FakeAPI.Answer, found: String, _ body: (KubeClient) async throws -> Void
  ) async throws {
    let sent = Shown()
    try await withClient { request in
      if request.method == "GET" {
        return found.isEmpty ? .failure(404, "NotFound", "not there") : FakeAPI.Answer(body: found)
      }
      defer { sent.add("") }
      return sent.texts.isEmpty ? .reset : refusal
    } _: { client, _ in
      try await body(client)
    }
    #expect(sent.texts.count == 2)
  }

  @Test("a change whose answer was lost is known by what is there; by others' words it is in doubt")
  func lostAnswer() async throws {
    let conflict = FakeAPI.Answer.failure(409, "Conflict", "the object has been modified")
    let patch: JSON = [
      "metadata": ["resourceVersion": "1", "annotations": ["by": "us", "old": .null]]
    ]
    func change(_ client: KubeClient) async throws -> KubeObject {
      try await client.patch(.deployments, "web", in: "n", patch, as: .merge)
    }
    try await Self.secondTime(
      conflict,
      found: #"{"metadata":{"resourceVersion":"2","annotations":{"by":"us","more":"x"}}}"#
    ) { client in
      let changed = try await change(client)
      #expect(changed.resourceVersion == "2")
    }
    for other in [#"{"by":"them"}"#, #"{"by":"us","old":"x"}"#] {
      try await Self.secondTime(
        conflict, found: #"{"metadata":{"resourceVersion":"2","annotations":\#(other)}}"#
      ) { client in
        let error = await #expect(throws: KubeError.self) { try await change(client) }
        #expect(error?.code == .conflict && error?.followsBreak == true)
      }
    }
  }

  @Test("an object that was made though the answer was lost is taken; somebody else's is not")
  func lostCreation() async throws {
    let exists = FakeAPI.Answer.failure(409, "AlreadyExists", "there is one")
    let object: JSON = ["metadata": ["name": "web"], "spec": ["replicas": 2, "list": [["a": 1]]]]
    let ours =
      #"{"metadata":{"name":"web","uid":"u"},"spec":{"replicas":2,"list":[{"a":1,"b":2}]}}"#
    try await Self.secondTime(exists, found: ours) { client in
      let made = try await client.create(.deployments, object, in: "n")
      #expect(made.uid == "u")
    }
    try await Self.secondTime(exists, found: #"{"metadata":{"name":"web"},"spec":{"replicas":3}}"#)
    {
      client in
      let error = await #expect(throws: KubeError.self) {
        try await client.create(.deployments, object, in: "n")
      }
      #expect(error?.code == .conflict && error?.followsBreak == true)
    }
  }

  @Test("an object that was deleted though the answer was lost is gone, and its successor stays")
  func lostDeletion() async throws {
    let gone = FakeAPI.Answer.failure(404, "NotFound", "not there")
    let another = FakeAPI.Answer.failure(409, "Conflict", "the UID in the precondition is another")
    try await Self.secondTime(gone, found: "") { client in
      try await client.delete(.pods, "web", in: "n")
    }
    try await Self.secondTime(another, found: "") { client in
      try await client.delete(.pods, "web", in: "n", uid: "u")
    }
    // Without a break both are answers.
    for answer in [gone, another] {
      try await withClient { _ in
        answer
      } _: { client, _ in
        _ = await #expect(throws: KubeError.self) {
          try await client.delete(.pods, "web", in: "n", uid: "u")
        }
      }
    }
  }

  @Test("a list whose state is forgotten between two pages is read again in one piece")
  func expiredPages() async throws {
    try await withClient { request in
      if request.query["limit"] == nil {
        return ClientTests.list([ClientTests.pod("b", 2), ClientTests.pod("c", 3)], 9)
      }
      if request.query["continue"] != nil {
        return FakeAPI.Answer.failure(410, "Expired", "too old")
      }
      return ClientTests.list([ClientTests.pod("a", 1)], 7, more: "next")
    } _: { client, _ in
      let list = try await client.list(pods)
      #expect(list.items.map(\.name) == ["b", "c"])
      #expect(list.resourceVersion == "9")
    }
  }

  @Test(
    "a watch goes on after a clean end from the last bookmark, and after both kinds of 410 anew")
  func watch() async throws {
    let step = Mutex(0)
    let event = { @Sendable (type: String, object: String) in
      "{\"type\":\"\(type)\",\"object\":\(object)}\n"
    }
    try await withClient { request in
      guard request.query["watch"] == "true" else {
        switch step.withLock({ $0 }) {
        case 0: return ClientTests.list([ClientTests.pod("a", 1), ClientTests.pod("b", 2)], 5)
        case 2: return ClientTests.list([ClientTests.pod("b", 2), ClientTests.pod("c", 30)], 31)
        default: return ClientTests.list([ClientTests.pod("c", 30), ClientTests.pod("d", 41)], 42)
        }
      }
      return step.withLock { step in
        step += 1
        switch step {
        case 1:
          return FakeAPI.Answer(
            body: event("MODIFIED", ClientTests.pod("b", 6))
              + event("BOOKMARK", "{\"metadata\":{\"resourceVersion\":\"9\"}}"))
        case 2: return FakeAPI.Answer.failure(410, "Expired", "too old resource version")
        case 3:
          return FakeAPI.Answer(
            body: event(
              "ERROR",
              "{\"kind\":\"Status\",\"reason\":\"Expired\",\"message\":\"too old\",\"code\":410}"))
        default:
          return FakeAPI.Answer(body: event("ADDED", ClientTests.pod("e", 50)))
        }
      }
    } _: { client, api in
      var told: [String] = []
      let last: String = try await ObjectWatch(client, pods).first { news in
        switch news {
        case .state(let objects): told.append("state " + objects.map(\.name).joined(separator: ","))
        case .changed(let object):
          told.append("changed \(object.name)")
          if object.name == "e" { return object.name }
        case .deleted(let object): told.append("deleted \(object.name)")
        case .outage(let outage): told.append("outage \(outage)")
        }
        return nil
      }
      #expect(last == "e")
      #expect(
        told == [
          "state a,b", "changed b", "deleted a", "changed b", "changed c", "deleted b", "changed d",
          "changed e",
        ])
      let versions = api.requests.filter { $0.query["watch"] != nil }.map {
        $0.query["resourceVersion"]
      }
      #expect(versions == ["5", "9", "31", "42"])
      #expect(
        api.requests.allSatisfy {
          $0.query["watch"] == nil || $0.query["allowWatchBookmarks"] == "true"
        })
    }
  }

  @Test("what a server refuses is one line in its own words")
  func refusals() async throws {
    let cases: [(FakeAPI.Answer, KubeError.Code, String)] = [
      (
        FakeAPI.Answer.failure(403, "Forbidden", "pods is forbidden: User x cannot list"),
        .forbidden,
        "the API server of context \"a\" forbids it: pods is forbidden: User x cannot list"
      ),
      (
        FakeAPI.Answer.failure(401, "Unauthorized", "Unauthorized"), .unauthorized,
        "the API server of context \"a\" does not accept the credentials of user \"u\""
      ),
      (
        FakeAPI.Answer(status: 502, body: "<html>bad gateway</html>"), .serverFailed,
        "list pods: the answer was 502 without a word"
      ),
      (FakeAPI.Answer(body: "hello"), .serverFailed, "is no JSON"),
    ]
    for (answer, code, words) in cases {
      try await withClient { _ in
        answer
      } _: { client, _ in
        let error = await #expect(throws: KubeError.self) { try await client.list(pods) }
        #expect(error?.code == code)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("Bearer") == false)
      }
    }
  }

  @Test("a token that has expired is said to have")
  func expiredToken() async throws {
    // {"alg":"none"} . {"sub":"me","exp":1700000000} .
    let token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImV4cCI6MTcwMDAwMDAwMH0.x"
    try await withClient(token: token) { _ in
      FakeAPI.Answer.failure(401, "Unauthorized", "Unauthorized")
    } _: { client, _ in
      let error = await #expect(throws: KubeError.self) { try await client.list(pods) }
      #expect(error?.message.hasSuffix("the token expired at 2023-11-14T22:13:20Z") == true)
    }
  }

  @Test("what the server warns of is shown once")
  func warnings() async throws {
    let shown = Shown()
    try await withClient(warnings: shown) { _ in
      var answer = ClientTests.list([], 1)
      answer.headers["Warning"] = "299 - \"say \\\"hi\\\"\", 299 - \"two, more\""
      return answer
    } _: { client, _ in
      _ = try await client.list(pods)
      _ = try await client.list(pods)
    }
    #expect(shown.texts == ["say \"hi\"", "two, more"])
  }

  @Test("kinds are found in one answer where the server gives them so, else version by version")
  func discovery() async throws {
    try await withClient { request in
      switch request.path {
      case "/prefix/apis":
        return FakeAPI.Answer(
          body: """
            {"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"shop.example"},
            "versions":[{"version":"v2","resources":[{"resource":"carts","singularResource":"cart",
            "shortNames":["ct"],"scope":"Namespaced","responseKind":{"kind":"Cart"}}]}]}]}
            """)
      case "/prefix/api":
        return FakeAPI.Answer(body: "{\"kind\":\"APIVersions\",\"versions\":[\"v1\"]}")
      default:
        return FakeAPI.Answer(
          body: """
            {"groupVersion":"v1","resources":[{"name":"limitranges","singularName":"","kind":
            "LimitRange","namespaced":true,"shortNames":["limits"]},{"name":"pods/log","kind":"Pod"}]}
            """)
      }
    } _: { client, _ in
      for word in ["ct", "Cart", "carts", "carts.shop.example"] {
        let found = try await client.resource(named: word)
        #expect(found.apiVersion == "shop.example/v2")
        #expect(found.qualified == "carts.shop.example")
      }
      let limits = try await client.resource(named: "limits")
      #expect(limits.singular == "limitrange")
      let error = await #expect(throws: KubeError.self) {
        try await client.resource(named: "cartz")
      }
      #expect(error?.message.hasSuffix("did you mean \"carts\"?") == true)
      #expect(error?.status == .usage)
    }
  }

  @Test(
    "evictions are of the version that the server has them in, whatever that of the group is",
    arguments: ["v1beta1", "v1"])
  func eviction(_ version: String) async throws {
    try await withClient { request in
      if request.path.hasSuffix("/eviction") { return FakeAPI.Answer(body: "{}") }
      return FakeAPI.Answer(
        body: """
          {"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"pods/eviction",\
          "kind":"Eviction","group":"policy","version":"\(version)","namespaced":true}]}
          """)
    } _: { client, api in
      try await client.evict(pod: "a", in: "n")
      try await client.evict(pod: "b", in: "n", isDryRun: true)
      #expect(
        api.requests.map(\.path) == [
          "/prefix/api/v1", "/prefix/api/v1/namespaces/n/pods/a/eviction",
          "/prefix/api/v1/namespaces/n/pods/b/eviction",
        ])
      #expect(api.requests.map { $0.query["dryRun"] } == [nil, nil, "All"])
      #expect(api.requests.dropFirst().allSatisfy { $0.body.contains("policy/\(version)") })
    }
  }

  @Test("a kind that moved is asked for in its versions alone, and once")
  func moved() async throws {
    try await withClient { request in
      guard request.path.hasSuffix("/apis/batch/v1beta1") else {
        return request.path.hasSuffix("/apis/batch/v1")
          ? FakeAPI.Answer(
            body:
              "{\"groupVersion\":\"batch/v1\",\"resources\":[{\"name\":\"jobs\",\"kind\":\"Job\"}]}"
          )
          : FakeAPI.Answer.failure(404, "NotFound", "no")
      }
      return FakeAPI.Answer(
        body: """
          {"groupVersion":"batch/v1beta1","resources":\
          [{"name":"cronjobs","kind":"CronJob","singularName":"cronjob","shortNames":["cj"]}]}
          """)
    } _: { client, api in
      for word in ["cj", "CronJob", "cronjobs.batch"] {
        let resource = try await client.resource(named: word)
        #expect(resource.apiVersion == "batch/v1beta1")
      }
      #expect(api.requests.map(\.path) == ["/prefix/apis/batch/v1", "/prefix/apis/batch/v1beta1"])
    }
  }

  @Test("rows of the server's table are watched like objects, bookmarks and 410 too")
  func rows() async throws {
    let watches = Mutex(0)
    let table = { @Sendable (rows: String, version: Int) in
      "{\"kind\":\"Table\",\"metadata\":{\"resourceVersion\":\"\(version)\"},\"rows\":[\(rows)]}"
    }
    let row = { @Sendable (name: String, version: Int) in
      "{\"cells\":[\"\(name)\",\(version)],\"object\":\(ClientTests.pod(name, version))}"
    }
    try await withClient { request in
      guard request.headers["accept"]?.contains("as=Table") == true else {
        return FakeAPI.Answer.failure(406, "NotAcceptable", "no table")
      }
      let count = watches.withLock { $0 }
      guard request.query["watch"] == "true" else {
        return FakeAPI.Answer(
          body: count == 0
            ? table("\(row("a", 1)),\(row("b", 2))", 5) : table(row("b", 7), 12))
      }
      switch watches.withLock({
        $0 += 1; return $0
      }) {
      case 1:
        return FakeAPI.Answer(
          body: "{\"type\":\"MODIFIED\",\"object\":\(table(row("b", 7), 7))}\n"
            + "{\"type\":\"BOOKMARK\",\"object\":\(table("", 9))}\n")
      case 2: return FakeAPI.Answer.failure(410, "Expired", "too old resource version")
      default:
        return FakeAPI.Answer(
          body: "{\"type\":\"DELETED\",\"object\":\(table(row("b", 13), 13))}\n")
      }
    } _: { client, api in
      var told: [String] = []
      let last: KubeObject = try await ObjectWatch(client, pods, asRows: true).first { news in
        switch news {
        case .state(let objects): told += objects.map { "+\($0.cells[1].int ?? 0)\($0.name)" }
        case .changed(let object): told.append("~\(object.cells[1].int ?? 0)\(object.name)")
        case .deleted(let object) where object.name == "b": return object
        case .deleted(let object): told.append("-\(object.name)")
        case .outage: break
        }
        return nil
      }
      #expect(told == ["+1a", "+2b", "~7b", "-a"])
      #expect(last.cells == ["b", 13])
      let from = api.requests.filter { $0.query["watch"] == "true" }
      #expect(from.map { $0.query["resourceVersion"] } == ["5", "9", "12"])
    }
  }
}

/// What was shown to the user.
