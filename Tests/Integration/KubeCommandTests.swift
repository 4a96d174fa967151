import Diagnostics
import Glibc
import JSON
import ProgramRunner
import SystemPackage
import Testing

/// `omcops kube` against a real cluster.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeCommandTests {
  @Test(
    "whoami shows whom each kind of credential makes us",
    arguments: ["admin", "admin-ec", "token", "exec"])
  func whoami(_ context: String) async throws {
    try await KubeCluster.with { cluster in
      let result = try await cluster.kube(["whoami", "--output", "json"], context: context)
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      let json = try JSON(parsing: result.output)
      #expect(json["context"]?.string == context)
      #expect(json["namespace"]?.string == cluster.namespace)
      #expect(json["user"]?.string?.contains("omc-admin") == true)
    }
  }

  @Test("what a reader may not do is refused in one line that names who, what and where")
  func forbidden() async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(KubeCluster.web())
      let result = try await cluster.kube(
        ["scale", "deploy/web", "--replicas", "0"], context: "viewer")
      expectFailure(
        result, .failed, naming: "omc-viewer", "cannot patch resource \"deployments/scale\"",
        "namespace \"\(cluster.namespace)\"")
      let asked = try await cluster.kube(
        ["whoami", "--can", "delete pods", "--can", "get pods", "--output", "json"],
        context: "viewer")
      #expect(asked.exitCode == 3)
      let answers = try JSON(parsing: asked.output)["can"]?.array?.map { $0["allowed"] }
      #expect(answers == [false, true])
    }
  }

  @Test("apply plans, makes, changes only what differs, and names who owns a field")
  func apply() async throws {
    try await KubeCluster.with { cluster in
      let plan = try await cluster.apply(KubeCluster.web(), "--plan")
      #expect(plan.output.contains("deployment.apps/web in \(cluster.namespace): would be created"))
      #expect(plan.output.contains("+ .spec.replicas: 1"))
      let none = try await cluster.kube(["get", "deploy/web"])
      expectFailure(none, .failed, naming: "deployments.apps \"web\" not found")

      #expect(try await cluster.apply(KubeCluster.web()).exitCode == 0)
      let same = try await cluster.apply(KubeCluster.web(), "--plan", "--output", "json")
      #expect(try JSON(parsing: same.output)[0]?["action"] == "none")
      let other = try await cluster.apply(KubeCluster.web(replicas: 2), "--plan")
      #expect(other.output.contains("~ .spec.replicas: 1 -> 2"))

      // Somebody else's number: the scale subresource is changed by another manager.
      #expect(try await cluster.kube(["scale", "deploy/web", "--replicas", "3"]).exitCode == 0)
      let wrong = try await cluster.apply(
        KubeCluster.web() + "\n---\nkind: Foo\napiVersion: example.org/v1\nmetadata: {name: f}\n")
      expectFailure(wrong, .usage, naming: "no kind Foo in example.org/v1")
    }
  }

  @Test("a secret's values are in no output of apply")
  func secrets() async throws {
    try await KubeCluster.with { cluster in
      let yaml = """
        apiVersion: v1
        kind: Secret
        metadata: {name: s}
        stringData: {password: hunter2}
        """
      for options in [["--plan"], ["--plan", "--output", "json"], ["--output", "json"]] {
        let result = try await cluster.kube(["apply", "-f", "-"] + options, input: yaml)
        #expect(result.exitCode == 0, "\(result.errorOutput)")
        #expect(result.output.contains("password"))
        #expect(!result.output.contains("hunter2") && !result.output.contains("aHVudGVyMg"))
      }
    }
  }

  @Test("a rollout is followed to its end; one with a broken image says why; undo takes it back")
  func rollout() async throws {
    try await KubeCluster.with { cluster in
      #expect(try await cluster.apply(KubeCluster.web(replicas: 2)).exitCode == 0)
      let first = try await cluster.kube(["rollout", "status", "app=web", "--timeout", "90s"])
      #expect(first.exitCode == 0, "\(first.errorOutput)")
      #expect(first.output.contains("2 of 2 replicas available"))

      _ = try await cluster.apply(KubeCluster.web(image: "localhost/none:1", replicas: 2))
      let broken = try await cluster.kube(
        ["rollout", "status", "deploy/web", "--patience", "1s", "--timeout", "90s"])
      #expect(broken.exitCode == 1)
      #expect(
        broken.errorOutput.contains("container app: ErrImagePull")
          || broken.errorOutput.contains("container app: ImagePullBackOff"))
      #expect(broken.errorOutput.contains("localhost/none:1"))

      let plan = try await cluster.kube(["rollout", "undo", "deploy/web", "--plan"])
      #expect(plan.output.contains("go back to revision 1"))
      #expect(try await cluster.kube(["rollout", "undo", "deploy/web"]).exitCode == 0)
      let back = try await cluster.kube(["rollout", "status", "deploy", "web", "--timeout", "90s"])
      #expect(back.exitCode == 0, "\(back.errorOutput)")
      let history = try await cluster.kube(["rollout", "history", "deploy/web", "--output", "json"])
      let images = try JSON(parsing: history.output).array?.map { $0["images"] }
      #expect(images == ["app=localhost/none:1", "app=localhost/omc/app:1"])
      // Revision 1 has another number since it came back; who asks for it again has it.
      let again = try await cluster.kube(["rollout", "undo", "deploy/web", "--to-revision", "1"])
      #expect(again.exitCode == 0, "\(again.errorOutput)")

      #expect(try await cluster.kube(["rollout", "pause", "deploy/web"]).exitCode == 0)
      let paused = try await cluster.kube(["rollout", "restart", "deploy/web"])
      expectFailure(paused, .refused, naming: "is paused")
    }
  }

  @Test("scale counts before it acts and waits until it is so; wait and events see it")
  func scale() async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(KubeCluster.web())
      let wrong = try await cluster.kube(
        ["scale", "deploy/web", "--replicas", "0", "--current-replicas", "5"])
      expectFailure(wrong, .blocked, naming: "has 1 replicas, not 5")
      let up = try await cluster.kube(
        ["scale", "deploy/web", "--replicas", "2", "--wait", "--timeout", "90s"])
      #expect(up.exitCode == 0, "\(up.errorOutput)")
      let ready = try await cluster.kube(
        ["wait", "pods", "-l", "app=web", "--for", "condition=ready", "--timeout", "60s"])
      #expect(ready.exitCode == 0, "\(ready.errorOutput)")
      let late = try await cluster.kube(
        ["wait", "deploy/web", "--for", "jsonpath={.spec.replicas}=7", "--timeout", "1s"])
      expectFailure(late, .blocked, naming: ".spec.replicas is 2")
      let events = try await cluster.kube(["events", "deploy/web", "--output", "json"])
      let reasons = try JSON(parsing: events.output).array?.compactMap { $0["reason"]?.string }
      #expect(reasons?.contains("ScalingReplicaSet") == true)
      let none = try await cluster.kube(["rollout", "status", "app=nothing"])
      expectFailure(none, .blocked, naming: "no workload in namespace")
    }
  }

  @Test("a job's end is seen, a failed one's too")
  func jobs() async throws {
    try await KubeCluster.with { cluster in
      let job = { (name: String, command: String) in
        """
        apiVersion: batch/v1
        kind: Job
        metadata: {name: \(name)}
        spec:
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              containers: [{name: a, image: "localhost/omc/app:1", command: ["\(command)"]}]
        """
      }
      _ = try await cluster.apply(job("good", "true") + "\n---\n" + job("bad", "false"))
      let good = try await cluster.kube(
        ["wait", "job/good", "--for", "condition=complete", "--timeout", "90s"])
      #expect(good.exitCode == 0, "\(good.errorOutput)")
      let bad = try await cluster.kube(
        ["wait", "job/bad", "--for", "condition=complete", "--timeout", "90s"])
      expectFailure(bad, .failed, naming: "BackoffLimitExceeded")
    }
  }

  @Test("a component of omcops.yaml is a target, and a protected environment wants its name")
  func components() async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(KubeCluster.web())
      let file = cluster.folder.appending("omcops.yaml")
      let descriptor = try FileDescriptor.open(
        file, .writeOnly, options: .create, permissions: .ownerReadWrite)
      _ = try descriptor.closeAfter {
        try descriptor.writeAll(
          """
          components: { front: { selector: app=web }, one: { name: web } }
          environments:
            live:
              protected: true
              kubernetes: { context: admin, namespace: \(cluster.namespace) }
          """.utf8)
      }
      for name in ["front", "one"] {
        let status = try await cluster.kube(["rollout", "status", name, "--timeout", "90s"])
        #expect(status.exitCode == 0, "\(status.errorOutput)")
      }
      let refused = try await cluster.kube(["scale", "front", "--replicas", "0"])
      expectFailure(refused, .refused, naming: "scale deployment.apps/web to 0 in live")
      let given = try await cluster.kube(
        ["scale", "front", "--replicas", "0", "--confirm", "live"])
      #expect(given.exitCode == 0, "\(given.errorOutput)")
      let slip = try await cluster.kube(["rollout", "status", "frnt"])
      expectFailure(slip, .usage, naming: "did you mean \"front\"?")
    }
  }

  @Test("an API server that is not there is one line")
  func unreachable() async throws {
    try await KubeCluster.with { cluster in
      let result = try await cluster.kube(["get", "pods", "-s", "https://127.0.0.1:1"])
      expectFailure(result, .failed, naming: "API server", "127.0.0.1:1")
    }
  }

  @Test("exec hands output, errors, exit code and standard input on")
  func exec() async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(KubeCluster.web())
      let ready = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "90s"])
      #expect(ready.exitCode == 0, "\(ready.errorOutput)")
      let both = try await cluster.exec(
        ["deploy/web"], "sh", "-c", "echo 'a  b'; echo c >&2; exit 7")
      #expect(both.output == "a  b\n")
      #expect(both.errorOutput == "c\n")
      #expect(both.exitCode == 7)
      // More than one piece, and no newline at the end.
      let text = String(repeating: "0123456789abcde\n", count: 65_536) + "end"
      let echoed = try await cluster.exec(["-i", "app=web"], "cat", input: text)
      #expect(echoed.exitCode == 0, "\(echoed.errorOutput)")
      #expect(echoed.output == text)
      let counted = try await cluster.exec(["-i", "deploy/web"], "sh", "-c", "exit 3", input: "x")
      #expect(counted.exitCode == 3)
      let missing = try await cluster.exec(["deploy/web"], "nosuch")
      expectFailure(missing, .failed, naming: "cannot run nosuch in pod \"web-")
      let forbidden = try await cluster.exec(["deploy/web"], "true", context: "viewer")
      expectFailure(forbidden, .failed, naming: "pods/exec", "omc-viewer")
      let nowhere = try await cluster.exec(["nopod"], "true")
      expectFailure(nowhere, .failed, naming: "pods \"nopod\" not found")
      let container = try await cluster.exec(["deploy/web", "-c", "x"], "true")
      expectFailure(container, .usage, naming: "no container \"x\"")
    }
  }

  @Test("forward carries connections, survives a refused one, and goes to the next pod")
  func forward() async throws {
    try await KubeCluster.with { cluster in
      _ = try await cluster.apply(KubeCluster.web())
      let ready = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "90s"])
      #expect(ready.exitCode == 0, "\(ready.errorOutput)")
      let ports = (
        open: 20_000 + Int.random(in: 0..<5000), closed: 25_000 + Int.random(in: 0..<5000)
      )
      let result = try await cluster.kube(
        ["forward", "deploy/web", "\(ports.open):8080", "\(ports.closed):1"]
      ) { program in
        defer { program.send(SIGTERM) }
        let fetch = {
          try await Program("/usr/bin/curl").run([
            "-s", "-m", "20", "http://127.0.0.1:\(ports.open)/",
          ])
        }
        try await waitUntil("the port to be open") { try await fetch().exitCode == 0 }
        let refused = try await Program("/usr/bin/curl").run(
          ["-s", "-m", "20", "http://127.0.0.1:\(ports.closed)/"])
        #expect(refused.exitCode != 0)
        #expect(try await fetch().exitCode == 0)
        _ = try await cluster.kube(["rollout", "restart", "deploy/web"])
        let again = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "90s"])
        #expect(again.exitCode == 0, "\(again.errorOutput)")
        try await waitUntil("the next pod to answer") { try await fetch().exitCode == 0 }
      }
      #expect(result.exitCode == 143)
      #expect(result.output.contains("127.0.0.1:\(ports.open) -> web-"))
      #expect(result.errorOutput.contains("a connection failed: pod web-"))
      #expect(result.errorOutput.contains("new connections go to pod web-"))
    }
  }
}
