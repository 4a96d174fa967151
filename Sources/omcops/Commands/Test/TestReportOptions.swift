internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Glibc
internal import JSON
internal import SystemPackage
internal import Terminal
internal import TestOps

/// Which reports of a run of tests are written, and where to.
struct TestReportOptions: ParsableArguments {
  /// What goes to standard output.
  enum Form: String, CaseIterable, ExpressibleByArgument {
    case text, json
  }

  @Option(name: .shortAndLong, help: "What is printed: text, or the record of the run as json.")
  var output = Form.text

  @Option(
    help: ArgumentHelp("File for all results as JUnit XML.", valueName: "file"),
    completion: .file())
  var junit: String?

  @Option(
    help: ArgumentHelp("File for a report as one HTML page.", valueName: "file"),
    completion: .file())
  var html: String?

  @Option(
    help: ArgumentHelp("File for what was covered, as coverage.py's XML.", valueName: "file"),
    completion: .file())
  var coverageXml: String?

  @Option(
    help: ArgumentHelp(
      "Folder for what was covered, as coverage.py's HTML pages.", valueName: "folder"),
    completion: .directory)
  var coverageHtml: String?

  /// What is asked of coverage.py: a report of it needs it.
  func coverage(_ suite: TestSuiteConfiguration, _ context: Context) -> CoverageWish {
    func whole(_ path: String) -> String {
      FilePath(context.workingDirectory).pushing(FilePath(path)).lexicallyNormalized().string
    }
    var wish = CoverageWish()
    wish.isMeasured = suite.coverage || coverageXml != nil || coverageHtml != nil
    wish.xml = coverageXml.map(whole)
    wish.html = coverageHtml.map(whole)
    return wish
  }

  /// Throws where a file could not be written in the end: before a test is run for it.
  func check(_ context: Context) throws {
    for name in [junit, html, coverageXml].compactMap(\.self) {
      let file = FilePath(context.workingDirectory).pushing(FilePath(name))
      var status = stat()
      let isThere = stat(file.string, &status) == 0
      if isThere, status.st_mode & S_IFMT == S_IFDIR {
        throw CannotWriteTestReport(file: name, reason: .isDirectory)
      }
      // A plain file is replaced, anything else is written to as it is.
      let isSpecial = isThere && status.st_mode & S_IFMT != S_IFREG
      let place = isSpecial ? file : file.removingLastComponent()
      guard access(place.string, isSpecial ? W_OK : W_OK | X_OK) == 0 else {
        throw CannotWriteTestReport(file: name, reason: Errno(rawValue: errno))
      }
    }
  }

  /// Writes what was asked for, and where GitHub Actions run it, marks and a summary for these.
  ///
  /// - Parameters:
  ///   - run: the run, its secrets masked.
  ///   - history: where the run is kept, to compare the next one with.
  ///   - folder: the suite's folder.
  func write(
    _ run: TestRun, history: FilePath, folder: String, _ context: Context, disabled: Bool
  ) throws {
    let before = (try? WholeFile.read(history)).flatMap { text in
      (try? JSON(parsing: text)).flatMap { try? TestRun(json: $0) }
    }
    switch output {
    case .json: context.output.write(run.json.text(.pretty) + "\n")
    case .text:
      let style = Style(for: context.output, environment: context.environment, disabled: disabled)
      let summary = TestSummary(run, before: before)
      context.output.write(summary.text(style: style, width: nil))
    }
    if let junit { try write(run.junitXML, to: junit) }
    if let html { try write(run.html(before: before), to: html) }
    if context.environment["GITHUB_ACTIONS"] == "true" {
      try tellGitHub(run, before, folder, context)
    }
    // A history that cannot be kept costs the comparison, not the run.
    try? WholeFile.write(run.json.text() + "\n", to: history, isPrivate: true)
  }

  private func tellGitHub(
    _ run: TestRun, _ before: TestRun?, _ folder: String, _ context: Context
  ) throws {
    var relative = folder
    if let workspace = context.environment["GITHUB_WORKSPACE"], !workspace.isEmpty {
      let root = FilePath(workspace)
      var path = FilePath(folder)
      if path.removePrefix(root) { relative = path.string }
    }
    let report = GitHubReport(run, before: before, folder: relative)
    // The runner reads both streams; standard output stays what was asked for.
    context.error.write(report.annotations)
    guard let summary = context.environment["GITHUB_STEP_SUMMARY"], !summary.isEmpty else { return }
    do {
      let file = try FileDescriptor.open(
        FilePath(summary), .writeOnly, options: [.append, .create, .closeOnExec],
        permissions: [.ownerReadWrite])
      try file.closeAfter { _ = try file.writeAll(report.stepSummary.utf8) }
    } catch let error as Errno {
      throw CannotWriteTestReport(file: summary, reason: error)
    }
  }

  private func write(_ text: String, to file: String) throws {
    do {
      try WholeFile.write(text, to: FilePath(file), isPrivate: true)
    } catch let error as Errno {
      throw CannotWriteTestReport(file: file, reason: error)
    }
  }
}

private struct CannotWriteTestReport: Failure {
  var file: String
  var reason: Errno
  var message: String { "cannot write the report to \(file): \(reason)" }
}
