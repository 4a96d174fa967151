public import PythonSubset

/// A range as psycopg2 gives it, and `postgresql.Range`.
public final class RangeObject: PythonObject {
  private let text: String?
  private let lower: Value
  private let upper: Value
  private let bounds: String

  /// Takes the server's text.
  init(_ text: String) {
    self.text = text
    let inner = text.dropFirst().dropLast().split(
      separator: ",", maxSplits: 1, omittingEmptySubsequences: false)
    func bound(_ part: Substring?) -> Value {
      guard let part, !part.isEmpty else { return .null }
      let word = part.hasPrefix("\"") ? part.dropFirst().dropLast() : part
      return Int(word).map { .int($0) } ?? .string(String(word))
    }
    lower = bound(inner.first)
    upper = bound(inner.count > 1 ? inner[1] : nil)
    bounds = text == "empty" ? "[)" : "\(text.prefix(1))\(text.suffix(1))"
  }

  /// Takes bounds.
  init(lower: Value, upper: Value, bounds: String, isEmpty: Bool) {
    text = isEmpty ? "empty" : nil
    self.lower = lower
    self.upper = upper
    self.bounds = bounds
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "Range", module: "sqlalchemy.dialects.postgresql",
    members: [
      "__new__": .new("cls, lower=None, upper=None, *, bounds='[)', empty=False") { call in
        .object(
          RangeObject(
            lower: call["lower"], upper: call["upper"], bounds: try call.string("bounds"),
            isEmpty: try call.truth("empty")))
      }
    ])

  public override var pythonClass: PythonClass { RangeObject.cls }

  /// The text that the server reads.
  func literal(_ python: Interpreter) throws -> String {
    if let text { return text }
    func bound(_ value: Value) throws -> String { value.isNone ? "" : try python.str(value) }
    return "\(bounds.prefix(1))\(try bound(lower)),\(try bound(upper))\(bounds.suffix(1))"
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "lower": lower
    case "upper": upper
    case "bounds", "_bounds": .string(bounds)
    case "isempty", "is_empty": .bool(text == "empty")
    case "lower_inc": .bool(bounds.hasPrefix("["))
    case "upper_inc": .bool(bounds.hasSuffix("]"))
    default: try super.attribute(name, python)
    }
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "Range(\(try python.repr(lower)), \(try python.repr(upper)), '\(bounds)')"
  }
}
