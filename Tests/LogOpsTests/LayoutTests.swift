import JSON
import Patterns
import Testing

@testable import LogOps

@Suite("Layouts")
struct LayoutTests {
  @Test("nothing that a log holds speaks to the terminal")
  func hostile() throws {
    let options = options { $0.style.isTerminal = true }
    let line: [UInt8] =
      Array("\u{1B}[31mred\u{1B}[0m \u{1B}]0;title\u{07} \u{1B}[2J a\u{202E}b é \t|".utf8)
      + [0x00, 0xFF, 0xC2, 0x9B, 0x0D, 0x78, 0x0A]
    #expect(
      try output(of: line, options: options)
        == "red \\x1b]0;title\\x07 \\x1b[2J a\\u202eb é \t|\\x00\\xff\\u009b\\rx\n")
  }

  @Test("an object a line, whatever the record is")
  func json() throws {
    let options = options { $0.style.format = .json }
    let lines = [
      "2026-11-29T10:00:00Z ERROR bad \"quote\"\n more",
      "{\"level\":\"info\",\"msg\":\"x\\ny\",\"n\":1}",
      "{not json}", "a=1 b=\"2 3\" level=warn",
    ]
    let shown = try output(
      of: (lines.joined(separator: "\n") + "\n\u{01}\n").utf8 + [0xFF, 0x0A], options: options)
    let objects = try shown.split(separator: "\n").map { try JSON(parsing: Array($0.utf8)) }
    #expect(objects.count == 6)
    #expect(objects[0]["time"]?.string == "2026-11-29T10:00:00.000000Z")
    #expect(objects[0]["level"]?.string == "error")
    #expect(objects[0]["file"]?.string == "test.log")
    #expect(objects[0]["message"]?.string == lines[0])
    #expect(objects[1]["message"]?.string == "x\ny")
    #expect(objects[1]["fields"]?["n"]?.int == 1)
    #expect(objects[2]["message"]?.string == "{not json}")
    #expect(objects[2]["fields"] == nil)
    #expect(objects[3]["fields"]?["b"]?.string == "2 3")
    #expect(objects[4]["message"]?.string == "\u{01}")
    #expect(objects[5]["message"]?.string == "\u{FFFD}")
  }

  @Test(
    "only what is JSON passes for it",
    arguments: [
      ("{}", true), ("{\"a\":[1,-0.5e3,true,null,{\"b\":\"\\u00e9é\"}]}", true),
      (" { \"a\" : 1 } ", true),
      ("{\"a\":01}", false), ("{\"a\":1,}", false), ("{a:1}", false), ("{\"a\":\"\\x\"}", false),
      ("{\"a\":1} x", false), ("{\"a\":tru}", false), ("{\"a\":\"\t\"}", false), ("[1]", false),
      ("{\"a\":-}", false), ("{\"a\":\"b", false), ("{\"a\":[1}", false),
    ])
  func check(_ text: String, _ expected: Bool) {
    text.bytes { #expect(JSONCheck.isObject($0) == expected) }
  }

  @Test("JSON and logfmt are laid out for people")
  func pretty() throws {
    let options = options { $0.style.isPretty = true }
    let text = """
      {"time":"2026-11-29T10:00:00.5Z","level":"error","msg":"it failed","status":500,"who":"a b","trace":"l1\\nl2"}
      ts=2026-11-29T10:00:01Z level=warn msg="slow query" ms=7
      plain text
      """
    #expect(
      try output(of: text.utf8, options: options) == """
        10:00:00.500 ERROR it failed status=500 who="a b"
            l1
            l2
        10:00:01.000 WARN  slow query ms=7
        plain text

        """)
  }

  @Test("a template of one's own")
  func template() throws {
    let options = try options {
      $0.style.template = try RecordTemplate(
        parsing: "{clock}|{level}|{message}|{.http.status}|{.none}|{{x}}\\t{file}")
    }
    let text =
      "{\"ts\":\"2026-11-29T10:00:00Z\",\"level\":\"info\",\"msg\":\"m\",\"http\":{\"status\":200}}\n"
    #expect(
      try output(of: text.utf8, options: options)
        == "10:00:00.000|info|m|200||{x}\ttest.log\n")
    #expect(throws: TemplateError.self) { try RecordTemplate(parsing: "{nothing}") }
    #expect(throws: TemplateError.self) { try RecordTemplate(parsing: "{level") }
  }

  @Test("matches stand out, and only those")
  func highlight() throws {
    let options = try options {
      $0.style.isColoured = true
      $0.style.highlights = [try Pattern("b+"), try Pattern("x*")]
    }
    #expect(
      try output(of: "abbc\n".utf8, options: options) == "a\u{1B}[1;7mbb\u{1B}[0mc\n")
  }
}
