import Diagnostics
import PythonSubset
import SeededRandom
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

  @Test(
    "a header in the usual form is read without a parser, and says the same",
    arguments: [
      "# coding: latin-1\nrevision = 'a'\ndown_revision = None\nclass T: pass\n",
      """
      \"\"\"Add it

      Revision ID: a1
      \"\"\"
      from alembic import op
      import sqlalchemy as sa


      # revision identifiers, used by Alembic.
      revision = 'a1'
      down_revision = None
      branch_labels = None
      depends_on = None


      def upgrade() -> None:
          pass

      """,
      """
      '''one line'''  # noqa
      from typing import Sequence, Union
      import a.b, c as d
      from x.y import z as w, v
      revision: str = "b"
      down_revision: Union[str, Sequence[str], None] = 'a'  # one
      branch_labels : str | Sequence[str] | None = ('x',)
      depends_on=['y', 'z',]
      class T: pass

      """,
      "revision = 'a'\nrevision = 'b'\ndown_revision = ( 'a' , 'c' )\n@decorated\ndef f(): 1\n",
      "\"\"\"\ndef x\n\"\"\"\n   \n  # aside\nrevision = 'a'\ndown_revision = ()\nasync def f(): 1\n",
    ])
  func plain(_ text: String) throws {
    let plain = PlainHeader.revision(headOf: Array(text.utf8), path: "/v/x.py")
    #expect(plain != nil)
    #expect(try plain == read(text, path: "/v/x.py"))
  }

  @Test(
    "a header in any other form is the parser's",
    arguments: [
      #""""a \" b""""#, "u'x'", "'x'", #""""x""" 'y'"#, "\"\"\"caf\u{E9}\"\"\"", "\u{FEFF}",
      "from __future__ import nonsense", "async for x in y: pass", "async with x: pass",
      "revision: \(String(repeating: "a[", count: 100_000)) = 'x'", "import os; os",
      "from a import (b)", "from a import *",
      "from . import a",
      "import a \\", "from a import revision", "import a as depends_on", "import for", "import 1",
      "logger = None", "revision += 'x'", "revision == 'x'", "revision = 'x' 'y'",
      "revision = 'x' + y",
      "revision = b'x'", "revision = r'x'", #"revision = 'x\n'"#, #"revision = """x""""#,
      "revision = ('x')",
      "revision = None", "revision = ['x']", "revision = branch_labels = 'x'", "revision: str",
      "revision: [str = 'x'", "revision: if = 'x'", "revision: a[b = 'x'", "revision.x = 'x'",
      "down_revision = ('x' 'y')", "down_revision = ('x'\n, 'y')", "down_revision = ('x', 'y'",
      "depends_on = (, )",
      "depends_on = Nones", " revision = 'x'", "\tx", "revision = 'x'\r", "if x:\n  y",
      "def(): pass",
      "define = None",
    ])
  func notPlain(_ line: String) {
    for text in [
      "\(line)\nrevision = 'a'\ndown_revision = None\ndef f(): pass\n",
      "revision = 'a'\ndown_revision = None\n\(line)\ndef f(): pass\n",
    ] where !(line.hasPrefix("revision = ") && text.hasPrefix(line)) {
      #expect(PlainHeader.revision(headOf: Array(text.utf8), path: "/v/x.py") == nil)
    }
  }

  @Test(
    "whatever happens to a header in the usual form, it is read as the parser reads it, or not at all"
  )
  func harmedHeaders() {
    let text = Array(
      """
      \"\"\"a text, isn't it\"\"\"
      from alembic import op  # the operations
      import a.b as c, d
      revision: str = "b"
      down_revision: Union[str, Sequence[str], None] = 'a'
      branch_labels = ('x', 'y')
      depends_on = None
      def upgrade(): pass

      """.utf8)
    let bytes = Array("'\"()[],=:\n #|.\\ab_N1".utf8)
    var random = SeededRandom(state: 3)
    var read = 0
    for _ in 0..<20_000 {
      var harmed = text
      for _ in 0...random.below(2) {
        let place = random.below(harmed.count - 12)
        switch random.below(3) {
        case 0: harmed.remove(at: place)
        case 1: harmed.insert(random.pick(bytes, or: 0), at: place)
        default: harmed[place] = random.pick(bytes, or: 0)
        }
      }
      guard let plain = PlainHeader.revision(headOf: harmed, path: "/v/x.py") else { continue }
      read += 1
      let parsed = Module.parse(headOf: harmed, file: "/v/x.py", unlessRestSays: PythonHeader.names)
        .flatMap { try? PythonHeader($0).revision(path: "/v/x.py") }
      #expect(plain == parsed, "\(String(decoding: harmed, as: UTF8.self))")
    }
    #expect(read > 1000)
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
