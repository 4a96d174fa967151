import Glibc
import JSON
import ProgramRunner
import Testing

/// What `omcops test --where` needs and leaves beside the pods: databases, coverage.
@Suite(.enabled(TestPlaceScene.word) { await TestPlaceScene.isPossible() })
struct TestPlaceDataTests {
  @Test(
    "each worker has its database on a server that pods and this machine reach",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func databases() async throws {
    let module = """
      import glob, os, subprocess, pytest
      PSQL = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]

      def sql(text):
          psql = subprocess.Popen([PSQL, "-XAtq", os.environ["DATABASE_URL"], "-c", text],
              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
              env=dict(os.environ, PGCONNECT_TIMEOUT="20"))
          try:
              output, errors = psql.communicate(timeout=30)
          except subprocess.TimeoutExpired:
              # One that stood still was seen, and never explained: where it stands.
              where = [open("/proc/%d/%s" % (psql.pid, name)).read() for name in ("wchan", "syscall", "net/tcp")]
              psql.kill()
              raise AssertionError("\\n".join(where))
          assert psql.returncode == 0, errors
          return output.strip()

      @pytest.mark.parametrize("n", range(8))
      def test_alone(n):
          sql("INSERT INTO coin VALUES (%d)" % n)
          assert sql("SELECT count(*) FROM coin WHERE id = %d" % n) == "1"
      """
    try await TestPlaceScene.play([
      "test_a.py": module, "seed.sql": "CREATE TABLE coin (id int)",
    ]) { scene in
      try await KubeServer.withDatabase { server, _ in
        let password = KubeServer.password.split(separator: " ").joined(separator: "%20")
        try scene.configure(
          suite: """
                database:
                  kind: url
                  url: "postgresql://postgres:\(password)@\(KubeServer.bridge ?? ""):\(server.port)/postgres"
                  seed: suite/seed.sql
            """)
        for place in ["pod", "job"] {
          let result = try await scene.test("--where", place)
          #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
          #expect(result.output.contains("8 passed"))
        }
      }
    }
  }

  @Test(
    "a throwaway server at this machine's address serves pods, and clean takes it away",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func throwawayServer() async throws {
    let module = """
      import os
      def test_address():
          assert os.environ["PGHOST"] == "ADDRESS" and os.environ["PGPASSWORD"]
          print(os.environ["PGPASSWORD"])
          assert os.environ.get("FAIL") is None
      """
    let bridge = KubeServer.bridge ?? ""
    try await TestPlaceScene.play([
      "test_a.py": module.split(separator: "ADDRESS").joined(separator: bridge)
    ]) { scene in
      try scene.configure(
        suite: "    database: {kind: ephemeral}",
        place: "      database-address: \(bridge)\n      shards: 1")
      // The server's account has to pass through it.
      chmod(scene.cluster.folder.string, 0o755)
      let result = try await scene.test("--where", "job")
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      // In a pod it is known without being said; the way to the cluster leads over the bridge here, too.
      try scene.configure(suite: "    database: {kind: ephemeral}", place: "      shards: 1")
      let inCluster = ["KUBERNETES_SERVICE_HOST": bridge]
      let found = try await scene.test("--where", "job", environment: inCluster)
      #expect(found.exitCode == 0, "\(found.output)\(found.errorOutput)")
      let clean = try await scene.test("clean", environment: inCluster)
      #expect(clean.output.contains("-at-\(bridge)"), "\(clean.output)\(clean.errorOutput)")
    }
  }

  @Test(
    "a server that no pod reaches is tried three times by each shard, and told of",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func unreached() async throws {
    try await TestPlaceScene.play(["test_a.py": "def test_passes(): pass\n"]) { scene in
      try await KubeServer.withDatabase { server, _ in
        let password = KubeServer.password.split(separator: " ").joined(separator: "%20")
        // For libpq, here, that is the server; in a pod it is the pod itself.
        let query = "hostaddr=\(KubeServer.bridge ?? "")"
        try scene.configure(
          suite:
            "    database: {kind: url, url: \"postgresql://postgres:\(password)@0.0.0.0:\(server.port)/postgres?\(query)\"}"
        )
        let result = try await scene.test("--where", "job")
        #expect(result.exitCode == 1, "\(result.output)\(result.errorOutput)")
        for words in [
          "no worker could start: pod omcops-test-unit-",
          "does not reach the database server at 0.0.0.0:\(server.port): ", "Connection refused",
        ] { #expect(result.output.contains(words), "no \"\(words)\" in \(result.output)") }
        let told = result.errorOutput.split(separator: "\n").filter {
          $0.hasPrefix("shard ") && $0.contains(" cannot start: pod ")
        }
        #expect(told.count == 6, "\(result.errorOutput)")
        #expect(try await scene.jobs().isEmpty)
      }
    }
  }

  @Test("what can fail before the pods does, and no Job was made for it")
  func order() async throws {
    try await TestPlaceScene.play([
      "test_a.py": "def test_passes(): pass\n", "seed.sql": "SELECT nonsense",
      "seed.sh": "echo no data here; exit 4\n",
    ]) { scene in
      @Sendable func expectNoJob(
        _ result: ProgramResult, _ words: String,
        sourceLocation: SourceLocation = #_sourceLocation
      ) {
        let said = result.output + result.errorOutput
        #expect(result.exitCode != 0, sourceLocation: sourceLocation)
        #expect(said.contains(words), "\(said)", sourceLocation: sourceLocation)
        #expect(!said.contains("in job "), "\(said)", sourceLocation: sourceLocation)
      }
      expectNoJob(
        try await scene.test("--where", "job", "--changed"), "cannot find out what was changed")
      expectNoJob(
        try await scene.test("--where", "job", "--junit", "no/such/folder.xml"),
        "cannot write the report to no/such/folder.xml")
      try scene.configure(
        suite: "    python: /bin/false\n    coverage: true\n    database: {kind: none}")
      expectNoJob(try await scene.test("--where", "job"), "/bin/false has no coverage.py")
      guard let bridge = KubeServer.bridge else { return }
      try await KubeServer.withDatabase { server, _ in
        let password = KubeServer.password.split(separator: " ").joined(separator: "%20")
        let url = "postgresql://postgres:\(password)@\(bridge):\(server.port)/postgres"
        for (step, words) in [
          ("seed: suite/seed.sql", "seed.sql: column \"nonsense\" does not exist"),
          ("seed-command: [sh, seed.sh]", "no data here"),
          ("migrate: suite/alembic.ini", "alembic.ini"),
        ] {
          try scene.configure(suite: "    database: {kind: url, url: \"\(url)\", \(step)}")
          expectNoJob(try await scene.test("--where", "job"), words)
        }
      }
      #expect(try await scene.jobs().isEmpty)
    }
  }

  @Test("what the shards measure is brought together here, in the project's own file")
  func coverage() async throws {
    try await TestPlaceScene.play(
      [
        ".coveragerc": "[run]\nsource = shop\nbranch = true\n",
        "shop/__init__.py": "",
        "shop/prices.py":
          "def net(p):\n    return p / 2\n\n\ndef gross(p):\n    return p * 2\n\n\ndef never(p):\n    return p\n",
        "test_net.py": "from shop.prices import net\ndef test_net(): assert net(4) == 2\n",
        "test_gross.py":
          "import os\nfrom shop.prices import gross\ndef test_gross(): assert gross(2) == 4\ndef test_dies(): os._exit(1)\n",
      ]
    ) { scene in
      let suite = scene.cluster.folder.appending("suite").string
      let made = try await Program("/usr/bin/python3").run(
        ["-m", "pip", "install", "--quiet", "--target", "\(suite)/site", "coverage>=7"],
        timeout: .seconds(120))
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      try scene.configure(
        suite: """
              python: /usr/bin/python3
              arguments: [--ignore=site]
              environment: {PYTHONPATH: "/suite/site:\(suite)/site"}
              coverage: true
              database: {kind: none}
          """)
      for place in ["job", "pod"] {
        let result = try await scene.test(
          "--where", place, "--output", "json", "--coverage-xml", "out.xml")
        #expect(result.exitCode == 1, "\(result.output)\(result.errorOutput)")
        let record = try TestPlaceScene.record(result)
        #expect(record["counts"]?["passed"] == 2, "\(result.output)")
        #expect(record["coverage"]?["statements"]?.int == 6, "\(result.output)")
        // The interpreter that a test has ended has told of nothing, and the other tests are counted.
        #expect(result.output.contains("interpreters there is no coverage"), "\(result.output)")
        let xml = try await Program("/bin/grep").run(
          ["-c", "filename=\"prices.py\"", "out.xml"], in: scene.cluster.folder)
        #expect(xml.output == "1\n", "\(xml.output)")
        #expect(
          ScratchFolder.names(in: scene.cluster.folder.appending("suite")).contains(".coverage"))
      }
      #expect(try await scene.jobs().isEmpty)
      let left = try await scene.cluster.exec(["deployment/web"], "/bin/busybox", "ls", "/tmp")
      #expect(left.output == "")
    }
  }
}
