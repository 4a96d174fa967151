internal import Digest
internal import Text

/// Quotes names exactly as SQLAlchemy's PostgreSQL dialect does, which is more often than the
/// server needs in some places and less often in others.
public enum IdentifierPreparer {
  /// The longest name that PostgreSQL keeps, in characters as SQLAlchemy counts.
  public static let maximumLength = 63

  /// The name, in quotes if it is reserved, begins with a digit or `$`, holds a character other
  /// than letters, digits, `_` and `$`, or has capitals.
  public static func quote(_ name: SQLName) -> String {
    quote(name.text, force: name.quote)
  }

  /// The name, in quotes where the rules or `force` say so.
  public static func quote(_ text: String, force: Bool? = nil) -> String {
    if force ?? requiresQuotes(text) { return quoted(text) }
    return text
  }

  /// `schema.name`, each quoted by its own rules; the name alone where there is no schema.
  public static func qualified(_ name: SQLName, schema: SQLName?) -> String {
    if let schema, !schema.text.isEmpty { return "\(quote(schema)).\(quote(name))" }
    return quote(name)
  }

  /// The name in quotes, whatever it is.
  public static func quoted(_ text: String) -> String {
    "\"" + text.replacing(text: "\"", with: "\"\"") + "\""
  }

  static func requiresQuotes(_ text: String) -> Bool {
    guard let first = text.utf8.first else { return true }
    if first == UInt8(ascii: "$") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) {
      return true
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"), UInt8(ascii: "$"):
        continue
      default: return true
      }
    }
    return reservedWords.contains(text)
  }

  /// The name of a constraint or index, ready to be written: final names that are too long are
  /// cut and get the end of their MD5, given ones are an error.
  public static func bounded(_ name: SQLName) throws(SchemaError) -> String {
    let characters = name.text.unicodeScalars
    guard characters.count > maximumLength else { return quote(name) }
    guard name.origin == .final else {
      throw SchemaError(
        .identifier,
        "Identifier '\(name.text)' exceeds maximum length of \(maximumLength) characters")
    }
    return quote(shortened(name.text, to: maximumLength), force: name.quote)
  }

  /// The first characters of a long name, `_`, and the last four digits of the MD5 of the whole.
  static func shortened(_ text: String, to limit: Int) -> String {
    let digest = MD5.hexDigest(Array(text.utf8))
    return String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit - 8))) + "_"
      + digest.suffix(4)
  }

  /// The words that SQLAlchemy's dialect quotes; not the server's own list.
  static let reservedWords: Set<String> = [
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "binary", "both", "case", "cast", "check", "collate", "column",
    "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "default",
    "deferrable", "desc", "distinct", "do", "else", "end", "except", "false", "fetch", "for",
    "foreign", "freeze", "from", "full", "grant", "group", "having", "ilike", "in", "initially",
    "inner", "intersect", "into", "is", "isnull", "join", "leading", "left", "like", "limit",
    "localtime", "localtimestamp", "natural", "new", "not", "notnull", "null", "of", "off",
    "offset", "old", "on", "only", "or", "order", "outer", "over", "overlaps", "placing",
    "primary", "references", "returning", "right", "select", "session_user", "similar", "some",
    "symmetric", "table", "then", "to", "trailing", "true", "union", "unique", "user", "using",
    "variadic", "verbose", "when", "where", "window", "with",
  ]
}
