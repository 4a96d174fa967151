internal import PythonSubset

/// Writes Python values as JSON as `json.dumps` does by default, which is what SQLAlchemy sends for
/// a JSON column.
struct JSONText {
  let python: Interpreter

  init(_ python: Interpreter) { self.python = python }

  /// The text of a value; `TypeError` for one that JSON has nothing for.
  func dumps(_ value: Value, depth: Int = 0) throws -> String {
    if depth > 500 { throw PythonError(.recursionError, "maximum recursion depth exceeded") }
    try python.tick()
    switch value.unwrapped {
    case .null: return "null"
    case .bool(let flag): return flag ? "true" : "false"
    case .int, .big: return try python.str(value.unwrapped)
    case .float(let number):
      if number.isNaN { return "NaN" }
      if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
      return try python.repr(value.unwrapped)
    case .str(let text): return quoted(text.string)
    case .list(let list): return try array(list.items, depth)
    case .tuple(let items): return try array(items, depth)
    case .dict(let dict):
      let members = try dict.items.map {
        "\(try key($0.key)): \(try dumps($0.value, depth: depth + 1))"
      }
      return "{\(members.joined(separator: ", "))}"
    default:
      throw PythonError(
        .typeError, "Object of type \(value.typeName) is not JSON serializable")
    }
  }

  private func array(_ items: [Value], _ depth: Int) throws -> String {
    "[\(try items.map { try dumps($0, depth: depth + 1) }.joined(separator: ", "))]"
  }

  private func key(_ value: Value) throws -> String {
    switch value.unwrapped {
    case .str(let text): return quoted(text.string)
    case .null: return "\"null\""
    case .bool(let flag): return flag ? "\"true\"" : "\"false\""
    case .int, .big, .float: return "\"\(try python.str(value.unwrapped))\""
    default:
      throw PythonError(
        .typeError,
        "keys must be str, int, float, bool or None, not \(value.typeName)")
    }
  }

  /// A text in quotes, with everything outside ASCII escaped.
  private func quoted(_ text: String) -> String {
    var result = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: result += "\\\""
      case 0x5C: result += "\\\\"
      case 0x0A: result += "\\n"
      case 0x0D: result += "\\r"
      case 0x09: result += "\\t"
      case 0x08: result += "\\b"
      case 0x0C: result += "\\f"
      case 0x20...0x7E: result.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default:
        let digits = String(unit, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
    return result + "\""
  }
}
