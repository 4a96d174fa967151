import JSON
import ProgramRunner
import Testing

/// `test.run` in a runbook.
@Suite(.enabled(if: TestScene.python != nil, "no python3 with pytest in PATH"))
struct TestStepTests {
  private static let module = """
    import os, pytest
    def test_good(): assert os.environ["WORD"]
    def test_bad(): assert os.environ["WORD"] == ""
    @pytest.mark.skip
    def test_not(): pass
    def test_flaky():
        mark = os.path.join(os.path.dirname(__file__), "mark")
        if not os.path.exists(mark):
            open(mark, "w").close()
            assert 0

    """

  @Test("the step says what came of the tests, fails where they are not green, and hides secrets")
  func verdicts() async throws {
    try await TestScene.play(["test_a.py": TestStepTests.module]) { play in
      try play.write(
        "omcops.yaml",
        """
        environments: { here: { values: { a: 1 } } }
        tests:
          unit:
            runner: pytest
            python: \(play.python)
            arguments: [-p, no:cacheprovider]
            environment: { WORD: { from-env: SECRET_WORD } }
            database: { kind: none }

        """)
      for (name, allows) in [("strict", false), ("lenient", true)] {
        try play.scene.writeSteps(TestStepTests.steps(allowsFailures: allows), to: name)
      }
      let plan = try await play.runbook("plan", "strict.yaml")
      #expect(plan.output.contains("run suite unit with pytest on this machine"), "\(plan.output)")
      #expect(plan.output.contains("omcops test unit --where local --retries 1"), "\(plan.output)")

      let lenient = try await play.runbook("run", "lenient.yaml")
      #expect(lenient.exitCode == 0, "\(lenient.errorOutput)")
      let strict = try await play.runbook("run", "strict.yaml")
      #expect(strict.exitCode == 1)
      #expect(
        strict.errorOutput.contains("suite unit: 1 of 4 tests failed: test_a.py::test_bad"),
        "\(strict.errorOutput)")
      let shown = [plan, lenient, strict].map { $0.output + $0.errorOutput }.joined()
      #expect(!shown.contains("hush-hush-9"))
      let kept = try await Program("/bin/sh").run(
        ["-c", "grep -rl hush-hush-9 state"], in: play.scene.folder)
      #expect(kept.output.isEmpty, "\(kept.output)")
    }
  }

  private static func steps(allowsFailures: Bool) -> String {
    """
    - id: tests
      name: Run the tests
      uses: test.run
      with: { suite: unit, where: local, retries: 1, allow-failures: \(allowsFailures) }
      outputs:
        counts: ${{ format('{0} {1} {2} {3}', result.passed, result.failed, result.skipped, result.flaky) }}
        first: ${{ result.failures[0] }}
      undo: none
      evidence: [stdout, result]
    - id: tell
      name: Tell
      check:
        - { name: counted, expect: "${{ steps.tests.outputs.counts == '2 1 1 1' && steps.tests.outputs.first == 'test_a.py::test_bad' }}" }
    """
  }
}

extension TestScene {
  fileprivate func runbook(_ verb: String, _ file: String) async throws -> ProgramResult {
    try await scene.omcops(
      ["runbook", verb, file, "-i", "environment=here"], environment: ["SECRET_WORD": "hush-hush-9"]
    )
  }
}
