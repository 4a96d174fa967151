internal import HTTPClient
internal import JSON

/// What a worker's interpreter tells: a line of JSON each.
enum WorkerEvent: Sendable {
  /// pytest is there and begins to collect.
  case hello(python: String, pytest: String)
  /// A test that was collected.
  case test(TestCase)
  /// All tests were told of.
  case ready
  /// A file of tests could not be read.
  case broken(id: String, text: String)
  /// Tests that the project's own options leave out.
  case deselected(Int)
  /// It has less than two tests in hand.
  case need
  /// A test begins.
  case started(id: String, start: Double)
  /// A test has ended.
  case ended(TestResult)
  /// A warning that belongs to no test.
  case warning(String)
  /// Something that a reader has to know and is no trouble.
  case note(String)
  /// pytest itself wants no more tests to be run: for what failed, or hard, for another reason.
  case stopped(String, isHard: Bool)
  /// It could not go on.
  case fatal(String, lacksPytest: Bool)
  /// A part of a file that coverage.py has written in a pod.
  case file(FilePart)
  /// pytest has ended; oddly where its status is not that of the tests that it has run.
  case bye(status: Int, isOdd: Bool)

  /// Of a file that comes in parts.
  struct FilePart: Sendable {
    var name: String
    var bytes: [UInt8]
    /// Whether it is whole now.
    var isLast: Bool
  }

  /// More than any line has: what is told is clipped.
  static let limit = 16 << 20

  /// Reads a line; nil for what is no event.
  init?(parsing line: some Collection<UInt8>, worker: Int) {
    guard let json = try? JSON(parsing: line), let name = json["e"]?.string else { return nil }
    let (id, text) = (json["id"]?.string ?? "", json["text"]?.string ?? "")
    switch name {
    case "hello":
      self = .hello(python: json["python"]?.string ?? "", pytest: json["pytest"]?.string ?? "")
    case "test":
      self = .test(
        TestCase(
          id: id, file: json["file"]?.string, line: json["line"]?.int.map(Int.init),
          suite: json["suite"]?.string ?? "", name: json["name"]?.string ?? id,
          isAffected: json["affected"]?.bool ?? true))
    case "ready": self = .ready
    case "broken": self = .broken(id: id, text: text)
    case "deselected": self = .deselected(Int(json["count"]?.int ?? 0))
    case "need": self = .need
    case "start": self = .started(id: id, start: json["start"]?.double ?? 0)
    case "end":
      guard let outcome = json["outcome"]?.string.flatMap(TestResult.Outcome.init(rawValue:)) else {
        return nil
      }
      self = .ended(TestResult(json, id: id, outcome: outcome, worker: worker))
    case "warning": self = .warning(text)
    case "note": self = .note(text)
    case "stopped": self = .stopped(text, isHard: json["hard"]?.bool ?? false)
    case "fatal": self = .fatal(text, lacksPytest: json["kind"]?.string == "no-pytest")
    case "file":
      guard let bytes = Base64.decode(json["data"]?.string ?? "") else { return nil }
      self = .file(
        FilePart(
          name: json["name"]?.string ?? "", bytes: bytes, isLast: json["last"]?.bool ?? false))
    case "bye":
      self = .bye(status: Int(json["status"]?.int ?? 0), isOdd: json["odd"]?.bool ?? false)
    default: return nil
    }
  }
}

extension TestResult {
  /// Its place in the project is added where the test's collection is known.
  fileprivate init(_ json: JSON, id: String, outcome: Outcome, worker: Int) {
    self.init(
      id: id, suite: "", name: id, outcome: outcome, start: json["start"]?.double ?? 0,
      duration: json["duration"]?.double ?? 0, worker: worker, message: json["message"]?.string,
      details: json["details"]?.string, output: json["output"]?.string,
      errors: json["errors"]?.string,
      warnings: json["warnings"]?.array?.compactMap(\.string) ?? [])
  }
}

/// What omcops tells a worker's interpreter.
enum WorkerCommand: Sendable {
  /// These tests are next.
  case run([String])
  /// There are no more.
  case end
  /// Go on behind a test that failed.
  case go
  /// Run the test that failed again.
  case again
  /// Tear down and end.
  case quit

  var line: [UInt8] {
    let json: JSON =
      switch self {
      case .run(let ids): ["run": .array(ids.map(JSON.string))]
      case .end: ["end": true]
      case .go: ["go": true]
      case .again: ["again": true]
      case .quit: ["quit": true]
      }
    return Array((json.text() + "\n").utf8)
  }
}
