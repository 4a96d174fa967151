public import OrderedCollections
public import Quantities

/// A value of the runbook language: what inputs, outputs, results and expressions are made of.
///
/// Timestamps and durations are types of their own, so that `t - t` is a duration and a text is
/// never compared with a time.
public enum Value: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  case timestamp(Timestamp)
  case duration(Duration)
  case array([Value])
  case object(OrderedDictionary<String, Value>)

  /// The member of an object; nil for other values and for absent keys.
  public subscript(key: String) -> Value? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text of a string value.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The value of an integer.
  public var int: Int64? { if case .int(let value) = self { value } else { nil } }
  /// The value of a boolean.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The length of a duration.
  var duration: Duration? { if case .duration(let value) = self { value } else { nil } }
  /// The elements of an array.
  public var array: [Value]? { if case .array(let items) = self { items } else { nil } }
  /// The members of an object.
  public var object: OrderedDictionary<String, Value>? {
    if case .object(let members) = self { members } else { nil }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  /// Creates a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Creates an integer.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// Creates a number with a fraction.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// Creates a boolean.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Creates an array.
  public init(arrayLiteral elements: Value...) { self = .array(elements) }
  /// Creates an object; of equal keys the last one counts.
  public init(dictionaryLiteral elements: (String, Value)...) {
    self = .object(OrderedDictionary(elements, uniquingKeysWith: { $1 }))
  }
  /// Creates null.
  public init(nilLiteral: ()) { self = .null }
}
