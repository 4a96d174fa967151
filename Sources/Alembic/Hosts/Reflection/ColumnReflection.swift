internal import JSON
internal import PythonSubset

/// A column as the catalogs have it.
struct ReflectedColumn {
  var name: String
  var type: SQLType
  var isNullable: Bool
  var defaultText: String?
  var isComputed: Bool
  /// `a` for always, `d` for by default, empty for none.
  var identityKind: String
  var identity: SequenceOptions?
  var comment: String?

  /// Whether it counts up by itself.
  var isAutoIncrement: Bool {
    !identityKind.isEmpty || defaultText?.hasPrefix("nextval(") == true && isCountable
  }

  private var isCountable: Bool {
    if case .integer = type { true } else { false }
  }
}

extension Catalog {
  /// The columns of a table in order.
  func columns(_ table: String, schema: String?) throws -> [ReflectedColumn] {
    let oid = try tableOID(table, schema: schema)
    let rows = try rows(
      """
      SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
        pg_catalog.pg_get_expr(d.adbin, d.adrelid), a.attgenerated, a.attidentity,
        pg_catalog.col_description(a.attrelid, a.attnum),
        CASE WHEN a.attcollation != t.typcollation THEN l.collname END,
        (SELECT pg_catalog.json_build_array(s.seqstart, s.seqincrement, s.seqmin, s.seqmax,
            s.seqcache, s.seqcycle)
          FROM pg_catalog.pg_sequence AS s WHERE a.attidentity != '' AND s.seqrelid =
            pg_catalog.pg_get_serial_sequence(a.attrelid::pg_catalog.regclass::text,
              a.attname)::pg_catalog.regclass),
        COALESCE(e.typname, t.typname), COALESCE(e.typtype, t.typtype),
        (SELECT pg_catalog.json_agg(m.enumlabel ORDER BY m.enumsortorder)
          FROM pg_catalog.pg_enum AS m WHERE m.enumtypid = COALESCE(e.oid, t.oid)),
        CASE WHEN NOT pg_catalog.pg_type_is_visible(COALESCE(e.oid, t.oid)) THEN n.nspname END,
        pg_catalog.format_type(t.typbasetype, t.typtypmod)
      FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
        LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A'
        JOIN pg_catalog.pg_namespace AS n ON n.oid = COALESCE(e.typnamespace, t.typnamespace)
        LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
      WHERE a.attrelid = \(oid) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
      """)
    return try rows.map { row in
      let generated = row[4] ?? ""
      let named = ReflectedType.Named(
        name: row[9] ?? "", schema: row[12] ?? nil, kind: row[10] ?? "",
        labels: try Catalog.texts(row[11]).compactMap { $0 }, base: row[13] ?? nil)
      return ReflectedColumn(
        name: row[0] ?? "",
        type: ReflectedType.parse(row[1] ?? "", named, collation: row[7] ?? nil),
        isNullable: row[2] != "t", defaultText: row[3] ?? nil, isComputed: !generated.isEmpty,
        identityKind: row[5] ?? "", identity: try Catalog.sequence(row[8] ?? nil),
        comment: row[6] ?? nil)
    }
  }

  private static func sequence(_ json: String?) throws -> SequenceOptions? {
    guard let json, let items = try JSON(parsing: json).array, items.count == 6 else {
      return nil
    }
    var options = SequenceOptions()
    options.start = items[0].int
    options.increment = items[1].int
    options.minimum = items[2].int
    options.maximum = items[3].int
    options.cache = items[4].int
    options.cycles = items[5].bool
    return options
  }
}

/// Reads what `format_type` writes.
enum ReflectedType {
  /// A type that the database's users made.
  struct Named {
    var name: String
    var schema: String?
    /// `e` for an enumeration, `d` for a domain.
    var kind: String
    var labels: [String]
    /// What a domain stands on.
    var base: String?
  }

  static func parse(_ text: String, _ named: Named? = nil, collation: String? = nil) -> SQLType {
    if text.hasSuffix("[]") {
      return .array(.init(parse(String(text.dropLast(2)), named, collation: collation)))
    }
    if let named, named.kind == "e" {
      return .enumeration(
        EnumType(
          named.labels, name: SQLName(named.name), schema: named.schema.map { SQLName($0) },
          createsType: true))
    }
    if let named, named.kind == "d" {
      return .domain(
        DomainType(
          SQLName(named.name), parse(named.base ?? "text"),
          schema: named.schema.map { SQLName($0) }))
    }
    return builtin(text, collation)
  }

  private static func builtin(_ text: String, _ collation: String?) -> SQLType {
    let (word, numbers, rest) = pieces(text)
    switch word + rest {
    case "character varying":
      return .string(.init("VARCHAR", length: numbers.first, collation: collation))
    case "character", "bpchar":
      return .string(.init("CHAR", length: numbers.first, collation: collation))
    case "text": return .string(.init("TEXT", collation: collation))
    case "citext": return .string(.init("CITEXT"))
    case "name": return .string(.init("VARCHAR", collation: collation))
    case "\"char\"": return .string(.init("CHAR"))
    case "integer": return .integer(.regular)
    case "bigint": return .integer(.big)
    case "smallint": return .integer(.small)
    case "numeric":
      return .numeric(
        .init(
          "NUMERIC", precision: numbers.first, scale: numbers.count > 1 ? numbers[1] : nil))
    case "real": return .float(.init("REAL"))
    case "double precision": return .float(.init("DOUBLE PRECISION", precision: 53))
    case "boolean": return .boolean
    case "date": return .date
    case "bytea": return .binary(.init("BYTEA"))
    case "uuid": return .uuid(.init())
    case "json": return .json(.init())
    case "jsonb": return .json(.init(isBinary: true))
    case "hstore": return .hstore
    case "bit": return .bit(length: numbers.first, varying: false)
    case "bit varying": return .bit(length: numbers.first, varying: true)
    case "timestamp without time zone":
      return .timestamp(.init(precision: numbers.first))
    case "timestamp with time zone":
      return .timestamp(.init(timezone: true, precision: numbers.first))
    case "time without time zone": return .time(timezone: false, precision: numbers.first)
    case "time with time zone": return .time(timezone: true, precision: numbers.first)
    default: break
    }
    if word.hasPrefix("interval") {
      let fields = word.dropFirst("interval".count).drop { $0 == " " }
      return .interval(fields: fields.isEmpty ? nil : String(fields), precision: numbers.first)
    }
    if word.hasSuffix("range") { return .range(word.uppercased()) }
    let known: Set = [
      "inet", "cidr", "macaddr", "macaddr8", "money", "oid", "regclass", "regconfig", "tsquery",
      "tsvector", "jsonpath",
    ]
    return known.contains(word) ? .named(word.uppercased()) : .null
  }

  /// `timestamp(3) with time zone` as its words, its numbers and what follows them.
  private static func pieces(_ text: String) -> (word: String, numbers: [Int], rest: String) {
    guard let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close
    else { return (text, [], "") }
    let numbers = text[text.index(after: open)..<close].split(separator: ",").compactMap {
      Int($0.drop { $0 == " " })
    }
    return (String(text[..<open]), numbers, String(text[text.index(after: close)...]))
  }
}
