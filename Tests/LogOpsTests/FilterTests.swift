import Patterns
import Testing

@testable import LogOps

@Suite("Filters")
struct FilterTests {
  static let lines = """
    {"level":"info","status":200,"path":"/api/a","dur":"120ms","user":{"name":"al","roles":["x","y"]}}
    {"level":"error","status":503,"path":"/api/b","dur":"2.5s","msg":"a (b) c"}
    {"level":"warn","status":404,"path":"/web","odd.key":"1"}
    """

  @Test(
    "a condition picks records by their fields",
    arguments: [
      ("status>=500", [1]), ("status>=400 and path~^/api", [1]), ("not status=200", [1, 2]),
      ("path!~^/api", [2]), ("status<300 or status>500", [0, 1]), ("dur>1s", [1]),
      ("dur<=120ms", [0]), ("user.name=al", [0]), ("user.roles[1]=y", [0]), ("odd.key=1", [2]),
      ("level>=warn", [1, 2]), ("level=warn", [2]), ("message=\"a (b) c\"", [1]),
      ("msg~\\(b\\)", [1]), ("user", [0]), ("!user", [1, 2]), ("file=test.log and status=404", [2]),
      ("(status=200 or status=404) and path!=/web", [0]), ("user.name!=al", [1, 2]),
      ("path='/web'", [2]), ("path=~/[ab]$", [0, 1]),
    ])
  func conditions(_ condition: String, _ expected: [Int]) throws {
    let options = try options { $0.filter.conditions = [try Condition(parsing: condition)] }
    let all = Self.lines.split(separator: "\n").map { $0 + "\n" }
    #expect(try output(of: Self.lines.utf8, options: options) == expected.map { all[$0] }.joined())
  }

  @Test(
    "a condition that is wrong says why",
    arguments: ["", "status>=", "(a=1", "a=1 b=2", "level>=loud", "=5", "a~(", "time>yesterday"])
  func wrong(_ condition: String) {
    #expect(throws: (any Error).self) { try Condition(parsing: condition) }
  }

  @Test("levels are chosen from one upwards, or one by one")
  func levels() throws {
    func shown(_ choice: String) throws -> Int {
      let options = options { $0.filter.levels = LevelChoice(choice) }
      return try output(of: Self.lines.utf8, options: options).utf8.count { $0 == 0x0A }
    }
    #expect(try shown("warn+") == 2)
    #expect(try shown("warn") == 1)
    #expect(try shown("info,error") == 2)
    #expect(LevelChoice("loud") == nil)
  }

  @Test("a record without a level takes that of the one before it")
  func inheritedLevel() throws {
    let options = options { $0.filter.levels = LevelChoice("error+") }
    let text = "10:00 ERROR a\nmore of it\n10:01 INFO b\nmore of b\n"
    #expect(try output(of: text.utf8, options: options) == "10:00 ERROR a\nmore of it\n")
  }

  @Test("context is shown once, with a line between what is apart")
  func context() throws {
    let options = try options {
      $0.filter.include = [try Pattern("x")]
      $0.filter.before = 1
      $0.filter.after = 1
    }
    let text = "a\nb\nx1\nc\nx2\nd\ne\nf\nx3\n"
    #expect(
      try output(of: text.utf8, options: options) == "b\nx1\nc\nx2\nd\n--\nf\nx3\n")
  }

  @Test("a window in time")
  func window() throws {
    let text = (0..<6).map { "2026-11-29T10:0\($0):00Z line\($0)\n more\n" }.joined()
    let options = options {
      $0.filter.since = LogTime(nanoseconds: 1_795_946_520_000_000_000)
      $0.filter.until = LogTime(nanoseconds: 1_795_946_640_000_000_000)
    }
    #expect(
      try output(of: text.utf8, options: options)
        == "2026-11-29T10:02:00Z line2\n more\n2026-11-29T10:03:00Z line3\n more\n")
  }

  @Test("the last records, before any filter; the first, behind all")
  func tailAndHead() throws {
    let text = (0..<10).map { "line\($0)\n" }.joined()
    var tail = LogOptions()
    tail.tail = 3
    #expect(try output(of: text.utf8, options: tail) == "line7\nline8\nline9\n")
    tail.filter.include = [try Pattern("[78]")]
    #expect(try output(of: text.utf8, options: tail) == "line7\nline8\n")
    var head = LogOptions()
    head.watch.head = 2
    head.filter.include = [try Pattern("[5-9]")]
    let (bytes, ending) = try bytes(of: text.utf8, options: head)
    #expect(String(decoding: bytes, as: UTF8.self) == "line5\nline6\n")
    #expect(ending == .enough)
  }

  @Test("bytes that are no UTF-8 and NUL neither hide a match nor are changed")
  func bytesStay() throws {
    let line: [UInt8] = [0xFF, 0x00, 0x80] + Array("needle é".utf8) + [0xC3, 0x0A]
    let options = try options { $0.filter.include = [try Pattern("needle é")] }
    #expect(try bytes(of: line, options: options).bytes == line)
  }

  @Test("an expression that takes too many steps gives up, and hides nothing")
  func explosive() throws {
    let options = try options { $0.filter.include = [try Pattern("(a+)+$")] }
    let line = String(repeating: "a", count: 40) + "b\n"
    #expect(try output(of: line.utf8, options: options) == line)
  }
}
