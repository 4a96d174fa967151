import Glibc
import ProgramRunner
import Testing

@Suite("omcops test with commands that run the tests themselves")
struct CommandSuiteTests {
  /// Results that a script writes into a file.
  private static func writing(_ xml: String, to file: String = "out.xml", code: Int = 0) -> String {
    "#!/bin/sh\ncat > \(file) <<'END'\n\(xml)\nEND\nexit \(code)\n"
  }

  private static let good =
    "<testsuite name='s'><testcase classname='A' name='one' time='0.5'/></testsuite>"
  private static let bad =
    "<testsuite name='s'><testcase classname='A' name='one'/><testcase classname='A' name='two'>"
    + "<failure message='1 is not 2'>a.c:7</failure></testcase></testsuite>"

  @Test("a verdict is believed only where the command's end and its results agree")
  func verdicts() async throws {
    let scripts: [(script: String, code: Int32, words: [String])] = [
      (Self.writing(Self.good), 0, ["1 passed"]),
      (Self.writing(Self.bad, code: 1), 1, ["FAILED  A::two", "1 is not 2", "1 failed, 1 passed"]),
      (
        Self.writing(Self.bad), 1,
        ["run.sh ended with exit code 0, although 1 test failed", "broken"]
      ),
      (
        Self.writing(Self.good, code: 4) + "", 1,
        ["run.sh ended with exit code 4, although no test failed", "broken"]
      ),
      (
        Self.writing("<testsuite><testcase classname='A' name='one'/><testcase na"), 1,
        ["out.xml is not whole: line 2 (byte ", "1 tests before it were read", "broken"]
      ),
      ("#!/bin/sh\n: > out.xml\n", 1, ["out.xml is not whole", "it is empty"]),
      (
        "#!/bin/sh\necho why >&2; exit 1\n", 1,
        ["run.sh ended with exit code 1", "nothing matches out.xml in /", "│ why"]
      ),
      ("#!/bin/sh\n", 1, ["there are no results: nothing matches out.xml in /"]),
      (Self.writing("<testsuite name='s'/>"), 3, ["no tests ran", "holds no test"]),
      ("#!/bin/sh\nkill -9 $$\n", 1, ["run.sh was ended by signal 9 (SIGKILL)"]),
    ]
    try await CommandSuiteScene.play(
      suites: "unit: { runner: junit, command: [./run.sh], results: [out.xml] }"
    ) { play in
      let scene = TestScene(scene: play.scene, python: "")
      for (script, code, words) in scripts {
        unlink(play.scene.folder.appending("out.xml").string)
        try play.write("run.sh", script)
        let result = try await play.test("unit")
        #expect(result.exitCode == code, "\(script)\(result.output)\(result.errorOutput)")
        for word in words {
          #expect(result.output.contains(word), "no \"\(word)\" in \(result.output)")
        }
        try await scene.expectNothingLeft()
      }
      // What an earlier run has left is nobody's result.
      try play.write("run.sh", Self.writing(Self.good))
      #expect(try await play.test().exitCode == 0)
      try play.write("run.sh", "#!/bin/sh\n")
      let stale = try await play.test()
      #expect(stale.exitCode == 1)
      #expect(stale.output.contains("out.xml is older than this run"), "\(stale.output)")
    }
  }

  @Test("results are found by patterns, and one of them may be empty")
  func patterns() async throws {
    try await CommandSuiteScene.play(
      [
        "run.sh": """
        #!/bin/sh
        mkdir -p a/build/x b/build .hidden/build
        echo "\(Self.good)" > a/build/x/TEST-1.xml
        echo "<testsuite name='s'/>" > b/build/TEST-2.xml
        echo nonsense > .hidden/build/TEST-3.xml; echo nonsense > b/build/other.xml
        """,
        "old/build/TEST-0.xml": Self.good, "old/build/TEST-00.xml": Self.good,
      ],
      suites: """
        unit: { runner: junit, command: [./run.sh], results: ["[ab]/**/TEST-?.xml"] }
        all: { runner: junit, command: [./run.sh], results: ["**/build/**/TEST-*.xml"] }
        """
    ) { play in
      let result = try await play.test("unit")
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      #expect(result.output.contains("unit: 1 passed"))
      let all = try await play.test("all")
      #expect(all.exitCode == 1)
      #expect(
        all.output.contains("old/build/TEST-0.xml and 1 more are older than this run"),
        "\(all.output)")
    }
  }

  @Test(
    "the test runner of Node.js is understood in both of its forms",
    .enabled(if: system("node --test-reporter=junit -v >/dev/null 2>&1") == 0, "no Node.js 20"))
  func node() async throws {
    try await CommandSuiteScene.play(
      [
        "a.test.mjs": """
        import test from 'node:test'; import assert from 'node:assert';
        test('adds', () => assert.equal(1 + 1, 2));
        test('fails', () => assert.equal(1 + 1, 3));
        test('later', { todo: true }, () => assert.ok(false));
        test('group', async t => { await t.test('inner', () => {}); });
        """
      ],
      suites: """
        tap: { runner: tap, command: [node, --test, --test-reporter=tap, a.test.mjs] }
        junit: { runner: junit, command: [node, --test, --test-reporter=junit, "--test-reporter-destination=${results}", a.test.mjs] }
        """
    ) { play in
      for (suite, names) in [("tap", ["fails", "group > inner"]), ("junit", ["test::fails"])] {
        let result = try await play.test(suite, "--output", "json")
        #expect(result.exitCode == 1, "\(result.output)\(result.errorOutput)")
        #expect(result.output.contains("\"verdict\": \"failed\""), "\(result.output)")
        for name in names {
          #expect(result.output.contains("\"id\": \"\(name)\""), "\(result.output)")
        }
      }
    }
  }

  @Test(
    "the Test Anything Protocol is read from standard output, a hundred megabytes of it as well")
  func testAnything() async throws {
    try await CommandSuiteScene.play(
      [
        "good.sh":
          "#!/bin/sh\necho 1..2; echo noise; echo ok 1 - a; echo ok 2 - b '# SKIP no net'\n",
        "cut.sh": "#!/bin/sh\necho 1..3; echo ok 1 - a\n",
        "much.sh":
          "#!/bin/sh\necho 1..1; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo not ok 1 - a; exit 1\n",
      ],
      suites: """
        good: { runner: tap, command: [./good.sh] }
        cut: { runner: tap, command: [./cut.sh] }
        much: { runner: tap, command: [./much.sh] }
        """
    ) { play in
      let good = try await play.test("good")
      #expect(good.exitCode == 0)
      #expect(good.output.contains("1 skipped, 1 passed"), "\(good.output)")
      let cut = try await play.test("cut")
      #expect(cut.exitCode == 1)
      #expect(cut.output.contains("planned 3 tests and ran 1"), "\(cut.output)")
      let much = try await play.test("much")
      #expect(much.exitCode == 1)
      #expect(much.output.contains("much: 1 failed"), "\(much.output.suffix(300))")
      #expect(much.output.utf8.count < 100_000)
    }
  }

  @Test("a shard that fails before its first test is no empty one")
  func failedShard() async throws {
    try await CommandSuiteScene.play(
      [
        "run.sh": """
        #!/bin/sh
        [ "$OMCOPS_TEST_SHARD" = 2 ] && { echo 1..0; echo port is taken >&2; exit $1; }
        echo 1..1; echo ok 1 - a
        """
      ],
      suites: """
        failed: { runner: tap, shards: 2, command: [./run.sh, "1"] }
        empty: { runner: tap, shards: 2, command: [./run.sh, "0"] }
        """
    ) { play in
      let failed = try await play.test("failed")
      #expect(failed.exitCode == 1, "\(failed.output)")
      #expect(failed.output.contains("ended with exit code 1"), "\(failed.output)")
      #expect(failed.output.contains("port is taken"), "\(failed.output)")
      let empty = try await play.test("empty")
      #expect(empty.exitCode == 0, "\(empty.output)")
    }
  }

  @Test("each shard has its number and a database of its own, of which nothing is left")
  func shards() async throws {
    try await Scene.play { scene in
      let url = scene.database.conninfo
      try await CommandSuiteScene.play(
        [
          "seed.sql": "CREATE TABLE t (n int)",
          "run.sh": """
          #!/bin/sh
          psql -XAtq "$DATABASE_URL" -c "INSERT INTO t VALUES ($OMCOPS_TEST_SHARD)"
          echo 1..1
          echo "ok 1 - $OMCOPS_TEST_SHARD of $OMCOPS_TEST_SHARDS has $(psql -XAtq "$DATABASE_URL" -c 'SELECT sum(n) FROM t')"

          """,
        ],
        suites: """
          unit: { runner: tap, shards: 3, command: [./run.sh], database: { kind: url, url: "\(url)", seed: seed.sql } }
          same: { runner: tap, shards: 2, command: [sh, -c, echo 1..1; echo ok 1 - a] }
          """
      ) { play in
        let result = try await play.test("unit", "--repeat", "2", "--output", "json")
        #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
        // Each began in this run, whatever its command said or did not say.
        #expect(!result.output.contains("\"started-at\": \"19"))
        for shard in 1...3 {
          #expect(
            result.output.contains("\"id\": \"\(shard) of 3 has \(shard)\""), "\(result.output)")
        }
        #expect(result.output.contains("\"round\": 2"))
        #expect(try await TestScene(scene: scene, python: "").runDatabases().isEmpty)
        let same = try await play.test("same")
        #expect(same.exitCode == 1)
        #expect(same.output.contains("every shard ran the same tests"), "\(same.output)")
      }
    }
  }

  @Test("what a runner cannot do is refused by its name, before anything is started")
  func refusals() async throws {
    try await CommandSuiteScene.play(
      ["run.sh": "#!/bin/sh\ntouch started\n"],
      suites: """
        tap: { runner: tap, command: [./run.sh] }
        junit: { runner: junit, command: [./run.sh], results: [out.xml] }
        swift: { runner: swift, command: [./run.sh] }
        play: { runner: playwright, command: [./run.sh] }
        """
    ) { play in
      for (suite, options, word) in [
        ("tap", ["-k", "x"], "-k"), ("tap", ["--retries", "1"], "--retries"),
        ("tap", ["--changed"], "--changed"), ("tap", ["--timeout", "1s"], "--run-timeout"),
        ("junit", ["--fail-fast"], "--fail-fast"), ("junit", ["--seed", "1"], "${seed}"),
        ("junit", ["--workers", "2"], "${shard}"), ("swift", ["--workers", "2"], "shards"),
        ("swift", ["--seed", "1"], "--seed"), ("swift", ["--fail-fast"], "--fail-fast"),
        ("play", ["--seed", "1"], "--seed"),
      ] {
        let result = try await play.scene.omcops(["test", suite] + options)
        expectFailure(result, .usage, naming: word)
      }
      #expect(!ScratchFolder.names(in: play.scene.folder).contains("started"))
    }
  }

  @Test("a command that hangs is ended with all that it started, in whatever session")
  func hanging() async throws {
    try await CommandSuiteScene.play(
      [
        "hang.sh": """
        #!/bin/sh
        (setsid sh -c 'trap "" TERM; sleep 65432.1; :' > /dev/null 2>&1 &)
        echo 1..2; echo ok 1 - a
        touch ready
        sleep 65432.1
        """
      ], suites: "unit: { runner: tap, command: [./hang.sh], run-timeout: 500ms }"
    ) { play in
      let result = try await play.test()
      #expect(result.exitCode == 1)
      #expect(result.output.contains("hang.sh did not end within 500 ms"), "\(result.output)")
      #expect(!TestScene.isRunning("65432.1"))
    }
  }

  @Test(
    "what a test of pytest's leaves in a session of its own is ended with the run",
    .enabled(if: TestScene.python != nil, "no python3 with pytest in PATH"))
  func sessions() async throws {
    try await TestScene.play(
      [
        "test_a.py": """
        import subprocess
        def test_leaves(): subprocess.Popen(["setsid", "sleep", "54320.1"])
        """
      ], database: "none"
    ) { play in
      let result = try await play.test()
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      #expect(!TestScene.isRunning("54320.1"))
    }
  }

  @Test("what is left of a run that was killed, the next one takes away, and nothing else")
  func killed() async throws {
    try await CommandSuiteScene.play(
      [
        "run.sh": "#!/bin/sh\n(setsid sleep 54321.2 &)\ntouch ready\nsleep 54321.2\n",
        "next.sh": "#!/bin/sh\necho 1..1; echo ok 1 - a\n",
      ],
      suites: """
        unit: { runner: tap, command: [./run.sh] }
        next: { runner: tap, command: [./next.sh] }
        """
    ) { play in
      let folder = play.scene.folder
      let stranger = "OMCOPS_TEST_RUN=other/x sleep 54322.3 & echo $! > \(folder)/stranger"
      try #require(system(stranger) == 0)
      defer { kill(pid_t(play.text("stranger").prefix { $0.isNumber }) ?? 0, SIGKILL) }
      let killed = try await play.test("unit") { program in
        try await waitUntil("the command to run") {
          ScratchFolder.names(in: folder).contains("ready")
        }
        program.send(SIGKILL)
      }
      #expect(killed.signal == SIGKILL)
      #expect(TestScene.isRunning("54321.2"))
      let next = try await play.test("next")
      #expect(next.exitCode == 0, "\(next.errorOutput)")
      #expect(next.errorOutput.contains("of a killed run"), "\(next.errorOutput)")
      #expect(!TestScene.isRunning("54321.2"))
      #expect(TestScene.isRunning("54322.3"))
      // Where no state can be kept the records are among the temporary files.
      let stateless = try await play.scene.omcops(
        ["test", "next"],
        environment: ["XDG_STATE_HOME": "/proc/none", "TMPDIR": play.scene.folder.string])
      #expect(stateless.exitCode == 0, "\(stateless.errorOutput)")
      #expect(
        ScratchFolder.names(in: folder).filter { $0.hasPrefix("omcops-test-") }
          == ["omcops-test-runs-\(geteuid())"])
      let again = try await play.test("next")
      #expect(!again.errorOutput.contains("of a killed run"))
    }
  }
}
