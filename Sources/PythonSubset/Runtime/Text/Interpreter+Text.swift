extension Interpreter {
  /// `str(value)`.
  public func str(_ value: Value) throws -> String {
    switch value {
    case .str(let text): text.string
    case .object(let object): try nested { try object.text(self) }
    default: try repr(value)
    }
  }

  /// `repr(value)`.
  public func repr(_ value: Value) throws -> String {
    switch value {
    case .null: return "None"
    case .ellipsis: return "Ellipsis"
    case .notImplemented: return "NotImplemented"
    case .bool(let flag): return flag ? "True" : "False"
    case .int(let number): return String(number)
    case .big(let number): return try decimal(number)
    case .float(let number): return FloatText.shortest(number)
    case .str(let text): return Quoting.quoted(text)
    case .bytes(let bytes): return Quoting.quoted(bytes)
    case .tuple(let items):
      let texts = try representations(items)
      return items.count == 1 ? "(\(texts),)" : "(\(texts))"
    case .list(let list):
      return try guarded(list, "[...]") { "[\(try representations(list.items))]" }
    case .dict(let dict):
      return try guarded(dict, "{...}") {
        "{\(try joined(dict.items.map { "\(try repr($0.key)): \(try repr($0.value))" }))}"
      }
    case .set(let set):
      if set.count == 0 { return set.isFrozen ? "frozenset()" : "set()" }
      let texts = try representations(set.items)
      return set.isFrozen ? "frozenset({\(texts)})" : "{\(texts)}"
    case .object(let object): return try nested { try object.representation(self) }
    }
  }

  /// `ascii(value)`.
  public func ascii(_ value: Value) throws -> String {
    let text = try repr(value)
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    return text.unicodeScalars.map { $0.isASCII ? String($0) : Quoting.escape($0) }.joined()
  }

  private func representations(_ items: [Value]) throws -> String {
    try nested { try joined(items.map { try repr($0) }) }
  }

  private func joined(_ texts: [String]) throws -> String {
    try charge(texts.reduce(0) { $0 + $1.utf8.count + 2 })
    return texts.joined(separator: ", ")
  }

  /// Writes a container, or an ellipsis when it is being written already.
  func guarded(
    _ object: AnyObject, _ ellipsis: String, _ body: () throws -> String
  ) throws -> String {
    let identity = ObjectIdentifier(object)
    if representing.contains(identity) { return ellipsis }
    representing.append(identity)
    defer { representing.removeLast() }
    return try nested(body)
  }

  /// The decimal digits of a large integer, within CPython's bound.
  func decimal(_ number: BigInteger) throws -> String {
    if number.bitWidth > 4300 * 10 / 3 {
      let text = number.bitWidth > 1 << 16 ? "" : number.text(radix: 10)
      if text.isEmpty || text.utf8.count - (number.isNegative ? 1 : 0) > 4300 {
        throw PythonError(
          .valueError,
          "Exceeds the limit (4300 digits) for integer string conversion; use "
            + "sys.set_int_max_str_digits() to increase the limit")
      }
      return text
    }
    return number.text(radix: 10)
  }

  /// `format(value, specification)`.
  public func format(_ value: Value, _ specification: String = "") throws -> String {
    switch value {
    case .object(let object): return try nested { try object.format(specification, self) }
    case .str, .int, .big, .float, .bool:
      return try FormatSpecification(specification, for: value).format(value, self)
    default:
      guard specification.isEmpty else {
        throw PythonError(
          .typeError, "unsupported format string passed to \(value.typeName).__format__")
      }
      return try str(value)
    }
  }
}
