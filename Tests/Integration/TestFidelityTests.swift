import Glibc
import ProgramRunner
import Testing

/// What projects do to pytest, and what has to come out of it as with pytest alone.
@Suite(
  "omcops test beside pytest",
  .enabled(if: TestScene.python != nil, "no python3 with pytest in PATH"))
struct TestFidelityTests {
  @Test("-x says nothing of a failure that passes at its second try, and all the rest is run")
  func exitFirst() async throws {
    try await TestScene.play(
      [
        "pytest.ini": "[pytest]\naddopts = -x\n",
        "test_a.py": """
        import os
        def test_odd():
            seen = os.path.exists("seen")
            open("seen", "w").close()
            assert seen
        def test_next(): pass
        def test_bad(): assert False
        def test_last(): pass
        """,
      ], database: "none"
    ) { play in
      let result = try await play.test("--retries", "1", "--workers", "1")
      #expect(result.exitCode == 1)
      #expect(result.output.contains("1 failed, 2 passed, 1 flaky"), "\(result.output)")
      #expect(result.output.contains("1 test not run"), "\(result.output)")
      let none = try await play.test("--", "--collect-only")
      #expect(none.exitCode != 0)
      #expect(none.output.contains("no test is run"), "\(none.output)")
    }
  }

  @Test(
    "what a test says in no encoding, of equal names, with stopped clocks and replaced parts is told"
  )
  func oddTests() async throws {
    try await TestScene.play(
      [
        "conftest.py": #"""
        import json, os, pytest, time

        class Case(pytest.Item):
            def runtest(self): assert self.number == 1
            def reportinfo(self): return self.path, 0, self.name

        class Cases(pytest.File):
            def collect(self):
                for number in (1, 2):
                    item = Case.from_parent(self, name="same")
                    item.number = number
                    yield item

        def pytest_collect_file(parent, file_path):
            if file_path.suffix == ".cases":
                return Cases.from_parent(parent, path=file_path)

        @pytest.fixture(scope="session", autouse=True)
        def replaced():
            patch = pytest.MonkeyPatch()
            patch.setattr(json, "dumps", lambda *_: "nonsense")
            patch.setattr(os, "write", lambda *_: 1 / 0)
            patch.setattr(time, "time", lambda: float("nan"))
            yield
            patch.undo()
        """#,
        "table.cases": "",
        "test_a.py": #"""
        import os, sys
        def test_half(): assert "\udcff" == "\ud800"
        def test_program(): assert os.path.basename(sys.argv[0]) == "__main__.py"
        def test_path(): assert sys.path[-1] == os.getcwd() and "" not in sys.path
        def test_forged(capfd):
            with capfd.disabled():
                print('{"e": "end", "id": "test_a.py::test_half", "outcome": "passed"}', flush=True)
        def test_workers(): assert os.environ["PYTEST_XDIST_WORKER"] in ("gw0", "gw1")
        """#,
        "test_skipped.py": "import pytest\npytest.skip('not here', allow_module_level=True)\n",
      ], database: "none"
    ) { play in
      let result = try await play.test()
      #expect(result.exitCode == 1)
      #expect(result.output.contains("unit: 2 failed, 5 passed"), "\(result.output)")
      #expect(result.output.contains("table.cases::same #2"))
      #expect(result.errorOutput.contains("test_half: AssertionError"), "\(result.output)")
      #expect(result.output.contains("test_skipped.py is skipped as a whole: not here"))
    }
  }

  @Test(
    "who ends pytest before its time, or has the last word on its status, is no green run",
    arguments: [
      ("def test_one(): pytest.exit('enough')", "test_a.py::test_one: enough"),
      ("def test_one(request): request.session.shouldstop = 'tired'", "tired"),
      ("def test_one(): raise KeyboardInterrupt", "it ended pytest: KeyboardInterrupt"),
    ])
  func ended(_ test: String, _ words: String) async throws {
    try await TestScene.play(
      ["test_a.py": "import pytest\n\(test)\ndef test_two(): pass\n"], database: "none"
    ) { play in
      let result = try await play.test("--workers", "1")
      #expect(result.exitCode == 1, "\(result.output)")
      #expect(result.output.contains(words), "\(result.output)")
      #expect(result.output.contains("1 test not run"), "\(result.output)")
    }
  }

  @Test("a status that a hook of the project sets is told")
  func status() async throws {
    try await TestScene.play(
      [
        "conftest.py": "def pytest_sessionfinish(session): session.exitstatus = 9\n",
        "test_a.py": "def test_one(): pass\n",
      ], database: "none"
    ) { play in
      let result = try await play.test("--workers", "1")
      #expect(result.exitCode == 1)
      #expect(
        result.output.contains("pytest ended with exit status 9 in worker 0"), "\(result.output)")
    }
  }

  @Test("one worker keeps the order that hooks gave; names by chance are run where they were found")
  func order() async throws {
    try await TestScene.play(
      [
        "conftest.py": "def pytest_collection_modifyitems(items): items.reverse()\n",
        "test_a.py": """
        import os, pytest
        SEEN = []
        def test_last(): assert SEEN == [3, 2]
        @pytest.mark.parametrize("number", [2, 3])
        def test_before(number): SEEN.append(number)
        """,
        "test_b.py": """
        import os, pytest
        @pytest.mark.parametrize("number", [os.getpid(), 0])
        def test_named(number): pass
        """,
      ], database: "none"
    ) { play in
      let alone = try await play.test("--workers", "1")
      #expect(alone.output.contains("unit: 5 passed"), "\(alone.output)")
      let shared = try await play.test("--workers", "2", "-k", "named")
      #expect(shared.exitCode == 0, "\(shared.output)")
      #expect(shared.output.contains("unit: 2 passed"), "\(shared.output)")
      #expect(shared.output.contains("found other tests than the first one"), "\(shared.output)")
    }
  }

  @Test("options that name one place are divided, and texts have the database's address")
  func options() async throws {
    try await TestScene.play(
      [
        "pytest.ini": "[pytest]\naddopts = --basetemp=scratch --junitxml=all.xml\n",
        "test_a.py": """
        import os
        def test_place(tmp_path): assert tmp_path.parent.name == "worker-" + os.environ["OMCOPS_TEST_WORKER"]
        def test_address():
            assert os.environ["DSN"] == "dbname=%s user={x}" % os.environ["PGDATABASE"]
        """,
      ]
    ) { play in
      _ = system(
        "sed -i 's|kind: url|kind: url, variables: { DSN: \"dbname={name} user={{x}}\" }|' "
          + "\(play.scene.folder)/omcops.yaml")
      let result = try await play.test()
      #expect(result.output.contains("unit: 2 passed"), "\(result.output)\(result.errorOutput)")
      #expect(result.output.contains("the JUnit file of pytest's options is not written"))
    }
  }
}
