internal import Postgres

/// The options of foreign objects.
enum ForeignOptions {
  /// SQL for an object's options as `OPTIONS (...)` takes them; NULL where there are none.
  static func list(_ column: String) -> String {
    """
    (SELECT string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value),
        E',\\n    ') FROM pg_options_to_table(\(column)) AS o)
    """
  }

  /// The clause with such a list.
  static func clause(_ list: String?) -> String {
    list.map { " OPTIONS (\n    \($0)\n)" } ?? ""
  }
}

/// A foreign-data wrapper of a user's.
struct ForeignDataWrapper: SelfContainedObject {
  var oid: UInt32
  var name: String
  var owner: String
  var handler: String?
  var validator: String?
  var options: String?

  static func query(_ version: Int) -> String {
    """
    SELECT w.oid, w.fdwname, pg_get_userbyid(w.fdwowner) AS owner,
      nullif(w.fdwhandler, 0)::regproc AS handler, nullif(w.fdwvalidator, 0)::regproc AS validator,
      \(ForeignOptions.list("w.fdwoptions")) AS options
    FROM pg_foreign_data_wrapper AS w
    WHERE \(CatalogFilter.notMember("pg_foreign_data_wrapper", "w.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("fdwname")
    owner = try row.text("owner")
    handler = row.optional("handler")
    validator = row.optional("validator")
    options = row.optional("options")
  }

  var dumpObject: DumpObject {
    var text = "CREATE FOREIGN DATA WRAPPER \(quoteIdentifier(name))"
    if let handler { text += " HANDLER \(handler)" }
    if let validator { text += " VALIDATOR \(validator)" }
    return DumpObject(
      ObjectKey(.foreignDataWrapper, oid), .foreignDataWrapper, tag: name, owner: owner,
      definition: text + ForeignOptions.clause(options) + ";\n",
      dropStatement: "DROP FOREIGN DATA WRAPPER \(quoteIdentifier(name));\n")
  }
}

/// A foreign server of a user's.
struct ForeignServer: SelfContainedObject {
  var oid: UInt32
  var name: String
  var owner: String
  var type: String?
  var version: String?
  var wrapper: String
  var options: String?

  static func query(_ version: Int) -> String {
    """
    SELECT s.oid, s.srvname, pg_get_userbyid(s.srvowner) AS owner, s.srvtype, s.srvversion,
      w.fdwname, \(ForeignOptions.list("s.srvoptions")) AS options
    FROM pg_foreign_server AS s JOIN pg_foreign_data_wrapper AS w ON w.oid = s.srvfdw
    WHERE \(CatalogFilter.notMember("pg_foreign_server", "s.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = try row.text("srvname")
    owner = try row.text("owner")
    type = row.optional("srvtype")
    version = row.optional("srvversion")
    wrapper = try row.text("fdwname")
    options = row.optional("options")
  }

  var dumpObject: DumpObject {
    var text = "CREATE SERVER \(quoteIdentifier(name))"
    if let type { text += " TYPE \(quoteLiteral(type))" }
    if let version { text += " VERSION \(quoteLiteral(version))" }
    text += " FOREIGN DATA WRAPPER \(quoteIdentifier(wrapper))"
    return DumpObject(
      ObjectKey(.foreignServer, oid), .foreignServer, tag: name, owner: owner,
      definition: text + ForeignOptions.clause(options) + ";\n",
      dropStatement: "DROP SERVER \(quoteIdentifier(name));\n")
  }
}

/// Whom a role, or everybody, is on a foreign server; its options may hold a password.
struct UserMapping: SelfContainedObject {
  var oid: UInt32
  /// The role; nil for PUBLIC.
  var role: String?
  var server: String
  var serverOID: UInt32
  var serverOwner: String
  var options: String?
  /// Whether the options are shown to the role that reads.
  var isReadable: Bool

  /// The view shows what the catalog itself shows to superusers alone, and hides the options of
  /// others by the condition that is here again.
  static func query(_ version: Int) -> String {
    """
    SELECT u.umid AS oid, CASE WHEN u.umuser <> 0 THEN u.usename END AS role, u.srvname, u.srvid,
      pg_get_userbyid(s.srvowner) AS owner, \(ForeignOptions.list("u.umoptions")) AS options,
      CASE WHEN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN true
        WHEN u.umuser = 0 THEN pg_has_role(s.srvowner, 'USAGE')
        ELSE u.usename = current_user AND (pg_has_role(s.srvowner, 'USAGE')
          OR has_server_privilege(s.oid, 'USAGE')) END AS isreadable
    FROM pg_user_mappings AS u JOIN pg_foreign_server AS s ON s.oid = u.srvid
    WHERE \(CatalogFilter.notMember("pg_user_mapping", "u.umid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    role = row.optional("role")
    server = try row.text("srvname")
    serverOID = try row.oid("srvid")
    serverOwner = try row.text("owner")
    options = row.optional("options")
    isReadable = row.flag("isreadable")
  }

  var refusal: String? {
    isReadable ? nil : "only a superuser may read its options"
  }

  var dumpObject: DumpObject {
    let place = "\(role.map(quoteIdentifier) ?? "PUBLIC") SERVER \(quoteIdentifier(server))"
    return DumpObject(
      ObjectKey(.userMapping, oid), .userMapping,
      tag: "USER MAPPING \(role ?? "public") SERVER \(server)", owner: serverOwner,
      definition: "CREATE USER MAPPING FOR \(place)\(ForeignOptions.clause(options));\n",
      dropStatement: "DROP USER MAPPING FOR \(place);\n",
      requires: [ObjectKey(.foreignServer, serverOID)])
  }
}
