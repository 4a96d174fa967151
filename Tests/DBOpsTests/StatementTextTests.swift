import Testing

@testable import DBOps

@Suite("statements without their values")
struct StatementTextTests {
  @Test(
    "texts and numbers become question marks, names and parameters stay",
    arguments: [
      ("select 'a''b', E'c\\'d' from t1", "select ?, E? from t1"),
      ("select $1, $$x'y$$, $tag$ $$ $tag$ + 4.5", "select $1, ?, ? + ?"),
      ("select \"a 1\"  ,\n\t12 from größe2", "select \"a 1\" , ? from größe2"),
      ("insert into t values ('open", "insert into t values (?"),
      ("select $open$ secret", "select ?"), ("select a$1 from t", "select a$1 from t"),
      // Where a setting says whether the quote counts, nothing that follows is shown.
      ("insert into t values ('C:\\', 'hunter2')", "insert into t values (?"),
      ("select 'a\\b', 2", "select ?, ?"), ("select e'\\'', 'b'", "select e?, ?"),
      // Comments say anything, and a quote in one is none.
      ("select 1 -- don't\n where pw = 'hunter2'", "select ? where pw = ?"),
      ("select /* a ' /* b */ ' */ 'hunter2' from t", "select ? from t"),
      ("/* who */ select 2 - -1", "select ? - -?"),
      // A quote that carries an accent, and one that follows it, is a quote to the server.
      ("select '\u{301}geheim' from t", "select ? from t"),
      ("select 'geheim'\u{301} from t", "select ?\u{301} from t"),
      ("select 'a', 'b\r\n\u{301}c'", "select ?, ?"), ("select '🏴\u{E0067}1', 2", "select ?, ?"),
    ])
  func texts(_ statement: String, _ shown: String) {
    #expect(StatementText.withoutValues(statement).utf8.elementsEqual(shown.utf8))
  }

  @Test("a long one is cut, between two characters")
  func long() {
    let shown = StatementText.withoutValues(String(repeating: "ö", count: 40), limit: 31)
    #expect(shown == String(repeating: "ö", count: 16) + "...")
  }
}
