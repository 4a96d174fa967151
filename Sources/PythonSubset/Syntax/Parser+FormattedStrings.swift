extension Parser {
  /// Reads one f-string from its opening to its closing quotes.
  mutating func formattedString(
    _ text: inout TextBuffer, _ parts: inout [FormattedPart]
  ) throws(SyntaxFailure) {
    let prefix = bytes[Int(token.start)..<Int(token.end)]
    let isRaw = prefix.contains { $0 | 0x20 == UInt8(ascii: "r") }
    advance()
    while kind != .formattedEnd {
      switch kind {
      case .formattedText:
        let range = Int(token.start)..<Int(token.end)
        try decode(range, isRaw: isRaw, isFormatted: true, into: &text)
        advance()
      case .leftBrace:
        try formattedField(&text, &parts, isRaw: isRaw)
      default: throw unexpected()
      }
    }
    advance()
  }

  /// `{value = !r : format}`
  private mutating func formattedField(
    _ text: inout TextBuffer, _ parts: inout [FormattedPart], isRaw: Bool
  ) throws(SyntaxFailure) {
    let began = Int(token.end)
    advance()
    switch kind {
    case .rightBrace, .exclamation, .colon, .assign:
      let sign = kind.text
      throw unexpected("f-string: valid expression required before '\(sign)'")
    default: break
    }
    let value = try deeper { parser throws(SyntaxFailure) in
      try parser.yieldOrStarExpressions()
    }
    var isSelfDocumenting = false
    if take(.assign) {
      isSelfDocumenting = true
      text.append(bytes[began..<Int(token.start)])
    }
    var conversion = try conversion()
    var format: [FormattedPart]?
    if take(.colon) { format = try formatSpecification(isRaw: isRaw) }
    guard take(.rightBrace) else {
      throw unexpected(
        format == nil && conversion == nil
          ? "f-string: expecting '=', or '!', or ':', or '}'" : "f-string: expecting '}'")
    }
    if isSelfDocumenting, conversion == nil, format == nil { conversion = .representation }
    Self.flush(&text, into: &parts)
    parts.append(
      .field(FormattedField(value: value, conversion: conversion, format: format)))
  }

  private mutating func conversion() throws(SyntaxFailure) -> FormattedField.Conversion? {
    guard take(.exclamation) else { return nil }
    let isAdjacent = index > 0 && token.start == tokens[index - 1].end
    guard kind == .name, isAdjacent else {
      throw unexpected("f-string: invalid conversion character")
    }
    let letter = text(of: token)
    advance()
    switch letter {
    case "s": return .string
    case "r": return .representation
    case "a": return .ascii
    default:
      throw unexpected(
        "f-string: invalid conversion character '\(letter)': expected 's', 'r', or 'a'")
    }
  }

  private mutating func formatSpecification(
    isRaw: Bool
  ) throws(SyntaxFailure) -> [FormattedPart] {
    var text = TextBuffer()
    var parts: [FormattedPart] = []
    while true {
      switch kind {
      case .formattedText:
        let range = Int(token.start)..<Int(token.end)
        try decode(range, isRaw: isRaw, isFormatted: false, into: &text)
        advance()
      case .leftBrace:
        try deeper { parser throws(SyntaxFailure) in
          try parser.formattedField(&text, &parts, isRaw: isRaw)
        }
      default:
        Self.flush(&text, into: &parts)
        return parts
      }
    }
  }
}
