internal import Postgres

/// A function or procedure of a user's.
struct UserFunction: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var isProcedure: Bool
  /// The arguments as `DROP` and `ALTER` need them.
  var identityArguments: String
  /// The types of the input arguments, as the tag has them.
  var argumentTypes: String
  var definition: String

  static func query(_ version: Int) -> String {
    """
    SELECT p.oid, n.nspname, p.proname, pg_get_userbyid(p.proowner) AS owner, p.prokind,
      pg_get_function_identity_arguments(p.oid) AS arguments,
      (SELECT string_agg(format_type(t.oid, NULL), ', ' ORDER BY t.place)
        FROM unnest(p.proargtypes) WITH ORDINALITY AS t(oid, place)) AS types,
      pg_get_functiondef(p.oid) AS definition
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'w', 'p') AND \(CatalogFilter.userSchema("n"))
      AND \(CatalogFilter.notMember("pg_proc", "p.oid"))
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass
        AND d.objid = p.oid AND d.deptype = 'i')
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("proname"))
    owner = try row.text("owner")
    isProcedure = row.code("prokind") == "p"
    identityArguments = row.orEmpty("arguments")
    argumentTypes = row.orEmpty("types")
    definition = try row.text("definition")
  }

  /// As `COMMENT ON` and `GRANT` name it.
  var signature: String { "\(name.sql)(\(identityArguments))" }

  var dumpObject: DumpObject {
    let word = isProcedure ? "PROCEDURE" : "FUNCTION"
    var object = DumpObject(
      ObjectKey(.procedure, oid), isProcedure ? .procedure : .function, schema: name.schema,
      tag: "\(name.name)(\(argumentTypes))", owner: owner, definition: creation,
      dropStatement: "DROP \(word) \(signature);\n")
    object.sortName = "\(name.name) \(argumentTypes)"
    return object
  }

  /// The server's text begins with CREATE OR REPLACE; a restore replaces nothing.
  private var creation: String {
    let prefix = "CREATE OR REPLACE "
    let text =
      definition.hasPrefix(prefix) ? "CREATE " + definition.dropFirst(prefix.count) : definition
    return (text.hasSuffix("\n") ? String(text.dropLast()) : text) + ";\n"
  }
}
