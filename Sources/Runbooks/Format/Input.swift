public import Diagnostics
internal import Quantities

/// Something that the operator gives to a run.
public struct Input: Sendable {
  /// The types of inputs.
  public enum Kind: String, Sendable, CaseIterable {
    case string, number, boolean, choice, duration, path, environment
  }

  /// The name in expressions and on the command line.
  public var name: String
  /// What it is.
  public var description: String
  /// Its type.
  public var kind: Kind
  /// Whether it must be given.
  public var isRequired: Bool
  /// What it is when it is not given; nil makes it null.
  public var defaultValue: Value?
  /// What a choice chooses from.
  public var options: [String]
  /// What the text as a whole must match.
  public var pattern: String?
  /// The smallest number.
  public var minimum: Double?
  /// The largest number.
  public var maximum: Double?
  /// Where it stands.
  public var location: SourceLocation

  /// Reads what was typed; throws `InputError` when it is not of the type or outside the bounds.
  public func value(parsing text: String) throws(InputError) -> Value {
    let value: Value
    switch kind {
    case .string, .path, .environment, .choice: value = .string(text)
    case .boolean:
      guard text == "true" || text == "false" else { throw wrong(text, "true or false") }
      value = .bool(text == "true")
    case .number:
      if let whole = Int64(text) {
        value = .int(whole)
      } else if let number = Double(text), number.isFinite {
        value = .double(number)
      } else {
        throw wrong(text, "a number")
      }
    case .duration:
      guard let duration = Duration(parsing: text) else {
        throw wrong(text, "a duration such as 90s, 5m or 1h30m")
      }
      value = .duration(duration)
    }
    try check(value)
    return value
  }

  /// Checks a value against the type and the bounds; the text of a duration counts as one.
  public func accept(_ value: Value) throws(InputError) -> Value {
    switch (kind, value) {
    case (.string, .string), (.path, .string), (.environment, .string), (.choice, .string),
      (.boolean, .bool), (.number, .int), (.number, .double), (.duration, .duration):
      try check(value)
      return value
    case (.duration, .string(let text)): return try self.value(parsing: text)
    case (.duration, _): throw wrong(value.expressionSpelling, "a duration such as 5m")
    case (.number, _): throw wrong(value.expressionSpelling, "a number")
    case (.boolean, _): throw wrong(value.expressionSpelling, "true or false")
    default:
      throw wrong(value.expressionSpelling, "text", hint: "Put it in quotes.")
    }
  }

  private func check(_ value: Value) throws(InputError) {
    if kind == .choice, let text = value.string, !options.contains(text) {
      throw wrong(
        text, "one of \(options.map { "\"\($0)\"" }.joined(separator: ", "))",
        hint: Suggestion.nearest(to: text, among: options).map { "Did you mean \"\($0)\"?" })
    }
    if let number = value.asDouble {
      if let minimum, number < minimum { throw wrong(value, "at least \(spell(minimum))") }
      if let maximum, number > maximum { throw wrong(value, "at most \(spell(maximum))") }
    }
    guard let pattern, let text = value.string else { return }
    do throws(BoundedPattern.Refusal) {
      if try BoundedPattern(pattern).matches(whole: text) { return }
    } catch {
      throw InputError(input: name, message: error.reason, hint: nil)
    }
    throw wrong(text, "a text that matches \(pattern) as a whole")
  }

  private func spell(_ number: Double) -> String { Value.double(number).text ?? "\(number)" }

  private func wrong(_ value: Value, _ expected: String) -> InputError {
    wrong(value.text ?? value.typeName, expected)
  }

  private func wrong(_ text: String, _ expected: String, hint: String? = nil) -> InputError {
    InputError(
      input: name, message: "input \"\(name)\" is \"\(text)\"; it must be \(expected)", hint: hint)
  }
}

/// An input that is not what it must be.
public struct InputError: Failure, Hashable {
  /// The input's name.
  public let input: String
  /// What is wrong.
  public let message: String
  /// What to do.
  public let hint: String?
  /// Wrong input.
  public var status: ExitStatus { .usage }
}
