internal import Text

/// Writes types as SQLAlchemy's PostgreSQL dialect writes them in DDL and casts.
public enum TypeCompiler {
  /// The text of a type; throws where there is none, as for a column without a type.
  public static func text(_ type: SQLType) throws -> String {
    switch type {
    case .null:
      throw SchemaError(
        .compile,
        "Can't generate DDL for NullType(); did you forget to specify a type on this Column?")
    case .string(let string): text(string)
    case .integer(let size): size.rawValue
    case .numeric(let numeric): text(numeric)
    case .float(let float): text(float)
    case .boolean: "BOOLEAN"
    case .date: "DATE"
    case .time(let timezone, let precision):
      clock("TIME", timezone: timezone, precision: precision)
    case .timestamp(let timestamp):
      timestamp.isVerbatimDateTime
        ? "DATETIME"
        : clock("TIMESTAMP", timezone: timestamp.timezone, precision: timestamp.precision)
    case .interval(let fields, let precision):
      "INTERVAL" + (fields.map { " \($0)" } ?? "") + (precision.map { " (\($0))" } ?? "")
    case .binary(let binary): withLength(binary.keyword, binary.length)
    case .uuid(let uuid): uuid.isNative ? "UUID" : "CHAR(32)"
    case .json(let json): json.isBinary ? "JSONB" : "JSON"
    case .array(let array): try text(array)
    case .enumeration(let enumeration): try text(enumeration)
    case .domain(let domain): IdentifierPreparer.qualified(domain.name, schema: domain.schema)
    case .bit(let length, varying: true): withLength("BIT VARYING", length)
    case .bit(let length, varying: false): "BIT(\(length ?? 1))"
    case .range(let name), .named(let name): name
    case .hstore: "HSTORE"
    case .tuple:
      throw SchemaError(.compile, "a tuple has no type that can be written")
    case .custom(let custom):
      if let inner = try custom.resolved() {
        try text(inner)
      } else {
        try custom.columnSpecification()
      }
    }
  }

  private static func withLength(_ keyword: String, _ length: Int?) -> String {
    length.map { "\(keyword)(\($0))" } ?? keyword
  }

  private static func text(_ string: SQLType.StringType) -> String {
    if string.keyword == "CITEXT" { return "CITEXT" }
    let collation = string.collation.map { " COLLATE \(IdentifierPreparer.quoted($0))" } ?? ""
    return withLength(string.keyword, string.length) + collation
  }

  private static func text(_ numeric: SQLType.NumericType) -> String {
    switch (numeric.precision, numeric.scale) {
    case (nil, _): numeric.keyword
    case (let precision?, nil): "\(numeric.keyword)(\(precision))"
    case (let precision?, let scale?): "\(numeric.keyword)(\(precision), \(scale))"
    }
  }

  private static func text(_ float: SQLType.FloatType) -> String {
    float.keyword == "FLOAT" ? withLength("FLOAT", float.precision) : float.keyword
  }

  private static func clock(_ keyword: String, timezone: Bool, precision: Int?) -> String {
    withLength(keyword, precision) + (timezone ? " WITH" : " WITHOUT") + " TIME ZONE"
  }

  /// The brackets stand before the collation, which is an element's.
  private static func text(_ array: SQLType.ArrayType) throws -> String {
    let inner = try text(array.item)
    let brackets = String(repeating: "[]", count: array.dimensions ?? 1)
    guard let collation = inner.firstRange(ofText: " COLLATE ") else { return inner + brackets }
    return inner[..<collation.lowerBound] + brackets + inner[collation.lowerBound...]
  }

  private static func text(_ enumeration: EnumType) throws -> String {
    guard enumeration.isNative else {
      return "VARCHAR(\(enumeration.textLength))"
    }
    guard let name = enumeration.name else {
      throw SchemaError(.compile, "PostgreSQL Enum type requires a name.")
    }
    return IdentifierPreparer.qualified(name, schema: enumeration.schema)
  }
}
