import Patterns
import Testing

@Suite("Regular expressions")
struct PatternTests {
  @Test(
    "what matches a text, and what matches it as a whole",
    arguments: [
      ("a.c", "xabcx", true, false), ("a.c", "a\nc", false, false), ("a|ab", "ab", true, true),
      ("^b", "a\nb", false, false), ("a$", "a\nb", false, false), ("a$", "a\n", false, false),
      (".", "\u{2028}", false, false), (".{2}", "äö", true, true), (#"^\w+$"#, "a_é", true, true),
      (#"\d"#, "٣", true, true), ("(?i)É", "é", true, true), ("", "a", true, false),
    ])
  func texts(source: String, text: String, occurs: Bool, isWhole: Bool) throws {
    let pattern = try Pattern(source, for: .texts)
    #expect((search(pattern, text) != .absent) == occurs)
    var text = text
    let whole = text.withUTF8 { pattern.search(whole: UnsafeRawBufferPointer($0)) }
    #expect((whole != .absent) == isWhole)
    #expect(whole != .gaveUp)
  }

  @Test("lines of a record have a start and an end of their own")
  func records() throws {
    #expect(search(try Pattern("^b$"), "a\nb\nc") == .found(2..<3))
    #expect(search(try Pattern("é+"), "aéé") == .found(1..<5))
  }

  @Test("bytes that are no UTF-8 are passed over")
  func bytes() throws {
    let bytes: [UInt8] = [0xFF, 0x61, 0xC3, 0xA9]
    for source in ["a", "aé"] {
      bytes.withUnsafeBytes { #expect(((try? Pattern(source))?.matches($0)) == true) }
    }
  }

  @Test("one that takes too many steps gives up", arguments: [Pattern.Subject.records, .texts])
  func bounded(subject: Pattern.Subject) throws {
    let text = String(repeating: "a", count: 60)
    #expect(search(try Pattern("(a+)+$", for: subject), text + "b") == .gaveUp)
    #expect(search(try Pattern("(a+)+$", for: subject), text) == .found(0..<60))
  }

  @Test("a mistake is named with its place, counted in characters")
  func mistakes() throws {
    let error = #expect(throws: PatternError.self) { try Pattern("ä(", for: .texts) }
    #expect(
      error?.message
        == "the regular expression \"ä(\" is wrong at character 3: missing closing parenthesis")
  }

  private func search(_ pattern: Pattern, _ text: String) -> Pattern.Outcome {
    var text = text
    return text.withUTF8 { pattern.search(UnsafeRawBufferPointer($0)) }
  }
}
