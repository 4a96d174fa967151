import ClusterStandIn
import Diagnostics
import JSON
import ProgramRunner
import Synchronization
import SystemPackage
import Testing

/// A cluster with one deployment that was rolled out, whose pods a Loki remembers: both in this process.
private struct RolledOut: Sendable {
  static let start: Int64 = 1_732_874_400_000_000_000
  static let old = "web-7f9c6b54d8-x2v4k"
  static let new = "web-5d4b8c7f96-bbcdf"

  let folder: FilePath
  let loki: FakeLoki
  let server: FakeAPI

  /// Lines of a pod, a second apart.
  static func lines(_ pod: String, _ seconds: Range<Int64>) -> [FakeLoki.Line] {
    seconds.map {
      FakeLoki.Line(start + $0 * 1_000_000_000, "\(pod) says \($0)", pod: pod, container: "app")
    }
  }

  /// Runs `body` beside both; the environment's `loki` section may say more.
  static func play(
    _ section: String = "", loki: FakeLoki? = nil, _ body: (RolledOut) async throws -> Void
  ) async throws {
    let loki = loki ?? FakeLoki(lines(old, 0..<5) + lines(new, 3..<10))
    let server = try FakeAPI { loki.answer($0) }
    defer { server.stop() }
    let api = try FakeAPI { cluster($0) }
    defer { api.stop() }
    try await ScratchFolder.with { folder in
      let scene = RolledOut(folder: folder, loki: loki, server: server)
      try StandIns.write(
        """
        current-context: a
        clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(api.port)"}}]
        users: [{name: u, user: {token: t}}]
        contexts: [{name: a, context: {cluster: c, user: u, namespace: n}}]
        """, to: folder.appending("kubeconfig"))
      try StandIns.write(
        """
        environments:
          here:
            kubernetes: { kubeconfig: kubeconfig, context: a }
            loki: { url: "http://127.0.0.1:\(server.port)"\(section) }
        """, to: folder.appending("omcops.yaml"))
      try await body(scene)
    }
  }

  func logs(_ arguments: String..., environment: [String: String] = [:]) async throws
    -> ProgramResult
  {
    try await Program.omcops.run(
      ["logs", "deploy/web", "--no-prefix"] + arguments, environment: environment, in: folder,
      timeout: .seconds(60))
  }

  /// What the API says: the new pod, whose log begins at its sixth second, since it was rotated.
  private static func cluster(_ request: FakeAPI.Request) -> FakeAPI.Answer {
    if request.path.hasSuffix("/log") {
      let bytes = lines(new, 6..<12).map { line in
        "2024-11-29T10:00:\(line.time / 1_000_000_000 % 60 < 10 ? "0" : "")\(line.time / 1_000_000_000 % 60)"
          + ".000000000Z \(line.text)\n"
      }
      let since = request.query["sinceTime"].map {
        String($0.replacing("%3A", with: ":").dropLast())
      }
      return FakeAPI.Answer(body: bytes.filter { $0 >= since ?? "" }.joined())
    }
    if request.path.hasSuffix("/deployments/web") {
      return FakeAPI.Answer(
        body: """
          {"kind":"Deployment","metadata":{"name":"web","namespace":"n","uid":"d"},
           "spec":{"selector":{"matchLabels":{"app":"web"}}}}
          """)
    }
    if request.path.hasSuffix("/namespaces/n") {
      return FakeAPI.Answer(
        body: """
          {"kind":"Namespace","metadata":{"name":"n","creationTimestamp":"2024-11-29T09:59:30Z"}}
          """)
    }
    // The label of both revisions, and what has made them.
    if request.path.hasSuffix("/replicasets") {
      return FakeAPI.Answer(
        body: """
          {"kind":"ReplicaSetList","metadata":{"resourceVersion":"1"},"items":[
           {"kind":"ReplicaSet","metadata":{"name":"web-7f9c6b54d8","namespace":"n","uid":"r",
            "ownerReferences":[{"kind":"Deployment","name":"web","uid":"d","controller":true}]}}]}
          """)
    }
    if request.path.hasSuffix("/pods") {
      return FakeAPI.Answer(
        body: """
          {"kind":"PodList","metadata":{"resourceVersion":"1"},"items":[
           {"kind":"Pod","metadata":{"name":"\(new)","namespace":"n","uid":"u","resourceVersion":"1"},
            "spec":{"containers":[{"name":"app"}]},"status":{"phase":"Running",
            "containerStatuses":[{"name":"app","restartCount":0,"containerID":"c1",
            "state":{"running":{"startedAt":"2024-11-29T10:00:02Z"}}}]}}]}
          """)
    }
    return .failure(404, "NotFound", "there is no \(request.path)")
  }

  /// What is to come: the old pod's lines, then the new one's, each once.
  static let whole =
    (lines(old, 0..<5) + lines(new, 3..<12)).map { $0.text + "\n" }.joined()
}

@Suite("omcops logs with a Loki")
struct LokiTests {
  @Test(
    "after a rollout: the pod that is gone, what was rotated away, then the cluster's, each line once"
  )
  func whole() async throws {
    try await RolledOut.play { scene in
      let result = try await scene.logs("--since-time", "2024-11-29T10:00:00Z", "--strict")
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      #expect(result.output == RolledOut.whole)
      #expect(result.errorOutput.contains("pod \(RolledOut.old): gone; from loki of \"here\""))
      #expect(result.errorOutput.contains("3 lines of \(RolledOut.new)/app"))
      let until = try await scene.logs(
        "--since-time", "2024-11-29T10:00:01Z", "--until", "2024-11-29T10:00:05Z")
      #expect(
        until.output
          == (RolledOut.lines(RolledOut.old, 1..<5) + RolledOut.lines(RolledOut.new, 3..<5))
          .map { $0.text + "\n" }.joined())
      let without = try await scene.logs("--since-time", "2024-11-29T10:00:00Z", "--no-loki")
      #expect(
        without.output == RolledOut.lines(RolledOut.new, 6..<12).map { $0.text + "\n" }.joined())
    }
  }

  @Test("a namespace that is younger than what is wanted lacks nothing")
  func young() async throws {
    try await RolledOut.play { scene in
      let result = try await scene.logs("--since-time", "2024-11-29T08:00:00Z", "--strict")
      #expect(result.exitCode == 0 && result.output == RolledOut.whole, "\(result.errorOutput)")
    }
  }

  @Test(
    "a selector: what has made pods with these labels tells what those that are gone were called")
  func selector() async throws {
    try await RolledOut.play { scene in
      let result = try await Program.omcops.run(
        [
          "logs", "-l", "app=web", "--no-prefix", "--since-time", "2024-11-29T10:00:00Z",
          "--strict",
        ], in: scene.folder)
      #expect(result.exitCode == 0 && result.output == RolledOut.whole, "\(result.errorOutput)")
    }
  }

  @Test("a tenant and a token go with each question, and are never told")
  func credentials() async throws {
    let section = ", headers: { X-Scope-OrgID: shop }, token: { from-env: LOKI_TOKEN }"
    try await RolledOut.play(section) { scene in
      let result = try await scene.logs(
        "--since-time", "2024-11-29T10:00:00Z", environment: ["LOKI_TOKEN": "s3cret"])
      #expect(result.output == RolledOut.whole, "\(result.errorOutput)")
      #expect(!result.errorOutput.contains("s3cret"))
      #expect(
        scene.server.requests.allSatisfy {
          $0.headers["x-scope-orgid"] == "shop" && $0.headers["authorization"] == "Bearer s3cret"
        })
    }
  }

  @Test("one that wants less at once is asked again after the time that it says")
  func tooMany() async throws {
    try await RolledOut.play { scene in
      scene.loki.refusals.withLock {
        $0 = [(429, ["Retry-After": "1"]), (503, [:]), (429, [:])]
      }
      let result = try await scene.logs("--since-time", "2024-11-29T10:00:00Z", "--strict")
      #expect(result.exitCode == 0 && result.output == RolledOut.whole, "\(result.errorOutput)")
    }
  }

  @Test("labels may be called otherwise")
  func labels() async throws {
    let lines = (RolledOut.lines(RolledOut.old, 0..<5) + RolledOut.lines(RolledOut.new, 3..<10)).map
    {
      var line = $0
      line.labels = [
        "k8s_namespace_name": "n", "k8s_pod_name": line.labels["pod"] ?? "",
        "k8s_container_name": "app",
      ]
      return line
    }
    let section =
      ", labels: { namespace: k8s_namespace_name, pod: k8s_pod_name, container: k8s_container_name }"
    try await RolledOut.play(section, loki: FakeLoki(lines)) { scene in
      let result = try await scene.logs("--since-time", "2024-11-29T10:00:00Z", "--strict")
      #expect(result.exitCode == 0 && result.output == RolledOut.whole, "\(result.errorOutput)")
    }
  }

  @Test("one that is not there is told, and an error only for who asked for it")
  func absent() async throws {
    try await RolledOut.play { scene in
      scene.server.stop()
      let cluster = RolledOut.lines(RolledOut.new, 6..<12).map { $0.text + "\n" }.joined()
      let told = try await scene.logs("--since-time", "2024-11-29T10:00:00Z")
      #expect(told.exitCode == 0 && told.output == cluster, "\(told.errorOutput)")
      #expect(told.errorOutput.contains("pods that are gone are missing"))
      let strict = try await scene.logs("--since-time", "2024-11-29T10:00:00Z", "--strict")
      #expect(strict.exitCode == 3)
      let asked = try await scene.logs("--since-time", "2024-11-29T10:00:00Z", "--loki")
      #expect(asked.exitCode == 1 && asked.errorOutput.contains("loki at http://127.0.0.1"))
      let aimless = try await scene.logs("--loki")
      #expect(aimless.exitCode == 2 && aimless.errorOutput.contains("--loki goes with --since"))
    }
  }
}
