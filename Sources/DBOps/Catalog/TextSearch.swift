internal import Postgres

/// A text search parser or template of a user's: functions under a name.
struct TextSearchFunctions: Sendable {
  var key: ObjectKey
  var kind: ObjectKind
  var name: QualifiedName
  /// `START = f`, and so on.
  var functions: [String]

  init(
    _ row: CatalogRow, _ catalog: CatalogClass, _ kind: ObjectKind, _ columns: [(String, String)]
  ) throws {
    key = ObjectKey(catalog, try row.oid("oid"))
    self.kind = kind
    name = QualifiedName(try row.text("nspname"), try row.text("name"))
    functions = columns.compactMap { column, word in
      row.optional(column).map { "    \(word) = \($0)" }
    }
  }

  /// Neither has an owner.
  var dumpObject: DumpObject {
    DumpObject(
      key, kind, schema: name.schema, tag: name.name,
      definition: "CREATE \(kind.name) \(name.sql) (\n\(functions.joined(separator: ",\n")));\n",
      dropStatement: "DROP \(kind.name) \(name.sql);\n")
  }
}

/// A text search parser of a user's.
struct TextSearchParser: SelfContainedObject {
  private var functions: TextSearchFunctions

  static func query(_ version: Int) -> String {
    """
    SELECT p.oid, n.nspname, p.prsname AS name, p.prsstart, p.prstoken, p.prsend,
      nullif(p.prsheadline, 0)::regproc AS prsheadline, p.prslextype
    FROM pg_ts_parser AS p JOIN pg_namespace AS n ON n.oid = p.prsnamespace
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_ts_parser", "p.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    functions = try TextSearchFunctions(
      row, .textSearchParser, .textSearchParser,
      [
        ("prsstart", "START"), ("prstoken", "GETTOKEN"), ("prsend", "END"),
        ("prsheadline", "HEADLINE"), ("prslextype", "LEXTYPES"),
      ])
  }

  var dumpObject: DumpObject { functions.dumpObject }
}

/// A text search template of a user's.
struct TextSearchTemplate: SelfContainedObject {
  private var functions: TextSearchFunctions

  static func query(_ version: Int) -> String {
    """
    SELECT t.oid, n.nspname, t.tmplname AS name, nullif(t.tmplinit, 0)::regproc AS tmplinit, t.tmpllexize
    FROM pg_ts_template AS t JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_ts_template", "t.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    functions = try TextSearchFunctions(
      row, .textSearchTemplate, .textSearchTemplate,
      [("tmplinit", "INIT"), ("tmpllexize", "LEXIZE")])
  }

  var dumpObject: DumpObject { functions.dumpObject }
}

/// A text search dictionary of a user's.
struct TextSearchDictionary: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var template: String
  /// The options as SQL has them.
  var options: String?

  static func query(_ version: Int) -> String {
    """
    SELECT d.oid, n.nspname, d.dictname, pg_get_userbyid(d.dictowner) AS owner,
      quote_ident(tn.nspname) || '.' || quote_ident(t.tmplname) AS template, d.dictinitoption
    FROM pg_ts_dict AS d JOIN pg_namespace AS n ON n.oid = d.dictnamespace
    JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
    JOIN pg_namespace AS tn ON tn.oid = t.tmplnamespace
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_ts_dict", "d.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("dictname"))
    owner = try row.text("owner")
    template = try row.text("template")
    options = row.optional("dictinitoption")
  }

  var dumpObject: DumpObject {
    let dictionary = "TEXT SEARCH DICTIONARY \(name.sql)"
    return DumpObject(
      ObjectKey(.textSearchDictionary, oid), .textSearchDictionary, schema: name.schema,
      tag: name.name, owner: owner,
      definition: """
        CREATE \(dictionary) (
            TEMPLATE = \(template)\(options.map { ",\n    \($0)" } ?? ""));

        """,
      dropStatement: "DROP \(dictionary);\n")
  }
}

/// A text search configuration of a user's: which dictionaries see which tokens of a parser.
struct TextSearchConfiguration: SelfContainedObject {
  var oid: UInt32
  var name: QualifiedName
  var owner: String
  var parser: String
  /// The statements that add what it maps.
  var mappings: String

  /// The numbers of tokens have names by the parser alone.
  static func query(_ version: Int) -> String {
    """
    SELECT c.oid, n.nspname, c.cfgname, pg_get_userbyid(c.cfgowner) AS owner,
      quote_ident(pn.nspname) || '.' || quote_ident(p.prsname) AS parser,
      (SELECT string_agg('ALTER TEXT SEARCH CONFIGURATION ' || quote_ident(n.nspname) || '.'
          || quote_ident(c.cfgname) || E'\\n    ADD MAPPING FOR ' || quote_ident(m.alias)
          || ' WITH ' || m.dictionaries || E';\\n', '' ORDER BY m.tokid)
        FROM (SELECT t.tokid, t.alias,
            string_agg(x.mapdict::regdictionary::text, ', ' ORDER BY x.mapseqno) AS dictionaries
          FROM pg_ts_config_map AS x
          JOIN ts_token_type(c.cfgparser) AS t ON t.tokid = x.maptokentype
          WHERE x.mapcfg = c.oid GROUP BY t.tokid, t.alias) AS m) AS mappings
    FROM pg_ts_config AS c JOIN pg_namespace AS n ON n.oid = c.cfgnamespace
    JOIN pg_ts_parser AS p ON p.oid = c.cfgparser
    JOIN pg_namespace AS pn ON pn.oid = p.prsnamespace
    WHERE \(CatalogFilter.userSchema("n")) AND \(CatalogFilter.notMember("pg_ts_config", "c.oid"))
    """
  }

  init(_ row: CatalogRow) throws {
    oid = try row.oid("oid")
    name = QualifiedName(try row.text("nspname"), try row.text("cfgname"))
    owner = try row.text("owner")
    parser = try row.text("parser")
    mappings = row.orEmpty("mappings")
  }

  var dumpObject: DumpObject {
    let configuration = "TEXT SEARCH CONFIGURATION \(name.sql)"
    return DumpObject(
      ObjectKey(.textSearchConfiguration, oid), .textSearchConfiguration, schema: name.schema,
      tag: name.name, owner: owner,
      definition: "CREATE \(configuration) (\n    PARSER = \(parser));\n\(mappings)",
      dropStatement: "DROP \(configuration);\n")
  }
}
