import JSON
import Testing

@Suite("JSON")
struct JSONTests {
  @Test(
    "a value survives being written and read",
    arguments: [
      #"{"b":1,"a":[true,false,null,-0.5,"x\"y\\z\n"]}"#, "[]", "{}", #""é😀""#,
      "9223372036854775807",
    ])
  func roundTrip(text: String) throws {
    #expect(try JSON(parsing: text).text() == text)
  }

  @Test("escapes and surrogate pairs are decoded")
  func escapes() throws {
    #expect(try JSON(parsing: #""\u00e9\ud83d\ude00\/""#) == "é😀/")
  }

  @Test(
    "what is not JSON is refused",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,\"a\":2}", "01", "1.", "tru", "\"a", "\"\u{1}\"", "[1] 2",
      #""\ud83d""#, "+1", "nan", #""\u+123""#,
    ])
  func refused(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test("nesting is bounded")
  func depth() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test("sorted keys make equal objects equal texts")
  func sorted() {
    let value: JSON = ["b": 1, "a": ["d": 2, "c": 3]]
    #expect(value.text(sortedKeys: true) == #"{"a":{"c":3,"d":2},"b":1}"#)
  }
}
