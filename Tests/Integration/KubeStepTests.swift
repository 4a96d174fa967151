import Diagnostics
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

/// The steps of runbooks that see and change a cluster, against a real one.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeStepTests {
  @Test("a service is made, asked, changed, stopped, started again and removed")
  func life() async throws {
    try await KubeCluster.with { cluster in
      try await cluster.runs(cluster.life) { result in
        #expect(result.exitCode == 0, "\(result.errorOutput)")
        #expect(!(result.output + result.errorOutput).contains("hunter2"))
      }
    }
  }

  @Test("an image that cannot be pulled says why, and the undo brings the one before back")
  func image() async throws {
    try await KubeCluster.with { cluster in
      try #require(try await cluster.apply(KubeCluster.web()).exitCode == 0)
      try await cluster.runs(
        """
        - id: ready
          name: It is up
          check:
            - { name: complete, uses: kube.rollout.status, with: { target: deployment/web }, expect: "${{ result.complete }}", within: 60s }
        - id: image
          name: Deploy
          uses: kube.rollout
          with: { target: deployment/web, image: "localhost/omc/none:2" }
          undo: { name: Deploy the one before, uses: kube.rollout, with: { to: "${{ steps.image.outputs.before }}" } }
          outputs: { before: "${{ result.before }}" }
        """
      ) { result in
        #expect(result.exitCode == 1, "\(result.errorOutput)")
        #expect(
          result.errorOutput.contains("pod web-") && result.errorOutput.contains("ErrImagePull"))
      }
      let undone = try await cluster.runbook(["undo", "--yes"])
      #expect(undone.exitCode == 0, "\(undone.errorOutput)")
      let status = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "60s"])
      #expect(status.exitCode == 0, "\(status.errorOutput)")
      let same = try await cluster.kube(
        ["rollout", "image", "deploy/web", "--image", "localhost/omc/app:1"])
      #expect(same.output.contains("it has that image already"))
    }
  }

  @Test("an undo of a Secret brings back the keys of the run, and leaves those of others")
  func secret() async throws {
    try await KubeCluster.with { cluster in
      func secret(_ values: String) -> String {
        "apiVersion: v1\nkind: Secret\nmetadata: {name: app}\nstringData: {\(values)}\n"
      }
      try #require(
        try await cluster.apply(secret("own: old, other: old, both: old")).exitCode == 0)
      func put(_ id: String, _ values: String) -> String {
        """
        - id: \(id)
          name: Put \(id)
          uses: secret.put
          with: { to: "kubernetes:app", new-keys: allow, values: { \(values) } }
          outputs: { previous: "${{ result.previous }}" }
          undo: { name: "\(id) back", uses: secret.put, with: { to: "kubernetes:app", previous: "${{ steps.\(id).outputs.previous }}" } }

        """
      }
      try await cluster.runs(put("one", "own: new, added: new") + put("two", "both: new")) {
        #expect($0.exitCode == 0, "\($0.errorOutput)")
      }
      let changed = try await cluster.apply(secret("other: theirs"), "--force-conflicts")
      try #require(changed.exitCode == 0, "\(changed.errorOutput)")
      let undone = try await cluster.runbook(["undo", "--yes"])
      #expect(undone.exitCode == 0, "\(undone.errorOutput)")
      let client = try cluster.client()
      let found = try await client.get(
        client.resource(named: "secret"), "app", in: cluster.namespace)
      let values = found.dataKeys.sorted().map { key in
        "\(key)=\(String(decoding: found.data(key) ?? [], as: UTF8.self))"
      }
      #expect(values == ["both=old", "other=theirs", "own=old"])
    }
  }

  @Test("a Job is run to its end, waited for again after a crash, and says why it failed")
  func job() async throws {
    try await KubeCluster.with { cluster in
      let step = """
        - id: work
          name: Work
          uses: kube.job
          with:
            manifest: { apiVersion: batch/v1, kind: Job, metadata: { name: work }, spec: { backoffLimit: 0, template: { spec: { restartPolicy: Never, containers: [{ name: app, image: "localhost/omc/app:1", command: [sh, -c, "SCRIPT"] }] } } } }
          outputs: { said: "${{ result.stdout }}", job: "${{ result.job }}" }
          undo: none
        """
      let good = step.replacing("SCRIPT", with: "sleep 3; echo the work is done")
      try await cluster.runs(
        good + """

          - id: look
            name: Look
            check:
              - { name: it said so, expect: "${{ contains(steps.work.outputs.said, 'the work is done') }}" }
          """, crashAfter: 5
      ) { result in
        #expect(result.signal == 9, "\(result.errorOutput)")
      }
      let resumed = try await cluster.runbook(["resume"])
      #expect(resumed.exitCode == 0, "\(resumed.errorOutput)")
      let jobs = try await cluster.kube(["get", "jobs", "--output", "json"])
      #expect(jobs.output.contains("\"omcops/run\""))

      // Another run's Job of that name is nobody's to wait for.
      try await cluster.runs(good) { result in
        #expect(result.exitCode == 1, "\(result.errorOutput)")
        #expect(result.errorOutput.contains("there is a job \"work\" already"))
      }
      let bad = step.replacing("SCRIPT", with: "echo the disk is full; exit 7")
        .replacing("name: work }", with: "name: other }")
      try await cluster.runs(bad) { result in
        #expect(result.exitCode == 1, "\(result.errorOutput)")
        #expect(result.errorOutput.contains("BackoffLimitExceeded"))
        #expect(result.errorOutput.contains("exit code 7"))
        #expect(result.errorOutput.contains("the disk is full"))
      }
    }
  }

  @Test("a node is held and let go again")
  func node() async throws {
    try await KubeCluster.with { cluster in
      try await cluster.runs(
        """
        - { id: nodes, name: Find it, uses: kube.get, with: { kind: nodes }, outputs: { name: "${{ result.items[0].metadata.name }}" } }
        - id: hold
          name: Hold it
          uses: kube.cordon
          with: { node: "${{ steps.nodes.outputs.name }}" }
          outputs: { before: "${{ result.before }}" }
          check:
            - { name: held, uses: kube.get, with: { kind: node, name: "${{ steps.nodes.outputs.name }}" }, expect: "${{ result.spec.unschedulable }}" }
          undo: none
        - { id: free, name: Let it go, uses: kube.cordon, with: { to: "${{ steps.hold.outputs.before }}" }, undo: none }
        """
      ) { result in
        #expect(result.exitCode == 0, "\(result.errorOutput)")
      }
    }
  }

  @Test("what is asked of logs and services and is not so stops the run, in words")
  func words() async throws {
    try await KubeCluster.with { cluster in
      try #require(try await cluster.apply(KubeCluster.web()).exitCode == 0)
      let ready = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "60s"])
      try #require(ready.exitCode == 0, "\(ready.errorOutput)")
      let cases = [
        ("logs.expect", "{ target: deployment/web, match: never }", "no record of"),
        ("logs.expect", "{ selector: app=other, absent: x }", "no pod matches"),
        ("http", "{ url: \"http://127.0.0.1:1/\" }", "cannot connect to 127.0.0.1:1"),
        ("kube.get", "{ kind: Pod, selector: \"${{ '' }}\" }", "selector is empty"),
        ("http", "{ url: \"http://127.0.0.1:1/\", status: \"200\" }", "status must be"),
        ("kube.get", "{ kind: Pod, name: other }", "there is no pod \"other\""),
        (
          "kube.rollout.status", "{ target: deployment/other }",
          "deployments.apps \"other\" not found"
        ),
      ]
      for (action, with, word) in cases {
        try await cluster.runs(
          """
          - id: check
            name: Look
            check:
              - { name: it is so, uses: \(action), with: \(with) }
          """
        ) { result in
          #expect(result.exitCode == 3, "\(result.errorOutput)")
          #expect(result.errorOutput.contains("blocked: it is so: \(word)"))
        }
      }
    }
  }

  @Test("a cluster that does not answer stops only what needs it")
  func unreachable() async throws {
    try await Scene.play { scene in
      let kubeconfig = """
        {"clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
         "contexts": [{"name": "c", "context": {"cluster": "c"}}], "current-context": "c"}
        """
      try scene.write(kubeconfig, "kubeconfig")
      try scene.write(
        """
        environments:
          here:
            database: { url: "\(scene.database.conninfo)" }
            kubernetes: { kubeconfig: kubeconfig }
        """, "omcops.yaml")
      let steps = ["sql.query, with: { query: select 1 }", "kube.get, with: { kind: Pod }"]
      for (step, exitCode) in zip(steps, [0, 1] as [Int32]) {
        try scene.write(
          """
          runbook: v1
          name: steps
          description: What a test needs.
          inputs:
            environment: { description: Where, type: environment, required: true }
          on-failure: stop
          steps: [{ id: a, name: A, uses: \(step) }]
          """, "steps.yaml")
        let result = try await scene.omcops(
          ["runbook", "run", "steps.yaml", "-i", "environment=here"])
        #expect(result.exitCode ?? -1 == exitCode, "\(result.errorOutput)")
        #expect(result.errorOutput.contains("the API server of context \"c\" cannot be reached"))
      }
    }
  }
}

extension Scene {
  fileprivate func write(_ text: String, _ name: String) throws {
    let file = try FileDescriptor.open(
      folder.appending(name), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }
}

extension KubeCluster {
  /// A small web server as one line of YAML.
  fileprivate var manifest: String {
    #"""
    { apiVersion: apps/v1, kind: Deployment, metadata: { name: web, labels: { app: web } }, spec: { replicas: 1, selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { terminationGracePeriodSeconds: 0, containers: [{ name: app, image: "localhost/omc/app:1", command: [sh, -c, "httpd -f -p 8080 -h /www"] }] } } } }
    """#
  }

  /// The life of a service as steps.
  fileprivate var life: String {
    """
    - { id: make, name: Make it, uses: kube.apply, with: { manifest: \(manifest) }, undo: none }
    - id: up
      name: It comes up
      check:
        - name: complete
          uses: kube.rollout.status
          with: { target: deployment/web }
          expect: ${{ result.complete && result.ready == 1 }}
          within: 60s
    - id: pod
      name: Find its pod
      uses: kube.get
      with: { kind: Pod, selector: app=web }
      outputs: { ip: "${{ result.items[0].status.podIP }}", name: "${{ result.items[0].metadata.name }}" }
    - id: waited
      name: Wait for its pod
      uses: kube.wait
      with: { kind: Pod, name: "${{ steps.pod.outputs.name }}", until: "item.status.phase == 'Running'", timeout: 30s }
    - id: ask
      name: Ask it
      check:
        - name: It answers
          uses: http
          with: { url: "http://${{ steps.pod.outputs.ip }}:8080/" }
          expect: ${{ result.status == 200 && result.text != '' && result.ms >= 0 }}
          within: 20s
        - name: What is not there is said to be so
          uses: http
          with: { url: "http://${{ steps.pod.outputs.ip }}:8080/none", method: HEAD, status: [404, 410] }
          expect: ${{ result.json == null }}
    - id: say
      name: Let it say something
      uses: kube.exec
      with: { target: deployment/web, container: app, command: [sh, -c, "echo password=hunter2 said by ${0} > /proc/1/fd/1; echo done", me] }
      outputs: { said: "${{ result.stdout }}" }
      undo: none
    - id: heard
      name: Hear it
      check:
        - name: It said it
          uses: logs.expect
          with: { target: deployment/web, since: 10m, match: "said by me", absent: "said by you" }
          expect: ${{ length(result.records) == 1 && !contains(result.records[0], 'hunter2') }}
          within: 20s
    - { id: many, name: Two of it, uses: kube.scale, with: { target: deployment/web, replicas: 2 }, undo: none }
    - { id: stop, name: Stop it, uses: kube.scale, with: { target: "app=web", replicas: 0 }, outputs: { before: "${{ result.before }}" }, undo: none }
    - id: none
      name: Nothing runs
      check:
        - { name: no pod, uses: kube.get, with: { kind: pods, selector: app=web }, expect: "${{ length(result.items) == 0 }}" }
    - { id: start, name: Start it as it was, uses: kube.scale, with: { to: "${{ steps.stop.outputs.before }}" }, undo: none }
    - id: again
      name: Start its pods anew
      uses: kube.rollout
      with: { target: deployment/web, action: restart }
      undo: none
    - id: two
      name: Two run
      check:
        - { name: two pods, uses: kube.rollout.status, with: { target: deployment/web }, expect: "${{ result.ready == 2 }}" }
        - { name: it was told, uses: kube.events, with: { target: deployment/web, reason: ScalingReplicaSet }, expect: "${{ length(result.items) > 0 }}" }
    - { id: remove, name: Remove it, uses: kube.delete, with: { kind: Deployment, name: web }, undo: none }
    - id: gone
      name: It is gone
      check:
        - { name: none, uses: kube.get, with: { kind: Deployment }, expect: "${{ length(result.items) == 0 }}" }
    """
  }

  /// Runs a runbook of these steps in an environment that has a database and this namespace.
  fileprivate func runs(
    _ steps: String, crashAfter position: Int? = nil, _ look: (ProgramResult) throws -> Void
  ) async throws {
    try await Scene.play { scene in
      let here = Scene(database: scene.database, folder: folder)
      try here.write(
        """
        environments:
          here:
            database: { url: "\(scene.database.conninfo)" }
            kubernetes: { kubeconfig: \(KubeCluster.kubeconfig ?? ""), context: admin, namespace: \(namespace) }
        """, "omcops.yaml")
      let lines = steps.split(separator: "\n", omittingEmptySubsequences: false)
      try here.write(
        """
        runbook: v1
        name: steps
        description: What a test needs.
        inputs:
          environment: { description: Where, type: environment, required: true }
        concurrency: { group: "steps/${{ inputs.environment }}-\(namespace)", lock: kubernetes }
        on-failure: stop
        steps:
        """ + "\n" + lines.map { "  \($0)\n" }.joined(), "steps.yaml")
      try look(
        try await runbook(["run", "steps", "-i", "environment=here"], crashAfter: position))
    }
  }

  /// Runs `omcops runbook` with the runbook of the last call.
  fileprivate func runbook(
    _ arguments: [String], crashAfter position: Int? = nil
  ) async throws -> ProgramResult {
    var environment = [
      "OMCOPS_RUNBOOKS": folder.string, "XDG_STATE_HOME": folder.appending("state").string,
    ]
    environment["OMCOPS_CRASH_AFTER"] = position.map { "\($0)" }
    return try await Program.omcops.run(
      ["runbook"] + arguments, environment: environment, in: folder, timeout: .seconds(180))
  }
}
