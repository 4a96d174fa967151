internal import JSON
internal import PythonSubset

/// Turns what the server sent into Python values, as psycopg2 does by the type's OID and
/// SQLAlchemy's types do after it.
struct FetchedValue {
  let python: Interpreter
  let library: ServerValues

  /// The value of a column of a type of the server, as psycopg2 gives it.
  func value(_ text: String?, oid: UInt32) throws -> Value {
    guard let text else { return .null }
    switch oid {
    case 16: return .bool(text == "t")
    case 20, 21, 23, 26: return integer(text)
    case 700, 701: return .float(double(text))
    case 1700: return try library.decimal(text, python)
    case 17: return .bytes(bytes(text))
    case 114, 3802: return try json(text)
    case 2950: return try library.uuid(text, python)
    case 1082: return try library.date(text, python)
    case 1114, 1184: return try library.timestamp(text, python)
    case 1083, 1266: return try library.time(text, python)
    case 1186: return try library.interval(text, python)
    default:
      if let element = FetchedValue.elements[oid] { return try array(text, of: element) }
      if FetchedValue.ranges.contains(oid) { return .object(RangeObject(text)) }
      return .string(text)
    }
  }

  /// The value as one of a type that a statement names: what SQLAlchemy's type makes of the
  /// driver's value.
  func value(_ text: String?, oid: UInt32, as type: SQLType) throws -> Value {
    switch type {
    case .custom(let custom):
      guard let script = custom as? ScriptType else { break }
      if let enumeration = script.object.enumeration {
        guard let text else { return .null }
        if let found = enumeration.members.first(where: { $0.stored == text }) {
          return found.member
        }
        throw PythonError(
          .lookupError,
          "'\(text)' is not among the defined enum values. Enum name: "
            + "\(enumeration.cls.name.lowercased()).")
      }
      let decoration = TypeDecoration(script.object)
      let inner = try value(text, oid: oid, as: try decoration.implementation())
      return try decoration.result(inner)
    case .numeric(let numeric) where !numeric.asDecimal && text != nil:
      return .float(double(text ?? ""))
    case .numeric where text != nil: return try library.decimal(text ?? "", python)
    case .float(let float) where float.asDecimal && text != nil:
      return try library.decimal(text ?? "", python)
    case .float where text != nil: return .float(double(text ?? ""))
    case .uuid(let uuid) where !uuid.asUUID: return .string(orNone: text)
    case .uuid(let uuid) where !uuid.isNative && text != nil:
      return try library.uuid(text ?? "", python)
    case .json where oid == 25 || oid == 1043: return try text.map(json) ?? .null
    case .binary(let binary) where binary.isPickled && text != nil:
      throw Unsupported("reading a pickled value from a PickleType column")
    case .hstore where text != nil: return .dict(PythonDict(HStoreText.parse(text ?? "")))
    case .array(let array):
      if case .uuid(let uuid) = array.item, !uuid.asUUID, let text {
        return try self.array(text, of: 25)
      }
      if case .custom = array.item, let text {
        return try ArrayText.parse(text) { try value($0, oid: 25, as: array.item) }
      }
      if case .enumeration = array.item, let text { return try self.array(text, of: 25) }
    default: break
    }
    return try value(text, oid: oid)
  }

  private func integer(_ text: String) -> Value {
    Int(text).map { .int($0) } ?? .string(text)
  }

  private func double(_ text: String) -> Double {
    switch text {
    case "Infinity": .infinity
    case "-Infinity": -.infinity
    case "NaN": .nan
    default: Double(text) ?? .nan
    }
  }

  private func bytes(_ text: String) -> [UInt8] {
    guard text.hasPrefix("\\x") else { return Array(text.utf8) }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in text.utf8.dropFirst(2) {
      let nibble = digit < 0x3A ? digit &- 0x30 : (digit | 0x20) &- 0x57
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    return bytes
  }

  private func array(_ text: String, of element: UInt32) throws -> Value {
    try ArrayText.parse(text) { try value($0, oid: element) }
  }

  /// JSON text as `json.loads` reads it.
  private func json(_ text: String) throws -> Value {
    let parsed: JSON
    do {
      parsed = try JSON(parsing: text)
    } catch {
      throw PythonError(.valueError, "the server sent JSON that cannot be read: \(error)")
    }
    return FetchedValue.value(of: parsed)
  }

  static func value(of json: JSON) -> Value {
    switch json {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(Int(number))
    case .double(let number): .float(number)
    case .string(let text): .string(text)
    case .array(let items): .list(items.map(value))
    case .object(let members):
      .dict(PythonDict(members.map { ($0.key, value(of: $0.value)) }))
    }
  }

  /// The types of elements by the types of arrays, as psycopg2 registers them.
  private static let elements: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1002: 18, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043,
    1016: 20, 1021: 700, 1022: 701, 1028: 26, 1115: 1114, 1182: 1082, 1183: 1083, 1185: 1184,
    1187: 1186, 1231: 1700, 1270: 1266, 199: 114, 3807: 3802, 2951: 2950, 1041: 869, 651: 650,
  ]

  private static let ranges: Set<UInt32> = [3904, 3906, 3908, 3910, 3912, 3926]
}
