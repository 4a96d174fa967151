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
        try await scene.waitForStatement("pg_sleep.100")
        program.send(SIGINT)
      }
      #expect(stopped.exitCode == 130, "\(stopped.errorOutput)")
      try await expectNoPods(scene)

      let cut = try await scene.omcops(sleep) { _ in
        try await scene.waitForStatement("pg_sleep.100")
        _ = try await scene.cluster.kube(
          ["exec", try await names(scene)[0]], behind: ["sh", "-c", "kill -9 $(pidof nc)"])
      }
      expectFailure(
        cut, .failed, naming: "lost the connection", "pod omcops-relay-", "exit code 137")
      try await expectNoPods(scene)

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
        """
        tunnel: relay
              relay:
                image: "localhost/omc/app:1"
                lifetime: 4h
                node-selector: {kubernetes.io/os: linux}
                tolerations: [{key: tools, operator: Exists, effect: NoSchedule}]
        """, host: KubeServer.bridge ?? "", port: scene.place.port)
      let sleep = ["db", "query", "-c", "select pg_sleep(100)"]
      let killed = try await scene.omcops(sleep) { program in
        try await scene.waitForStatement("pg_sleep.100")
        program.send(SIGKILL)
      }
      #expect(killed.exitCode != 0)
      let left = try await names(scene)
      #expect(left.count == 1)
      try await scene.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'pg_sleep.100' and pid <> pg_backend_pid()"
      )

      let running = try await scene.omcops(sleep) { program in
        try await scene.waitForStatement("pg_sleep.100")
        let during = try await names(scene)
        try await expectModest(during.first ?? "", scene)
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
      try await expectNoPods(scene)
      // A Service without pods of its own stands for a server outside; here nobody resolves names.
      let service = try await scene.cluster.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: outside}
        spec: {ports: [{protocol: TCP, port: 5432}]}
        """)
      #expect(service.exitCode == 0, "\(service.errorOutput)")
      try scene.configure(
        "tunnel: auto\n      relay: {component: backend}", host: "outside",
        above: "components: {backend: {selector: app=backend}}")
      expectFailure(
        try await scene.omcops(["db", "info"]), .failed, naming: "pod backend to outside:5432",
        "bad address")
    }
  }

  private func names(_ scene: TunnelScene) async throws -> [String] {
    let listed = try await scene.cluster.kube(
      ["get", "pods", "-l", KubeRelayTests.selector, "--output", "json"])
    let items = try JSON(parsing: listed.output)["items"]?.array ?? []
    return items.filter { $0["metadata"]?["deletionTimestamp"] == nil }
      .compactMap { $0["metadata"]?["name"]?.string }
  }

  /// The pod may nothing, needs little, and ends by itself.
  private func expectModest(_ name: String, _ scene: TunnelScene) async throws {
    let pod = try JSON(
      parsing: try await scene.cluster.kube(["get", "pod/\(name)", "--output", "json"]).output)
    #expect(pod["metadata"]?["labels"]?["app.kubernetes.io/managed-by"] == "omcops")
    #expect(pod["metadata"]?["annotations"]?["omcops.process/owner"]?.string?.contains("@") == true)
    let spec = pod["spec"]
    #expect(spec?["activeDeadlineSeconds"] == 14400)
    #expect(spec?["automountServiceAccountToken"] == false)
    #expect(spec?["nodeSelector"]?["kubernetes.io/os"] == "linux")
    #expect(
      spec?["tolerations"]?.array?.contains {
        $0["key"] == "tools" && $0["operator"] == "Exists" && $0["effect"] == "NoSchedule"
      } == true)
    let container = spec?["containers"]?[0]
    #expect(container?["resources"]?["limits"]?["memory"] == "128Mi")
    #expect(container?["securityContext"]?["readOnlyRootFilesystem"] == true)
    #expect(!pod.text().contains(KubeServer.password))
  }

  private func expectNoPods(_ scene: TunnelScene) async throws {
    #expect(try await names(scene).isEmpty)
  }
}
