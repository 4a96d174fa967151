internal import Quantities
public import SystemPackage

/// Reads the XML files that test runners write for JUnit's sake: pytest, Vitest, Playwright, `swift
/// test` and whatever follows them. There is no standard; what is read is what these write.
///
/// A file that cannot be read to its end gives the tests before that place and a trouble that says
/// where it is: it can never make a run green.
public enum JUnitReader {
  /// Reads a file.
  public static func read(_ path: FilePath) -> ResultFile {
    do {
      return try ResultSource.withFile(path) { read($0) }
    } catch {
      var file = ResultFile()
      file.troubles.append(
        Trouble(.unreadable, "\(path) cannot be read: \(error)", during: path.string))
      return file
    }
  }

  /// Reads a stream.
  public static func read(_ source: ResultSource) -> ResultFile {
    var parser = JUnitParser(name: source.name)
    do {
      var reader = try XMLReader(source)
      while let event = try reader.next() {
        switch event {
        case .start(let name, let attributes):
          if reader.path.count == 1, name != "testsuites", name != "testsuite" {
            throw reader.fail("its root is <\(name)>, not <testsuites> or <testsuite>")
          }
          try parser.start(name, attributes, in: reader)
        case .end(let name): parser.end(name)
        case .text(let bytes): parser.text(bytes)
        }
      }
      parser.finish()
    } catch let error as XMLError {
      parser.break("line \(error.line) (byte \(error.offset)): \(error.message)")
    } catch {
      parser.break("\(error)")
    }
    return parser.file
  }
}

/// Makes tests of elements.
private struct JUnitParser {
  let name: String
  var file = ResultFile()
  private var suites: [Suite] = []
  private var test: JUnitCase?
  /// Where the text goes that comes next.
  private var text: BoundedText?
  private var keeper = TextKeeper()
  private var ids = TestNames()

  private struct Suite {
    var name = ""
    var file: String?
    /// When its next test began, if its tests came one after another.
    var time = 0.0
    /// How many failures it says it has, itself and within.
    var claimed = 0
    var found = 0
  }

  init(name: String) { self.name = name }

  mutating func start(_ name: String, _ attributes: [String: String], in reader: XMLReader) throws {
    switch name {
    case "testsuites", "testsuite":
      guard test == nil else { throw reader.fail("<\(name)> stands within a <testcase>") }
      suites.append(suite(attributes))
    case "testcase":
      guard test == nil else { throw reader.fail("a <testcase> stands within another") }
      guard let title = attributes["name"] else { throw reader.fail("a <testcase> has no name") }
      test = JUnitCase(
        title, attributes, suite: suites.last?.name ?? "", file: suites.last?.file,
        start: suites.last?.time ?? 0)
    case "failure", "error", "skipped", "system-out", "system-err", "flakyFailure", "flakyError",
      "rerunFailure", "rerunError":
      text = keeper.new()
      test?.note(name, attributes)
    default: break
    }
  }

  private func suite(_ attributes: [String: String]) -> Suite {
    var suite = suites.last ?? Suite()
    if let name = attributes["name"], !name.isEmpty { suite.name = name }
    suite.file = attributes["file"] ?? suite.file
    suite.time = attributes["timestamp"].flatMap(Self.seconds) ?? suite.time
    suite.claimed =
      (Int(attributes["failures"] ?? "") ?? 0) + (Int(attributes["errors"] ?? "") ?? 0)
    suite.found = 0
    return suite
  }

  /// Some runners leave the zone out.
  private static func seconds(_ text: String) -> Double? {
    (Timestamp(parsing: text) ?? Timestamp(parsing: text + "Z")).map {
      Double($0.microseconds) / 1e6
    }
  }

  mutating func text(_ bytes: [UInt8]) { text?.append(bytes) }

  mutating func end(_ name: String) {
    switch name {
    case "testsuite", "testsuites": endSuite()
    case "testcase":
      guard let done = test else { return }
      test = nil
      add(done)
    case "failure", "error", "skipped", "system-out", "system-err", "flakyFailure", "flakyError",
      "rerunFailure", "rerunError":
      if let text {
        test?.fill(name, text.text)
        keeper.keep(text.kept)
      }
      text = nil
    default: break
    }
  }

  /// A suite that counts failures and shows none is not believed: something of it is missing.
  private mutating func endSuite() {
    guard let suite = suites.popLast() else { return }
    if suite.claimed > 0, suite.found == 0 {
      file.troubles.append(
        Trouble(
          .unreadable,
          "\(name): the suite \"\(suite.name)\" counts \(suite.claimed) failures, and no test in it failed",
          during: name))
    }
    if !suites.isEmpty {
      suites[suites.count - 1].found += suite.found
      suites[suites.count - 1].time = max(suites[suites.count - 1].time, suite.time)
    }
  }

  private mutating func add(_ done: JUnitCase) {
    if let trouble = done.trouble {
      file.troubles.append(trouble)
      if !suites.isEmpty { suites[suites.count - 1].found += 1 }
      return
    }
    for var result in done.results {
      if result.outcome.isBad, !suites.isEmpty { suites[suites.count - 1].found += 1 }
      if result.attempt == done.results[0].attempt, done.results.count == 1,
        let last = file.results.last, last.id == result.id, last.outcome == .failed,
        result.outcome == .error
      {
        // pytest tells of a test that failed, and whose tear-down failed too, as two.
        file.results[file.results.count - 1].details = [last.details, result.details]
          .compactMap { $0 }.joined(separator: "\n")
        continue
      }
      if result.attempt == 1 { result.id = ids.unique(result.id) } else { result.id = ids.last }
      file.results.append(result)
    }
    if !suites.isEmpty { suites[suites.count - 1].time += done.duration }
  }

  mutating func finish() {
    guard file.results.isEmpty, file.troubles.isEmpty else { return }
    file.troubles.append(Trouble(.nothingRan, "\(name) holds no test", during: name))
  }

  mutating func `break`(_ place: String) {
    let running = test.map { ", in the test \"\($0.title)\"" } ?? ""
    file.troubles.append(
      Trouble(
        .unreadable,
        "\(name) is not whole: \(place)\(running); \(file.results.count) tests before it were read",
        during: test?.title ?? name))
  }
}

/// Names that every test of a file has for itself: a second test of the same name is another test.
struct TestNames {
  private var seen: [String: Int] = [:]
  /// The name that was given last.
  private(set) var last = ""

  mutating func unique(_ id: String) -> String {
    let count = seen[id, default: 0] + 1
    seen[id] = count
    last = count == 1 ? id : "\(id) #\(count)"
    return last
  }
}

/// Gives the room that the texts of a file may take: much for the first ones, little for the rest.
struct TextKeeper {
  private var kept = 0

  func new() -> BoundedText { BoundedText(limit: kept < 64 << 20 ? 16384 : 256) }
  mutating func keep(_ bytes: Int) { kept += bytes }
}
