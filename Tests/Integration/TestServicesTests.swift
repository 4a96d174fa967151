import Glibc
import ProgramRunner
import Testing

@Suite("services of omcops test", .enabled(if: TestScene.python != nil, "no python3 in PATH"))
struct TestServicesTests {
  /// Answers with what it was given; `/slow` becomes well after a moment.
  private static let server = """
    import http.server, os, sys, time
    start = time.time()
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            ready = self.path != "/slow" or time.time() - start > 0.3
            self.send_response(200 if ready else 503)
            self.end_headers()
            names = ("NAME", "DATABASE_URL", "CACHE_URL")
            self.wfile.write(" ".join(os.environ.get(name, "-") for name in names).encode())
        def log_message(self, *words): pass
    print("listening soon", flush=True)
    if len(sys.argv) > 2: os.spawnlp(os.P_NOWAIT, "setsid", "setsid", "sleep", "43210.5")
    http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
    """

  private func services(_ python: String) -> String {
    """
    services:
      api:
        command: [\(python), server.py, "${port}", leave-a-child]
        environment: { NAME: "api-${port}" }
        each: worker
        needs: [cache]
        ready: { http: /slow }
        variables: { API_URL: url, API_PORT: port }
      cache:
        command: [\(python), server.py, "${port}"]
        ready: { log: listening }
        variables: { CACHE_URL: url }
      gate:
        command: [sleep, "43210.5"]
        ready: { command: [test, -e, server.py] }
    """
  }

  @Test(
    "they are there before the tests, with ports and databases of their own, and gone afterwards")
  func there() async throws {
    try await TestScene.play(
      [
        "server.py": Self.server, "seed.sql": "CREATE TABLE t (n int);",
        "test_a.py": """
        import os, urllib.request, pytest
        @pytest.mark.parametrize("n", range(4))
        def test_api(n):
            text = urllib.request.urlopen(os.environ["API_URL"] + "/").read().decode()
            name, url, cache = text.split(" ")
            assert name == "api-" + os.environ["API_PORT"]
            assert url == os.environ["DATABASE_URL"]
            assert cache == os.environ["CACHE_URL"]
        """, "test_b.py": "from test_a import *\n",
      ], suite: services(TestScene.python ?? "")
    ) { play in
      let result = try await play.test("--seed", "3")
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      #expect(result.output.contains("unit: 8 passed"), "\(result.output)")
      #expect(!TestScene.isRunning("43210.5"))
      #expect(try await play.runDatabases().isEmpty)
    }
  }

  @Test("one for each shard has the shard's database, and is there for any command")
  func shards() async throws {
    try await CommandSuiteScene.play(
      [
        "server.py": Self.server,
        "run.sh": "#!/bin/sh\necho 1..1; echo \"ok 1 - $OMCOPS_TEST_SHARD $(curl -s $API_URL/)\"\n",
      ],
      suites: """
        unit:
          runner: tap
          shards: 2
          command: [./run.sh]
          services:
            api: { command: [\(TestScene.python ?? ""), server.py, "${port}"], environment: { NAME: n }, each: worker, variables: { API_URL: url } }
        """
    ) { play in
      let result = try await play.test("--output", "json")
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      for shard in 1...2 { #expect(result.output.contains("\"id\": \"\(shard) n - -\"")) }
    }
  }

  @Test("one that does not come up, or dies, is told of with what it wrote")
  func failures() async throws {
    let python = TestScene.python ?? ""
    try await CommandSuiteScene.play(
      ["server.py": Self.server],
      suites: """
        ends: { runner: tap, command: [touch, ran], services: { api: { command: [sh, -c, "echo no config >&2; exit 3"], ready: port } } }
        slow: { runner: tap, command: [touch, ran], services: { api: { command: [\(python), server.py, "${port}"], ready: { http: /slow }, start-timeout: 100ms } } }
        mute: { runner: tap, command: [touch, ran], services: { api: { command: [sh, -c, "echo hello; sleep 43210.6"], ready: port, start-timeout: 200ms } } }
        none: { runner: tap, command: [touch, ran], services: { api: { command: [./nowhere], ready: port } } }
        dies: { runner: tap, command: [sh, -c, "kill $(cat pid); sleep 0.5; echo 1..1; echo ok 1 - a"], services: { api: { command: [sh, -c, "echo $$ > pid; echo bye; exec sleep 43210.8"], ready: { log: bye } } } }
        """
    ) { play in
      for (suite, words) in [
        ("ends", ["service \"api\" ended with exit code 3 before it was ready", "no config"]),
        ("slow", ["service \"api\" was not ready within 100 ms: "]),
        ("mute", ["was not ready within 200 ms: nothing listens at port", "hello"]),
        ("none", ["there is no program ./nowhere for service \"api\""]),
      ] {
        let result = try await play.test(suite)
        #expect(result.exitCode == (suite == "none" ? 2 : 1))
        for word in words {
          #expect(result.errorOutput.contains(word), "no \"\(word)\" in \(result.errorOutput)")
        }
      }
      #expect(!ScratchFolder.names(in: play.scene.folder).contains("ran"))
      #expect(!TestScene.isRunning("43210.6"))
      let dies = try await play.test("dies")
      #expect(dies.exitCode == 1, "\(dies.output)\(dies.errorOutput)")
      #expect(
        dies.output.contains("service \"api\" was ended by signal 15 (SIGTERM) while"),
        "\(dies.output)")
    }
  }

  @Test("Ctrl-C ends them; what kill -9 leaves of them, the next run or clean takes away")
  func ends() async throws {
    try await CommandSuiteScene.play(
      suites: """
        unit:
          runner: tap
          command: [sh, -c, touch ready; sleep 300]
          services: { api: { command: [sh, -c, "setsid sleep 43210.7 & echo up; wait"], ready: { log: up } } }
        """
    ) { play in
      let folder = play.scene.folder
      for signal in [SIGINT, SIGKILL] {
        unlink(folder.appending("ready").string)
        let result = try await play.test { program in
          try await waitUntil("the command to run") {
            ScratchFolder.names(in: folder).contains("ready")
          }
          program.send(signal)
        }
        #expect(signal == SIGINT ? result.exitCode == 130 : result.signal == SIGKILL)
        #expect(TestScene.isRunning("43210.7") == (signal == SIGKILL))
      }
      let clean = try await play.test("clean")
      #expect(clean.output.contains("of a killed run"), "\(clean.output)\(clean.errorOutput)")
      #expect(!TestScene.isRunning("43210.7"))
    }
  }

  @Test("what cannot be right of them is refused at its place")
  func refusals() async throws {
    for (services, words) in [
      ("a: { command: [x] }", "does not say how it is known to be ready"),
      ("a: { command: [x], ready: { http: health } }", "is no path of a service"),
      ("a: { command: [x], ready: port, needs: [b] }", "there is no service \"b\""),
      (
        "a: { command: [x], ready: port, needs: [b] }, b: { command: [x], ready: port, needs: [a] }",
        "services need each other in a circle: a, b"
      ),
      (
        "a: { command: [x], ready: port, needs: [b] }, b: { command: [x], ready: port, each: worker }",
        "cannot need \"b\" of one worker"
      ),
      ("a: { command: [x], port: 80, each: worker }", "cannot have one port for all"),
    ] {
      try await CommandSuiteScene.play(
        suites: "unit: { runner: tap, command: [x], services: { \(services) } }"
      ) { play in
        expectFailure(try await play.test(), .usage, naming: words)
      }
    }
  }
}
