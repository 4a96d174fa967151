internal import ArgumentParser
internal import Diagnostics
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// `omcops runbook test`: plays runbooks against recorded answers.
struct RunbookTestCommand: OmcCommand {
  /// How results are printed.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, junit
  }

  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Play runbooks against recorded answers.",
    discussion: discussion(
      """
      The cases stand in the folder "tests" beside the runbooks, a file for each: what every action \
      answers, and how the run must end. Nothing is connected to and no script is run; time is \
      simulated. Without a name all of them are played. What no case of a runbook shows is told: a run \
      that ends well, a guard that blocks it, a check that fails, an undo.
      """, exits: [.done, .failed, .usage]))

  @OptionGroup var files: RunbookFileOptions

  @Option(
    name: .customLong("case"), parsing: .singleValue,
    help: "Play only the case of this name; may be given several times.")
  var cases: [String] = []

  @Flag(help: "Leave out the crash matrices, which take most of the time.")
  var noCrashMatrix = false

  @Option(help: "How to print: text, json, or junit.")
  var output = Format.text

  @Argument(
    help: "Names of runbooks, or files with cases.",
    completion: .file(extensions: ["yaml", "yml"]))
  var names: [String] = []

  func run(_ context: Context) async throws {
    let catalog = liveCatalog(context)
    var tests: [RunbookTest] = []
    for path in try paths(context) { tests.append(try RunbookTest.load(path, catalog: catalog)) }
    try requireCases(tests)
    var results: [TestResult] = []
    for test in tests {
      results += try await test.run(
        only: Set(cases), cutsOff: !noCrashMatrix, catalog: catalog)
    }
    let text = TestResultText(
      results, style: Style(for: context.output, environment: context.environment))
    switch output {
    case .text: context.output.write(text.text)
    case .json: context.output.write(text.json.text(.pretty) + "\n")
    case .junit: context.output.write(text.junit)
    }
    if output == .text { try reportUntested(tests, results, context) }
    if results.contains(where: { !$0.failures.isEmpty }) { throw Ended(status: .failed) }
  }

  /// The files with cases.
  @inline(never)
  private func paths(_ context: Context) throws -> [FilePath] {
    if names.isEmpty { return try testFolder(context).files() }
    return try names.map { name in
      let isPath = name.contains("/") || [".yaml", ".yml"].contains { name.hasSuffix($0) }
      return try isPath ? FilePath(name) : testFolder(context).file(of: name)
    }
  }

  private func testFolder(_ context: Context) throws -> RunbookFolder {
    RunbookFolder(try files.folder(context).path.appending("tests"))
  }

  /// A name that no case has is a slip.
  private func requireCases(_ tests: [RunbookTest]) throws {
    let known = tests.flatMap { $0.cases.map(\.name) }
    for name in cases where !known.contains(name) {
      throw ValidationError(
        "there is no case \"\(name)\"\(Suggestion.phrase(for: name, among: known))")
    }
  }

  /// What no case shows, of runbooks whose cases were all played; and runbooks without a case.
  private func reportUntested(
    _ tests: [RunbookTest], _ results: [TestResult], _ context: Context
  ) throws {
    guard cases.isEmpty else { return }
    for test in tests {
      for subject in test.missing(in: results) {
        context.error.write("\(test.runbook.name): no case shows \(subject.words)\n")
      }
    }
    guard names.isEmpty else { return }
    let tested = Set(try testFolder(context).files().compactMap(\.stem))
    let untested = try files.folder(context).files().compactMap(\.stem)
      .filter { !tested.contains($0) }
    if untested.isEmpty { return }
    context.error.write("without a test: \(untested.joined(separator: ", "))\n")
  }
}
