import DBOps
import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import Testing

/// Tests that do their worst: the verdict is right, the words are clear, nothing is left.
@Suite("hostile tests", .enabled(if: TestScene.python != nil, "no python3 with pytest in PATH"))
struct TestHostileTests {
  @Test("whoever closes, forks, hangs, deletes or runs out of memory is found out; the others run")
  func interpreters() async throws {
    try await TestScene.play(
      [
        "test_closes.py": """
        import os
        def test_everything(): os.closerange(3, 4096)
        def test_line():
            file = os.open(os.devnull, os.O_WRONLY)
            for fd in (200, 201): os.dup2(file, fd)
        def test_standard(): os.close(1); os.close(2)
        def test_after(): pass
        """,
        "test_hangs.py": """
        import ctypes, signal, time
        def test_blocks():
            signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
            while True: time.sleep(60)
        def test_in_c(): ctypes.PyDLL(None).sleep(600)
        def test_after(): pass
        """,
        "test_dies.py": """
        import ctypes, os, resource, sys
        def test_aborts(): ctypes.CDLL(None).abort()
        def test_null(): ctypes.string_at(0)
        def test_memory():
            resource.setrlimit(resource.RLIMIT_AS, (300 << 20, 300 << 20))
            b"x" * (1 << 30)
        def test_child():
            if os.fork() == 0: return
        def test_after(): pass
        """,
        "test_world.py": """
        import locale, os, sys, time
        def test_streams(): sys.stdout = sys.stderr = sys.stdin = None
        def test_zone(): os.environ["TZ"] = "Asia/Tokyo"; time.tzset(); locale.setlocale(locale.LC_ALL, "C")
        def test_folder(): os.makedirs("gone"); os.chdir("gone"); os.rmdir("../gone")
        def test_environment(): os.environ.clear()
        """,
      ], suite: "timeout: 3s", database: "none"
    ) { play in
      let result = try await play.test()
      #expect(result.exitCode == 1, "\(result.errorOutput)")
      let said = result.output + result.errorOutput
      for words in [
        "test_everything: the interpreter closed file descriptors that were not its own during the test",
        "test_line: the interpreter closed file descriptors that were not its own during the test",
        "test_blocks: the test did not end within 3s",
        "test_in_c: the test did not end within 3s",
        "test_aborts: the interpreter was ended by signal 6 (SIGABRT) during the test",
        "test_null: the interpreter was ended by signal 11 (SIGSEGV) during the test",
        "test_memory: MemoryError",
      ] {
        #expect(said.contains(words), "no \"\(words)\" in \(said.prefix(20_000))")
      }
      #expect(result.output.contains("1 failed, 6 with errors"), "\(result.output.suffix(900))")
      try await play.expectNothingLeft()
    }
  }

  @Test("a gigabyte of output is no trouble, and little of it is kept")
  func output() async throws {
    try await TestScene.play(
      [
        "test_a.py": """
        import os
        def test_writes():
            line = b"y" * 99 + b"\\n"
            block = line * 10000
            for _ in range(1024): os.write(1, block)
        """
      ], database: "none"
    ) { play in
      let result = try await play.test("--workers", "1", "--", "-s")
      #expect(result.output.contains("unit: 1 passed"), "\(result.output.prefix(2000))")
      #expect(result.output.utf8.count + result.errorOutput.utf8.count < 100_000)
      try await play.expectNothingLeft()
    }
  }

  @Test("a worker that is killed from outside, and a folder that is gone, are told")
  func outside() async throws {
    try await TestScene.play(
      [
        "test_a.py": """
        import os, subprocess, shutil
        def test_killed():
            subprocess.Popen(["sh", "-c", "sleep 0.3; kill -9 %d" % os.getpid()], start_new_session=True)
            import time; time.sleep(60)
        def test_next(): pass
        """
      ], database: "none"
    ) { play in
      let killed = try await play.test("--workers", "1")
      #expect(killed.exitCode == 1)
      #expect(
        killed.output.contains("was ended by signal 9 (SIGKILL) during the test"),
        "\(killed.output)")
      #expect(killed.output.contains("1 with errors, 1 passed"), "\(killed.output)")
      _ = system("mkdir \(play.scene.folder)/inner")
      try play.write(
        "inner/test_b.py",
        """
        import os, shutil
        def test_removes():
            shutil.rmtree(os.getcwd())
            os._exit(1)
        def test_next(): pass
        """)
      _ = system(
        "cd \(play.scene.folder) && sed -i 's|runner: pytest|runner: pytest\\n    folder: inner|' omcops.yaml"
      )
      let removed = try await play.test("--workers", "1")
      #expect(removed.exitCode == 1, "\(removed.output)\(removed.errorOutput)")
      #expect(removed.output.contains("inner"), "\(removed.output)\(removed.errorOutput)")
      try await play.expectNothingLeft()
    }
  }

  @Test("a server that restarts under the tests is waited for; what was lost is run again")
  func restart() async throws {
    let folder = FilePath("/tmp/omcops-tests-restart-\(UInt32.random(in: 0 ... .max))")
    let sandbox = try await Sandbox.start(
      in: folder, Sandbox.Options(serverSettings: ["autovacuum": "off"], endsWithProcess: true))
    do {
      try await TestScene.play(
        [
          "helper.py": TestHostileTests.helper,
          "test_a.py": """
          import os, signal, time
          from helper import sql
          def test_first(): assert sql("SELECT 1") == "1"
          def test_ends_the_server():
              if not os.path.exists("done"):
                  open("done", "w").close()
                  # Every session dies, and the server begins anew by itself.
                  os.kill(int(sql("SELECT pg_backend_pid()", wait=True)), signal.SIGKILL)
              assert sql("SELECT 1") == "1"
          def test_last(): assert sql("SELECT 1") == "1"
          """,
        ]
      ) { play in
        _ = system(
          "sed -i 's|url: \"[^\"]*\"|url: \"\(sandbox.settings.conninfo)\"|' "
            + "\(play.scene.folder)/omcops.yaml")
        let result = try await play.test("--workers", "1")
        #expect(result.output.contains("unit: 3 passed"), "\(result.output)\(result.errorOutput)")
        #expect(
          result.output.contains("it is run again on a new one"), "\(result.output)")
        let connection = try await Connection.open(
          sandbox.settings, applicationName: "omcops tests")
        let left = try await connection.query(
          "SELECT FROM pg_database WHERE datname LIKE 'omcops\\_test\\_r\\_%'"
        ).rows.count
        #expect(left == 0)
        await connection.close()
        try await play.expectNothingLeft()
      }
    } catch {
      _ = try await Sandbox.stop(in: folder)
      throw error
    }
    _ = try await Sandbox.stop(in: folder)
  }

  @Test("a throwaway server that is killed is started anew; what was lost is run again")
  func killedServer() async throws {
    try await TestScene.play(
      [
        "helper.py": TestHostileTests.helper, "seed.sql": "CREATE TABLE coin (id int)",
        "test_a.py": """
        import os, signal
        from helper import sql
        def test_first(): assert sql("SELECT count(*) FROM coin") == "0"
        def test_kills_the_server():
            if not os.path.exists("done"):
                open("done", "w").close()
                with open(sql("SHOW data_directory") + "/postmaster.pid") as file:
                    os.kill(int(file.readline()), signal.SIGKILL)
            assert sql("SELECT count(*) FROM coin") == "0"
        def test_last(): assert sql("SELECT count(*) FROM coin") == "0"
        """,
      ], database: "ephemeral"
    ) { play in
      let folder = play.scene.folder
      // The server's account has to pass through it.
      chmod(folder.string, 0o755)
      let place = ["TMPDIR": folder.string]
      let result = try await play.scene.omcops(
        ["test", "--workers", "1"], environment: place, timeout: .seconds(120))
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      #expect(result.output.contains("unit: 3 passed"), "\(result.output)")
      #expect(
        result.output.contains(
          "was gone when test_a.py::test_kills_the_server failed; it is run again on a new one"),
        "\(result.output)")
      let server = folder.appending("omcops-test-\(geteuid())").string
      #expect(ScratchFolder.names(in: folder).filter { $0.hasPrefix("omcops-test-") }.count == 1)
      let clean = try await play.scene.omcops(["test", "clean"], environment: place)
      #expect(clean.output.contains("the server in \(server)"), "\(clean.output)")
      #expect(!TestScene.isRunning(server))
      try await play.expectNothingLeft()
      #expect(!ScratchFolder.names(in: folder).contains { $0.hasPrefix("omcops-test-") })
    }
  }

  @Test(
    "a full disk costs what needs it, is told by its name, and nothing of the run is left on it",
    .enabled(if: TestHostileTests.canMount, "nothing can be mounted here"))
  func fullDisk() async throws {
    try await TestScene.play(
      [
        "test_a.py": """
        import os, tempfile
        def test_fills():
            with open(os.path.join(tempfile.gettempdir(), "filler"), "wb", buffering=0) as file:
                # Never more than the small disk, wherever that is.
                for _ in range(64): file.write(b"x" * 65536)
        def test_needs(tmp_path): (tmp_path / "file").write_text("x" * 5000)
        def test_quiet(): pass
        """
      ], database: "none"
    ) { play in
      let full = try await play.testOnDisk("2m", filled: true)
      expectFailure(full, .failed, naming: "omcops_worker.py: No space left on device")
      #expect(full.output.hasSuffix("\nfiller\n"), "\(full.output)")
      let filled = try await play.testOnDisk("2m")
      #expect(filled.exitCode == 1, "\(filled.output)\(filled.errorOutput)")
      #expect(
        filled.output.contains("No space left on device"), "\(filled.output)\(filled.errorOutput)")
      #expect(filled.output.contains("1 passed"), "\(filled.output)\(filled.errorOutput)")
      // pytest itself keeps the folders of its last runs.
      #expect(filled.output.hasSuffix("\nfiller\npytest-of-root\n"), "\(filled.output)")
    }
    try await TestScene.play(["test_a.py": "def test_one(): pass\n"], database: "ephemeral") {
      play in
      // The server's account has to pass through it.
      chmod(play.scene.folder.string, 0o755)
      let server = try await play.testOnDisk("8m")
      expectFailure(server, .failed, naming: "initdb")
      #expect(server.errorOutput.contains("No space left on device"), "\(server.errorOutput)")
      #expect(!server.output.contains("omcops"), "\(server.output)")
    }
  }

  /// Whether a mount namespace of our own can be had.
  private static let canMount =
    geteuid() == 0
    && system("unshare -m sh -c 'mount -t tmpfs tmpfs /mnt' >/dev/null 2>&1") == 0

  /// psql, and a session that waits to be killed.
  private static let helper = """
    import os, subprocess, time

    def sql(text, wait=False):
        words = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", os.environ["DATABASE_URL"], "-c", text]
        if wait:
            process = subprocess.Popen(words + ["-c", "SELECT pg_sleep(30)"], stdout=subprocess.PIPE, text=True)
            return process.stdout.readline().strip()
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    """
}

extension TestScene {
  /// Runs the suite with a small disk for temporary files, and lists what is left on it.
  fileprivate func testOnDisk(_ size: String, filled: Bool = false) async throws -> ProgramResult {
    let fill = filled ? "head -c 64m /dev/zero > disk/filler 2>/dev/null;" : ""
    return try await Program("/usr/bin/unshare").run(
      [
        "-m", "sh", "-c",
        """
        mkdir -p disk && mount -t tmpfs -o size=\(size),mode=755 tmpfs disk && { \(fill)
        TMPDIR=$PWD/disk XDG_STATE_HOME=$PWD/state \(Program.omcops.path) test --workers 1
        code=$?; echo; ls disk; exit $code; }
        """,
      ], in: scene.folder)
  }
}
