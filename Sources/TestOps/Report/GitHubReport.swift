internal import Terminal
internal import Text

/// A run as GitHub Actions shows it: marks at the lines of a pull request, and a summary of the step.
public struct GitHubReport: Sendable {
  private let run: TestRun
  private let comparison: RunComparison?
  private let folder: String

  /// How many marks of a kind GitHub shows for a step.
  static let shownMarks = 10
  /// GitHub refuses a step's summary of more than a mebibyte.
  static let summaryLimit = 1_000_000

  /// Creates a report.
  ///
  /// - Parameter folder: the suite's folder, relative to the repository's; empty where it is that.
  public init(_ run: TestRun, before: TestRun? = nil, folder: String = "") {
    self.run = run
    comparison = before.map { RunComparison(run, with: $0) }
    self.folder = folder.hasSuffix("/") || folder.isEmpty ? folder : folder + "/"
  }

  /// The workflow commands that mark what failed, a line each. They belong on standard output, and
  /// only where `GITHUB_ACTIONS` is `true`.
  public var annotations: String {
    var marks = run.troubles.filter { !$0.isRecovered }.map {
      command("error", file: nil, line: nil, title: $0.kind.words, $0.message)
    }
    marks += run.failures.map { failure in
      let words = failure.message ?? failure.details?.harmlessLines.last ?? "it failed"
      return command("error", file: failure.file, line: failure.line, title: failure.id, words)
    }
    if marks.count > Self.shownMarks {
      let rest = marks.count - Self.shownMarks + 1
      marks =
        marks.prefix(Self.shownMarks - 1) + [
          command(
            "error", file: nil, line: nil, title: run.suite, "and \(rest) more; see the summary")
        ]
    }
    let outcomes = run.outcomes
    marks += run.flaky.prefix(Self.shownMarks).map { id in
      let result = outcomes[id]
      return command(
        "warning", file: result?.file, line: result?.line, title: "flaky: \(id)",
        "it failed and passed in the same run")
    }
    return marks.map { $0 + "\n" }.joined()
  }

  private func command(
    _ name: String, file: String?, line: Int?, title: String, _ message: String
  ) -> String {
    WorkflowAnnotation(
      level: name, title: title, file: file.map { folder + $0 }, line: file == nil ? nil : line,
      text: message.harmlessLines.joined(separator: "\n")
    ).command
  }

  // MARK: The step's summary

  /// Markdown to be added to the file that `GITHUB_STEP_SUMMARY` names.
  public var stepSummary: String {
    var text = "## \(Self.markdown(run.suite)): \(run.headline)\n\n"
    text += "\(run.tally), \(run.took)\n\n"
    if let coverage = run.coverage { text += "Coverage: \(coverage.words)\n\n" }
    for trouble in run.troubles {
      let mark = trouble.isRecovered ? "run again" : trouble.kind.words
      text += "- **\(mark)**: \(Self.markdown(trouble.message))\n"
    }
    if !run.troubles.isEmpty { text += "\n" }
    text += changes
    text += list("Flaky", run.flaky)
    if !run.failures.isEmpty { text += "### Failed\n\n" }
    var left = 0
    for failure in run.failures {
      let piece = details(failure)
      if text.utf8.count + piece.utf8.count > Self.summaryLimit - 200 {
        left += 1
      } else {
        text += piece
      }
    }
    if left > 0 { text += "\n\(left) more failed; GitHub takes no longer summary.\n" }
    return text
  }

  private var changes: String {
    guard let comparison else { return "" }
    return list("Newly failing", comparison.newlyFailing)
      + list("Newly passing", comparison.newlyPassing)
      + list(
        "Slower than before",
        comparison.slower.map {
          "\($0.id): \(TestRun.readable($0.before)) → \(TestRun.readable($0.now))"
        })
  }

  private func list(_ title: String, _ items: [String]) -> String {
    if items.isEmpty { return "" }
    var text = "### \(title)\n\n"
    for item in items.prefix(50) { text += "- \(Self.markdown(item))\n" }
    if items.count > 50 { text += "- and \(items.count - 50) more\n" }
    return text + "\n"
  }

  private func details(_ failure: TestResult) -> String {
    let lines = (failure.details ?? failure.message ?? "").harmlessLines.shortened(to: 60)
    let body = lines.joined(separator: "\n")
    var fence = "```"
    while body.contains(text: fence) { fence += "`" }
    return """
      <details><summary>\(Self.html(failure.id))</summary>

      \(fence)text
      \(body)
      \(fence)

      </details>

      """
  }

  private static func html(_ text: String) -> String {
    XMLText.escaped(text.harmlessLine)
  }

  /// Text in which nothing is markup, and nobody is notified.
  private static func markdown(_ text: String) -> String {
    var escaped = ""
    for scalar in text.harmlessLine.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case "&": escaped += "&amp;"
      case "@": escaped += "&#64;"
      case "\\", "`", "*", "_", "[", "]", "#", "|", "~", ">": escaped += "\\\(scalar)"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
