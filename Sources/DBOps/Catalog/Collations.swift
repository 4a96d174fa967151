internal import Postgres

/// A collation of a user's.
struct UserCollation: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var provider: Character
  var isDeterministic: Bool
  var collate: String?
  var ctype: String?
  var locale: String?
  var rules: String?

  /// ICU's locale has moved from column to column.
  static func query(_ version: Int) -> String {
    let locale =
      version >= 170000
      ? "c.colllocale"
      : version >= 150000
        ? "c.colliculocale" : "CASE WHEN c.collprovider = 'i' THEN c.collcollate END"
    return """
      SELECT c.oid, n.nspname, c.collname, pg_get_userbyid(c.collowner) AS owner, c.collprovider,
        c.collisdeterministic, c.collcollate, c.collctype, \(locale) AS locale,
        \(version >= 160000 ? "c.collicurules" : "NULL") AS rules
      FROM pg_collation AS c JOIN pg_namespace AS n ON n.oid = c.collnamespace
      WHERE c.oid >= 16384 AND \(CatalogFilter.userSchema("n"))
        AND \(CatalogFilter.notMember("pg_collation", "c.oid"))
      """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("collname"))
    owner = try row.text("owner")
    provider = row.code("collprovider")
    isDeterministic = row.flag("collisdeterministic")
    collate = row.optional("collcollate")
    ctype = row.optional("collctype")
    locale = row.optional("locale")
    rules = row.optional("rules")
  }

  /// The version of the library is not restored: the target has its own.
  var dumpObject: DumpObject {
    let providers: [Character: String] = ["c": "libc", "i": "icu", "b": "builtin"]
    var options = ["provider = \(providers[provider] ?? "libc")"]
    if !isDeterministic { options.append("deterministic = false") }
    if let locale {
      options.append("locale = \(quoteLiteral(locale))")
    } else if collate == ctype {
      options.append("locale = \(quoteLiteral(collate ?? ""))")
    } else {
      options.append("lc_collate = \(quoteLiteral(collate ?? ""))")
      options.append("lc_ctype = \(quoteLiteral(ctype ?? ""))")
    }
    if let rules { options.append("rules = \(quoteLiteral(rules))") }
    return DumpObject(
      ObjectKey(.collation, oid), .collation, schema: name.schema, tag: name.name, owner: owner,
      definition: "CREATE COLLATION \(name.sql) (\(options.joined(separator: ", ")));\n",
      dropStatement: "DROP COLLATION \(name.sql);\n")
  }
}
