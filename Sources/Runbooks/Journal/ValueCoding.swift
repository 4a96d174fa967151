internal import JSON
internal import OrderedCollections
internal import Quantities

/// Values as JSON that keeps their types, so that a resumed run sees what the first one saw.
///
/// What JSON has no word for is an object with one member whose name begins with `$`.
enum ValueCoding {
  static func encode(_ value: Value) -> JSON {
    switch value {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .double(let number):
      return number.isFinite ? .double(number) : ["$number": .string("\(number)")]
    case .string(let text): return .string(text)
    case .timestamp(let moment):
      return ["$timestamp": .string(moment.rfc3339(fractionDigits: 6))]
    case .duration(let duration):
      let (seconds, attoseconds) = duration.components
      return ["$duration": .int(seconds * 1_000_000 + attoseconds / 1_000_000_000_000)]
    case .array(let items): return .array(items.map(encode))
    case .object(let members):
      let encoded = JSON.object(members.mapValues(encode))
      return isTag(members.keys) ? ["$object": encoded] : encoded
    }
  }

  static func decode(_ json: JSON) -> Value {
    switch json {
    case .null: return .null
    case .bool(let flag): return .bool(flag)
    case .int(let number): return .int(number)
    case .double(let number): return .double(number)
    case .string(let text): return .string(text)
    case .array(let items): return .array(items.map(decode))
    case .object(let members):
      if isTag(members.keys), let (tag, content) = members.elements.first,
        let value = tagged(tag, content)
      {
        return value
      }
      return .object(members.mapValues(decode))
    }
  }

  private static func isTag(_ keys: OrderedSet<String>) -> Bool {
    keys.count == 1 && keys[0].hasPrefix("$")
  }

  private static func tagged(_ tag: String, _ content: JSON) -> Value? {
    switch (tag, content) {
    case ("$timestamp", .string(let text)): Timestamp(parsing: text).map(Value.timestamp)
    case ("$duration", .int(let microseconds)): .duration(.microseconds(microseconds))
    case ("$number", .string(let text)): Double(text).map(Value.double)
    case ("$object", .object(let members)): .object(members.mapValues(decode))
    default: nil
    }
  }
}
