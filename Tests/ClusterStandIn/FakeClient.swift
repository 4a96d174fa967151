public import KubeExec
internal import Synchronization

/// Runs `body` with a client of a stand-in, as a user with a token.
public func withClient<Result>(
  token: String = "t", warnings: Shown = Shown(), requestTimeout: Duration = .seconds(60),
  _ answer: @escaping @Sendable (FakeAPI.Request) -> FakeAPI.Answer,
  _ body: (KubeClient, FakeAPI) async throws -> Result
) async throws -> Result {
  let api = try FakeAPI(answer)
  defer { api.stop() }
  return try await ScratchFolder.with { folder in
    try folder.write(
      """
      current-context: a
      clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(api.port)/prefix"}}]
      users: [{name: u, user: {token: \(token), as: bob, as-groups: [x, y]}}]
      contexts: [{name: a, context: {cluster: c, user: u}}]
      """, to: "config")
    let surroundings = folder.surroundings(["KUBECONFIG": "config"])
    let access = try ClusterAccess.resolve(AccessSelection(), in: surroundings)
    let client = KubeClient(
      access, in: surroundings, userAgent: "test", requestTimeout: requestTimeout
    ) {
      warnings.add($0)
    }
    return try await body(client, api)
  }
}

/// What a client has warned of.
public final class Shown: Sendable {
  private let list = Mutex<[String]>([])

  /// The texts, in their order.
  public var texts: [String] { list.withLock { $0 } }

  /// Nothing yet.
  public init() {}

  /// Notes a text.
  public func add(_ text: String) { list.withLock { $0.append(text) } }
}

extension FakeAPI.Answer {
  /// A `Status` that says what went wrong.
  public static func failure(_ code: Int, _ reason: String, _ message: String) -> FakeAPI.Answer {
    FakeAPI.Answer(
      status: code,
      body: """
        {"kind":"Status","status":"Failure","message":"\(message)","reason":"\(reason)","code":\(code)}
        """)
  }
}
