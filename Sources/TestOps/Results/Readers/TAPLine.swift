/// A line `1..N`, and what it says of a file that runs nothing.
struct TAPPlan {
  let count: Int
  let reason: String?

  init?(_ line: Substring) {
    guard line.hasPrefix("1..") else { return nil }
    let rest = line.dropFirst(3)
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty, digits.count < 10, let count = Int(digits) else { return nil }
    let tail = rest.dropFirst(digits.count).drop { $0 == " " || $0 == "\t" }
    guard tail.isEmpty || tail.hasPrefix("#") else { return nil }
    self.count = count
    let words = tail.dropFirst().drop { $0 == " " }
    let isSkip = words.lowercased().hasPrefix("skip")
    reason =
      (isSkip ? String(words.dropFirst(4).drop { $0 == " " || $0 == ":" }) : String(words))
      .orNil
  }
}

/// A line `ok` or `not ok`, with all that belongs to it.
struct TAPTest {
  var number: Int?
  var title: String
  private(set) var outcome: TestResult.Outcome
  var children: [TAPTest] = []
  var output: String?
  private var reason: String?
  private var duration = 0.0
  private var details = ""

  init?(_ line: Substring) {
    var rest = line
    let isOK = rest.hasPrefix("ok")
    guard isOK || rest.hasPrefix("not ok") else { return nil }
    rest = rest.dropFirst(isOK ? 2 : 6)
    guard rest.isEmpty || rest.first == " " || rest.first == "\t" else { return nil }
    rest = rest.drop { $0 == " " || $0 == "\t" }
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    if !digits.isEmpty, digits.count < 10 {
      number = Int(digits)
      rest = rest.dropFirst(digits.count).drop { $0 == " " || $0 == "\t" }
    }
    if rest.hasPrefix("- ") || rest == "-" { rest = rest.dropFirst().drop { $0 == " " } }
    let (name, directive) = TAPTest.split(rest)
    title = name
    outcome = isOK ? .passed : .failed
    apply(directive)
  }

  /// The name and what stands behind the first `#` that no backslash guards.
  private static func split(_ text: Substring) -> (String, Substring) {
    var name = ""
    var isGuarded = false
    for index in text.indices {
      let character = text[index]
      if isGuarded {
        if character != "#" && character != "\\" { name.append("\\") }
        name.append(character)
        isGuarded = false
      } else if character == "\\" {
        isGuarded = true
      } else if character == "#", name.isEmpty || name.last == " " {
        while name.last == " " { name.removeLast() }
        return (name, text[text.index(after: index)...].drop { $0 == " " })
      } else {
        name.append(character)
      }
    }
    if isGuarded { name.append("\\") }
    while name.last == " " { name.removeLast() }
    return (name, "")
  }

  private mutating func apply(_ directive: Substring) {
    let word = directive.lowercased()
    if word.hasPrefix("todo") {
      outcome = outcome == .passed ? .unexpectedPass : .expectedFailure
      reason = TAPTest.reason(directive.dropFirst(4))
    } else if word.hasPrefix("skip") {
      // "# SKIP" of a test that is not ok: it did not run, and is nobody's failure.
      outcome = .skipped
      reason = TAPTest.reason(directive.drop { $0.isLetter })
    } else if word.hasPrefix("time=") {
      let number = word.dropFirst(5).prefix { $0.isNumber || $0 == "." }
      let isMilliseconds = word.dropFirst(5 + number.count).hasPrefix("ms")
      duration = (Double(number) ?? 0) / (isMilliseconds ? 1000 : 1)
    }
  }

  private static func reason(_ text: Substring) -> String? {
    String(text.drop { $0 == " " || $0 == ":" || $0 == "-" }).orNil
  }

  /// Adds the block of YAML that describes it. Only what is plain in there is understood.
  mutating func describe(_ text: String) {
    details += details.isEmpty ? text : "\n" + text
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      switch line[..<colon] {
      case "duration_ms": duration = (Double(value) ?? 0) / 1000
      case "message", "error":
        let plain = value.trimmingQuotes
        if reason == nil, !plain.isEmpty, plain != "|-", plain != "|" { reason = plain }
      default: break
      }
    }
  }

  /// Adds a comment that follows it.
  mutating func remark(_ text: String) {
    if details.utf8.count < 16384 { details += text + "\n" }
  }

  var isBadSomewhere: Bool { outcome.isBad || children.contains { $0.isBadSomewhere } }

  /// What fails within a test that may fail is no failure.
  mutating func forgiveChildren() {
    for index in children.indices {
      if children[index].outcome.isBad { children[index].outcome = .expectedFailure }
      children[index].forgiveChildren()
    }
  }

  mutating func fail(_ why: String) {
    outcome = .failed
    reason = reason ?? why
    details += why + "\n"
  }

  func result(above: [String], in group: String?) -> TestResult {
    let name = title.isEmpty ? "test \(number ?? 0)" : title
    let path = (above + [name]).joined(separator: " > ")
    return TestResult(
      id: group.map { "\($0)::\(path)" } ?? path, suite: group ?? "", name: path, outcome: outcome,
      duration: duration.isFinite ? max(0, min(duration, 1e9)) : 0, message: reason,
      details: details.orNil, output: output)
  }
}

/// The tests that stand equally far in.
struct TAPLevel {
  var title = ""
  var plan: TAPPlan?
  var tests: [TAPTest] = []
  var faults: [String] = []
  private var numbers = Set<Int>()

  mutating func add(_ test: TAPTest, line: Int) {
    var test = test
    let expected = tests.count + 1
    if let number = test.number, !numbers.insert(number).inserted {
      faults.append("has two tests of number \(number), the second in line \(line)")
    }
    if test.number == nil { test.number = expected }
    tests.append(test)
  }

  /// What is wrong with the level as a whole.
  var allFaults: [String] {
    var faults = faults
    if let plan {
      if plan.count != tests.count {
        faults.append("planned \(plan.count) tests and ran \(tests.count)")
      } else if let number = numbers.first(where: { $0 < 1 || $0 > plan.count }) {
        faults.append("has a test of number \(number), and planned \(plan.count)")
      }
    } else {
      faults.append("has no plan: it may have been cut off after \(tests.count) tests")
    }
    return faults
  }

  /// The tests of a level whose parent's line has come; what is wrong with it fails one of its own.
  mutating func close(in parent: String, _ deeper: ArraySlice<TAPLevel>) -> [TAPTest] {
    var faults = allFaults
    for orphan in deeper where !orphan.tests.isEmpty {
      tests += orphan.tests
      faults.append("has a subtest that no test closes")
    }
    guard !faults.isEmpty, var fault = TAPTest("not ok - plan of the subtest") else { return tests }
    for words in faults { fault.fail("\(parent.isEmpty ? title : parent) \(words)") }
    return tests + [fault]
  }
}

extension Substring {
  /// The text without the quotes around it.
  fileprivate var trimmingQuotes: String {
    guard count >= 2, let first, first == last, first == "'" || first == "\"" else {
      return String(self)
    }
    return String(dropFirst().dropLast())
  }
}
