import ProgramRunner
import Testing

/// What scripts in Python are told about the run they are in.
@Suite("what scripts can ask")
struct MigrationScriptTests {
  /// A revision that writes what it asked for into a table of its own.
  private static let asking = """
    from alembic import context, op
    import sqlalchemy as sa

    revision = "a1"
    down_revision = None


    def upgrade():
        op.create_table("said", sa.Column("name", sa.Text), sa.Column("value", sa.Text))
        said = sa.table("said", sa.column("name"), sa.column("value"))
        config = context.config
        dialect = op.get_bind().dialect
        answers = {
            "x": context.get_x_argument(),
            "tenant": context.get_x_argument(as_dictionary=True).get("tenant"),
            "tag": context.get_tag_argument(),
            "batch": config.get_main_option("batch_size", "10"),
            "none": config.get_main_option("nothing", "fallback"),
            "other": config.get_section_option("shop", "currency"),
            "section": config.config_ini_section,
            "table": op.get_context().version_table,
            "schema": op.get_context().version_table_schema,
            "server": dialect.server_version_info,
            "default": dialect.default_schema_name,
        }
        op.bulk_insert(said, [{"name": k, "value": repr(v)} for k, v in answers.items()])


    def downgrade():
        op.drop_table("said")

    """

  @Test("-x, --tag, the options of the .ini file, the version table and the server")
  func answers() async throws {
    let env = "context.configure(connection=c, version_table='shop_version')\n"
    try await MigrationScene.play(env: env, []) { project in
      try project.write("mig/versions/a1.py", MigrationScriptTests.asking)
      try project.write(
        "alembic.ini",
        "[main]\nscript_location = %(here)s/mig\nbatch_size = 500\n[shop]\ncurrency = EUR\n")
      try project.write("omcops.yaml", "alembic: { section: main, x: { tenant: red, shard: 7 } }\n")
      let result = try await project.db("migrate", "-x", "tenant=blue", "--tag", "release 12")
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      let expected = [
        "x": "['tenant=red', 'shard=7', 'tenant=blue']", "tenant": "'blue'",
        "tag": "'release 12'", "batch": "'500'", "none": "'fallback'", "other": "'EUR'",
        "section": "'main'", "table": "'shop_version'", "schema": "None", "default": "'public'",
      ]
      for (name, value) in expected {
        let said = try await project.value("SELECT value FROM said WHERE name = '\(name)'")
        #expect(said == value, "\(name)")
      }
      #expect(try await project.value("SELECT version_num FROM shop_version") == "a1")
      let major = try await project.value(
        "SELECT current_setting('server_version_num')::int / 10000")
      let answer = try await project.value("SELECT value FROM said WHERE name = 'server'")
      #expect(answer?.hasPrefix("(\(major ?? "?"), ") == true, "\(answer ?? "")")
    }
  }

  @Test("lint names the call of a revision, and a comment at it silences a rule")
  func places() async throws {
    try await MigrationScene.play([]) { project in
      try project.write(
        "mig/versions/a1.py",
        """
        from alembic import op
        import sqlalchemy as sa

        revision = "a1"
        down_revision = None


        def index(name, column):
            op.create_index(name, "shop", [column])


        def upgrade():
            op.add_column("shop", sa.Column("name", sa.Text()))
            for column in ["name"]:
                index("shop_" + column, column)
            op.create_index(
                "shop_id",
                "shop",
                ["id"],
            )  # omcops-lint: ignore
            # omcops-lint: ignore
            op.create_index("shop_other", "shop", ["other"])


        def downgrade():
            pass

        """)
      let result = try await project.scene.omcops([
        "db", "lint", "--output", "github", "--only", "require-concurrent-index-creation",
      ])
      #expect(result.exitCode == 3, "\(result.output)\(result.errorOutput)")
      let lines = result.output.split(separator: "\n")
      #expect(lines.count == 1, "\(result.output)")
      #expect(
        lines.first?.hasPrefix("::error file=mig/versions/a1.py,line=9,col=5,title=") == true,
        "\(result.output)")
    }
  }

  @Test("metadata of the project's modules is not taken to be whole")
  func metadata() async throws {
    try await MigrationScene.play([]) { project in
      try project.write(
        "models.py",
        """
        from sqlalchemy import Column, Integer
        from sqlalchemy.orm import declarative_base

        Base = declarative_base()


        class Coin(Base):
            __tablename__ = "coin"
            id = Column(Integer, primary_key=True)


        class Price(Base):
            __tablename__ = "price"
            id = Column(Integer, primary_key=True)

        """)
      try project.write(
        "alembic.ini",
        "[alembic]\nscript_location = %(here)s/mig\nprepend_sys_path = %(here)s\n")
      func script(_ call: String) -> String {
        """
        from alembic import op
        from models import Base, Coin

        revision = "a1"
        down_revision = None


        def upgrade():
            Base.metadata.create_all(\(call))


        def downgrade():
            pass

        """
      }
      try project.write("mig/versions/a1.py", script("op.get_bind()"))
      expectFailure(
        try await project.db("migrate"), .refused, naming: "a1.py:9", "create_all(bind, tables=")
      #expect(try await project.tables == "0")
      try project.write(
        "mig/versions/a1.py", script("op.get_bind(), tables=[Coin.__table__]"))
      let result = try await project.db("migrate")
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      #expect(try await project.value("SELECT to_regclass('coin')::text") == "coin")
    }
  }
}
