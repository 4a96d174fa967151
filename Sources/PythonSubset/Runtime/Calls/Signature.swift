/// The parameters of a host function, declared as Python would:
/// `"name, type_=None, /, *columns, schema=None, if_not_exists=False, **kw"`.
///
/// Defaults are `None`, `True`, `False`, integers and quoted strings, `()` for the empty tuple, and
/// `...` for a parameter that may be absent (``Call/optional(_:)`` tells). The text is read at the
/// first call, so that declaring hundreds of functions costs nothing.
public final class Signature {
  /// The declaration.
  public let text: String
  private var parsed: (list: ParameterList, defaults: [Default])?

  private enum Default {
    case required, absent
    case value(Value)
  }

  /// Declares parameters.
  public init(_ text: String) { self.text = text }

  private var contents: (list: ParameterList, defaults: [Default]) {
    if let parsed { return parsed }
    let contents = Signature.parse(text)
    parsed = contents
    return contents
  }

  /// The names that a caller may use as keywords.
  public var keywordNames: [String] {
    Array(contents.list.names.dropFirst(contents.list.positionalOnly))
  }

  /// Whether any keyword is taken (`**kw`).
  public var takesAnyKeyword: Bool { contents.list.keywords != nil }

  /// The most arguments that can be given by position; nil for any number (`*args`).
  public var positionalLimit: Int? {
    contents.list.rest == nil ? contents.list.positional : nil
  }

  /// The names of the parameters that must be given.
  public var requiredNames: [String] {
    zip(contents.list.names, contents.defaults).compactMap {
      if case .required = $1 { $0 } else { nil }
    }
  }

  var names: [String] { contents.list.names }

  /// Assigns arguments; throws CPython's `TypeError`s.
  func bind(_ arguments: Arguments, function: String) throws -> ParameterList.Binding {
    let (list, defaults) = contents
    var binding = try list.bind(arguments, function: function) {
      if case .required = defaults[$0] { false } else { true }
    }
    for index in binding.values.indices where binding.values[index] == nil {
      if case .value(let value) = defaults[index] { binding.values[index] = value }
    }
    return binding
  }

  private static func parse(_ text: String) -> (list: ParameterList, defaults: [Default]) {
    var list = ParameterList()
    var defaults: [Default] = []
    var isKeywordOnly = false
    for part in split(text) {
      if part == "/" {
        list.positionalOnly = list.names.count
      } else if part == "*" {
        isKeywordOnly = true
      } else if part.hasPrefix("**") {
        list.keywords = String(part.dropFirst(2))
      } else if part.hasPrefix("*") {
        list.rest = String(part.dropFirst())
        isKeywordOnly = true
      } else {
        let pieces = part.split(separator: "=", maxSplits: 1)
        list.names.append(trimmed(pieces[0]))
        defaults.append(pieces.count == 1 ? .required : value(trimmed(pieces[1])))
        if !isKeywordOnly { list.positional += 1 }
      }
    }
    return (list, defaults)
  }

  /// The parts between commas that stand outside quotes.
  private static func split(_ text: String) -> [String] {
    var parts: [String] = []
    var part = ""
    var isQuoted = false
    for character in text {
      if character == "'" { isQuoted.toggle() }
      if character == ",", !isQuoted {
        parts.append(trimmed(part))
        part = ""
      } else {
        part.append(character)
      }
    }
    parts.append(trimmed(part))
    return parts.filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(
      text.drop { $0 == " " || $0 == "\n" }.reversed().drop { $0 == " " || $0 == "\n" }.reversed())
  }

  private static func value(_ text: String) -> Default {
    switch text {
    case "None": return .value(.null)
    case "True": return .value(.bool(true))
    case "False": return .value(.bool(false))
    case "()": return .value(.tuple([]))
    case "...": return .absent
    default:
      if let number = Int(text) { return .value(.int(number)) }
      guard text.count >= 2, text.hasPrefix("'"), text.hasSuffix("'") else {
        preconditionFailure("a host function's default is no literal: \(text)")
      }
      return .value(.string(String(text.dropFirst().dropLast())))
    }
  }
}
