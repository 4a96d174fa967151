internal import JSON
internal import OrderedCollections
internal import Runbooks
internal import Terminal

internal import enum TestOps.XMLText

/// The results of `runbook test` for people, for programs and for CI.
struct TestResultText {
  private let results: [TestResult]
  private let style: Style

  init(_ results: [TestResult], style: Style) {
    self.results = results
    self.style = style
  }

  private var failed: Int { results.count { !$0.failures.isEmpty } }
  private var passed: Int { results.count - failed }

  // MARK: For people

  var text: String {
    var text = ""
    for result in results {
      let isGood = result.failures.isEmpty
      let cuts = result.cuts > 0 ? style.faint(" (cut off at \(result.cuts) places)") : ""
      text +=
        "\(isGood ? style.green("✓") : style.red("✗")) \(result.runbook): "
        + "\(title(of: result))\(cuts)\n"
      for failure in result.failures { text += words(failure) }
    }
    return text + "\(passed) passed, \(failed) failed\n"
  }

  private func words(_ failure: TestFailure) -> String {
    var text = "  \(failure.location): \(failure.message)\n"
    if let expected = failure.expected { text += "    expected: \(expected)\n" }
    if let seen = failure.seen { text += "    seen:     \(seen)\n" }
    for line in failure.details { text += "    \(line)\n" }
    return text
  }

  private func title(of result: TestResult) -> String { result.name ?? "the whole file" }

  // MARK: For programs

  var json: JSON {
    [
      "cases": .array(results.map(object)), "failed": JSON(failed), "passed": JSON(passed),
    ]
  }

  private func object(_ result: TestResult) -> JSON {
    [
      "case": JSON(result.name), "cuts": JSON(result.cuts),
      "failures": .array(result.failures.map(object)), "file": .string(result.location.file),
      "line": JSON(result.location.line), "ok": .bool(result.failures.isEmpty),
      "runbook": .string(result.runbook),
      "shows": .array(result.shows.map(\.rawValue).sorted().map(JSON.string)),
    ]
  }

  private func object(_ failure: TestFailure) -> JSON {
    [
      "column": JSON(failure.location.column),
      "details": .array(failure.details.map(JSON.string)), "expected": JSON(failure.expected),
      "file": .string(failure.location.file), "line": JSON(failure.location.line),
      "message": .string(failure.message), "seen": JSON(failure.seen),
    ]
  }

  // MARK: For CI

  var junit: String {
    var suites: OrderedDictionary<String, [TestResult]> = [:]
    for result in results { suites[result.runbook, default: []].append(result) }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites tests=\"\(results.count)\" failures=\"\(failed)\">\n"
    for (name, cases) in suites {
      let failures = cases.count { !$0.failures.isEmpty }
      text +=
        "  <testsuite name=\"\(XMLText.escaped(name))\" tests=\"\(cases.count)\" failures=\"\(failures)\">\n"
      for one in cases { text += element(one) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private func element(_ result: TestResult) -> String {
    let head =
      "    <testcase classname=\"\(XMLText.escaped(result.runbook))\" name=\"\(XMLText.escaped(title(of: result)))\""
      + " file=\"\(XMLText.escaped(result.location.file))\" line=\"\(result.location.line)\""
    guard let first = result.failures.first else { return head + "/>\n" }
    return head + ">\n      <failure message=\"\(XMLText.escaped(first.message))\">"
      + XMLText.escaped(result.failures.map(words).joined()) + "</failure>\n    </testcase>\n"
  }
}
