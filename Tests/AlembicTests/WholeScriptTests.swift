import Testing

@testable import Alembic
@testable import PythonSubset

/// Revisions as a whole: checked, loaded, and run against a recorder.
@Suite("revisions as a whole") struct WholeScriptTests {
  static let header = """
    import sqlalchemy as sa
    from alembic import op
    from sqlalchemy.dialects import postgresql as pg

    revision = "r1"
    down_revision = None


    """

  /// The statements of a revision's `upgrade()`; what the check refuses is thrown.
  static func statements(
    _ script: String, modules: [String: String] = [:], isOffline: Bool = false
  ) throws -> [String] {
    try checked(script, modules: modules, isOffline: isOffline) { runner, step, recorder in
      try runner.perform(step, heads: [])
      return recorder.statements
    }
  }

  /// Checks a revision's `upgrade()` and does not run it.
  static func check(_ script: String, modules: [String: String] = [:]) throws {
    try checked(script, modules: modules) { _, _, _ in }
  }

  private static func checked<Result>(
    _ script: String, modules: [String: String], isOffline: Bool = false,
    then body: (PythonRunner, MigrationStep, ScriptRecorder) throws -> Result
  ) throws -> Result {
    var files = modules
    files["alembic.ini"] = "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n"
    files["migrations/env.py"] = "from alembic import context\ncontext.run_migrations()\n"
    files["migrations/versions/r1.py"] = header + script
    let project = try TemporaryProject(files)
    let scripts = try ScriptDirectory(project.project())
    let recorder = ScriptRecorder()
    let runner = PythonRunner(
      scripts, over: ScriptConnection(recorder),
      PythonRunner.Settings(naming: .none, isOffline: isOffline))
    let step = try #require(try scripts.map.upgradeSteps(to: "heads", from: []).first)
    try runner.check(step)
    return try body(runner, step, recorder)
  }

  @Test func `directives that packages register are known to the check`() throws {
    let made = try Self.statements(
      """
      from alembic_utils.pg_extension import PGExtension

      def upgrade():
          op.create_entity(PGExtension(schema="public", signature="citext"))
      """)
    #expect(made == [#"CREATE EXTENSION "citext" WITH SCHEMA "public";"#])
  }

  @Test func `what scripts say by libraries of logs and bars changes nothing`() throws {
    let made = try Self.statements(
      """
      import structlog
      from loguru import logger
      from tqdm.auto import tqdm, trange

      log = structlog.get_logger(__name__)

      def upgrade():
          logger.info("{} of {total}", 1, total=2)
          logger.bind(a=1).opt(depth=1).log("SUCCESS", "{not a field}")
          log.bind(step=1).info("begins", table="t", exc_info=True)
          bar = tqdm(["a", "b"], desc="tables")
          for table in bar:
              bar.set_postfix(table=table)
              op.drop_table(table)
          for number in trange(2, leave=False):
              op.execute(f"SELECT {number}")
          with tqdm(total=3) as bar:
              bar.update(3)
              op.execute(f"SELECT {bar.n}")
          tqdm.write("done")
      """)
    #expect(made == ["DROP TABLE a", "DROP TABLE b", "SELECT 0", "SELECT 1", "SELECT 3"])
  }

  @Test func `types of a project that stand on an enumeration make it with the table`() throws {
    let models = """
      import enum
      from sqlalchemy.dialects.postgresql import ENUM
      from sqlalchemy.types import DateTime, SchemaType, TypeDecorator

      class EnumType(TypeDecorator, SchemaType):
          impl = ENUM

          def __init__(self, enum_cls, **opts):
              super().__init__(*(m.name for m in enum_cls), name=enum_cls.__name__.lower(), **opts)

      class UTCDateTime(TypeDecorator):
          impl = DateTime

          class Comparator(DateTime.Comparator):
              def in_zone(self, zone):
                  return None

          comparator_factory = Comparator

      class Kind(enum.Enum):
          a = 1
          b = 2
      """
    let made = try Self.statements(
      """
      from models import EnumType, Kind, UTCDateTime
      from citext import CIText
      import sqlmodel

      def upgrade():
          op.create_table("t", sa.Column("k", EnumType(Kind)), sa.Column("d", UTCDateTime))
          op.add_column("t", sa.Column("c", CIText()))
          op.add_column("t", sa.Column("u", sqlmodel.sql.sqltypes.types.Uuid()))
      """, modules: ["models.py": models])
    #expect(
      made == [
        "CREATE TYPE kind AS ENUM ('a', 'b')",
        "CREATE TABLE t (\n\tk kind, \n\td TIMESTAMP WITHOUT TIME ZONE\n)",
        "ALTER TABLE t ADD COLUMN c CITEXT", "ALTER TABLE t ADD COLUMN u UUID",
      ])
  }

  @Test func `an element's SQL is what its project registers for PostgreSQL`() throws {
    let models = """
      from sqlalchemy.ext.compiler import compiles
      from sqlalchemy.sql import expression
      from sqlalchemy.types import DateTime

      class utcnow(expression.FunctionElement):
          type = DateTime()
          inherit_cache = True

      @compiles(utcnow)
      def default_utcnow(element, compiler, **kw):
          return "CURRENT_TIMESTAMP"

      @compiles(utcnow, "postgresql")
      def pg_utcnow(element, compiler, **kw):
          return "TIMEZONE('utc', CURRENT_TIMESTAMP)"

      class later(expression.FunctionElement):
          pass

      @compiles(later)
      def write_later(element, compiler, **kw):
          return "later(%s)" % compiler.process(element.clauses, **kw)
      """
    let made = try Self.statements(
      """
      from models import later, utcnow

      def upgrade():
          op.add_column("t", sa.Column("d", sa.DateTime, server_default=utcnow()))
          t = sa.table("t", sa.column("d"), sa.column("e"))
          op.execute(t.update().values(d=utcnow(), e=later(t.c.d, "x")))
      """, modules: ["models.py": models])
    #expect(
      made == [
        "ALTER TABLE t ADD COLUMN d TIMESTAMP WITHOUT TIME ZONE "
          + "DEFAULT TIMEZONE('utc', CURRENT_TIMESTAMP)",
        "UPDATE t SET d=TIMEZONE('utc', CURRENT_TIMESTAMP), e=later(t.d, 'x')",
      ])
  }

  @Test func `dicts and lists beside JSON are written as JSON`() throws {
    let made = try Self.statements(
      """
      from sqlalchemy.dialects.postgresql import JSONB

      def upgrade():
          j = sa.column("j", JSONB)
          t = sa.table("t", j)
          op.execute(t.update().values(j=sa.func.coalesce(j, {"a": []})))
          op.execute(t.update().values(j=sa.case((j.is_(None), j), else_=["x"])))
          op.execute(t.delete().where(j.contains(["x"])).where(j.contained_by({"a": 1})))
          op.execute(t.delete().where(j.between({}, "2")).where(j.is_distinct_from({})))
          op.execute(t.delete().where(j.in_([{}, "x"])).where(j.in_(["x", "{}"])))
      """)
    #expect(
      made == [
        #"UPDATE t SET j=coalesce(t.j, '{"a": []}')"#,
        #"UPDATE t SET j=CASE WHEN (t.j IS NULL) THEN t.j ELSE '["x"]' END"#,
        #"DELETE FROM t WHERE t.j @> '["x"]' AND t.j <@ '{"a": 1}'"#,
        "DELETE FROM t WHERE t.j BETWEEN '{}' AND '2' AND t.j IS DISTINCT FROM '{}'",
        #"DELETE FROM t WHERE t.j IN ('{}', '"x"') AND t.j IN ('x', '{}')"#,
      ])
  }

  @Test(arguments: [
    "class T(sa.types.TypeDecorator, sa.types.SchemaType):\n    def _set_table(self, c, t): pass",
    "class T(sa.types.DateTime.Comparator):\n    def __eq__(self, other): return None",
    "class T(sa.types.DateTime.Comparator):\n    def __ge__(self, other): return None",
    "class T(sa.types.DateTime.Comparator):\n    def __radd__(self, other): return None",
    "class T(sa.types.DateTime.Comparator):\n    def __contains__(self, other): return None",
    "class T(sa.types.String.Comparator):\n    def in_(self, other): return None",
    "class M:\n    ilike = None\n\nclass T(M, sa.types.String.Comparator): pass",
  ])
  func `a type that SQLAlchemy would call back is refused`(_ definition: String) {
    #expect(throws: Unsupported.self) {
      try Self.statements("\(definition)\n\ndef upgrade():\n    op.drop_table('t')\n")
    }
  }

  @Test func `a module makes its members when they are asked for`() throws {
    let types = """
      import sqlalchemy as sa
      from alembic import context
      from lazy_object_proxy import Proxy

      from somewhere import Thing

      def _postgresql_STAMP():
          class STAMP(sa.TIMESTAMP):
              def __init__(self, *args, timezone=True, **kwargs):
                  super().__init__(*args, timezone=timezone, **kwargs)
          return STAMP

      def __getattr__(name):
          if name == "STAMP":
              def load():
                  dialect = context.get_bind().dialect.name
                  return globals()[f"_{dialect}_{name}"]()
              return Proxy(load)
          if name == "Other":
              return Thing.made
          raise AttributeError(name)
      """
    let made = try Self.statements(
      """
      from db_types import STAMP

      def upgrade():
          op.add_column("t", sa.Column("s", STAMP))
      """, modules: ["db_types.py": types])
    #expect(made == ["ALTER TABLE t ADD COLUMN s TIMESTAMP WITH TIME ZONE"])
    #expect(throws: Unsupported.self) {
      try Self.check(
        """
        from db_types import Other

        def upgrade():
            op.drop_table("u")
            op.add_column("t", sa.Column("s", Other(3)))
        """, modules: ["db_types.py": types])
    }
  }

  @Test func `what a library would swallow is refused`() {
    #expect(throws: Unsupported.self) {
      try Self.statements(
        """
        from loguru import logger

        @logger.catch
        def upgrade():
            op.drop_table("t")
        """)
    }
  }

  @Test func `a type of a script may assign what SQLAlchemy's types have`() throws {
    let made = try Self.statements(
      """
      class Money(sa.types.UserDefinedType):
          def __init__(self, precision=8):
              self.precision = precision
              self.length = None

          def get_col_spec(self, **kw):
              return "NUMERIC(%s, 4)" % self.precision

      class Code(sa.types.TypeDecorator):
          impl = sa.String

          def __init__(self, length):
              super().__init__(length * 2)
              self.length = length

      def upgrade():
          assert Code(4).length == 4 and Money().length is None
          op.add_column("t", sa.Column("m", Money(12)))
          op.add_column("t", sa.Column("c", Code(4)))
      """)
    #expect(
      made == [
        "ALTER TABLE t ADD COLUMN m NUMERIC(12, 4)", "ALTER TABLE t ADD COLUMN c VARCHAR(8)",
      ]
    )
  }

  @Test(arguments: ["sa.String(3).length = 4", "sa.Enum('a', name='e').create_type = False"])
  func `what a type's DDL would have to follow is refused`(_ assignment: String) {
    let parts = assignment.split(separator: ".", omittingEmptySubsequences: false)
    let target = parts.dropLast().joined(separator: ".")
    #expect(throws: Unsupported.self) {
      try Self.statements("def upgrade():\n    t = \(target)\n    t.\(parts[parts.count - 1])\n")
    }
  }

  @Test func `an enumeration is told not to create its type`() throws {
    let made = try Self.statements(
      """
      def upgrade():
          kind = pg.ENUM("a", "b", name="kind")
          kind.create_type = False
          op.create_table("t", sa.Column("k", kind))
      """)
    #expect(made.count == 1 && made.first?.hasPrefix("CREATE TABLE") == true, "\(made)")
  }

  @Test func `None goes through the type of the column it is written to`() throws {
    let made = try Self.statements(
      """
      from typing import Generic, TypeVar

      T = TypeVar("T", bound=dict)

      class Document(sa.TypeDecorator[T | None], Generic[T]):
          impl = sa.JSON

          def load_dialect_impl(self, dialect):
              return dialect.type_descriptor(pg.JSONB())

      class Text(sa.TypeDecorator):
          impl = sa.Text

          def process_bind_param(self, value, dialect):
              return "none" if value is None else value

      docs = sa.table("docs", sa.column("doc", Document()), sa.column("note", Text()))

      def upgrade():
          bind = op.get_bind()
          bind.execute(docs.insert().values(doc=None, note=None))
          bind.execute(docs.update().values(note=None).where(docs.c.doc == None))
          bind.execute(docs.insert(), [{"doc": None, "note": sa.null()}])
          op.bulk_insert(docs, [{"doc": None, "note": "x"}])
      """)
    #expect(
      made == [
        "INSERT INTO docs (doc, note) VALUES ('null', 'none')",
        "UPDATE docs SET note='none' WHERE docs.doc IS NULL",
        "INSERT INTO docs (doc, note) VALUES ('null', NULL)",
        "INSERT INTO docs (doc, note) VALUES ('null', 'x')",
      ])
  }

  @Test func `an offline script has the values that a connection would have got`() throws {
    let made = try Self.statements(
      """
      event = sa.table("event", sa.column("id"), sa.column("data", pg.JSONB))

      def upgrade():
          bind = op.get_bind()
          bind.execute(event.insert(), [{"id": n, "data": {"n": n}} for n in range(2)])
          bind.execute(sa.text("DELETE FROM event WHERE id = :id AND x = 'a:b'"), {"id": 7})
          bind.execute(sa.text("DELETE FROM event WHERE id = :id"))
      """, isOffline: true)
    #expect(
      made == [
        #"INSERT INTO event (id, data) VALUES (0, '{"n": 0}')"#,
        #"INSERT INTO event (id, data) VALUES (1, '{"n": 1}')"#,
        "DELETE FROM event WHERE id = 7 AND x = 'a:b'",
        "DELETE FROM event WHERE id = NULL",
      ])
  }
}
