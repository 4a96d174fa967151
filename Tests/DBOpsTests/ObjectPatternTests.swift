import Diagnostics
import Postgres
import TestServer
import Testing

@testable import DBOps

@Suite("Patterns of names")
struct ObjectPatternTests {
  private static let cases = [
    ("users", "public", "users", true), ("Users", "public", "users", true),
    ("\"Users\"", "public", "users", false), ("us*", "a", "users", true),
    ("u?ers", "a", "users", true), ("app.*", "app", "x", true), ("app.*", "apps", "x", false),
    ("*.log", "b", "log", true), ("a[0-9]+", "a", "a12", true), ("a[0-9]+", "a", "a", false),
    ("a[^b]", "a", "ac", true), ("(x|yy)_t", "a", "yy_t", true), ("x|yy", "a", "yy", true),
    ("\"a.b\"", "s", "a.b", true), ("\"a\"\"b\".*", "a\"b", "t", true),
    ("größe*", "s", "größen", true),
    ("\"od*\"", "s", "odd", false), ("$x", "s", "$x", true), ("(ab)+", "s", "ababab", true),
  ]

  @Test("they fit what psql's fit", arguments: cases)
  func fits(_ text: String, _ schema: String, _ name: String, _ fits: Bool) throws {
    #expect(try ObjectPattern(text, of: .relation).matches(schema, name) == fits)
  }

  @Test("the server takes them as expressions, and comes to the same")
  func expressions() async throws {
    try await TestServer.withConnection { connection in
      for (text, schema, name, fits) in Self.cases + [("a*+", "s", "abc", true)] {
        let (schemas, names) = try ObjectPattern(text, of: .relation).expressions
        let found = try await connection.query(
          "SELECT $1 ~ $2 AND ($4::text IS NULL OR $3 ~ $4)",
          [SQLValue(name), SQLValue(names), SQLValue(schema), schemas.map { SQLValue($0) }]
        ).single(as: Bool.self)
        #expect(found == fits, "\(text)")
      }
    }
  }

  @Test(
    "what cannot be read is refused",
    arguments: ["a.b.c", "\"a", "a{2}", "(a", "a)", "[a", "+a", "a.", "", "(a.b)", "[z-a]"])
  func refusals(_ text: String) {
    let failure = #expect(throws: (any Error).self) { try ObjectPattern(text, of: .relation) }
    #expect((failure as? any Failure)?.status == .usage)
    #expect(throws: (any Error).self) { try ObjectPattern("a.b", of: .schema) }
  }
}
