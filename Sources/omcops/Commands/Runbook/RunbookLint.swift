internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// `omcops runbook lint`: what is wrong in the runbooks, before anything runs.
struct RunbookLint: OmcCommand {
  /// How findings are printed.
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text, json, github
  }

  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Find what is wrong in runbooks before they run.",
    discussion: discussion(
      """
      Without a name all runbooks are checked: their form, the type of every expression, the order \
      of steps, and what could not be checked, repeated or undone; their scripts too where \
      shellcheck is installed. Connects to nothing.
      """, exits: [.done, .usage]))

  @OptionGroup var files: RunbookFileOptions

  @Option(help: "How to print: text, json, or github for annotations of a workflow.")
  var output = Format.text

  @Option(
    parsing: .singleValue,
    help: """
      File of Prometheus rules: alerts that no rule raises, or no runbook answers, are found too; may \
      be given several times.
      """, completion: .file(extensions: ["yaml", "yml"]))
  var rules: [String] = []

  @Argument(help: "Names or files.", completion: .file(extensions: ["yaml", "yml"]))
  var runbooks: [String] = []

  func run(_ context: Context) async throws {
    let paths = try paths(context)
    let catalog = liveCatalog(context)
    let shellCheck = ShellCheck(searchPath: context.environment["PATH"] ?? "")
    var findings: [Finding] = []
    var read: [Runbook] = []
    for path in paths {
      do {
        let runbook = try Runbook.load(path, catalog: catalog)
        read.append(runbook)
        findings += Lint.findings(in: runbook, catalog: catalog)
        findings += try await shellCheck?.findings(in: runbook) ?? []
      } catch let error as RunbookError where error.code == .invalid {
        findings += Lint.findings(for: error)
      }
    }
    findings += Lint.findings(
      across: read, rules: try alertRules(), isWhole: runbooks.isEmpty && read.count == paths.count)
    print(findings, context)
    let errors = findings.count { $0.severity == .error }
    if output == .text {
      context.error.write(
        "\(counted(paths.count, "runbook")), \(counted(errors, "error")), "
          + "\(counted(findings.count - errors, "warning"))\n")
    }
    if errors > 0 { throw Ended(status: .usage) }
  }

  /// The files to check.
  ///
  /// Never inlined: the optimizer of Swift 6.3.1 crashes on a throwing closure inside an
  /// asynchronous function that catches by condition ("While splitting coroutine").
  @inline(never)
  private func paths(_ context: Context) throws -> [FilePath] {
    if runbooks.isEmpty { return try files.folder(context).files() }
    return try runbooks.map { try files.file($0, context) }
  }

  private func alertRules() throws -> [AlertRules] {
    try rules.map { try AlertRules(reading: FilePath($0)) }
  }

  private func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private func print(_ findings: [Finding], _ context: Context) {
    switch output {
    case .text:
      for finding in findings {
        context.output.write(
          "\(finding.location): \(finding.severity.rawValue): \(finding.message) "
            + "[\(finding.rule.rawValue)]\n")
        if let hint = finding.hint { context.output.write("  hint: \(hint)\n") }
      }
    case .json: context.output.write(JSON.array(findings.map(object)).text(.pretty) + "\n")
    case .github: for finding in findings { context.output.write(annotation(finding) + "\n") }
    }
  }

  private func object(_ finding: Finding) -> JSON {
    [
      "column": JSON(finding.location.column), "file": .string(finding.location.file),
      "hint": JSON(finding.hint), "line": JSON(finding.location.line),
      "message": .string(finding.message), "rule": .string(finding.rule.rawValue),
      "severity": .string(finding.severity.rawValue),
    ]
  }

  private func annotation(_ finding: Finding) -> String {
    WorkflowAnnotation(
      level: finding.severity.rawValue, title: finding.rule.rawValue,
      file: finding.location.file, line: finding.location.line, column: finding.location.column,
      text: finding.message + (finding.hint.map { ". \($0)" } ?? "")
    ).command
  }
}
