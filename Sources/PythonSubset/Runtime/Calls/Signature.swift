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
      switch part.utf8.first {
      case UInt8(ascii: "/"): list.positionalOnly = list.names.count
      case UInt8(ascii: "*"):
        let name = part.dropFirst()
        if name.utf8.first == UInt8(ascii: "*") {
          list.keywords = String(name.dropFirst())
        } else {
          if !name.isEmpty { list.rest = String(name) }
          isKeywordOnly = true
        }
      default:
        let equals = part.utf8.firstIndex(of: UInt8(ascii: "="))
        list.names.append(String(trimmed(part[..<(equals ?? part.endIndex)])))
        defaults.append(
          equals.map { value(String(trimmed(part[$0...].dropFirst()))) } ?? .required)
        if !isKeywordOnly { list.positional += 1 }
      }
    }
    return (list, defaults)
  }

  /// The parts between commas that stand outside quotes. Bytes, for hundreds of declarations are
  /// read in a run.
  private static func split(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var isQuoted = false
    for (index, byte) in zip(text.utf8.indices, text.utf8) {
      if byte == UInt8(ascii: "'") { isQuoted.toggle() }
      guard byte == UInt8(ascii: ","), !isQuoted else { continue }
      parts.append(trimmed(text[start..<index]))
      start = text.utf8.index(after: index)
    }
    parts.append(trimmed(text[start...]))
    return parts.filter { !$0.isEmpty }
  }

  private static func trimmed(_ text: Substring) -> Substring {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") }
    var bytes = text.utf8
    while let first = bytes.first, isBlank(first) { bytes.removeFirst() }
    while let last = bytes.last, isBlank(last) { bytes.removeLast() }
    return Substring(bytes)
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
