import Glibc
import JSON
import ProgramRunner
import SystemPackage
import Testing

@testable import Runbooks

@Suite("omcops runbook list, show and lint")
struct FormatCommandTests {
  private func omcops(
    _ arguments: String..., input: String = "", in folder: FilePath = packageFolder
  ) async throws -> ProgramResult {
    try await Program.omcops.run(["runbook"] + arguments, input: input, in: folder)
  }

  /// Two mistakes, the first in line 7.
  private static let wrong = """
    runbook: v1
    name: t
    description: d
    steps:
      - id: a
        name: A
        run: echo ${{ inputs.x }}
        chekc: []

    """

  @Test("list finds the folder from below it")
  func list() async throws {
    let result = try await omcops(
      "list", "--output", "json", in: packageFolder.appending("Sources"))
    #expect(result.exitCode == 0)
    let names = try JSON(parsing: result.output).array?.compactMap { $0["name"]?.string }
    #expect(names?.contains("database-restore") == true)
    #expect(result.errorOutput == "")
  }

  @Test("show names inputs, guards, steps, checks and undos")
  func show() async throws {
    let result = try await omcops("show", "database-restore")
    #expect(result.exitCode == 0)
    for part in ["max-data-loss", "guard: ", "check: ", "undo: ", "restore-copy: db.restore"] {
      #expect(result.output.contains(part))
    }
  }

  @Test("a name that does not exist is answered with the one that was meant")
  func unknown() async throws {
    let result = try await omcops("show", "database-restor")
    #expect(result.exitCode == 2)
    #expect(result.errorOutput.contains("did you mean \"database-restore\"?"))
  }

  @Test("lint ends with 2 and says each mistake with its place")
  func lint() async throws {
    let result = try await omcops("lint", "/dev/stdin", input: Self.wrong)
    #expect(result.exitCode == 2)
    #expect(result.output.contains("/dev/stdin:7:15: error: an expression stands inside of shell"))
    #expect(result.output.contains("/dev/stdin:8:5: error: step \"a\" has no key \"chekc\""))
    #expect(result.errorOutput == "1 runbook, 2 errors, 0 warnings\n")
  }

  @Test("lint writes JSON and annotations")
  func formats() async throws {
    let json = try await omcops("lint", "--output", "json", "/dev/stdin", input: Self.wrong)
    let findings = try JSON(parsing: json.output).array ?? []
    #expect(findings.map { $0["line"]?.int } == [7, 8])
    #expect(findings.first?["severity"] == "error")
    let github = try await omcops("lint", "--output", "github", "/dev/stdin", input: Self.wrong)
    #expect(github.output.hasPrefix("::error file=/dev/stdin,line=7,col=15,title=format::"))
  }

  @Test("the runbooks of this project pass")
  func ours() async throws {
    let result = try await omcops("lint")
    #expect(result.exitCode == 0)
    #expect(result.output == "", "nothing is doubtful either")
  }
}

@Suite("omcops runbook test")
struct TestCommandTests {
  private func test(_ arguments: String..., in folder: FilePath = packageFolder) async throws
    -> ProgramResult
  {
    try await Program.omcops.run(["runbook", "test"] + arguments, in: folder)
  }

  @Test("the cases of this project's runbooks pass")
  func ours() async throws {
    let result = try await test("--output", "json", "--no-crash-matrix")
    #expect(result.exitCode == 0, "\(result.output)")
    #expect(try JSON(parsing: result.output)["failed"]?.int == 0)
    // Each is shown to end well, to be blocked, to fail by a check, and to be taken back.
    let catalog = ActionCatalog()
    let cases = try JSON(parsing: result.output)["cases"]?.array ?? []
    let files = try RunbookFolder(packageFolder.appending("runbooks")).files()
    #expect(files.count >= 43)
    for file in files {
      let tests = packageFolder.appending("runbooks/tests").appending("\(file.stem ?? "").yaml")
      let test = try RunbookTest.load(tests, catalog: catalog)
      let shown = cases.filter { $0["runbook"]?.string == test.runbook.name }
        .flatMap { $0["shows"]?.array?.compactMap(\.string) ?? [] }
      let missing = Set(test.subjects.map(\.rawValue)).subtracting(shown)
      #expect(missing == [], "\(test.runbook.name)")
      #expect(test.subjects.isSuperset(of: [.success, .failedCheck]), "\(test.runbook.name)")
      for step in test.runbook.steps where catalog.changes(step) {
        if case .unspecified = step.undo {
          Issue.record("\(test.runbook.name): \(step.id) says nothing of an undo")
        }
        if case .none(nil) = step.undo {
          Issue.record("\(test.runbook.name): \(step.id) does not say why it has no undo")
        }
      }
    }
  }

  /// All of them take minutes in a debug build: OMCOPS_TEST_WHOLE_MATRIX plays them.
  @Test("a crash matrix of theirs passes")
  func matrix() async throws {
    let isWhole = getenv("OMCOPS_TEST_WHOLE_MATRIX") != nil
    let result = try await Program.omcops.run(
      ["runbook", "test", "--output", "json"] + (isWhole ? [] : ["database-backup"]),
      in: packageFolder, timeout: .seconds(600))
    #expect(result.exitCode == 0, "\(result.output)")
    let cases = try JSON(parsing: result.output)["cases"]?.array ?? []
    #expect(cases.contains { $0["cuts"]?.int ?? 0 > 15 })
  }

  @Test("a case that fails ends with 1 and says where; JUnit holds the same")
  func failing() async throws {
    try await ScratchFolder.with { folder in
      let book = """
        runbook: v1
        name: b
        description: d
        steps: [{ id: a, name: A <&>, uses: db.info }]

        """
      let cases = """
        runbook-test: v1
        answers: [{ uses: db.info, result: { in-recovery: true } }]
        cases:
          - { name: "one <>", expect: { exit: 3 } }
          - { name: two }

        """
      try DurableFile.write(Array(book.utf8), to: folder.appending("b.yaml"))
      try DurableFile.makeFolder(folder.appending("tests"))
      try DurableFile.write(Array(cases.utf8), to: folder.appending("tests/b.yaml"))
      let text = try await test("--dir", folder.string)
      #expect(text.exitCode == 1)
      #expect(text.output.contains("tests/b.yaml:4:23: it ended with exit code 0, not 3"))
      #expect(text.output.hasSuffix("1 passed, 1 failed\n"))
      let junit = try await test("--dir", folder.string, "--output", "junit", "b")
      #expect(junit.exitCode == 1)
      #expect(junit.output.contains("<testcase classname=\"b\" name=\"one &lt;&gt;\""))
      #expect(junit.output.contains("<testsuites tests=\"2\" failures=\"1\">"))
      let one = try await test("--dir", folder.string, "--case", "two")
      #expect(one.exitCode == 0)
      #expect(try await test("--dir", folder.string, "--case", "tow").exitCode == 2)
      #expect(try await test("--dir", folder.string, "nothing").exitCode == 2)
    }
  }
}

extension ActionCatalog {
  /// Whether a step changes something itself.
  fileprivate func changes(_ step: Step) -> Bool {
    step.work?.call == nil && [.write, .destroy].contains(effect(of: step.work))
  }
}
