internal import PythonSubset
internal import Text

/// How types are shown: the class of a reflected type, and what `repr` writes in parentheses.
enum TypeRepresentation {
  /// What a constructor was given where it differs from the default, by name.
  static func arguments(of object: TypeObject, _ call: Call) -> [(name: String?, value: Value)] {
    switch object.type {
    case .enumeration(let enumeration):
      var shown: [(name: String?, value: Value)] = enumeration.labels.map {
        (nil, .string($0))
      }
      if let name = enumeration.name { shown.append(("name", .string(name.text))) }
      if let schema = enumeration.schema { shown.append(("schema", .string(schema.text))) }
      if !enumeration.isNative { shown.append(("native_enum", .bool(false))) }
      if let length = enumeration.length { shown.append(("length", .int(length))) }
      return shown
    case .array: return array(object)
    default: return arguments(of: object.type)
    }
  }

  private static func array(_ object: TypeObject) -> [(name: String?, value: Value)] {
    guard case .array(let array) = object.type, let item = object.item else { return [] }
    return [(nil, .object(item))]
      + (array.dimensions.map { [("dimensions", .int($0))] } ?? [])
  }

  /// What a constructor would be given to make the type.
  static func arguments(of type: SQLType) -> [(name: String?, value: Value)] {
    func shown(_ pairs: [(String, Value?)]) -> [(name: String?, value: Value)] {
      pairs.compactMap { pair in pair.1.map { (pair.0, $0) } }
    }
    func flag(_ name: String, _ value: Bool, unless standard: Bool) -> (String, Value?) {
      (name, value == standard ? nil : .bool(value))
    }
    switch type {
    case .string(let text):
      return shown([
        ("length", text.length.map { .int($0) }), ("collation", text.collation.map { .string($0) }),
      ])
    case .numeric(let number):
      return shown([
        ("precision", number.precision.map { .int($0) }), ("scale", number.scale.map { .int($0) }),
        flag("asdecimal", number.asDecimal, unless: true),
      ])
    case .float(let number):
      return shown([
        ("precision", number.precision.map { .int($0) }),
        flag("asdecimal", number.asDecimal, unless: false),
      ])
    case .timestamp(let stamp):
      return shown([
        flag("timezone", stamp.timezone, unless: false),
        ("precision", stamp.precision.map { .int($0) }),
      ])
    case .time(let timezone, let precision):
      return shown([
        flag("timezone", timezone, unless: false), ("precision", precision.map { .int($0) }),
      ])
    case .interval(let fields, let precision):
      return shown([
        ("precision", precision.map { .int($0) }), ("fields", fields.map { .string($0) }),
      ])
    case .bit(let length, let varying):
      return shown([
        ("length", (length ?? (varying ? nil : 1)).map { .int($0) }),
        flag("varying", varying, unless: false),
      ])
    case .uuid(let uuid): return shown([flag("as_uuid", uuid.asUUID, unless: true)])
    case .json(let json):
      return shown([flag("none_as_null", json.noneAsNull, unless: false)])
    default: return []
    }
  }

  /// The name of the class that reflection gives a type.
  static func className(of type: SQLType) -> String {
    switch type {
    case .string(let text): text.keyword
    case .integer(let size): size.rawValue
    case .numeric: "NUMERIC"
    case .float(let float): float.keyword.replacing(text: " ", with: "_")
    case .boolean: "BOOLEAN"
    case .date: "DATE"
    case .time: "pg.TIME"
    case .timestamp: "pg.TIMESTAMP"
    case .interval: "INTERVAL"
    case .binary: "BYTEA"
    case .uuid: "UUID"
    case .json(let json): json.isBinary ? "JSONB" : "pg.JSON"
    case .array: "pg.ARRAY"
    case .enumeration: "ENUM"
    case .domain: "DOMAIN"
    case .bit: "BIT"
    case .hstore: "HSTORE"
    case .range(let name), .named(let name): name
    case .null, .tuple, .custom: "NullType"
    }
  }
}
