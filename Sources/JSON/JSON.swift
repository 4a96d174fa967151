public import OrderedCollections

/// A JSON value (RFC 8259) whose objects keep the order of their keys and whose integers stay
/// integers.
public enum JSON: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case array([JSON])
  case object(OrderedDictionary<String, JSON>)

  /// The member of an object; nil for other values and for absent keys.
  public subscript(key: String) -> JSON? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The element of an array; nil for other values and out of range.
  public subscript(index: Int) -> JSON? {
    if case .array(let items) = self, items.indices.contains(index) { items[index] } else { nil }
  }

  /// The text of a string value.
  public var string: String? { if case .string(let text) = self { text } else { nil } }

  /// The value of an integer.
  public var int: Int64? { if case .int(let value) = self { value } else { nil } }

  /// The value of a number.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The value of a boolean.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The elements of an array.
  public var array: [JSON]? { if case .array(let items) = self { items } else { nil } }

  /// The members of an object.
  public var object: OrderedDictionary<String, JSON>? {
    if case .object(let members) = self { members } else { nil }
  }

  /// Whether the value is `null`.
  public var isNull: Bool { self == .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// Creates a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Creates an integer.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// Creates a boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Creates an array.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// Creates an object; of equal keys the last one counts.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
  }
  /// Creates `null`.
  public init(nilLiteral: ()) { self = .null }

  /// A string, or `null` where there is none.
  public init(_ text: String?) { self = text.map(JSON.string) ?? .null }
  /// An integer, or `null` where there is none.
  public init(_ value: Int64?) { self = value.map(JSON.int) ?? .null }
  /// An integer.
  public init(_ value: Int) { self = .int(Int64(value)) }
  /// A boolean, or `null` where there is none.
  public init(_ value: Bool?) { self = value.map(JSON.bool) ?? .null }
}
