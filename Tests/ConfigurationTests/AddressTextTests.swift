import Configuration
import Testing

@Suite("what a variable says of a database's address")
struct AddressTextTests {
  @Test("a part alone, parts in braces, and braces that are meant")
  func pieces() throws {
    #expect(try AddressText(parsing: "name").pieces == [.part("name")])
    #expect(
      try AddressText(parsing: "--dburi={url+psycopg} -x").pieces
        == [.text("--dburi="), .part("url+psycopg"), .text(" -x")])
    #expect(try AddressText(parsing: "{host}{port}").pieces == [.part("host"), .part("port")])
    #expect(
      try AddressText(parsing: "{{{name}}}").pieces == [.text("{"), .part("name"), .text("}")])
  }

  @Test(
    "what is no part of an address is named",
    arguments: [
      ("nmae", "nmae"), ("{hots}:1", "hots"), ("url+", "url+"), ("a {name", "{"), ("}", "}"),
    ])
  func problems(_ text: String, _ word: String) {
    #expect {
      try AddressText(parsing: text)
    } throws: {
      ($0 as? AddressTextProblem)?.word == word
    }
  }
}
