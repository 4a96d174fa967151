import Glibc
import ProgramRunner
import SystemPackage
import Testing

/// `omcops kube exec -i`: the session's end, whatever standard input does.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeExecInputTests {
  @Test("a command's end is the session's, with standard input open and while much is sent")
  func end() async throws {
    try await KubeCluster.with { cluster in
      try await cluster.pod()
      let open = try await cluster.exec(to: "sh -c 'echo out; echo bad >&2; exit 3'", from: "&3")
      #expect(open.exitCode == 3)
      #expect(open.output == "out\n")
      #expect(open.errorOutput == "bad\n")
      // More is sent than there is room for anywhere on the way, and nobody reads it.
      let unread = try await cluster.exec(to: "sh -c 'sleep 1; exit 4'", from: "/dev/zero")
      #expect(unread.exitCode == 4, "\(unread.errorOutput)")
      let some = try await cluster.exec(to: "head -c 70000", from: "/dev/zero")
      #expect(some.exitCode == 0, "\(some.errorOutput)")
      #expect(some.output.utf8.count == 70_000)
      #expect(some.errorOutput.isEmpty)
      // Nothing of the sessions may stay behind in the container.
      let left = try await cluster.exec(["p"], "sh", "-c", "ps | grep -c '[d]d bs=\\|[o]mcops'")
      #expect(left.output == "0\n")
    }
  }

  @Test("100 MB of standard input arrive as they are")
  func whole() async throws {
    try await KubeCluster.with { cluster in
      try await cluster.pod()
      let result = try await cluster.shell(
        """
        head -c 100000000 /dev/urandom > input
        sha256sum < input
        \(cluster.command("sha256sum")) < input
        """)
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      let sums = result.output.split(separator: "\n")
      try #require(sums.count == 2)
      #expect(sums[0] == sums[1])
    }
  }
}

extension KubeCluster {
  /// Makes the pod `p`, which waits.
  fileprivate func pod() async throws {
    let made = try await apply(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: p}
      spec:
        terminationGracePeriodSeconds: 0
        containers:
        - {name: app, image: "localhost/omc/app:1", command: [sleep, "1000"]}
      """)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    let ready = try await kube(["wait", "pod/p", "--for", "condition=Ready", "--timeout", "60s"])
    try #require(ready.exitCode == 0, "\(ready.errorOutput)")
  }

  /// The words of a shell that run a command in the pod.
  fileprivate func command(_ words: String) -> String {
    "'\(Program.omcops.path)' kube exec -i p --context admin -n \(namespace) -- \(words)"
  }

  /// Runs a command in the pod; descriptor 3 is a pipe that nobody writes to, and that stays open.
  fileprivate func exec(to words: String, from input: String) async throws -> ProgramResult {
    try await shell("mkfifo -m 600 pipe && exec 3<>pipe && rm pipe && \(command(words)) <\(input)")
  }

  fileprivate func shell(_ script: String) async throws -> ProgramResult {
    try await Program("/bin/sh").run(
      ["-c", script], environment: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], in: folder,
      timeout: .seconds(90))
  }
}
