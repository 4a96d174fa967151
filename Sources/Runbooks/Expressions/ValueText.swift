public import JSON
internal import OrderedCollections
internal import Quantities

extension Value {
  /// What the value is, for messages: `a text`, `a number`.
  public var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .int, .double: "a number"
    case .string: "a text"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .array: "a list"
    case .object: "a mapping"
    }
  }

  /// The value inside of a text; nil for null, lists and mappings, which have no single spelling.
  public var text: String? {
    switch self {
    case .null, .array, .object: nil
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): String(number)
    case .double(let number): Value.spelling(of: number)
    case .string(let text): text
    case .timestamp(let moment): moment.rfc3339()
    case .duration(let duration): duration.canonical
    }
  }

  /// Whole numbers without `.0`.
  private static func spelling(of number: Double) -> String {
    if let whole = Int64(exactly: number) { return String(whole) }
    return "\(number)"
  }

  /// The value as an expression writes it, shortened.
  var expressionSpelling: String {
    switch self {
    case .null: "null"
    case .string(let text): "'\(text.prefix(60))'"
    case .array(let items): "[\(items.count) elements]"
    case .object(let members): "{\(members.count) members}"
    default: text ?? ""
    }
  }

  /// The value as JSON; timestamps as RFC 3339, durations as they are written.
  public var json: JSON {
    switch self {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .int(let number): .int(number)
    case .double(let number): .double(number)
    case .string(let text): .string(text)
    case .timestamp(let moment): .string(moment.rfc3339(fractionDigits: 6))
    case .duration(let duration): .string(duration.canonical)
    case .array(let items): .array(items.map(\.json))
    case .object(let members): .object(members.mapValues(\.json))
    }
  }

  /// The value of JSON; texts stay texts.
  public init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map(Value.init))
    case .object(let members): self = .object(members.mapValues(Value.init))
    }
  }
}
