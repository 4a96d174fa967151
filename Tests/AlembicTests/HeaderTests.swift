import Diagnostics
import PythonSubset
import Testing

@testable import Alembic

@Suite("headers of scripts")
struct HeaderTests {
  private func read(_ text: String, path: String = "/v/x.py") throws -> Revision {
    try PythonHeader(try Module.parse(Array(text.utf8), file: path)).revision(path: path)
  }

  @Test("names as text, tuples, lists, annotated and by constants")
  func forms() throws {
    let script = try read(
      """
      \"\"\"add ledger

      Revision ID: b2
      \"\"\"
      from typing import Sequence, Union
      OLD = "a" + '1'
      revision: str = "b2"
      down_revision: Union[str, None] = (OLD, "a2")
      branch_labels = ["shop"]
      depends_on: Union[str, Sequence[str], None] = None
      def upgrade(): pass
      """)
    #expect(script.id == "b2" && script.downRevisions == ["a1", "a2"])
    #expect(script.branchLabels == ["shop"] && script.dependencies == [])
    #expect(script.doc == "add ledger" && script.longDoc == "add ledger\n\nRevision ID: b2")
  }

  @Test("a header of Alembic 0.1 has its identifier in the file's name")
  func legacy() throws {
    #expect(try read("down_revision = None\n", path: "/v/1a2b3c.py").id == "1a2b3c")
    let error = #expect(throws: ProjectError.self) {
      try read("down_revision = None\n", path: "/v/tools.py")
    }
    #expect(
      error?.message.hasPrefix("Could not determine revision id from filename tools.py.") == true)
  }

  @Test(
    "a computed header is refused by its place",
    arguments: [
      ("revision = make()\ndown_revision = None", "1:1: revision"),
      ("revision = 'a'\ndown_revision = f'{x}'", "2:1: down_revision"),
      ("revision = 'a'\nif x:\n  down_revision = 'b'", "2:1: down_revision"),
      ("from ids import revision\ndown_revision = None", "1:1: revision"),
      ("revision, down_revision = 'a', None", "1:1: revision"),
      ("revision = 'a'\ndown_revision = 5", "2:1: down_revision"),
    ])
  func computed(_ text: String, _ place: String) {
    let error = #expect(throws: ProjectError.self) { try read(text) }
    #expect(
      error?.message == "/v/x.py:\(place) is computed, and a header is read, not run")
    #expect(error?.status == .refused)
  }

  @Test("down_revision must be there; a syntax error anywhere is one")
  func broken() {
    #expect(throws: ProjectError.self) { try read("revision = 'a'\n") }
    #expect(throws: SyntaxFailure.self) {
      try read("revision = 'a'\ndown_revision = None\ndef upgrade(:\n")
    }
  }

  @Test(
    "a header that stands for itself is read without what the file defines",
    arguments: [
      "revision = 'a'\ndown_revision = None\n\ndef upgrade():\n    pass\n",
      "\"\"\"add\n\"\"\"\nrevision: str = 'b'\r\ndown_revision = ('a', 'c')\r\n\r\n@x\r\ndef f(): 1\r\n",
      "revision = 'a'\ndown_revision = 'b'\nbranch_labels = ['x']\nclass T: revisions = 1\n",
      "down_revision = None\nasync def upgrade(): oldrevision = depends_on_me = 1\n",
    ])
  func heads(_ text: String) throws {
    let head = PythonHeader.revision(headOf: Array(text.utf8), path: "/v/1a.py")
    #expect(try head == read(text, path: "/v/1a.py"))
    #expect(head != nil)
  }

  @Test(
    "a file whose header may go on behind its first function is read as a whole",
    arguments: [
      "revision = 'a'\ndown_revision = None\n",
      "revision = 'a'\ndown_revision = None\ndef f(): pass\nrevision = 'b'\n",
      "revision = 'a'\ndown_revision = None\ndef f(): pass  # the revision\n",
      "revision = OLD = 'a'\ndown_revision = OLD\ndef f(): pass\n",
      "revision = 'a'\ndown_revision = None\ndef f(): pass\n\u{FF52}evision = 'b'\n",
      "\"\"\"\ndef x\n\"\"\"\nrevision = 'a'\ndown_revision = None\n",
      "revision = 'a'\ndown_revision = (\n@b)\n",
      "def f(): pass\n",
      "revision = make()\ndown_revision = None\ndef f(): pass\n",
    ])
  func wholes(_ text: String) {
    #expect(PythonHeader.revision(headOf: Array(text.utf8), path: "/v/x.py") == nil)
  }

  @Test("a revision in SQL")
  func sql() throws {
    let script = try SQLRevision(
      parsing: """
        -- Index the ledger
        -- by day
        -- revision: c3
        -- down_revision: a1, b2
        -- depends_on: shop
        -- transaction: none

        -- upgrade
        CREATE INDEX i ON t (d); -- upgrade is not meant here
        -- Downgrade
        DROP INDEX i;
        """, path: "/v/c.sql")
    #expect(script.revision.id == "c3" && script.revision.downRevisions == ["a1", "b2"])
    #expect(script.revision.dependencies == ["shop"])
    #expect(script.revision.longDoc == "Index the ledger\nby day")
    #expect(!script.isTransactional && script.upgrade.line == 9)
    #expect(script.upgrade.text == "CREATE INDEX i ON t (d); -- upgrade is not meant here")
    #expect(script.downgrade?.text == "DROP INDEX i;")
    #expect(SQLRevision.isRevision("-- a\n\n-- Revision: x\n"))
    #expect(!SQLRevision.isRevision("SELECT 1; -- revision: x\n"))
  }

  @Test(
    "errors in SQL have their line",
    arguments: [
      (
        "-- revision: a\nSELECT 1;\n-- upgrade\n", "x.sql:2:1: a statement stands before -- upgrade"
      ),
      ("-- revision: a\n-- upgrade\n-- upgrade\n", "x.sql:3:1: -- upgrade stands there twice"),
      ("-- revision: a\n-- revision: b\n", "x.sql:2:1: -- revision: stands there twice"),
      ("-- revision: a", "x.sql:1:1: there is no -- upgrade"),
    ])
  func sqlErrors(_ text: String, _ message: String) {
    #expect(throws: ProjectError(message)) { try SQLRevision(parsing: text, path: "x.sql") }
  }
}
