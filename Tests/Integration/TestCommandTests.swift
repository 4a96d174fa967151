import Glibc
import ProgramRunner
import Testing

/// A module that speaks with its database through psql: no driver need be installed.
private let sql = """
  import os, subprocess

  def sql(text, url=None):
      done = subprocess.run(
          ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", url or os.environ["DATABASE_URL"], "-c", text],
          capture_output=True, text=True)
      assert done.returncode == 0, done.stderr
      return done.stdout.strip()

  """

@Suite("omcops test", .enabled(if: TestScene.python != nil, "no python3 with pytest in PATH"))
struct TestCommandTests {
  @Test("each worker has a migrated and seeded database of its own, and nothing is left of it")
  func databases() async throws {
    let module = """
      import pytest
      from helper import sql

      @pytest.mark.parametrize("number", range(BASE, BASE + 6))
      def test_alone(number):
          sql("INSERT INTO coin VALUES (%d)" % number)
          assert sql("SELECT count(*) FROM coin WHERE id = %d" % number) == "1"
          assert sql("SELECT name FROM seeded") == "gold"

      """
    try await TestScene.play([
      "helper.py": sql, "test_a.py": "BASE = 0\n" + module, "test_b.py": "BASE = 10\n" + module,
      "seed.sql":
        "CREATE TABLE coin (id int); CREATE TABLE seeded (name text); INSERT INTO seeded VALUES ('gold');",
    ]) { play in
      let result = try await play.test()
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      #expect(result.output.contains("unit: 12 passed"))
      #expect(try await play.runDatabases().isEmpty)
      let list = try await play.test("list")
      #expect(list.output.contains("12"))
    }
  }

  @Test("whatever befalls a test, its verdict is right and the others run")
  func disasters() async throws {
    try await TestScene.play(
      [
        "helper.py": sql,
        "test_crash.py": """
        import os, signal, sys
        def test_segfault(): os.kill(os.getpid(), signal.SIGSEGV)
        def test_exit(): os._exit(0)
        def test_killed(): os.kill(os.getpid(), signal.SIGKILL)
        def test_after(): pass
        """,
        "test_hang.py": """
        import subprocess, time
        def test_leaves_child(): subprocess.Popen(["sleep", "98765.4321"])
        def test_hangs(): time.sleep(600)
        def test_after(): pass
        """,
        "test_database.py": """
        import os
        from helper import sql
        def test_drops():
            url = os.environ["DATABASE_URL"]
            name = os.environ["PGDATABASE"]
            sql('DROP DATABASE "%s" WITH (FORCE)' % name, url.replace("/" + name, "/postgres"))
        def test_after(): assert sql("SELECT 1") == "1"
        """,
        "test_output.py": """
        import os
        def test_writes():
            for _ in range(20): print("x" * 1000000)
            assert 0
        def test_raw(capfd):
            with capfd.disabled():
                for _ in range(200): os.write(1, b"y" * 100000)
        """,
      ], suite: "timeout: 2s"
    ) { play in
      let result = try await play.test()
      #expect(result.exitCode == 1, "\(result.errorOutput)")
      let said = result.output + result.errorOutput
      for words in [
        "test_segfault: the interpreter was ended by signal 11 (SIGSEGV) during the test",
        "test_exit: the interpreter ended with exit code 0 during the test",
        "test_killed: the interpreter was ended by signal 9 (SIGKILL) during the test",
        "test_hangs: the test did not end within 2s",
        "was gone when test_database.py::test_after failed; it is run again on a new one",
        "characters left out",
      ] {
        #expect(said.contains(words), "no \"\(words)\" in \(said.prefix(20_000))")
      }
      // The stack of the test that hung.
      #expect(result.output.contains("test_hang.py\", line 3 in test_hangs"))
      #expect(
        result.output.contains("1 failed, 4 with errors, 6 passed"), "\(result.output.suffix(500))")
      #expect(result.output.utf8.count < 1_000_000)
      #expect(!TestScene.isRunning("98765.4321"))
      try await play.expectNothingLeft()
    }
  }

  @Test("what cannot be collected, and what is not there, is no green run")
  func nothing() async throws {
    try await TestScene.play(["test_a.py": "import nowhere\n"], database: "none") { play in
      let broken = try await play.test()
      #expect(broken.exitCode == 1)
      #expect(
        broken.output.contains(
          "cannot collect test_a.py: ModuleNotFoundError: No module named 'nowhere'"),
        "\(broken.output)")
      try play.write("test_a.py", "def helper(): pass\n")
      let empty = try await play.test()
      #expect(empty.exitCode == 3, "\(empty.output)\(empty.errorOutput)")
      #expect(empty.output.contains("no tests ran"))
      try play.write("test_a.py", "def test_one(): pass\n")
      let usage = try await play.test("--", "--no-such-option")
      #expect(usage.exitCode == 1)
      #expect(usage.output.contains("--no-such-option"), "\(usage.output)")
      expectFailure(try await play.test("unti"), .usage, naming: "did you mean \"unit\"?")
      // Before a test is run for it.
      for (file, reason) in [("none/a.xml", "No such file"), (".", "Is a directory")] {
        let report = try await play.test("--junit", file)
        expectFailure(report, .failed, naming: "cannot write the report to \(file): \(reason)")
        #expect(report.output.isEmpty)
      }
      expectFailure(
        try await play.test("--failed"), .blocked, naming: "nothing of suite \"unit\" failed")
      try play.write("test_a.py", "def test_one(nowhere): pass\n")
      let fixture = try await play.test()
      #expect(
        fixture.errorOutput.contains("error test_a.py::test_one: fixture 'nowhere' not found"),
        "\(fixture.errorOutput)")
    }
  }

  @Test("flaky tests are told apart, and the failed ones run alone")
  func again() async throws {
    try await TestScene.play(
      [
        "test_a.py": """
        import os
        def test_flaky():
            first = not os.path.exists("seen")
            open("seen", "w").close()
            assert not first
        def test_bad(): assert 1 == 2
        def test_good(): pass
        """
      ], database: "none"
    ) { play in
      let first = try await play.test("--retries", "1", "--workers", "1")
      #expect(first.exitCode == 1)
      #expect(first.output.contains("flaky") && first.output.contains("1 flaky"))
      let failed = try await play.test("--failed")
      #expect(failed.output.contains("unit: 1 failed"), "\(failed.output)\(failed.errorOutput)")
      let fast = try await play.test("--fail-fast", "--workers", "1")
      #expect(fast.output.contains("ended at the first failure; 1 test not run"), "\(fast.output)")
      let rounds = try await play.test("--repeat", "3", "-k", "good", "--seed", "5")
      #expect(rounds.exitCode == 0, "\(rounds.output)")
      #expect(rounds.errorOutput.contains("3 tests"))
    }
  }

  @Test("only tests are run that the changed files may have an effect on")
  func changed() async throws {
    try await TestScene.play(
      [
        "one.py": "import deep\n", "deep.py": "A = 1\n", "two.py": "B = 2\n",
        "test_one.py": "import one\ndef test_one(): pass\n",
        "test_two.py": "def test_two():\n    import two\n", "notes.md": "",
        "template.html": "", ".gitignore": "__pycache__\nstate\nbackups\n",
      ], database: "none"
    ) { play in
      let folder = play.scene.folder
      let git =
        "cd \(folder) && git -c init.defaultBranch=main init -q && git add -A"
        + " && git -c user.name=t -c user.email=t@example.org commit -qm all"
      try #require(system(git) == 0)
      for (file, verdict) in [
        ("deep.py", "unit: 1 passed"), ("two.py", "unit: 1 passed"),
        ("notes.md", "no tests ran"), ("template.html", "unit: 2 passed"),
      ] {
        try play.write(file, "# changed\n")
        let result = try await play.test("--changed")
        #expect(result.output.contains(verdict), "\(file): \(result.output)\(result.errorOutput)")
        try #require(system("cd \(folder) && git checkout -q -- \(file)") == 0)
      }
    }
  }

  @Test("an interpreter of a virtual environment is in it, and has the suite's variables")
  func environment() async throws {
    try await TestScene.play(
      [
        "test_a.py": """
        import os, sys
        def test_prefix(): assert sys.prefix == os.path.join(os.getcwd(), "venv")
        def test_variables():
            assert [os.environ[name] for name in "ABCD"] == ["1", "two words", "x", "4"]

        """,
        "variables": "A=1\nexport B=\"two words\"\n# remark\nC=x # remark\nD=3\n",
      ], suite: "environment-file: variables\nenvironment: { D: 4 }", database: "none"
    ) { play in
      let folder = play.scene.folder
      let venv = "cd \(folder) && \(play.python) -m venv --system-site-packages --without-pip venv"
      try #require(system(venv) == 0)
      _ = system("sed -i 's|python: .*|python: venv/bin/python|' \(folder)/omcops.yaml")
      let result = try await play.test()
      #expect(result.output.contains("unit: 2 passed"), "\(result.output)\(result.errorOutput)")
    }
  }

  @Test(
    "Ctrl-C ends the interpreters and drops the databases; what kill -9 leaves, the next run takes")
  func ends() async throws {
    try await TestScene.play([
      "test_a.py": """
      import os, subprocess, time
      def test_bad(): assert 1 == 2
      def test_waits():
          subprocess.Popen(["sleep", "87654.321"])
          open("ready-" + str(os.getpid()), "w").close()
          time.sleep(300)
      """
    ]) { play in
      let folder = play.scene.folder
      @Sendable func isReady() -> Bool {
        ScratchFolder.names(in: folder).contains { $0.hasPrefix("ready-") }
      }
      let interrupted = try await play.test("--workers", "1") { program in
        try await waitUntil("the test to begin") { isReady() }
        program.send(SIGINT)
      }
      #expect(interrupted.exitCode == 130, "\(interrupted.errorOutput)")
      #expect(
        interrupted.errorOutput.contains("ended after 1 of 2 tests, 1 of them failed"),
        "\(interrupted.errorOutput)")
      #expect(try await play.runDatabases().isEmpty)
      #expect(!TestScene.isRunning("87654.321"))
      for name in ScratchFolder.names(in: folder) where name.hasPrefix("ready-") {
        unlink(folder.appending(name).string)
      }
      let killed = try await play.test { program in
        try await waitUntil("the test to begin") { isReady() }
        program.send(SIGKILL)
      }
      #expect(killed.signal == SIGKILL)
      #expect(try await !play.runDatabases().isEmpty)
      let worker =
        ScratchFolder.names(in: folder).compactMap { name in
          name.hasPrefix("ready-") ? pid_t(name.dropFirst("ready-".count)) : nil
        }.first ?? 0
      try await waitUntil("the interpreter to end") { kill(worker, 0) != 0 }
      kill(-worker, SIGKILL)
      try play.write("test_a.py", "def test_one(): pass\n")
      #expect(try await play.test().exitCode == 0)
      #expect(try await play.runDatabases().isEmpty)
    }
  }
}
