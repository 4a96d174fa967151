internal import Text

/// `name` as it is written in SQL: bare when that means the same, else in double quotes.
///
/// By the server's own rule: lower case letters, digits and underscores, not beginning with a
/// digit, and no keyword other than the unreserved ones. Words that are keywords in any supported
/// major version are quoted, so that the text holds for all of them.
public func quoteIdentifier(_ name: String) -> String {
  let isPlain =
    !name.isEmpty && !isDigit(name.utf8.first ?? 0)
    && name.utf8.allSatisfy { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  if isPlain, !Keywords.needingQuotes.contains(name) { return name }
  return "\"" + doubling("\"", in: name) + "\""
}

/// `schema.name`, each part quoted where it has to be.
public func quoteIdentifier(_ schema: String, _ name: String) -> String {
  quoteIdentifier(schema) + "." + quoteIdentifier(name)
}

/// `text` as a string constant that means the same whatever `standard_conforming_strings` says.
public func quoteLiteral(_ text: String) -> String {
  let quoted = "'" + doubling("'", in: text) + "'"
  return text.utf8.contains(UInt8(ascii: "\\")) ? "E" + doubling("\\", in: quoted) : quoted
}

private func isLowercase(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
}

private func isDigit(_ byte: UInt8) -> Bool {
  (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

private func doubling(_ mark: String, in text: String) -> String {
  text.replacing(text: mark, with: mark + mark)
}
