import Glibc
import Testing

@testable import Alembic

@Suite("env.py, read and not run")
struct EnvironmentTests {
  private func environment(_ env: String, _ files: [String: String] = [:]) throws -> Environment {
    let project = try TemporaryProject(
      files.merging([
        "alembic.ini": "[alembic]\nscript_location = s\nprepend_sys_path = .\n", "s/env.py": env,
      ]) { $1 })
    return try Environment(of: try project.project())
  }

  @Test("options of the call for a database, literal or by constants")
  func options() throws {
    let read = try environment(
      """
      from alembic import context
      TABLE = "shop_version"
      def run_migrations_offline():
          context.configure(url=url, literal_binds=True, version_table="other")
          with context.begin_transaction():
              context.run_migrations()
      def run_migrations_online():
          options = {"version_table": TABLE, "version_table_schema": "ops"}
          with engine.connect() as connection:
              context.configure(
                  connection=connection, target_metadata=None, transaction_per_migration=True,
                  version_table_pk=False, render_as_batch=True, **options)
              with context.begin_transaction():
                  context.run_migrations()
      """)
    #expect(read.online.versionTable == "shop_version" && read.online.versionTableSchema == "ops")
    #expect(read.online.isTransactionPerMigration && !read.online.hasVersionTablePrimaryKey)
    #expect(read.online.isTransactional && read.offline.versionTable == "other")
    #expect(read.notes.isEmpty)
  }

  @Test("what is said elsewhere stands above env.py, and is not looked for in it")
  func overrides() throws {
    let project = try TemporaryProject([
      "alembic.ini": "[alembic]\nscript_location = s\n",
      "s/env.py": """
      context.configure(
          connection=c, version_table=name(), target_metadata=build(),
          transaction_per_migration=compute(), version_table_schema="ops")
      c.execute(text("SET search_path TO x"))
      """,
    ])
    var overrides = EnvironmentOverrides()
    overrides.versionTable = "shop_version"
    overrides.isTransactionPerMigration = true
    overrides.namingConvention = MetadataNaming.none
    overrides.accepted = [.searchPath]
    let read = try Environment(of: try project.project(), overriding: overrides)
    #expect(read.notes.isEmpty)
    #expect(read.online.versionTable == "shop_version" && read.online.versionTableSchema == "ops")
    #expect(read.online.isTransactionPerMigration && read.online.namingConvention == .none)
    let alone = try Environment(of: try project.project())
    #expect(alone.notes.count(where: \.isRefusal) == 3)
  }

  /// What Flask-Migrate writes, as far as it matters.
  private static let flask = """
    from flask import current_app
    from alembic import context
    target_db = current_app.extensions['migrate'].db
    def get_metadata():
        if hasattr(target_db, 'metadatas'):
            return target_db.metadatas[None]
        return target_db.metadata
    def run_migrations_offline():
        context.configure(url=url, target_metadata=get_metadata(), literal_binds=True)
    def run_migrations_online():
        conf_args = current_app.extensions['migrate'].configure_args
        with connectable.connect() as connection:
            context.configure(
                connection=connection, target_metadata=get_metadata(), **conf_args)
            with context.begin_transaction():
                context.run_migrations()
    """

  private func flask(_ files: [String: String]) throws -> (Environment, Project) {
    let project = try TemporaryProject(
      files.merging([
        "migrations/alembic.ini": "[alembic]\n# nothing\n", "migrations/env.py": Self.flask,
      ]) { $1 })
    let found = try Project(
      ProjectLocator(files: ["migrations/alembic.ini"], workingFolder: project.folder))
    return (try Environment(of: found), found)
  }

  @Test("Flask-Migrate's env.py: the convention is that of SQLAlchemy(...), the options Migrate's")
  func flask() throws {
    let (plain, project) = try flask(["app.py": "db = SQLAlchemy()\nmigrate = Migrate(app, db)\n"])
    #expect(plain.online.namingConvention == .none && plain.notes.isEmpty)
    #expect(plain.offline.namingConvention == .none)
    #expect(!plain.online.isTransactionPerMigration)
    #expect(project.scriptFolder.hasSuffix("/migrations"))
    #expect(project.modulePath == [Folder.parent(of: project.scriptFolder)])

    let named = [
      "shop/__init__.py": """
      from flask_migrate import Migrate
      from .extensions import db
      migrate = Migrate()
      def create_app():
          migrate.init_app(app, db, transaction_per_migration=True, compare_type=True)
      """,
      "shop/extensions.py": """
      from flask_sqlalchemy import SQLAlchemy
      from sqlalchemy import MetaData
      from .naming import CONVENTION
      metadata = MetaData(naming_convention=CONVENTION)
      db = SQLAlchemy(metadata=metadata)
      """, "shop/naming.py": "CONVENTION = {'pk': 'pk_%(table_name)s'}\n",
    ]
    let (found, _) = try flask(named)
    #expect(found.online.namingConvention == .templates(["pk": "pk_%(table_name)s"]))
    #expect(found.offline.namingConvention == .templates(["pk": "pk_%(table_name)s"]))
    #expect(found.online.isTransactionPerMigration && found.notes.isEmpty)

    let (twofold, _) = try flask(named.merging(["other.py": "db = SQLAlchemy()\n"]) { $1 })
    guard case .unknown(let reason) = twofold.online.namingConvention else {
      Issue.record("\(twofold.online.namingConvention)")
      return
    }
    #expect(reason.contains("do not agree"))
    let (computed, _) = try flask(["app.py": "db = SQLAlchemy(metadata=make(naming_convention))\n"])
    guard case .unknown = computed.online.namingConvention else {
      Issue.record("\(computed.online.namingConvention)")
      return
    }
  }

  @Test("what cannot be read is not taken for a file without a convention")
  func unreadableFiles() throws {
    let files = [
      "alembic.ini": "[alembic]\nscript_location = s\nprepend_sys_path = app:lib.zip\n",
      "s/env.py": "context.configure(connection=c, target_metadata=build())\n", "app/m.py": "",
    ]
    let whole = try TemporaryProject(files)
    let plain = try Environment(of: try whole.project())
    #expect(plain.online.namingConvention == .none)

    // A link to itself cannot be opened by anybody, the superuser included.
    symlink("loop.py", whole.folder + "/app/loop.py")
    guard case .unknown(let reason) = try Environment(of: whole.project()).online.namingConvention
    else {
      Issue.record("the file was taken for one without a convention")
      return
    }
    #expect(reason.contains("/app/loop.py: Too many levels of symbolic links"))

    let other = try TemporaryProject(files.merging(["lib.zip": "no folder"]) { $1 })
    guard case .unknown(let folder) = try Environment(of: other.project()).online.namingConvention
    else {
      Issue.record("the folder was taken for one without a convention")
      return
    }
    #expect(folder.contains("/lib.zip: Not a directory"))
  }

  @Test("options of Flask-Migrate that cannot be looked for are not left out")
  func unreadableFlask() throws {
    let files = try TemporaryProject([
      "alembic.ini": "[alembic]\nscript_location = s\nprepend_sys_path = .\n",
      "s/env.py": Self.flask, "app.py": "db = SQLAlchemy()\n",
    ])
    #expect(try Environment(of: try files.project()).notes.isEmpty)
    symlink("loop.py", files.folder + "/loop.py")
    let read = try Environment(of: try files.project())
    #expect(read.notes.contains { $0.isRefusal && $0.text.contains("loop.py") })
    guard case .unknown = read.online.namingConvention else {
      Issue.record("\(read.online.namingConvention)")
      return
    }
  }

  @Test("a naming convention is followed into the project's modules")
  func namingConvention() throws {
    let convention = MetadataNaming.templates(["pk": "pk_%(table_name)s"])
    let models = [
      "app/__init__.py": "",
      "app/db/base.py": """
      from sqlalchemy import MetaData
      from sqlalchemy.orm import DeclarativeBase
      from ..names import NAMES
      class Base(DeclarativeBase):
          metadata = MetaData(naming_convention=NAMES)
      """, "app/db/__init__.py": "from .base import Base\n",
      "app/names.py": "NAMES = {'pk': 'pk_%(table_name)s'}\n",
    ]
    for line in [
      "from app.db import Base\ntarget_metadata = Base.metadata",
      "from app.db.base import Base as B\ntarget_metadata = B.metadata",
      "import app.db.base\ntarget_metadata = app.db.base.Base.metadata",
      "from sqlalchemy import MetaData\nfrom app import names\n"
        + "target_metadata = MetaData(naming_convention=names.NAMES)",
      "from sqlmodel import SQLModel\ntarget_metadata = SQLModel.metadata\n"
        + "target_metadata.naming_convention = {'pk': 'pk_%(table_name)s'}",
    ] {
      let read = try environment(
        line + "\ncontext.configure(connection=c, target_metadata=target_metadata)\n", models)
      #expect(read.online.namingConvention == convention, "\(line)")
    }
    for line in ["from sqlmodel import SQLModel\nm = SQLModel.metadata", "m = None"] {
      let read = try environment(line + "\ncontext.configure(connection=c, target_metadata=m)\n")
      #expect(read.online.namingConvention == .none, "\(line)")
    }
    let read = try environment(
      "m = current_app.extensions['x'].metadata\n"
        + "context.configure(connection=c, target_metadata=m)\n")
    guard case .unknown = read.online.namingConvention else {
      Issue.record("\(read.online.namingConvention)")
      return
    }
  }

  @Test(
    "what would change a migration's result is refused by its place",
    arguments: [
      ("connection.execute(text('SET search_path TO x'))", EnvironmentNote.Subject.searchPath),
      ("connection.execute(f'SET search_path TO {x}')", .searchPath),
      ("connection.dialect.default_schema_name = 'x'", .searchPath),
      ("for tenant in tenants:\n  context.run_migrations()", .loop),
      ("c.execution_options(schema_translate_map={None: 'x'})", .schemaTranslation),
      ("context.configure(connection=c, version_table=settings.TABLE)", .options),
      ("context.run_migrations(tenant=1)", .options),
    ])
  func refusals(_ line: String, _ subject: EnvironmentNote.Subject) throws {
    let read = try environment("from alembic import context\n" + line + "\n")
    #expect(read.notes.filter(\.isRefusal).map(\.subject) == [subject])
    #expect(read.notes.first?.location.line ?? 0 >= 2)
  }

  @Test("locks, timeouts and hooks are reported")
  func reports() throws {
    let read = try environment(
      """
      '''Documentation may speak of search_path.'''
      connection.execute(text("SELECT pg_advisory_lock(1)"))
      connection.execute(text("SET lock_timeout = '5s'"))
      context.configure(connection=c, on_version_apply=note)
      """)
    #expect(read.notes.count == 3 && !read.notes.contains(where: \.isRefusal))
  }
}
