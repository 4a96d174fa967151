import PythonSubset
import Testing

@testable import Alembic

/// Of the project's own metadata only what scripts name is evaluated: what needs all its tables is
/// refused before anything is sent.
@Suite("the project's own metadata") struct ProjectMetadataTests {
  private static let modules = [
    "shop.py": """
    import sqlalchemy as sa
    from sqlalchemy.orm import declarative_base
    Base = declarative_base()
    metadata = sa.MetaData()
    class Item(Base):
        __tablename__ = "items"
        id = sa.Column(sa.Integer, primary_key=True)
    class Other(Base):
        __tablename__ = "others"
        id = sa.Column(sa.Integer, primary_key=True)
    notes = sa.Table("notes", metadata, sa.Column("id", sa.Integer))
    """
  ]

  @Test(arguments: [
    "Base.metadata.create_all(op.get_bind())", "Base.metadata.drop_all(bind=op.get_bind())",
    "shop.metadata.create_all(op.get_bind(), checkfirst=False)", "shop.Base.metadata.sorted_tables",
    "for name in Base.metadata.tables: op.drop_table(name)", "target.create_all(op.get_bind())",
  ])
  func `what needs all of it is refused before the first statement`(use: String) throws {
    let script = """
      import shop
      from shop import Base, Item
      target = Base.metadata

      def upgrade():
          op.execute("SELECT 1")
          \(use)
      """
    let refusal = #expect(throws: Unsupported.self) {
      try WholeScriptTests.check(script, modules: Self.modules)
    }
    #expect(refusal?.construct == "all tables of the project's own metadata")
    #expect(refusal?.location?.line == 14)
  }

  @Test func `what names its tables is not, nor metadata of the script`() throws {
    let made = try WholeScriptTests.statements(
      """
      import shop
      from shop import Base, Item
      own = sa.MetaData()
      sa.Table("own", own, sa.Column("id", sa.Integer))

      def upgrade():
          Base.metadata.create_all(op.get_bind(), [Item.__table__], checkfirst=False)
          shop.metadata.create_all(op.get_bind(), tables=[shop.notes], checkfirst=False)
          own.create_all(op.get_bind(), checkfirst=False)
          assert list(own.tables) == ["own"]
      """, modules: Self.modules)
    #expect(made.count == 3)
  }
}
