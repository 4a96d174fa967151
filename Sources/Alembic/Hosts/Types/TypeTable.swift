internal import PythonSubset

/// The table of type classes, parents before children.
enum TypeTable {
  private typealias Entry = TypeClasses.Entry

  /// Types that only `sqlalchemy.dialects.postgresql` offers, under their own names.
  static let dialectOnly =
    ["BIT", "BYTEA", "CIDR", "CITEXT", "DOMAIN", "HSTORE", "INET", "JSONB", "JSONPATH", "MACADDR"]
    + ["MACADDR8", "MONEY", "OID", "REGCLASS", "REGCONFIG", "TSQUERY", "TSVECTOR", "ENUM"]
    + ["INTERVAL", "AbstractRange"] + ranges

  /// Generic types that `sqlalchemy.dialects.postgresql` offers too.
  static let sharedWithDialect = [
    "BIGINT", "BOOLEAN", "CHAR", "DATE", "DOUBLE_PRECISION", "FLOAT", "INTEGER", "NUMERIC", "REAL",
    "SMALLINT", "TEXT", "UUID", "VARCHAR",
  ]

  private static let ranges = [
    "INT4RANGE", "INT8RANGE", "NUMRANGE", "DATERANGE", "TSRANGE", "TSTZRANGE", "INT4MULTIRANGE",
    "INT8MULTIRANGE", "NUMMULTIRANGE", "DATEMULTIRANGE", "TSMULTIRANGE", "TSTZMULTIRANGE",
  ]

  static var entries: [TypeClasses.Entry] {
    texts + numbers + times + others + dialect
  }

  private static func text(_ name: String, _ base: String, _ keyword: String) -> Entry {
    Entry(name, base, "length=None, collation=None") { call in
      .string(
        .init(
          keyword, length: try call.optionalInt("length"),
          collation: try call.optionalString("collation")))
    }
  }

  private static var texts: [Entry] {
    [
      text("String", "TypeEngine", "VARCHAR"), text("VARCHAR", "String", "VARCHAR"),
      text("CHAR", "String", "CHAR"), text("Unicode", "String", "VARCHAR"),
      text("NCHAR", "Unicode", "NCHAR"), text("NVARCHAR", "Unicode", "NVARCHAR"),
      text("Text", "String", "TEXT"), text("TEXT", "Text", "TEXT"), text("CLOB", "Text", "CLOB"),
      text("UnicodeText", "Text", "TEXT"), text("CITEXT", "TEXT", "CITEXT"),
      Entry(
        "Enum", "String",
        "*enums, name=None, schema=None, metadata=None, native_enum=True, create_constraint=False, "
          + "length=None, validate_strings=False, values_callable=None, inherit_schema=False, "
          + "sort_key_function=None, omit_aliases=True, quote=None, convert_unicode=None, "
          + "create_type=True, **kw", EnumReader.read),
      Entry(
        "ENUM", "Enum",
        "*enums, name=None, create_type=True, schema=None, metadata=None, native_enum=True, "
          + "create_constraint=False, length=None, validate_strings=False, values_callable=None, "
          + "inherit_schema=False, sort_key_function=None, omit_aliases=True, quote=None, **kw",
        EnumReader.read),
    ]
  }

  private static func integer(
    _ name: String, _ base: String, _ size: SQLType.IntegerSize
  ) -> Entry {
    Entry(name, base) { _ in .integer(size) }
  }

  private static func numeric(_ name: String, _ base: String, _ keyword: String) -> Entry {
    Entry(
      name, base, "precision=None, scale=None, decimal_return_scale=None, asdecimal=True"
    ) { call in
      .numeric(
        .init(
          keyword, precision: try call.optionalInt("precision"),
          scale: try call.optionalInt("scale"), asDecimal: try call.truth("asdecimal")))
    }
  }

  private static func float(_ name: String, _ base: String, _ keyword: String) -> Entry {
    Entry(name, base, "precision=None, asdecimal=False, decimal_return_scale=None") { call in
      .float(
        .init(
          keyword, precision: try call.optionalInt("precision"),
          asDecimal: try call.truth("asdecimal")))
    }
  }

  private static var numbers: [Entry] {
    [
      integer("Integer", "TypeEngine", .regular), integer("INTEGER", "Integer", .regular),
      integer("SmallInteger", "Integer", .small), integer("SMALLINT", "SmallInteger", .small),
      integer("BigInteger", "Integer", .big), integer("BIGINT", "BigInteger", .big),
      numeric("Numeric", "TypeEngine", "NUMERIC"), numeric("NUMERIC", "Numeric", "NUMERIC"),
      numeric("DECIMAL", "Numeric", "DECIMAL"), float("Float", "Numeric", "FLOAT"),
      float("FLOAT", "Float", "FLOAT"), float("REAL", "Float", "REAL"),
      float("Double", "Float", "DOUBLE PRECISION"), float("DOUBLE", "Double", "DOUBLE"),
      float("DOUBLE_PRECISION", "Double", "DOUBLE PRECISION"),
      Entry("Boolean", "TypeEngine", "create_constraint=False, name=None") { _ in .boolean },
      Entry("BOOLEAN", "Boolean", "create_constraint=False, name=None") { _ in .boolean },
      Entry("MatchType", "Boolean", "create_constraint=False, name=None") { _ in .boolean },
    ]
  }

  private static func timestamp(_ name: String, _ base: String, verbatim: Bool = false) -> Entry {
    let hasPrecision = name.hasPrefix("pg.")
    return Entry(
      name, base, "timezone=False" + (hasPrecision ? ", precision=None" : "")
    ) { call in
      .timestamp(
        .init(
          timezone: try call.truth("timezone"),
          precision: hasPrecision ? try call.optionalInt("precision") : nil,
          isVerbatimDateTime: verbatim))
    }
  }

  private static func time(_ name: String, _ base: String) -> Entry {
    let hasPrecision = name.hasPrefix("pg.")
    return Entry(
      name, base, "timezone=False" + (hasPrecision ? ", precision=None" : "")
    ) { call in
      .time(
        timezone: try call.truth("timezone"),
        precision: hasPrecision ? try call.optionalInt("precision") : nil)
    }
  }

  private static var times: [Entry] {
    [
      Entry("Date", "TypeEngine") { _ in .date }, Entry("DATE", "Date") { _ in .date },
      timestamp("DateTime", "TypeEngine"), timestamp("DATETIME", "DateTime", verbatim: true),
      timestamp("TIMESTAMP", "DateTime"), timestamp("pg.TIMESTAMP", "TIMESTAMP"),
      time("Time", "TypeEngine"), time("TIME", "Time"), time("pg.TIME", "TIME"),
      Entry(
        "Interval", "TypeEngine", "native=True, second_precision=None, day_precision=None"
      ) { call in
        guard try call.truth("native") else { return .timestamp(.init()) }
        return .interval(fields: nil, precision: try call.optionalInt("second_precision"))
      },
      Entry("INTERVAL", "TypeEngine", "precision=None, fields=None") { call in
        .interval(
          fields: try call.optionalString("fields"),
          precision: try call.optionalInt("precision"))
      },
    ]
  }

  private static func binary(_ name: String, _ base: String, _ keyword: String) -> Entry {
    let writesLength = keyword == "BINARY" || keyword == "VARBINARY"
    return Entry(name, base, "length=None") { call in
      .binary(
        .init(keyword, length: writesLength ? try call.optionalInt("length") : nil))
    }
  }

  private static func json(_ name: String, _ base: String, isBinary: Bool) -> Entry {
    let isGeneric = name == "JSON"
    return Entry(
      name, base, "none_as_null=False" + (isGeneric ? "" : ", astext_type=None")
    ) { call in
      .json(.init(isBinary: isBinary, noneAsNull: try call.truth("none_as_null")))
    }
  }

  private static func array(_ name: String, _ base: String) -> Entry {
    Entry(
      name, base, "item_type, as_tuple=False, dimensions=None, zero_indexes=False"
    ) { call in
      .array(
        .init(
          try TypeCoercion.type(call["item_type"], call.python),
          dimensions: try call.optionalInt("dimensions"),
          hasZeroIndexes: try call.truth("zero_indexes")))
    }
  }

  private static var others: [Entry] {
    [
      Entry("NullType", "TypeEngine") { _ in .null },
      binary("LargeBinary", "TypeEngine", "BYTEA"), binary("BLOB", "LargeBinary", "BLOB"),
      binary("BYTEA", "LargeBinary", "BYTEA"), binary("BINARY", "TypeEngine", "BINARY"),
      binary("VARBINARY", "TypeEngine", "VARBINARY"),
      Entry(
        "PickleType", "TypeEngine", "protocol=5, pickler=None, comparator=None, impl=None"
      ) { _ in .binary(.init("BYTEA", isPickled: true)) },
      Entry("Uuid", "TypeEngine", "as_uuid=True, native_uuid=True") { call in
        .uuid(
          .init(
            asUUID: try call.truth("as_uuid"), isNative: try call.truth("native_uuid")))
      },
      Entry("UUID", "Uuid", "as_uuid=True") { call in
        .uuid(.init(asUUID: try call.truth("as_uuid")))
      },
      json("JSON", "TypeEngine", isBinary: false), json("pg.JSON", "JSON", isBinary: false),
      json("JSONB", "pg.JSON", isBinary: true),
      array("ARRAY", "TypeEngine"), array("pg.ARRAY", "ARRAY"),
      Entry("TupleType", "TypeEngine", "*types") { call in
        .tuple(try call.rest.map { try TypeCoercion.type($0, call.python) })
      },
    ]
  }

  private static func named(_ name: String) -> Entry {
    Entry(name, "TypeEngine") { _ in .named(name) }
  }

  private static var dialect: [Entry] {
    [
      Entry("BIT", "TypeEngine", "length=None, varying=False") { call in
        .bit(length: try call.optionalInt("length"), varying: try call.truth("varying"))
      },
      Entry("HSTORE", "TypeEngine", "text_type=None") { _ in .hstore },
      Entry(
        "DOMAIN", "TypeEngine",
        "name, data_type, *, collation=None, default=None, constraint_name=None, not_null=None, "
          + "check=None, create_type=True, schema=None, metadata=None, **kw", DomainReader.read),
      Entry("AbstractRange", "TypeEngine") { _ in .null },
    ]
      + ["CIDR", "INET", "JSONPATH", "MACADDR", "MACADDR8", "MONEY", "OID", "REGCLASS"].map(named)
      + ["REGCONFIG", "TSQUERY", "TSVECTOR"].map(named)
      + ranges.map { name in Entry(name, "AbstractRange") { _ in .range(name) } }
  }
}
