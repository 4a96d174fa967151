import Testing

@testable import Runbooks

@Suite("Shapes of names")
struct NameShapeTests {
  @Test("identifiers", arguments: ["a", "find-backup", "a1-2b", String(repeating: "a", count: 64)])
  func identifiers(text: String) { #expect(NameShape.isIdentifier(text)) }

  @Test(
    "no identifiers",
    arguments: [
      "", "-a", "a-", "a--b", "1a", "A", "a_b", "é", "a b", String(repeating: "a", count: 65),
    ])
  func noIdentifiers(text: String) { #expect(!NameShape.isIdentifier(text)) }

  @Test(
    "runbooks", arguments: [("a--b-", true), ("database-restore", true), ("", false), ("1", false)])
  func runbooks(text: String, isOne: Bool) { #expect(NameShape.isRunbook(text[...]) == isOne) }

  @Test("tools", arguments: [("pg_dump", true), ("a-1", true), ("Psql", false), ("_a", false)])
  func tools(text: String, isOne: Bool) { #expect(NameShape.isTool(text) == isOne) }

  @Test(
    "versions",
    arguments: [
      ("1", true), (">=1.40", true), ("=1.2.3", true), ("", false), (">=", false), ("1.", false),
      (".1", false), (">1", false), ("1..2", false), ("1.x", false), ("==1", false),
    ])
  func versions(text: String, isOne: Bool) { #expect(NameShape.isVersion(text) == isOne) }

  @Test(
    "variables",
    arguments: [
      ("_", true), ("PGHOST", true), ("a1_", true), ("", false), ("1a", false), ("A-B", false),
      ("A@", false), ("Ä", false),
    ])
  func variables(text: String, isOne: Bool) { #expect(NameShape.isVariable(text) == isOne) }
}
