import Postgres
import TestServer
import Testing

@Suite struct IdentifierTests {
  @Test(arguments: [
    ("users", "users"), ("_x9", "_x9"), ("", "\"\""), ("Users", "\"Users\""), ("9a", "\"9a\""),
    ("a b", "\"a b\""), ("a\"b", "\"a\"\"b\""), ("é", "\"é\""), ("order", "\"order\""),
    ("left", "\"left\""), ("integer", "\"integer\""), ("name", "name"), ("a$", "\"a$\""),
  ])
  func identifiers(_ name: String, _ quoted: String) { #expect(quoteIdentifier(name) == quoted) }

  @Test func everyKeywordIsQuotedAsTheServerQuotesIt() async throws {
    try await TestServer.withConnection { connection in
      let words = try await connection.query(
        "SELECT word, quote_ident(word) FROM pg_get_keywords()")
      #expect(words.rows.count > 400)
      for row in words.rows {
        let (word, quoted) = (row[0] ?? "", row[1] ?? "")
        // Words that only a later version reserves may be quoted too.
        if quoted != word { #expect(quoteIdentifier(word) == quoted) }
      }
    }
  }

  @Test func oddNamesComeBack() async throws {
    try await TestServer.withConnection { connection in
      for name in ["A \"quoted\" name", "select", "日本", "tab\there", "semi;colon", "x'y\\z"] {
        try await connection.execute("CREATE TABLE \(quoteIdentifier(name)) ()")
        let found = try await connection.query(
          "SELECT count(*) FROM pg_class WHERE relname = $1", [SQLValue(name)])
        #expect(try found.single(as: Int.self) == 1)
      }
    }
  }

  @Test(arguments: ["on", "off"])
  func literalsMeanThemselves(_ standard: String) async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("SET standard_conforming_strings = \(standard)")
      try await connection.execute("SET escape_string_warning = off")
      for text in ["it's", "a\\b", "\\'; DROP", "", "new\nline", "日本", "\\"] {
        let back = try await connection.query("SELECT \(quoteLiteral(text))::text")
        #expect(try back.single(as: String.self) == text)
      }
    }
  }
}
