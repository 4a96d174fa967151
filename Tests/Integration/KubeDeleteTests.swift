import Diagnostics
import JSON
import KubeExec
import ProgramRunner
import Testing

/// `omcops kube delete`, `cordon` and `drain` against a real cluster.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeDeleteTests {
  @Test("delete takes nothing when one may not go, waits, and says what holds an object")
  func delete() async throws {
    try await KubeCluster.with { cluster in
      func map(_ name: String, _ more: String = "") -> String {
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: \(name), labels: {of: test}\(more)}\n---\n"
      }
      _ = try await cluster.apply(
        map("a") + map("b") + map("held", ", finalizers: [omcops.example/hold]"))
      let unclear = try await cluster.kube(["delete", "of=test"])
      #expect(unclear.exitCode == 2)
      #expect(unclear.errorOutput.contains("\"of=test\" does not say what to delete"))
      let missing = try await cluster.kube(["delete", "cm/a", "cm/nosuch"])
      expectFailure(missing, .failed, naming: "\"nosuch\" not found")
      let forbidden = try await cluster.kube(["delete", "cm/a"], context: "viewer")
      expectFailure(forbidden, .failed, naming: "omc-viewer", "cannot delete")
      let plan = try await cluster.kube(["delete", "cm", "-l", "of=test", "--dry-run"])
      #expect(plan.exitCode == 0, "\(plan.errorOutput)")
      #expect(plan.output.contains("finalizer omcops.example/hold"))
      let gone = try await cluster.kube(
        ["delete", "cm", "a", "nosuch", "--ignore-not-found", "--output", "json"])
      #expect(gone.exitCode == 0, "\(gone.errorOutput)")
      #expect(try JSON(parsing: gone.output)[0]?["outcome"] == "gone")
      let held = try await cluster.kube(["delete", "cm/held", "cm/b", "--timeout", "2s"])
      expectFailure(
        held, .blocked, naming: "configmap/held is still there after 2s",
        "held by finalizer omcops.example/hold")
      let left = try await cluster.kube(["get", "cm", "-l", "of=test", "--output", "name"])
      #expect(left.output == "configmap/held\n")
      let freed = try await cluster.apply(map("held"))
      #expect(freed.exitCode == 0, "\(freed.errorOutput)")
      let last = try await cluster.kube(
        ["wait", "cm/held", "--for", "delete", "--timeout", "30s"])
      #expect(last.exitCode == 0, "\(last.errorOutput)")
    }
  }

  @Test("drain refuses what would lose something, waits for budgets, and leaves DaemonSets")
  func drain() async throws {
    try await KubeCluster.with { cluster in
      let node = cluster.namespace
      do {
        try await cluster.furnish(node)
        try await expectDrain(of: node, cluster)
      } catch {
        _ = try? await cluster.kube(["delete", "node/\(node)", "--no-wait"])
        throw error
      }
      let removed = try await cluster.kube(["delete", "node/\(node)"])
      #expect(removed.exitCode == 0, "\(removed.errorOutput)")
    }
  }

  private func expectDrain(of node: String, _ cluster: KubeCluster) async throws {
    let refused = try await cluster.kube(["drain", node])
    expectFailure(
      refused, .refused, naming: "nothing was changed", "--force", "--ignore-daemonsets")
    #expect(try await cluster.cordoned(node) == nil)
    let some = try await cluster.kube(["drain", node, "--force", "--ignore-daemonsets"])
    expectFailure(some, .refused, naming: "\(cluster.namespace)/c: an emptyDir volume")
    let options = ["--force", "--ignore-daemonsets", "--delete-emptydir-data"]
    let plan = try await cluster.kube(["drain", node, "--plan"] + options)
    #expect(plan.exitCode == 0, "\(plan.errorOutput)")
    #expect(plan.output.contains("would-wait"))
    #expect(plan.output.contains("disruption budget web"))
    #expect(try await cluster.cordoned(node) == nil)
    let held = try await cluster.kube(["drain", node, "--timeout", "3s"] + options)
    expectFailure(
      held, .blocked, naming: "2 pods are still on node", "disruption budget web needs 2")
    #expect(try await cluster.cordoned(node) == true)
    let pods = try await cluster.kube(["get", "pods", "-l", "of=test", "--output", "name"])
    #expect(pods.output == "pod/a\npod/b\n")
    let drained = try await cluster.kube(["drain", "node/\(node)"] + options) { _ in
      let freed = try await cluster.kube(["delete", "pdb/web"])
      #expect(freed.exitCode == 0, "\(freed.errorOutput)")
    }
    #expect(drained.exitCode == 0, "\(drained.errorOutput)")
    #expect(drained.output.contains("a DaemonSet keeps it here"))
    let none = try await cluster.kube(["get", "pods", "-l", "of=test", "--output", "name"])
    #expect(none.output.isEmpty)
    let back = try await cluster.kube(["uncordon", node, "--output", "json"])
    #expect(try JSON(parsing: back.output)[0]?["changed"] == true)
    #expect(try await cluster.cordoned(node) == nil)
  }
}

extension KubeCluster {
  /// A node that no machine stands behind, so that nobody else's pods are on it: with a pod of a
  /// DaemonSet, two pods that a budget holds, and one with an emptyDir volume. Nobody runs them, so this
  /// test says that they run.
  fileprivate func furnish(_ node: String) async throws {
    let made = try await apply(
      """
      apiVersion: v1
      kind: Node
      metadata: {name: \(node), labels: {omcops-test: \(node)}}
      # Nobody else's pods may come here: they would be evicted.
      spec: {taints: [{key: omcops-test, effect: NoSchedule}]}
      status:
        capacity: {cpu: "4", memory: 4Gi, pods: "20"}
        allocatable: {cpu: "4", memory: 4Gi, pods: "20"}
        conditions: [{type: Ready, status: "True", reason: Test, message: test}]
      ---
      apiVersion: apps/v1
      kind: DaemonSet
      metadata: {name: agent}
      spec:
        selector: {matchLabels: {app: agent}}
        template:
          metadata: {labels: {app: agent}}
          spec:
            nodeSelector: {omcops-test: \(node)}
            tolerations: [{operator: Exists}]
            terminationGracePeriodSeconds: 0
            containers: [{name: app, image: "localhost/omc/app:1", command: [sleep, "1000"]}]
      ---
      \(KubeCluster.pod("a", node))
      ---
      \(KubeCluster.pod("b", node))
      ---
      \(KubeCluster.pod("c", node, app: "other", more: "volumes: [{name: v, emptyDir: {}}]"))
      """)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    let client = try client()
    for name in ["a", "b"] {
      _ = try await client.patch(
        .pods, name, in: namespace,
        [
          "status": [
            "phase": "Running", "conditions": [["type": "Ready", "status": "True"]],
          ]
        ], as: .merge, subresource: "status")
    }
    try await holdBoth()
    let counted = try await kube(
      ["wait", "pdb/web", "--for", "jsonpath={.status.currentHealthy}=2", "--timeout", "30s"])
    try #require(counted.exitCode == 0, "\(counted.errorOutput)")
    // Its controller gives the pod to the node.
    let scheduled = "jsonpath={.status.currentNumberScheduled}=1"
    let agent = try await kube(["wait", "ds/agent", "--for", scheduled, "--timeout", "60s"])
    try #require(agent.exitCode == 0, "\(agent.errorOutput)")
  }

  fileprivate static func pod(
    _ name: String, _ node: String, app: String = "web", more: String = ""
  ) -> String {
    """
    apiVersion: v1
    kind: Pod
    metadata: {name: \(name), labels: {of: test, app: \(app)}}
    spec:
      nodeName: \(node)
      terminationGracePeriodSeconds: 0
      containers: [{name: app, image: "localhost/omc/app:1"}]
      \(more)
    """
  }

  private func holdBoth() async throws {
    for version in ["v1", "v1beta1"] {
      let made = try await apply(
        """
        apiVersion: policy/\(version)
        kind: PodDisruptionBudget
        metadata: {name: web}
        spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
        """)
      if made.exitCode == 0 { return }
    }
    Issue.record("the server takes no PodDisruptionBudget")
  }

  fileprivate func cordoned(_ node: String) async throws -> Bool? {
    try await client().get(.nodes, node, in: nil)["spec", "unschedulable"]?.bool
  }
}
