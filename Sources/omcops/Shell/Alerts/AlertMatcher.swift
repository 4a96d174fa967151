internal import JSON
internal import Text

/// Which alerts are meant, in Alertmanager's words: `alertname="X"`, `severity=~"warn.*"`.
struct AlertMatcher: Hashable, Sendable, CustomStringConvertible {
  /// The label.
  var label: String
  /// What its value is compared with.
  var value: String
  /// Whether that is a regular expression, which must match the whole value.
  var isPattern: Bool
  /// Whether it must be so, and not the opposite.
  var isEqual: Bool

  /// A label that must have a value.
  init(_ label: String, _ value: String) {
    (self.label, self.value, isPattern, isEqual) = (label, value, false, true)
  }

  /// Reads `label=value`, `!=`, `=~` or `!~`, the value in double quotes or bare; nil for anything
  /// else.
  init?(parsing text: String) {
    let name = text.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
    var rest = text[name.endIndex...].drop { $0 == " " }
    guard let first = name.first, !first.isNumber,
      let sign = ["=~", "!~", "!=", "="].first(where: { rest.hasPrefix($0) })
    else { return nil }
    rest = rest.dropFirst(sign.count).drop { $0 == " " }
    label = String(name)
    isPattern = sign.hasSuffix("~")
    isEqual = sign.hasPrefix("=")
    guard rest.hasPrefix("\"") else {
      value = String(rest)
      return
    }
    guard let value = AlertMatcher.unquoted(rest.dropFirst()) else { return nil }
    self.value = value
  }

  /// The text before the closing quote, which must be the last character.
  private static func unquoted(_ text: Substring) -> String? {
    var (result, rest) = ("", text)
    while let character = rest.popFirst() {
      if character == "\"" { return rest.isEmpty ? result : nil }
      guard character == "\\" else {
        result.append(character)
        continue
      }
      guard let escaped = rest.popFirst() else { return nil }
      result.append(escaped == "n" ? "\n" : escaped)
    }
    return nil
  }

  /// As Alertmanager writes it.
  var description: String {
    let sign = isPattern ? (isEqual ? "=~" : "!~") : (isEqual ? "=" : "!=")
    return "\(label)\(sign)\"\(value.escapedForQuotes)\""
  }

  /// As the API has it.
  var json: JSON {
    [
      "name": .string(label), "value": .string(value), "isRegex": .bool(isPattern),
      "isEqual": .bool(isEqual),
    ]
  }

  /// One of the API; versions before 0.22 know no `isEqual`.
  init?(_ json: JSON) {
    guard let label = json["name"]?.string, let value = json["value"]?.string else { return nil }
    self.label = label
    self.value = value
    isPattern = json["isRegex"]?.bool ?? false
    isEqual = json["isEqual"]?.bool ?? true
  }
}
