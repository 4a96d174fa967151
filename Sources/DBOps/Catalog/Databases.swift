internal import Archive
internal import Postgres

/// The database itself.
struct DatabaseProperties: Sendable {
  var oid: UInt32
  var name: String
  var owner: String
  var encoding: String
  var collate: String
  var ctype: String
  var provider: Character
  var iculocale: String?
  var tablespace: String?
  var connectionLimit: Int
  var isTemplate: Bool
  var bytes: Int64
  /// `name=value` settings by `ALTER DATABASE ... SET`, with the role where one is named.
  var settings: [Setting]
  var systemIdentifier: String
  var timestamp: String

  /// One `ALTER DATABASE ... SET`.
  struct Setting: Sendable {
    var role: String?
    var name: String
    var value: String
  }

  static func query(_ version: Int) -> String {
    let provider = version >= 150000 ? "d.datlocprovider" : "'c'"
    let locale =
      version >= 170000 ? "d.datlocale" : version >= 150000 ? "d.daticulocale" : "NULL::text"
    return """
      SELECT d.oid, d.datname, pg_get_userbyid(d.datdba) AS owner,
        pg_encoding_to_char(d.encoding) AS encoding, d.datcollate, d.datctype,
        \(provider) AS provider, \(locale) AS locale, d.datconnlimit, d.datistemplate,
        CASE WHEN ts.spcname <> 'pg_default' THEN ts.spcname END AS spcname,
        pg_database_size(d.oid) AS bytes,
        (SELECT system_identifier FROM pg_control_system()) AS systemidentifier,
        to_char(transaction_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
          AS snapshottime
      FROM pg_database AS d LEFT JOIN pg_tablespace AS ts ON ts.oid = d.dattablespace
      WHERE d.datname = current_database()
      """
  }

  static let settingsQuery = """
    SELECT pg_get_userbyid(nullif(s.setrole, 0)) AS role,
      split_part(c.item, '=', 1) AS name,
      substr(c.item, strpos(c.item, '=') + 1) AS value
    FROM pg_db_role_setting AS s CROSS JOIN LATERAL unnest(s.setconfig) AS c(item)
    WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY s.setrole, c.item
    """

  init(_ row: CatalogRow, settings: [CatalogRow]) throws {
    oid = try row.oid("oid")
    name = try row.text("datname")
    owner = try row.text("owner")
    encoding = try row.text("encoding")
    collate = row.orEmpty("datcollate")
    ctype = row.orEmpty("datctype")
    provider = row.code("provider")
    iculocale = row.optional("locale")
    tablespace = row.optional("spcname")
    connectionLimit = try row.number("datconnlimit") ?? -1
    isTemplate = row.flag("datistemplate")
    bytes = try row.number("bytes") ?? 0
    systemIdentifier = row.orEmpty("systemidentifier")
    timestamp = try row.text("snapshottime")
    self.settings = try settings.map {
      Setting(role: $0.optional("role"), name: try $0.text("name"), value: try $0.text("value"))
    }
  }

  var dumpObjects: [DumpObject] {
    let key = ObjectKey(.database, oid)
    var objects = [
      DumpObject(
        key, .database, tag: name, owner: owner, definition: creation,
        dropStatement: "DROP DATABASE \(quoteIdentifier(name));\n")
    ]
    if !properties.isEmpty {
      objects.append(
        DumpObject(
          ObjectKey(.database, oid, .ownedBy), .databaseProperties, tag: name, owner: owner,
          definition: properties, requires: [key]))
    }
    return objects
  }

  private var creation: String {
    var text = "CREATE DATABASE \(quoteIdentifier(name)) WITH TEMPLATE = template0"
    text += " ENCODING = \(quoteLiteral(encoding))"
    switch provider {
    case "i": text += " LOCALE_PROVIDER = icu"
    case "b": text += " LOCALE_PROVIDER = builtin"
    default: break
    }
    if collate == ctype {
      text += " LOCALE = \(quoteLiteral(collate))"
    } else {
      text += " LC_COLLATE = \(quoteLiteral(collate)) LC_CTYPE = \(quoteLiteral(ctype))"
    }
    if let iculocale {
      text += " \(provider == "b" ? "BUILTIN_LOCALE" : "ICU_LOCALE") = \(quoteLiteral(iculocale))"
    }
    if let tablespace { text += " TABLESPACE = \(quoteIdentifier(tablespace))" }
    return text + ";\n"
  }

  private var properties: String {
    let database = quoteIdentifier(name)
    var text = ""
    if connectionLimit != -1 {
      text += "ALTER DATABASE \(database) CONNECTION LIMIT = \(connectionLimit);\n"
    }
    if isTemplate { text += "ALTER DATABASE \(database) IS_TEMPLATE = true;\n" }
    for setting in settings {
      let subject =
        setting.role.map { "ROLE \(quoteIdentifier($0)) IN DATABASE \(database)" }
        ?? "DATABASE \(database)"
      text += "ALTER \(subject) SET \(quoteIdentifier(setting.name)) TO \(setting.sqlValue);\n"
    }
    return text
  }
}

extension DatabaseProperties.Setting {
  /// Settings that are lists of names, whose stored value is quoted already: a quoted constant
  /// would make one name of it all.
  private static let lists: Set<String> = [
    "local_preload_libraries", "search_path", "session_preload_libraries",
    "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
  ]

  /// The value as `SET` takes it.
  var sqlValue: String {
    guard Self.lists.contains(name.lowercased()) else { return quoteLiteral(value) }
    let items = Self.items(of: value)
    return items.isEmpty ? "''" : items.map(quoteLiteral).joined(separator: ", ")
  }

  /// The names in a stored list: separated by commas, quoted where they hold odd characters.
  private static func items(of list: String) -> [String] {
    var items: [String] = []
    var current = ""
    var isQuoted = false
    for character in list {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        items.append(current)
        current = ""
      case " " where !isQuoted && current.isEmpty: continue
      default: current.append(character)
      }
    }
    if !current.isEmpty || !items.isEmpty { items.append(current) }
    return items
  }
}
