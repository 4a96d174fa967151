internal import Postgres

/// A procedural language of a user's.
struct UserLanguage: SelfContainedObject {
  var oid: UInt32
  var name: String
  var owner: String
  var isTrusted: Bool
  var handler: String
  var inlineHandler: String?
  var validator: String?

  static func query(_ version: Int) -> String {
    """
    SELECT l.oid, l.lanname, pg_get_userbyid(l.lanowner) AS owner, l.lanpltrusted,
      l.lanplcallfoid::regproc AS handler, nullif(l.laninline, 0)::regproc AS inlinehandler,
      nullif(l.lanvalidator, 0)::regproc AS validator
    FROM pg_language AS l
    WHERE l.lanispl AND \(CatalogFilter.notMember("pg_language", "l.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("lanname")
    owner = try row.text("owner")
    isTrusted = row.flag("lanpltrusted")
    handler = try row.text("handler")
    inlineHandler = row.optional("inlinehandler")
    validator = row.optional("validator")
  }

  /// The handler is always named: without one the statement would ask for an extension.
  var dumpObject: DumpObject {
    let language = "PROCEDURAL LANGUAGE \(quoteIdentifier(name))"
    var text = "CREATE \(isTrusted ? "TRUSTED " : "")\(language) HANDLER \(handler)"
    if let inlineHandler { text += " INLINE \(inlineHandler)" }
    if let validator { text += " VALIDATOR \(validator)" }
    return DumpObject(
      ObjectKey(.language, oid), .language, tag: name, owner: owner, definition: text + ";\n",
      dropStatement: "DROP \(language);\n")
  }
}

/// How a language takes and gives the values of a type.
struct UserTransform: SelfContainedObject {
  var oid: UInt32
  var type: String
  var language: String
  /// The functions, with their arguments.
  var fromSQL: String?
  var toSQL: String?

  static func query(_ version: Int) -> String {
    """
    SELECT t.oid, format_type(t.trftype, NULL) AS type, l.lanname,
      nullif(t.trffromsql, 0)::regprocedure AS fromsql, nullif(t.trftosql, 0)::regprocedure AS tosql
    FROM pg_transform AS t JOIN pg_language AS l ON l.oid = t.trflang
    WHERE \(CatalogFilter.notMember("pg_transform", "t.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    type = try row.text("type")
    language = try row.text("lanname")
    fromSQL = row.optional("fromsql")
    toSQL = row.optional("tosql")
  }

  var dumpObject: DumpObject {
    let transform = "TRANSFORM FOR \(type) LANGUAGE \(quoteIdentifier(language))"
    let ways = [
      fromSQL.map { "FROM SQL WITH FUNCTION \($0)" }, toSQL.map { "TO SQL WITH FUNCTION \($0)" },
    ]
    return DumpObject(
      ObjectKey(.transform, oid), .transform, tag: "TRANSFORM \(type) LANGUAGE \(language)",
      definition: "CREATE \(transform) (\(ways.compactMap { $0 }.joined(separator: ", ")));\n",
      dropStatement: "DROP \(transform);\n")
  }
}

/// An access method of a user's.
struct UserAccessMethod: SelfContainedObject {
  var oid: UInt32
  var name: String
  /// `i` of indexes, `t` of tables.
  var form: Character
  var handler: String

  static func query(_ version: Int) -> String {
    """
    SELECT a.oid, a.amname, a.amtype, a.amhandler AS handler
    FROM pg_am AS a WHERE a.oid >= 16384 AND \(CatalogFilter.notMember("pg_am", "a.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("amname")
    form = row.code("amtype")
    handler = try row.text("handler")
  }

  var dumpObject: DumpObject {
    let method = "ACCESS METHOD \(quoteIdentifier(name))"
    return DumpObject(
      ObjectKey(.accessMethod, oid), .accessMethod, tag: name,
      definition: "CREATE \(method) TYPE \(form == "t" ? "TABLE" : "INDEX") HANDLER \(handler);\n",
      dropStatement: "DROP \(method);\n")
  }
}
