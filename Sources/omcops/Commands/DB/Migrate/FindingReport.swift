internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Terminal

/// How findings are printed.
enum FindingFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, github
}

/// The findings of a lint, for people, programs and workflows.
struct FindingReport {
  var findings: [LintFinding]
  var style: Style

  /// Prints them; ends the command with status 3 when there are errors.
  func print(as format: FindingFormat, to context: Context) throws {
    switch format {
    case .text: for finding in findings { context.output.write(text(finding)) }
    case .json:
      context.output.write(JSON.array(findings.map(object)).text(.pretty) + "\n")
    case .github:
      for finding in findings { context.output.write(annotation(finding) + "\n") }
    }
    if format == .text { context.error.write(summary + "\n") }
    if findings.contains(where: { $0.level == .error }) { throw Ended(status: .blocked) }
  }

  private var summary: String {
    if findings.isEmpty { return "nothing found" }
    let parts = [LintLevel.error, .warning, .notice].compactMap { level -> String? in
      let count = findings.count { $0.level == level }
      return count == 0 ? nil : "\(count) \(level.rawValue)\(count == 1 ? "" : "s")"
    }
    return parts.joined(separator: ", ")
  }

  private func text(_ finding: LintFinding) -> String {
    let level =
      switch finding.level {
      case .error: style.red("error")
      case .warning: style.yellow("warning")
      case .notice, .off: finding.level.rawValue
      }
    let place = finding.origin.description
    var text = place.isEmpty ? "" : "\(place): "
    if place.isEmpty, let revision = finding.revision { text = "\(revision): " }
    text += "\(level): \(finding.message) [\(finding.rule.name)]\n"
    if !finding.sql.isEmpty { text += style.faint("    \(shortened(finding.sql))") + "\n" }
    if !finding.alternative.isEmpty {
      text += "  instead:\n"
      for line in finding.alternative { text += "    \(line)\n" }
    }
    return text
  }

  private func shortened(_ sql: String) -> String {
    let line = sql.split { $0.isWhitespace }.joined(separator: " ")
    return line.count > 120 ? String(line.prefix(119)) + "…" : line
  }

  private func object(_ finding: LintFinding) -> JSON {
    [
      "alternative": .array(finding.alternative.map(JSON.string)),
      "column": JSON(finding.origin.column.map(Int64.init)),
      "file": JSON(finding.origin.file), "level": .string(finding.level.rawValue),
      "line": JSON(finding.origin.line.map(Int64.init)), "message": .string(finding.message),
      "revision": JSON(finding.revision), "rule": .string(finding.rule.name),
      "sql": .string(finding.sql),
    ]
  }

  private func annotation(_ finding: LintFinding) -> String {
    let alternative = finding.alternative.isEmpty ? [] : ["instead:"] + finding.alternative
    return WorkflowAnnotation(
      level: finding.level.rawValue, title: finding.rule.name, file: finding.origin.file,
      line: finding.origin.line, column: finding.origin.column,
      text: ([finding.message] + alternative).joined(separator: "\n")
    ).command
  }
}
