internal import Postgres

/// A cast of a user's. A range's cast to its multirange comes with the range.
struct UserCast: SelfContainedObject {
  var oid: UInt32
  var source: String
  var target: String
  /// The function, with its arguments.
  var function: String?
  /// `e` explicit, `a` in assignments, `i` implicit.
  var context: Character
  /// `f` by a function, `b` without any, `i` through text.
  var method: Character

  static func query(_ version: Int) -> String {
    """
    SELECT c.oid, format_type(c.castsource, NULL) AS source,
      format_type(c.casttarget, NULL) AS target,
      nullif(c.castfunc, 0)::regprocedure AS function, c.castcontext, c.castmethod
    FROM pg_cast AS c
    WHERE c.oid >= 16384 AND \(CatalogFilter.notMember("pg_cast", "c.oid"))
      AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_cast'::regclass
        AND d.objid = c.oid AND d.deptype = 'i')
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    source = try row.text("source")
    target = try row.text("target")
    function = row.optional("function")
    context = row.code("castcontext")
    method = row.code("castmethod")
  }

  var dumpObject: DumpObject {
    let cast = "CAST (\(source) AS \(target))"
    let way =
      switch (method, function) {
      case ("f", let function?): "WITH FUNCTION \(function)"
      case ("i", _): "WITH INOUT"
      default: "WITHOUT FUNCTION"
      }
    let contexts: [Character: String] = ["a": " AS ASSIGNMENT", "i": " AS IMPLICIT"]
    return DumpObject(
      ObjectKey(.cast, oid), .cast, tag: cast,
      definition: "CREATE \(cast) \(way)\(contexts[context] ?? "");\n",
      dropStatement: "DROP \(cast);\n")
  }
}

/// A conversion of a user's between two encodings.
struct UserConversion: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var source: String
  var target: String
  var function: String
  var isDefault: Bool

  static func query(_ version: Int) -> String {
    """
    SELECT c.oid, n.nspname, c.conname, pg_get_userbyid(c.conowner) AS owner,
      pg_encoding_to_char(c.conforencoding) AS source, pg_encoding_to_char(c.contoencoding) AS target,
      c.conproc AS function, c.condefault
    FROM pg_conversion AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_conversion", "c.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("conname"))
    owner = try row.text("owner")
    source = try row.text("source")
    target = try row.text("target")
    function = try row.text("function")
    isDefault = row.flag("condefault")
  }

  var dumpObject: DumpObject {
    DumpObject(
      ObjectKey(.conversion, oid), .conversion, schema: name.schema, tag: name.name, owner: owner,
      definition: """
        CREATE \(isDefault ? "DEFAULT " : "")CONVERSION \(name.sql) \
        FOR \(quoteLiteral(source)) TO \(quoteLiteral(target)) FROM \(function);

        """,
      dropStatement: "DROP CONVERSION \(name.sql);\n")
  }
}
