internal import JSON
internal import OrderedCollections
internal import Postgres
internal import Quantities
internal import Runbooks

extension SQLValue {
  /// A value of the runbook language as a parameter; nil is NULL.
  static func parameter(_ value: Value) -> SQLValue? {
    switch value {
    case .null: SQLValue?.none
    case .bool(let flag): SQLValue(flag)
    case .int(let number): SQLValue(number)
    case .double(let number): SQLValue(number)
    case .string(let text): SQLValue(text)
    case .timestamp(let time): SQLValue(time)
    case .duration(let duration): SQLValue("\(duration.milliseconds) milliseconds")
    case .array(let items): SQLValue(array: items.map(parameter))
    case .object: SQLValue(JSON(value).text())
    }
  }
}

extension JSON {
  /// A value of the runbook language as JSON: times and durations as their texts.
  init(_ value: Runbooks.Value) {
    switch value {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .timestamp(let time): self = .string(time.rfc3339(fractionDigits: 6))
    case .duration(let duration): self = .string(duration.canonical)
    case .array(let items): self = .array(items.map { JSON($0) })
    case .object(let members): self = .object(members.mapValues { JSON($0) })
    }
  }
}

extension Value {
  /// JSON as a value of the runbook language: every text stays a text.
  init(_ json: JSON) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .int(let number): self = .int(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map { Value($0) })
    case .object(let members): self = .object(members.mapValues { Value($0) })
    }
  }

  /// A text, or null.
  init(_ text: String?) { self = text.map(Value.string) ?? .null }
  /// An integer, or null.
  init(_ number: Int64?) { self = number.map(Value.int) ?? .null }
}

/// Puts identifiers into SQL text, where parameters cannot stand: `:"table"` becomes the quoted
/// value of `identifiers.table`, as in psql; a list makes a qualified name.
enum SQLIdentifiers {
  static func apply(_ identifiers: Value?, to sql: String) throws -> String {
    guard let names = identifiers?.object, !names.isEmpty else { return sql }
    var result = ""
    var rest = sql[...]
    while let (before, name, after) = nextPlaceholder(in: rest) {
      result += before
      if let value = names[name] {
        result += try quoted(value, name: name)
      } else {
        result += ":\"\(name)\""
      }
      rest = after
    }
    return result + rest
  }

  /// The next `:"name"` that is not the end of a cast, `::"name"`.
  private static func nextPlaceholder(
    in text: Substring
  ) -> (before: Substring, name: String, after: Substring)? {
    var index = text.startIndex
    var previous: Character?
    while let colon = text[index...].firstIndex(of: ":") {
      if colon > text.startIndex { previous = text[text.index(before: colon)] }
      let quote = text.index(after: colon)
      index = quote
      guard quote < text.endIndex, text[quote] == "\"", previous != ":" else { continue }
      let start = text.index(after: quote)
      guard let end = text[start...].firstIndex(of: "\"") else { return nil }
      return (text[..<colon], String(text[start..<end]), text[text.index(after: end)...])
    }
    return nil
  }

  private static func quoted(_ value: Value, name: String) throws -> String {
    if let text = value.string, !text.isEmpty { return quoteIdentifier(text) }
    let parts = value.array?.compactMap(\.string) ?? []
    guard !parts.isEmpty, parts.count == value.array?.count else {
      throw ActionError(.other, "identifiers.\(name) is neither a text nor a list of texts")
    }
    return parts.map { quoteIdentifier($0) }.joined(separator: ".")
  }
}

/// A text as one word of a shell command.
func shellQuoted(_ text: String) -> String { ShellText.quoted(text) }
