import ProgramRunner
import Testing

@Suite(
  "runbooks on a real Prometheus and Alertmanager",
  .enabled(if: ClusterMonitoring.isThere, ClusterMonitoring.word))
struct MonitoringRunbookTests {
  @Test("an alert fires, is answered by its runbook, and is over")
  func answer() async throws {
    try await ClusterMonitoring.play { scene in
      let service = """
          strategy: {type: Recreate}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web}
        spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080, protocol: TCP}]}
        """
      let inputs = ["service=web", "workload=deployment/web", "endpoints=web", "action=roll-back"]
      let applied = try await scene.cluster.apply(KubeCluster.web(more: service))
      try #require(applied.exitCode == 0, "\(applied.errorOutput)")
      let ready = try await scene.cluster.kube(
        ["rollout", "status", "deploy/web", "--timeout", "60s"])
      try #require(ready.exitCode == 0, "\(ready.errorOutput)")
      // It may have fired while there was no pod yet. Where nothing fires nothing is done.
      try await scene.waitForQuiet("ApplicationDown", whenAvailable: "web")
      let idle = try await scene.runbook(
        "run", "alert-application-down", inputs[0], inputs[1], inputs[2], inputs[3])
      #expect(idle.exitCode == 3, "\(idle.told)")
      #expect(idle.told.contains("✗ The alert is there"))

      _ = try await scene.cluster.kube(
        ["rollout", "image", "deploy/web", "--image", "localhost/omc/none:2"])
      try await waitUntil("the alert") {
        try await scene.ask("\(scene.alertmanager)/api/v2/alerts").contains("ApplicationDown")
      }
      let plan = try await scene.runbook(
        "plan", "alert-application-down", inputs[0], inputs[1], inputs[2], inputs[3],
        environment: "seen")
      #expect(plan.exitCode == 0, "\(plan.told)")
      let answered = try await scene.runbook(
        "run", "alert-application-down", inputs[0], inputs[1], inputs[2], inputs[3])
      #expect(answered.exitCode == 0, "\(answered.told)")
      #expect(answered.told.contains("✓ Alertmanager no longer lists it"))
      let alerts = try await scene.ask("\(scene.alertmanager)/api/v2/alerts")
      #expect(!alerts.contains("ApplicationDown"))
    }
  }

  @Test("rules are tested, loaded and proven; those that lack a metric are taken back")
  func rules() async throws {
    try await ClusterMonitoring.play { scene in
      let name = "alert-rules-update"
      let namespace = "namespace=\(scene.cluster.namespace)"
      let good = try await scene.runbook(
        "run", name, namespace, "metrics=node_filesystem_avail_bytes")
      #expect(good.exitCode == 0, "\(good.told)")
      let run = try #require(good.told.split(separator: "\n").first { $0.hasPrefix("Run ") })
      let loaded = String(run.dropFirst(4))
      #expect(try await scene.ask("\(scene.prometheus)/api/v1/rules").contains(loaded))

      let bad = try await scene.runbook("run", name, namespace, "metrics=pg_up")
      #expect(bad.exitCode == 6, "\(bad.told)")
      #expect(bad.told.contains("Every metric that an alert needs is there"))
      #expect(try await scene.ask("\(scene.prometheus)/api/v1/rules").contains(loaded))
    }
  }

  @Test("a node that is well is left alone, and so are the only one and a disk with room")
  func nodes() async throws {
    try await ClusterMonitoring.play { scene in
      let client = try scene.cluster.client()
      let nodes = try await client.resource(named: "nodes")
      let node = try #require(try await client.list(.init(nodes, namespace: nil)).items.first?.name)
      let cases = [
        ("node-not-ready", ["reason=a test"], "✗ The node is not ready"),
        ("node-not-ready", ["reason=a test", "ready=true"], "✗ Another node can take its pods"),
        ("node-disk-full", ["instance=a:9100"], "✗ It is short of room"),
        ("node-disk-full", ["instance=b:9100"], "✗ Prometheus sees the filesystem"),
      ]
      try await waitUntil("the disk to be seen") {
        try await scene.ask(
          "\(scene.prometheus)/api/v1/query?query=node_filesystem_size_bytes"
        ).contains("a:9100")
      }
      for (name, inputs, word) in cases {
        let result = try await scene.runbook(
          "run", name, "node=\(node)", inputs[0], inputs.count > 1 ? inputs[1] : inputs[0])
        #expect(result.exitCode == 3, "\(result.told)")
        #expect(result.told.contains(word), "\(result.told)")
      }
    }
  }
}
