internal import OrderedCollections
internal import Quantities

extension Value {
  /// The number as a double; nil for other values.
  var asDouble: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// Whether both are of one type, whole and broken numbers being one.
  func isComparable(with other: Value) -> Bool {
    switch (self, other) {
    case (.null, _), (_, .null), (.bool, .bool), (.string, .string), (.timestamp, .timestamp),
      (.duration, .duration), (.array, .array), (.object, .object):
      true
    default: asDouble != nil && other.asDouble != nil
    }
  }

  /// Equality as `==` means it: `1` equals `1.0`, also deep inside; unlike types are unequal.
  func equals(_ other: Value) -> Bool {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a == b
    case (.array(let a), .array(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { $0.equals($1) }
    case (.object(let a), .object(let b)):
      return a.count == b.count
        && a.allSatisfy { key, value in b[key].map { value.equals($0) } ?? false }
    default:
      if let a = asDouble, let b = other.asDouble { return a == b }
      return self == other
    }
  }

  /// -1, 0 or 1; nil when the two have no order.
  func order(to other: Value) -> Int? {
    switch (self, other) {
    case (.int(let a), .int(let b)): return a < b ? -1 : a > b ? 1 : 0
    case (.string(let a), .string(let b)):
      if a == b { return 0 }
      return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars) ? -1 : 1
    case (.timestamp(let a), .timestamp(let b)): return a < b ? -1 : a > b ? 1 : 0
    case (.duration(let a), .duration(let b)): return a < b ? -1 : a > b ? 1 : 0
    default:
      guard let a = asDouble, let b = other.asDouble, !a.isNaN, !b.isNaN else { return nil }
      return a < b ? -1 : a > b ? 1 : 0
    }
  }
}
