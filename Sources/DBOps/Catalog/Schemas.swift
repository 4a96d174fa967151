internal import Postgres

/// A schema of a user's.
struct UserSchema: Sendable {
  var oid: UInt32
  var name: String
  var owner: String

  static let query = """
    SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner) AS owner
    FROM pg_namespace AS n
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_namespace", "n.oid"))
    """

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("nspname")
    owner = try row.text("owner")
  }

  /// The owner that a new database's `public` has.
  static let initialOwnerOfPublic = "pg_database_owner"

  /// Whether every new database has the schema just so.
  var isInitial: Bool { name == "public" && owner == UserSchema.initialOwnerOfPublic }

  /// The entry; `public` exists in every new database, so that only its owner is restored.
  var dumpObject: DumpObject {
    let isPublic = name == "public"
    return DumpObject(
      ObjectKey(.namespace, oid), .schema, tag: name, owner: owner,
      definition: isPublic
        ? "-- *not* creating schema, since initdb creates it\n"
        : "CREATE SCHEMA \(quoteIdentifier(name));\n",
      dropStatement: isPublic
        ? "-- *not* dropping schema, since initdb creates it\n"
        : "DROP SCHEMA \(quoteIdentifier(name));\n")
  }
}
