import Diagnostics
import Glibc
import JSON
import ProgramRunner
import SystemPackage
import Testing

@Suite("omcops logs on a real cluster", .enabled(if: KubeCluster.isThere, KubeCluster.word))
struct LogsPodTests {
  private func logs(_ cluster: KubeCluster, _ arguments: String...) async throws -> ProgramResult {
    try await Program.omcops.run(
      ["logs"] + arguments + ["--context", "admin", "-n", cluster.namespace],
      environment: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], in: cluster.folder)
  }

  /// A Job whose pods run a script.
  private func job(_ name: String, _ script: String, pods: Int = 1) -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: \(name)}
    spec:
      completions: \(pods)
      parallelism: \(pods)
      template:
        metadata: {labels: {app: \(name)}}
        spec:
          restartPolicy: Never
          containers:
          - {name: app, image: "localhost/omc/app:1", command: [sh, -c, "\(script)"]}

    """
  }

  @Test("a job is waited for, followed to its end, and every line comes once")
  func followJob() async throws {
    try await KubeCluster.with { cluster in
      let script =
        "i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo n $i; done; sleep 1; echo password=x1"
      let made = try await cluster.apply(job("work", script, pods: 2))
      try #require(made.exitCode == 0)
      let result = try await logs(
        cluster, "job/work", "-f", "--wait", "--exit-on-job-end", "--tail=-1", "--output", "json")
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      let records = try result.output.split(separator: "\n").map {
        try JSON(parsing: Array($0.utf8))
      }
      let byPod = Dictionary(grouping: records) { $0["pod"]?.string ?? "" }
      #expect(byPod.count == 2)
      for records in byPod.values {
        let expected = (1...300).map { "n \($0)" } + ["password=********"]
        #expect(records.compactMap { $0["message"]?.string } == expected)
        #expect(
          records.allSatisfy { $0["container"]?.string == "app" && $0["time"]?.string != nil })
      }
    }
  }

  @Test("restarts are followed, and what came before is asked for with --previous")
  func restarts() async throws {
    try await KubeCluster.with { cluster in
      let made = try await cluster.apply(
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: crasher}
        spec:
          containers:
          - name: app
            image: "localhost/omc/app:1"
            command: [sh, -c, "echo life; sleep 1; echo death; [ -e /lives/one ] && sleep 300; : >/lives/one; exit 3"]
            volumeMounts: [{name: lives, mountPath: /lives}]
          volumes: [{name: lives, emptyDir: {}}]

        """)
      try #require(made.exitCode == 0)
      let result = try await logs(
        cluster, "pod/crasher", "-f", "--wait", "--sort=100ms", "--head", "4", "--no-prefix")
      #expect(result.exitCode == 0)
      #expect(result.output == "life\ndeath\nlife\ndeath\n")
      #expect(result.errorOutput.contains("crasher/app ended (Error, exit code 3)"))
      let previous = try await logs(cluster, "crasher", "--previous", "--no-prefix")
      #expect(previous.exitCode == 0)
      #expect(previous.output == "life\ndeath\n")
    }
  }

  @Test("no pod is an error that says so; other targets mean what they say")
  func targets() async throws {
    try await KubeCluster.with { cluster in
      let nothing = try await logs(cluster, "-l", "app=none")
      #expect(nothing.exitCode == Diagnostics.ExitStatus.blocked.rawValue)
      #expect(nothing.errorOutput.contains("no pod matches the selector app=none"))
      let missing = try await logs(cluster, "deploy/none")
      #expect(missing.exitCode == 1)
      let script = "echo INFO up; echo ERROR down; sleep 60"
      let made = try await cluster.apply(job("one", script) + "---\n" + job("two", script))
      try #require(made.exitCode == 0)
      let waited = try await logs(
        cluster, "-l", "app in (one,two)", "-f", "--wait", "--head", "4", "--timeout", "60s")
      #expect(waited.exitCode == 0)
      let selected = try await logs(cluster, "app=two", "--level", "error+")
      #expect(selected.output.hasSuffix("/app: ERROR down\n"))
      #expect(selected.output.hasPrefix("two-"))
      let named = try await logs(cluster, "^one-", "--tail", "1", "-c", "app", "--no-prefix")
      #expect(named.output == "ERROR down\n")
      let other = try await logs(cluster, "^one-", "-c", "ap")
      #expect(other.output.isEmpty)
    }
  }

  @Test("a follow that is interrupted ends as it should, whatever its connections are at")
  func interrupted() async throws {
    try await KubeCluster.with { cluster in
      let script =
        "i=0; while :; do i=$((i+1)); echo n $i; [ $((i % 500)) != 0 ] || sleep 0.1; done"
      let made = try await cluster.apply(job("busy", script))
      try #require(made.exitCode == 0)
      let ready = try await logs(cluster, "job/busy", "-f", "--wait", "--head", "1")
      try #require(ready.exitCode == 0)
      for pause in [120, 200, 280, 360, 440, 520, 600, 680] {
        let result = try await Program.omcops.run(
          ["logs", "job/busy", "-f", "--context", "admin", "-n", cluster.namespace],
          environment: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], in: cluster.folder
        ) { program in
          try await Task.sleep(for: .milliseconds(pause))
          program.send(SIGINT)
        }
        // On a slow machine the first ones may come before anybody listens to signals.
        let code = Diagnostics.ExitStatus.interrupted.rawValue
        #expect(result.exitCode == code || result.signal == SIGINT, "\(result.status)")
      }
    }
  }

  /// All logs in a namespace's folder.
  private func files(of namespace: FilePath) throws -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    try #require(glob(namespace.appending("*/app.log*").string, 0, nil, &found) == 0)
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }

  @Test("a log that is kept in a folder goes on where a killed omcops stopped")
  func keptInFolder() async throws {
    try await KubeCluster.with { cluster in
      let script =
        "i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo n $i; [ $((i % 100)) != 0 ] || sleep 0.2; done"
      let made = try await cluster.apply(job("work", script))
      try #require(made.exitCode == 0)
      for _ in 0..<3 {
        // Ends in the middle, whatever it is at.
        _ = try await Program.omcops.run(
          [
            "logs", "job/work", "-f", "--wait", "--to", "kept", "--rotate-size", "8KiB",
            "--context", "admin", "-n", cluster.namespace,
          ], environment: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], in: cluster.folder
        ) { program in
          try await Task.sleep(for: .milliseconds(1500))
          program.send(SIGKILL)
        }
      }
      let result = try await logs(
        cluster, "job/work", "-f", "--wait", "--exit-on-job-end", "--to", "kept", "--strict",
        "--rotate-size", "8KiB")
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      #expect(result.output.isEmpty)
      let files = try files(of: cluster.folder.appending("kept").appending(cluster.namespace))
      #expect(files.contains { $0.hasSuffix(".gz") })
      let arguments = ["logs", "--output", "raw"] + files.flatMap { ["--file", $0] }
      let kept = try await Program.omcops.run(arguments, in: cluster.folder)
      let numbers = kept.output.split(separator: "\n").compactMap { Int($0.dropFirst(2)) }
      #expect(numbers.sorted() == Array(1...3000))
    }
  }
}
