import Testing
import Text

@Suite("Texts in texts")
struct TextSearchTests {
  @Test(
    "the first and the last place of a text",
    arguments: [
      ("abcabc", "bc", 1, 4), ("abc", "abc", 0, 0), ("aaa", "aa", 0, 1), ("naïve ï", "ï", 2, 7),
      ("a://b://c", "://", 1, 5), ("e\u{301}'", "'", 3, 3), ("abc", "", 0, 3), ("", "", 0, 0),
    ])
  func places(text: String, part: String, first: Int, last: Int) throws {
    // The middle of a longer text has places of its own.
    for text in [text[...], ("<é" + text + ">").dropFirst(2).dropLast()] {
      let count = { (index: String.Index) in text.utf8.distance(from: text.startIndex, to: index) }
      let found = try #require(text.firstRange(ofText: part))
      #expect(count(found.lowerBound) == first)
      #expect(text[found].utf8.elementsEqual(part.utf8))
      #expect(count(try #require(text.lastRange(ofText: part)).lowerBound) == last)
      #expect(text.contains(text: part))
    }
  }

  @Test(
    "a text that does not occur",
    arguments: [("abc", "abcd"), ("abc", "B"), ("", "a"), ("é", "e\u{301}"), ("ab", "ba")])
  func absent(text: String, part: String) {
    #expect(!text.contains(text: part))
    #expect(text.firstRange(ofText: part) == nil)
    #expect(text.lastRange(ofText: part) == nil)
    #expect(text.split(around: part) == [text[...]])
    #expect(text.replacing(text: part, with: "x") == text)
  }

  @Test("a text behind the end of a slice is not found")
  func slices() {
    #expect(!"abc".dropLast().contains(text: "bc"))
    #expect(!"abc".dropFirst().contains(text: "ab"))
  }

  @Test(
    "pieces between occurrences",
    arguments: [
      ("a, line 4", ", line ", ["a", "4"]), ("::a::", "::", ["", "a", ""]),
      ("aaa", "aa", ["", "a"]),
      ("abc", "", ["abc"]), ("", "x", [""]),
    ])
  func pieces(text: String, separator: String, expected: [Substring]) {
    #expect(text.split(around: separator) == expected)
  }

  @Test("at most so many occurrences divide")
  func fewPieces() { #expect("a=b=c".split(around: "=", maxSplits: 1) == ["a", "b=c"]) }

  @Test("between double quotes, backslashes, quotes and line feeds are escaped")
  func quotes() {
    #expect("a\\\"\u{301}\r\n".escapedForQuotes == #"a\\\""# + "\u{301}\r\\n")
  }

  @Test("a quote is one whatever accent stands behind it")
  func accents() {
    let text = "a'\u{301}b"
    #expect(text.replacing(text: "'", with: "''") == "a''\u{301}b")
    #expect(text.contains(text: "'"))
  }
}
