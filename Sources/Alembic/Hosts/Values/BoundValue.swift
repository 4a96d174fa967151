internal import PythonSubset
internal import Text

/// Turns Python values into what is written into a statement, as SQLAlchemy's types and psycopg2
/// do it between them.
struct BoundValue {
  let python: Interpreter

  init(_ python: Interpreter) { self.python = python }

  /// The value as one of a type.
  func convert(_ value: Value, as type: SQLType) throws -> SQLValue {
    switch type {
    case .custom(let custom):
      if let script = custom as? ScriptType { return try convert(value, as: script.object) }
      return try convert(value, as: try custom.resolved() ?? .null)
    case .json(let json):
      // NULL is JSON's null unless the type says otherwise.
      if value.isNone { return json.noneAsNull ? .null : .string("null") }
      if value.object(as: ExpressionObject.self) != nil { return .null }
      return .string(try JSONText(python).dumps(value))
    case .array(let array):
      guard let items = value.sequence ?? value.set?.items else { return try adapt(value) }
      return .array(try items.map { try element($0, of: array) })
    case .binary(let binary) where binary.isPickled && !value.isNone:
      throw Unsupported("pickling a value for a PickleType column")
    case .uuid(let uuid) where !uuid.isNative:
      if value.isNone { return try adapt(value) }
      return .string(try python.str(value).replacing(text: "-", with: ""))
    case .hstore where value.dict != nil: return .string(try hstore(value.dict))
    case .numeric, .float: return try number(value)
    default: return try adapt(value)
    }
  }

  private func element(_ value: Value, of array: SQLType.ArrayType) throws -> SQLValue {
    if value.sequence != nil, case .json = array.item {
    } else if value.sequence != nil {
      return try convert(value, as: .array(array))
    }
    if value.isNone { return .null }
    return try convert(value, as: array.item)
  }

  /// A value of a script's type, or of one made of a Python enumeration.
  private func convert(_ value: Value, as object: TypeObject) throws -> SQLValue {
    if let enumeration = object.enumeration { return try label(value, enumeration) }
    let decoration = TypeDecoration(object)
    return try convert(try decoration.bound(value), as: try decoration.implementation())
  }

  private func label(_ value: Value, _ enumeration: EnumerationMembers) throws -> SQLValue {
    if value.isNone { return .null }
    if let found = enumeration.members.first(where: { $0.member.isIdentical(to: value) }) {
      return .string(found.stored)
    }
    if let text = value.string,
      enumeration.members.contains(where: { $0.stored == text || $0.name == text })
    {
      return .string(text)
    }
    let names = enumeration.members.map { $0.stored }.joined(separator: ", ")
    throw PythonError(
      SQLAlchemyErrors.statement,
      "(builtins.LookupError) '\(try python.str(value))' is not among the defined enum values. "
        + "Enum name: \(enumeration.cls.name.lowercased()). Possible values: \(names)")
  }

  private func number(_ value: Value) throws -> SQLValue {
    try adapt(value)
  }

  private func hstore(_ dict: PythonDict?) throws -> String {
    func quoted(_ text: String) -> String {
      "\"" + text.replacing(text: "\\", with: "\\\\").replacing(text: "\"", with: "\\\"") + "\""
    }
    return try (dict?.items ?? []).map { key, value in
      let text = value.isNone ? "NULL" : quoted(try python.str(value))
      return "\(quoted(try python.str(key)))=>\(text)"
    }.joined(separator: ", ")
  }

  // MARK: psycopg2

  /// The value as psycopg2 adapts one of its class.
  func adapt(_ value: Value) throws -> SQLValue {
    switch value.unwrapped {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(Int64(number))
    case .big(let number): return .decimal(number.text(radix: 10))
    case .float(let number): return .double(number)
    case .str(let text): return .string(try storable(text.string))
    case .bytes(let bytes): return .bytes(bytes)
    case .list(let list): return .array(try list.items.map(adapt))
    case .tuple(let items): return .list(try items.map(adapt))
    case .object(let object): return try adapt(object)
    default: throw refusal(value)
    }
  }

  /// PostgreSQL has no NUL in a text, and psycopg2 says so before it sends one.
  private func storable(_ text: String) throws -> String {
    guard text.utf8.contains(0) else { return text }
    throw PythonError(.valueError, "A string literal cannot contain NUL (0x00) characters.")
  }

  private func adapt(_ object: PythonObject) throws -> SQLValue {
    let value = Value.object(object)
    switch baseName(object.pythonClass) {
    case "datetime.datetime":
      let hasZone = try !python.get("tzinfo", of: value).isNone
      return .timestamp(try isoText(value), timezone: hasZone)
    case "datetime.date": return .date(try isoText(value))
    case "datetime.time":
      let hasZone = try !python.get("tzinfo", of: value).isNone
      return .time(try isoText(value), timezone: hasZone)
    case "datetime.timedelta":
      return .interval(
        days: Int64(try python.index(python.get("days", of: value))),
        seconds: Int64(try python.index(python.get("seconds", of: value))),
        microseconds: Int64(try python.index(python.get("microseconds", of: value))))
    case "decimal.Decimal": return .decimal(try python.str(value))
    case "uuid.UUID": return .uuid(try python.str(value))
    case "psycopg2.extras.Json": return .string(try python.str(value))
    default:
      if let range = object as? RangeObject { return .string(try range.literal(python)) }
      throw refusal(value)
    }
  }

  private func isoText(_ value: Value) throws -> String {
    try python.str(python.callMethod("isoformat", of: value))
  }

  /// The name of the nearest class that psycopg2 knows, as it looks among the ancestors.
  private func baseName(_ cls: PythonClass) -> String {
    let known: Set = [
      "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta",
      "decimal.Decimal", "uuid.UUID", "psycopg2.extras.Json",
    ]
    return cls.mro.map(\.qualifiedName).first { known.contains($0) } ?? cls.qualifiedName
  }

  private func refusal(_ value: Value) -> PythonError {
    PythonError(
      SQLAlchemyErrors.programming,
      "(psycopg2.ProgrammingError) can't adapt type '\(value.typeName)'")
  }
}
