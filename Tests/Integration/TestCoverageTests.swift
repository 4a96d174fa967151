import Glibc
import JSON
import ProgramRunner
import Testing

@Suite("coverage in omcops test", .enabled(if: TestScene.python != nil, "no python3 in PATH"))
struct TestCoverageTests {
  private static let project = [
    "shop/__init__.py": "",
    "shop/prices.py": """
    def net(price):
        return price / 1.2


    def gross(price):
        return price * 1.2


    def never(price):
        return price
    """,
    "tests/test_net.py":
      "from shop.prices import net\ndef test_net(): assert net(12) == 10\n",
    "tests/test_gross.py":
      "from shop.prices import gross\ndef test_gross(): assert gross(10) == 12\n",
  ]

  private func play(
    _ files: [String: String], _ suite: String, _ body: (CommandSuiteScene) async throws -> Void
  ) async throws {
    let lines = suite.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
    try await CommandSuiteScene.play(
      TestCoverageTests.project.merging(files) { $1 },
      suites:
        "unit:\n  runner: pytest\n  python: \(TestScene.python ?? "")\n  workers: 2\n\(lines)", body
    )
  }

  @Test(
    "each worker's data is its own, and merged in the project's file, by an environment of a pyproject.toml"
  )
  func measured() async throws {
    try await play(
      [
        "pyproject.toml": """
        [project]
        name = "shop"
        version = "1"
        dependencies = ["pytest>=8,<10"]
        [project.optional-dependencies]
        test = ["coverage[toml]>=7"]
        [tool.coverage.run]
        source = ["shop"]
        branch = true
        """
      ],
      "coverage: true\nsetup: { project: pyproject.toml, extras: [test] }\narguments: [-p, no:cacheprovider, tests]"
    ) { play in
      let result = try await play.test(
        "--output", "json", "--coverage-xml", "out.xml", "--coverage-html", "pages",
        timeout: .seconds(240))
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      let json = try JSON(parsing: result.output)
      #expect(json["coverage"]?["statements"]?.int == 6)
      #expect(json["coverage"]?["missing"]?.int == 1)
      #expect(play.text("out.xml").contains("<coverage "))
      let names = ScratchFolder.names(in: play.scene.folder)
      #expect(names.contains(".coverage") && names.contains("pages"))
      #expect(!names.contains { $0.hasPrefix(".coverage.") })
      let text = try await play.test()
      #expect(text.output.contains("Coverage  83.3 % of 6 statements"), "\(text.output)")
    }
  }

  @Test(
    "what pytest-cov of the project's own options measures is merged, and its least is asked of the whole"
  )
  func ownOptions() async throws {
    try await play(
      [
        "requirements.txt": "pytest>=8,<10\npytest-cov>=5\n",
        "pytest.ini": "[pytest]\naddopts = --cov=shop --cov-fail-under=80 -p no:cacheprovider\n",
      ], "setup: { requirements: requirements.txt }\narguments: [tests]"
    ) { play in
      let result = try await play.test(timeout: .seconds(240))
      #expect(result.exitCode == 0, "\(result.output)\(result.errorOutput)")
      #expect(result.output.contains("Coverage  83.3 % of 6 statements"), "\(result.output)")
      try play.write(
        "pytest.ini", "[pytest]\naddopts = --cov=shop --cov-fail-under=90 -p no:cacheprovider\n")
      let low = try await play.test()
      #expect(low.exitCode == 1)
      #expect(
        low.output.contains("the tests cover 83.3 % of 6 statements: the project asks for 90 %"),
        "\(low.output)")
      #expect(!low.output.contains("broken"))
    }
  }

  @Test(
    "an interpreter without coverage.py is told of",
    .enabled(
      if: system("\(TestScene.python ?? "false") -c 'import coverage' 2>/dev/null") != 0,
      "the interpreter has coverage.py"))
  func missing() async throws {
    try await play([:], "coverage: true\narguments: [tests]") { play in
      let result = try await play.test()
      #expect(result.exitCode == 1)
      #expect(
        result.output.contains("has no coverage.py, which measuring what the tests run needs"),
        "\(result.output)")
    }
  }
}
