import Testing

@testable import Alembic
@testable import PythonSubset

/// Revisions of projects that have their models from Flask's libraries.
@Suite("Flask's libraries") struct FlaskTests {
  private static let models = """
    from flask_sqlalchemy import SQLAlchemy
    from sqlalchemy.orm import DeclarativeBase

    db = SQLAlchemy()

    class Shared(DeclarativeBase):
        pass

    typed = SQLAlchemy(model_class=Shared)

    class LateOrder(typed.Model):
        id = typed.Column(typed.Integer, primary_key=True)

    class Stored(db.Model):
        __abstract__ = True
        id = db.Column(db.Integer, primary_key=True)

    class UserAccount(Stored):
        name = db.Column(db.String(20))

    class HTTPLog(Stored):
        __tablename__ = "log"

    class Administrator(UserAccount):
        level = db.Column(db.Integer)

    tags = db.Table("tags", db.Column("user_id", db.ForeignKey("user_account.id")))
    """

  private func statements(_ body: String, models: String = FlaskTests.models) throws -> [String] {
    try WholeScriptTests.statements(body, modules: ["models.py": models])
  }

  @Test func `models have the names of their classes, and a session of the migration's own`() throws
  {
    let made = try statements(
      """
      from models import Administrator, HTTPLog, LateOrder, UserAccount, db, tags

      def upgrade():
          session = db.Session(bind=op.get_bind())
          session.execute(db.update(UserAccount).values(name="x"))
          session.execute(db.delete(HTTPLog))
          session.execute(db.delete(tags))
          session.execute(db.delete(LateOrder))
          session.execute(db.update(Administrator).values(level=1))
          op.add_column("t", db.Column("n", db.String(3)))
      """)
    #expect(
      made == [
        "UPDATE user_account SET name='x'", "DELETE FROM log", "DELETE FROM tags",
        "DELETE FROM late_order", "UPDATE user_account SET level=1",
        "ALTER TABLE t ADD COLUMN n VARCHAR(3)",
      ])
  }

  @Test(arguments: [
    ("db.session.execute(db.text('SELECT 1'))", "flask_sqlalchemy.application.connection"),
    ("UserAccount.query.all()", "flask_sqlalchemy.application.connection"),
    ("db.create_all()", "flask_sqlalchemy.application.connection"),
  ])
  func `what goes through the application's own connection is refused by the check`(
    use: String, named: String
  ) throws {
    let error = try #require(throws: (any Error).self) {
      try WholeScriptTests.check(
        """
        from models import UserAccount, db

        def upgrade():
            \(use)
        """, modules: ["models.py": Self.models])
    }
    #expect("\(error)".contains(named), "\(error)")
  }

  @Test func `a key of its own under a mapped class is refused`() throws {
    let models =
      Self.models + """

        class Detail(UserAccount):
            detail_id = db.Column(db.Integer, primary_key=True)
        """
    let error = try #require(throws: (any Error).self) {
      try statements(
        """
        from models import Detail, db

        def upgrade():
            db.Session(bind=op.get_bind()).execute(db.delete(Detail))
        """, models: models)
    }
    #expect("\(error)".contains("a class with a primary key of its own"), "\(error)")
  }

  @Test func `Flask-AppBuilder's models and its class for the database`() throws {
    let made = try statements(
      """
      from models import Slice, db

      def upgrade():
          session = db.Session(bind=op.get_bind())
          session.execute(db.update(Slice).values(slice_name="s"))
      """,
      models: """
        from flask_appbuilder import Model
        from flask_appbuilder.models.mixins import AuditMixin
        import sqlalchemy as sa

        try:
            from flask_appbuilder.utils.legacy import get_sqla_class
        except ImportError:
            from flask_sqlalchemy import SQLAlchemy
            def get_sqla_class():
                return SQLAlchemy

        db = get_sqla_class()()

        class Slice(AuditMixin, Model):
            __tablename__ = "slices"
            id = sa.Column(sa.Integer, primary_key=True)
            slice_name = sa.Column(sa.String(250))
        """)
    #expect(made.count == 1)
    #expect(made.first?.hasPrefix("UPDATE slices SET ") == true)
    #expect(made.first?.contains("slice_name='s'") == true)
  }
}
