import Diagnostics
import Glibc
import JSON
import KubeExec
import ProgramRunner
import Testing

/// `omcops test --where` against a real cluster.
@Suite(.enabled(TestPlaceScene.word) { await TestPlaceScene.isPossible() })
struct TestPlaceTests {
  private static let disasters = """
    import os, signal, subprocess, sys, time, pytest

    def test_daemon():
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)

    @pytest.mark.parametrize("n", range(8))
    def test_n(n, tmp_path):
        (tmp_path / "file").write_text("x")

    def test_variables():
        assert os.environ["IN_POD"] == "yes"
        assert "HOME_OF_OMCOPS" not in os.environ
        print("the word is", os.environ["WORD"])
        assert os.environ["WORD"] == ""

    def test_segfault(): os.kill(os.getpid(), signal.SIGSEGV)
    def test_exit(): os._exit(3)
    def test_hangs(): time.sleep(600)
    def test_after(): pass
    """

  @Test("in a pod every verdict is as on this machine, and nothing is left in it")
  func pod() async throws {
    try await TestPlaceScene.play(
      ["test_a.py": TestPlaceTests.disasters],
      suite: """
            environment: {WORD: {from-env: SECRET_WORD}}
            timeout: 2s
        """
    ) { scene in
      let result = try await scene.test(
        "--where", "pod", "--output", "json", "--junit", "all.xml",
        environment: ["SECRET_WORD": "hush-hush-7", "HOME_OF_OMCOPS": "here"])
      #expect(result.exitCode == 1, "\(result.errorOutput)")
      #expect(result.errorOutput.contains("in container app of pod web-"))
      #expect(!(result.output + result.errorOutput).contains("hush-hush-7"))
      let record = try TestPlaceScene.record(result)
      #expect(record["workers"] == 2, "the container may use 1.5 processors")
      #expect(record["counts"]?["passed"] == 10)
      #expect(record["counts"]?["failed"] == 1)
      #expect(record["counts"]?["error"] == 3)
      let messages = (record["results"]?.array ?? []).compactMap { $0["message"]?.string }
      #expect(messages.contains { $0.contains("signal 11 (SIGSEGV)") })
      #expect(messages.contains { $0.contains("exit code 3") })
      #expect(messages.contains { $0.contains("did not end within 2s") })
      let left = try await scene.cluster.exec(
        ["deployment/web"], "/bin/busybox", "ls", "/tmp", "/suite")
      #expect(left.output == "/suite:\ntest_a.py\n\n/tmp:\n")
      #expect(try await scene.count("[p]ython3", in: "deployment/web") == 0)

      // One that is killed leaves nothing either.
      try scene.configure()
      try scene.write("suite/test_a.py", "import time\ndef test_waits(): time.sleep(600)\n")
      let stopped = try await scene.test("--where", "pod") { program in
        try await TestPlaceScene.wait("no test runs in the pod") {
          try await scene.count("[o]mcops_worker", in: "deployment/web") > 0
        }
        program.send(SIGKILL)
      }
      #expect(stopped.exitCode != 0)
      try await TestPlaceScene.wait("the interpreter outlives omcops") {
        try await scene.count("[p]ython3", in: "deployment/web") == 0
      }
      #expect(
        try await scene.cluster.exec(["deployment/web"], "/bin/busybox", "ls", "/tmp").output == "")
    }
  }

  @Test("a shard whose pod is killed has another one, and no test is lost or run twice")
  func killedShard() async throws {
    try await TestPlaceScene.play(
      [
        "test_a.py": TestPlaceScene.mark + """
          import time
          @pytest.mark.parametrize("n", range(60))
          def test_n(n): time.sleep(0.3)
          """
      ], place: "      shards: 4"
    ) { scene in
      let result = try await scene.test("--where", "job", "--output", "json") { _ in
        try await TestPlaceScene.wait("the shards do not run") {
          try await scene.shards().count == 4
        }
        let client = try scene.cluster.client()
        let shards = try await scene.shards()
        for index in ["1", "2"] {
          try await scene.waitForTests(in: try #require(shards[index]).name)
        }
        try await client.delete(
          .pods, try #require(shards["1"]).name, in: scene.cluster.namespace)
        // Its only container dies, as for lack of memory.
        _ = try await scene.cluster.exec(
          [try #require(shards["2"]).name], "/bin/busybox", "sh", "-c",
          "kill -9 $(pgrep python3)")
      }
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      let record = try TestPlaceScene.record(result)
      #expect(record["verdict"] == "passed")
      #expect(record["results"]?.array?.count == 60)
      let troubles = record["troubles"]?.array ?? []
      #expect(troubles.count == 2)
      #expect(
        troubles.allSatisfy { $0["kind"] == "killed" && $0["recovered"] == true }, "\(troubles)")
      #expect(result.errorOutput.contains("will run again"))
      #expect(result.errorOutput.contains("shard 3 | "))
      #expect(result.errorOutput.contains("the shards do not have: migrate"))
      #expect(try await scene.jobs().isEmpty)
      try await TestPlaceScene.wait("pods of shards stay") { try await scene.shards().isEmpty }
    }
  }

  @Test("what a killed omcops has left is deleted by the next run and by clean")
  func killedOmcops() async throws {
    let slow = "import time\ndef test_waits(mark): time.sleep(600)\n"
    try await TestPlaceScene.play(
      ["test_a.py": TestPlaceScene.mark + slow], place: "      kind: job\n      shards: 1"
    ) { scene in
      let kill: @Sendable (RunningProgram, Int32) async throws -> Void = { program, signal in
        try await TestPlaceScene.wait("no shard runs") { try await scene.shards().count == 1 }
        try await scene.waitForTests(in: try #require(try await scene.shards()["0"]).name)
        program.send(signal)
      }
      let stopped = try await scene.test { try await kill($0, SIGINT) }
      #expect(stopped.exitCode == 130, "\(stopped.errorOutput)")
      #expect(try await scene.jobs().isEmpty)
      try await TestPlaceScene.wait("pods of shards stay") { try await scene.shards().isEmpty }

      _ = try await scene.test { try await kill($0, SIGKILL) }
      let left = try await scene.jobs()
      #expect(left.count == 1)
      let pod = try #require(try await scene.shards()["0"])
      try await TestPlaceScene.wait("the interpreter outlives omcops") {
        try await scene.count("[o]mcops_worker", in: pod.name) == 0
      }
      let clean = try await scene.test("clean")
      #expect(
        clean.output.contains("job \(left.first ?? "?") in namespace"), "\(clean.errorOutput)")
      #expect(try await scene.jobs().isEmpty)

      try await TestPlaceScene.wait("pods of shards stay") { try await scene.shards().isEmpty }
      _ = try await scene.test { try await kill($0, SIGKILL) }
      try scene.write("suite/test_a.py", "def test_passes(): pass\n")
      let next = try await scene.test()
      #expect(next.exitCode == 0, "\(next.errorOutput)")
      #expect(next.errorOutput.contains("deleted job omcops-test-unit-"))
      #expect(try await scene.jobs().isEmpty)
    }
  }

  @Test("what cannot work is told by its name at once, and nothing is left of it")
  func refusals() async throws {
    try await TestPlaceScene.play(["test_a.py": "def test_passes(): pass\n"]) { scene in
      let none = "    database: {kind: none}"
      try scene.configure(context: "viewer")
      for place in ["pod", "job"] {
        expectFailure(
          try await scene.test("--where", place), .failed, naming: "context \"viewer\" may not",
          "pods/exec")
      }
      try scene.configure(suite: "    database: {kind: ephemeral}")
      expectFailure(
        try await scene.test("--where", "job"), .refused, naming: "ephemeral database",
        "database-address")
      try scene.configure(
        suite: "    database: {kind: url, url: \"postgresql://localhost/postgres\"}")
      expectFailure(
        try await scene.test("--where", "pod"), .refused, naming: "localhost",
        "a pod is the pod itself")
      try scene.configure(place: "      image: localhost/no/such:1")
      let image = try await scene.test("--where", "job")
      #expect(image.exitCode == 1)
      #expect(image.errorOutput.contains("localhost/no/such:1"), "\(image.errorOutput)")
      #expect(image.errorOutput.contains("cannot start"))
      try scene.configure(
        suite: none,
        place: "      start-timeout: 3s\n      resources: {requests: {cpu: 1000}}\n      shards: 1")
      let room = try await scene.test("--where", "job")
      #expect(room.exitCode == 1)
      #expect(room.errorOutput.contains("shard 0 waits: pod"), "\(room.errorOutput)")
      #expect(room.errorOutput.contains("Insufficient cpu"))
      try scene.configure()
      for (option, word) in [("--where=local", "--target"), ("--where=pod", "--shards")] {
        let idle = try await scene.test(option, word, "3")
        expectFailure(idle, .usage, naming: "\(word) means nothing")
      }
      #expect(try await scene.jobs().isEmpty)
    }
  }
}
