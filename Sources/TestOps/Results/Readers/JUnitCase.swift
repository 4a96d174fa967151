/// One `<testcase>` while it is read.
struct JUnitCase {
  let title: String
  private let classname: String
  private let file: String?
  private let line: Int?
  private let start: Double
  let duration: Double
  private var outcome = TestResult.Outcome.passed
  private var message: String?
  private var details: [String] = []
  private var output: String?
  private var errors: String?
  /// Tries before the one that counts, of runners that tell of them.
  private var earlier: [(outcome: TestResult.Outcome, message: String?, details: String?)] = []

  init(
    _ title: String, _ attributes: [String: String], suite: String, file: String?, start: Double
  ) {
    self.title = title
    let classname = attributes["classname"] ?? attributes["class"]
    let group = classname ?? suite
    self.classname = group
    // Vitest and Playwright call the file a class.
    let named = attributes["file"] ?? file
    let endings = [".ts", ".tsx", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs"]
    let isFile =
      group.contains("/") || endings.contains { group.hasSuffix($0) }
    self.file = named ?? (isFile ? group : nil)
    // pytest, which alone writes a file beside it, counts from 0.
    let number = attributes["line"].flatMap { Int($0) }
    line = number.map { attributes["file"] == nil ? $0 : $0 + 1 }
    self.start = start
    // Some write "1,234.5".
    let time = (attributes["time"] ?? "").filter { $0 != "," }
    let seconds = Double(time) ?? 0
    duration = seconds.isFinite ? max(0, min(seconds, 1e9)) : 0
  }

  /// An element within it begins.
  mutating func note(_ name: String, _ attributes: [String: String]) {
    let message = attributes["message"].flatMap { $0.isEmpty ? nil : $0 }
    switch name {
    case "failure":
      if outcome != .error { outcome = .failed }
      self.message = self.message ?? message ?? attributes["type"]
    case "error":
      outcome = outcome == .failed ? .failed : .error
      self.message = self.message ?? message ?? attributes["type"]
    case "skipped":
      guard !outcome.isBad else { return }
      let isExpected = attributes["type"] == "pytest.xfail"
      outcome = isExpected ? .expectedFailure : .skipped
      self.message = message
    case "flakyFailure", "rerunFailure": earlier.append((.failed, message, nil))
    case "flakyError", "rerunError": earlier.append((.error, message, nil))
    default: break
    }
  }

  /// An element within it has ended.
  mutating func fill(_ name: String, _ text: String) {
    let text = text.allSatisfy(\.isWhitespace) ? nil : text
    switch name {
    case "failure", "error": if let text { details.append(text) }
    case "skipped": if message == nil { message = text.map { String($0.prefix(500)) } }
    case "system-out": output = [output, text].compactMap { $0 }.joined(separator: "\n").orNil
    case "system-err": errors = [errors, text].compactMap { $0 }.joined(separator: "\n").orNil
    default: if !earlier.isEmpty { earlier[earlier.count - 1].details = text }
    }
  }

  /// pytest tells of files that it could not read, and of its own faults, as if they were tests.
  var trouble: Trouble? {
    guard outcome == .error || outcome == .failed else { return nil }
    let words = details.joined(separator: "\n").orNil
    if message == "collection failure" {
      return Trouble(
        .collection, "\(title) could not be collected", details: words, during: title)
    }
    if message == "internal error", classname == "pytest" {
      return Trouble(.crashed, "pytest failed in itself", details: words)
    }
    return nil
  }

  /// The tries of the test, the last one being the one that counts.
  var results: [TestResult] {
    let id = classname.isEmpty ? title : "\(classname)::\(title)"
    func result(_ outcome: TestResult.Outcome, _ attempt: Int) -> TestResult {
      TestResult(
        id: id, suite: classname, name: title, outcome: outcome, file: file, line: line,
        start: start, attempt: attempt)
    }
    var last = result(outcome, earlier.count + 1)
    last.duration = duration
    last.message = message ?? details.first?.split(separator: "\n").first.map(String.init)
    last.details = details.joined(separator: "\n").orNil
    last.output = output
    last.errors = errors
    return earlier.enumerated().map { index, told in
      var tried = result(told.outcome, index + 1)
      tried.message = told.message
      tried.details = told.details
      return tried
    } + [last]
  }
}

extension String {
  /// The text, or nil where there is none.
  var orNil: String? { isEmpty ? nil : self }
}
