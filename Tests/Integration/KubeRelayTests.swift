import Diagnostics
import Glibc
import JSON
import Postgres
import ProgramRunner
import SystemPackage
import Testing

/// Databases that only the pods of a real cluster can connect to.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeRelayTests {
  private static let image = "tunnel: relay\n      relay: {image: \"localhost/omc/app:1\"}"
  private static let selector = "app.kubernetes.io/name=omcops-relay"
  private static let whoAsks = "select host(inet_client_addr()) as address"

  @Test(
    "a pod of our own carries the bytes and is gone at the end",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func ownPod() async throws {
    try await TunnelScene.play { scene in
      let bridge = KubeServer.bridge ?? ""
      try scene.configure(KubeRelayTests.image, host: bridge, port: scene.place.port)
      let query = try await scene.omcops(["db", "query", "-c", KubeRelayTests.whoAsks])
      #expect(query.exitCode == 0, "\(query.errorOutput)")
      #expect(query.errorOutput.contains("connecting through pod omcops-relay-"))
      #expect(!query.output.contains(" \(bridge)\n"), "\(query.output)")
      try await expectNoPods(scene)

      try await scene.execute(
        "create table t as select g as id, md5(g::text) as x from generate_series(1, 100000) g")
      let backup = try await scene.omcops(["db", "backup"])
      #expect(backup.exitCode == 0, "\(backup.errorOutput)")
      let compare = try await scene.omcops(["db", "compare", "latest"])
      #expect(compare.exitCode == 0, "\(compare.errorOutput)")
      try await expectNoPods(scene)

      // A server that is not there is named as the pod sees it; so is a pod that goes.
      try scene.configure(KubeRelayTests.image, host: bridge, port: 1)
      expectFailure(
        try await scene.omcops(["db", "info"]), .failed, naming: "to \(bridge):1", "refused")
      try await expectNoPods(scene)
    }
  }

  @Test(
    "an interrupted or failed command leaves no pod; a pod that goes is named",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func interrupted() async throws {
    try await TunnelScene.play { scene in
      try scene.configure(
        KubeRelayTests.image, host: KubeServer.bridge ?? "", port: scene.place.port)
      let sleep = ["db", "query", "-c", "select pg_sleep(100)"]
      let stopped = try await scene.omcops(sleep) { program in
        try await waitForSession(scene)
        program.send(SIGINT)
      }
      #expect(stopped.exitCode == 130, "\(stopped.errorOutput)")
      try await expectNoPods(scene)

      let cut = try await scene.omcops(sleep) { _ in
        try await waitForSession(scene)
        _ = try await scene.cluster.kube(
          ["exec", try await names(scene)[0]], behind: ["sh", "-c", "kill -9 $(pidof nc)"])
      }
      expectFailure(
        cut, .failed, naming: "lost the connection", "pod omcops-relay-", "exit code 137")
      try await expectNoPods(scene)

      try scene.configure("tunnel: relay\n      relay: {lifetime: 5}", host: "db.internal")
      expectFailure(
        try await scene.omcops(["config", "check"]), .usage, naming: "\"lifetime\" must be text")
      try scene.configure("tunnel: relay\n      relay: {lifetime: 5s}", host: "db.internal")
      expectFailure(
        try await scene.omcops(["config", "check"]), .usage, naming: "\"5s\" is no lifetime")
      try scene.configure(
        "tunnel: relay\n      relay: {image: \"localhost/none:1\"}", host: "db.internal")
      expectFailure(
        try await scene.omcops(["db", "info"]), .failed, naming: "localhost/none:1",
        "database.relay.image")
      try await expectNoPods(scene)
    }
  }

  @Test(
    "after a crash the next command deletes the pod, and none whose command still runs",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func crash() async throws {
    try await TunnelScene.play { scene in
      try scene.configure(
        KubeRelayTests.image, host: KubeServer.bridge ?? "", port: scene.place.port)
      let sleep = ["db", "query", "-c", "select pg_sleep(100)"]
      let killed = try await scene.omcops(sleep) { program in
        try await waitForSession(scene)
        program.send(SIGKILL)
      }
      #expect(killed.exitCode != 0)
      let left = try await names(scene)
      #expect(left.count == 1)
      try await scene.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'pg_sleep.100' and pid <> pg_backend_pid()"
      )

      let running = try await scene.omcops(sleep) { program in
        try await waitForSession(scene)
        let during = try await names(scene)
        #expect(during.count == 1 && during != left)
        let other = try await scene.omcops(["db", "query", "-c", "select 1 as one"])
        #expect(other.exitCode == 0, "\(other.errorOutput)")
        #expect(!other.errorOutput.contains("deleted pod"), "\(other.errorOutput)")
        #expect(try await names(scene) == during)
        program.send(SIGINT)
      }
      #expect(running.errorOutput.contains("deleted pod \(left.first ?? "?")"))
      #expect(running.exitCode == 130, "\(running.errorOutput)")
      try await expectNoPods(scene)
    }
  }

  @Test("a component's pod carries the bytes, and none is made")
  func component() async throws {
    try await TunnelScene.play { scene in
      try await scene.pod("backend")
      try scene.configure(
        "tunnel: relay\n      relay: {component: backend}", host: "localhost",
        port: scene.place.port, above: "components: {backend: {selector: app=backend}}")
      let query = try await scene.omcops(["db", "query", "-c", KubeRelayTests.whoAsks])
      #expect(query.exitCode == 0, "\(query.errorOutput)")
      #expect(query.errorOutput.isEmpty, "\(query.errorOutput)")
      // A Service without pods of its own, as one for a server outside, is such a case.
      try await expectNoPods(scene)
    }
  }

  private func names(_ scene: TunnelScene) async throws -> [String] {
    let listed = try await scene.cluster.kube(
      ["get", "pods", "-l", KubeRelayTests.selector, "--output", "json"])
    let items = try JSON(parsing: listed.output)["items"]?.array ?? []
    return items.filter { $0["metadata"]?["deletionTimestamp"] == nil }
      .compactMap { $0["metadata"]?["name"]?.string }
  }

  private func expectNoPods(_ scene: TunnelScene) async throws {
    #expect(try await names(scene).isEmpty)
  }

  /// Waits until the server runs the statement.
  private func waitForSession(_ scene: TunnelScene) async throws {
    let watch = try await Connection.open(
      scene.place.settings.with(database: scene.name), applicationName: "omcops tests")
    try await waitUntil("the statement to run") {
      try await !watch.query(
        "select from pg_stat_activity where datname = $1 and query ~ 'pg_sleep.100' and pid <> pg_backend_pid()",
        [SQLValue(scene.name)]
      ).rows.isEmpty
    }
    await watch.close()
  }
}
