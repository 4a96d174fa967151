internal import Quantities

// One JUnit file of a whole run, whoever ran its parts.
extension TestRun {
  /// The run as JUnit XML, in the dialect that Surefire, Jenkins, GitLab and GitHub's actions read:
  /// tries before the one that counts are `flakyFailure` and `rerunFailure`. What befell the run and
  /// was not made good stands there as an error, so that nobody who reads only this file sees green.
  public var junitXML: String {
    let outcomes = outcomes
    var tries: [String: [TestResult]] = [:]
    for result in results { tries[result.id, default: []].append(result) }
    let troubles = troubles.filter { !$0.isRecovered }
    let counts = counts
    let numbers =
      "tests=\"\(outcomes.count + troubles.count)\" failures=\"\(counts[.failed] ?? 0)\" "
      + "errors=\"\((counts[.error] ?? 0) + troubles.count)\" "
      + "skipped=\"\((counts[.skipped] ?? 0) + (counts[.expectedFailure] ?? 0))\" "
      + "time=\"\(JUnitText.seconds(duration))\""
    let time = Timestamp(microseconds: Int64(start * 1e6)).rfc3339(fractionDigits: 3)
    var xml = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<testsuites \(numbers)>\n"
    xml += "<testsuite name=\"\(XMLText.escaped(suite))\" timestamp=\"\(time)\" \(numbers)>\n"
    for trouble in troubles { xml += JUnitText.testCase(trouble) }
    for (id, result) in outcomes {
      let earlier = (tries[id] ?? []).filter {
        $0.outcome.isBad && ($0.round, $0.attempt) != (result.round, result.attempt)
      }
      xml += JUnitText.testCase(result, earlier: earlier)
    }
    return xml + "</testsuite>\n</testsuites>\n"
  }
}

/// The pieces of a JUnit file.
private enum JUnitText {
  static func testCase(_ result: TestResult, earlier: [TestResult]) -> String {
    var attributes =
      "classname=\"\(XMLText.escaped(result.suite))\" name=\"\(XMLText.escaped(result.name))\""
    if let file = result.file {
      attributes += " file=\"\(XMLText.escaped(file))\""
      // Counted from 0, as pytest does, whose files have this attribute.
      if let line = result.line { attributes += " line=\"\(line - 1)\"" }
    }
    attributes += " time=\"\(seconds(result.duration))\""
    var content = ""
    switch result.outcome {
    case .passed, .unexpectedPass: break
    case .failed: content += element("failure", result)
    case .error: content += element("error", result)
    case .skipped: content += element("skipped", result, type: "pytest.skip")
    case .expectedFailure: content += element("skipped", result, type: "pytest.xfail")
    }
    let prefix = result.outcome.isBad ? "rerun" : "flaky"
    for tried in earlier {
      content += element(prefix + (tried.outcome == .error ? "Error" : "Failure"), tried)
    }
    for (name, text) in [("system-out", result.output), ("system-err", result.errors)] {
      if let text, !text.isEmpty { content += "<\(name)>\(XMLText.escaped(text))</\(name)>\n" }
    }
    return content.isEmpty
      ? "<testcase \(attributes)/>\n" : "<testcase \(attributes)>\n\(content)</testcase>\n"
  }

  static func testCase(_ trouble: Trouble) -> String {
    let name = trouble.during ?? trouble.kind.rawValue
    let details = XMLText.escaped(trouble.details ?? "")
    return """
      <testcase classname="omcops.\(trouble.kind.rawValue)" name="\(XMLText.escaped(name))" time="0">
      <error message="\(XMLText.escaped(trouble.message))">\(details)</error>
      </testcase>

      """
  }

  private static func element(_ name: String, _ result: TestResult, type: String? = nil) -> String {
    let type = type.map { " type=\"\($0)\"" } ?? ""
    let message = XMLText.escaped(result.message ?? "")
    return
      "<\(name)\(type) message=\"\(message)\">\(XMLText.escaped(result.details ?? ""))</\(name)>\n"
  }

  static func seconds(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "0" }
    let milliseconds = Int64((max(0, seconds) * 1000).rounded())
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }
}
