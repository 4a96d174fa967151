public import JSON
internal import Text

extension KubeObject {
  /// The object as a YAML document that ends in a newline, its keys in order of their letters, as
  /// kubectl prints it.
  public var yaml: String { YAMLText.document(json) }
}

/// Writes values as YAML in block style; what YAML 1.1 or 1.2 could take for something else than text
/// is quoted.
public enum YAMLText {
  /// The value as a document that ends in a newline.
  public static func document(_ value: JSON) -> String {
    var text = ""
    switch value {
    case .object(let members) where !members.isEmpty: write(value, at: 0, into: &text)
    case .array(let items) where !items.isEmpty: write(value, at: 0, into: &text)
    default: text = scalar(value, at: 0) + "\n"
    }
    return text
  }

  /// Writes the lines of a mapping or a sequence that has something in it.
  private static func write(_ value: JSON, at level: Int, into text: inout String) {
    let indent = String(repeating: " ", count: level)
    if let members = value.object {
      for key in members.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        text += indent
        entry(string(key), members[key] ?? .null, at: level, into: &text)
      }
    } else {
      for item in value.array ?? [] {
        text += indent + "-"
        switch item {
        case .object(let members) where !members.isEmpty:
          nested(item, at: level, into: &text)
        case .array(let items) where !items.isEmpty:
          nested(item, at: level, into: &text)
        default: text += " " + scalar(item, at: level) + "\n"
        }
      }
    }
  }

  /// What stands in a sequence begins behind its dash.
  private static func nested(_ item: JSON, at level: Int, into text: inout String) {
    var lines = ""
    write(item, at: level + 2, into: &lines)
    text += " " + lines.dropFirst(level + 2)
  }

  private static func entry(
    _ key: String, _ value: JSON, at level: Int, into text: inout String
  ) {
    switch value {
    case .object(let members) where !members.isEmpty:
      text += "\(key):\n"
      write(value, at: level + 2, into: &text)
    // As kubectl has it, the dashes of a sequence stand below its key.
    case .array(let items) where !items.isEmpty:
      text += "\(key):\n"
      write(value, at: level, into: &text)
    default: text += "\(key): \(scalar(value, at: level))\n"
    }
  }

  private static func scalar(_ value: JSON, at level: Int) -> String {
    switch value {
    case .object: "{}"
    case .array: "[]"
    case .string(let text): block(text, at: level) ?? string(text)
    default: value.text()
    }
  }

  /// A text of several lines as such; nil for one that has to be quoted.
  private static func block(_ text: String, at level: Int) -> String? {
    guard text.utf8.contains(UInt8(ascii: "\n")), let first = text.utf8.first,
      ![UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n")].contains(first),
      text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || isPrintable($0) })
    else { return nil }
    let ends = text.utf8.reversed().prefix { $0 == UInt8(ascii: "\n") }.count
    let body = text.utf8.dropLast(ends)
    let indent = String(repeating: " ", count: level + 2)
    let lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : indent + String(decoding: $0, as: UTF8.self) }
    let mark = ends == 0 ? "|-" : ends == 1 ? "|" : "|+"
    return mark + "\n" + lines.joined(separator: "\n")
      + String(repeating: "\n", count: max(0, ends - 1))
  }

  private static func string(_ text: String) -> String {
    isPlain(text) ? text : quoted(text)
  }

  /// Whether a text is a plain scalar that no reader takes for anything else.
  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first,
      isWord(first) || "/_$.(".unicodeScalars.contains(first),
      !text.hasSuffix(" "), !text.hasSuffix(":"), !text.contains(text: ": "),
      !text.contains(text: " #"),
      text.unicodeScalars.allSatisfy(isPrintable)
    else { return false }
    let lower = text.lowercased()
    let words = ["null", "true", "false", "yes", "no", "on", "off", "y", "n", ".inf", ".nan"]
    if words.contains(lower) { return false }
    // Numbers, times, and what looks like them.
    let isNumeric = lower.unicodeScalars.allSatisfy {
      "0123456789abcdefxo_+-.:tz ".unicodeScalars.contains($0)
    }
    let startsLikeOne = lower.unicodeScalars.first.map { "0123456789.".unicodeScalars.contains($0) }
    return !(isNumeric && startsLikeOne == true)
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20..<0x7F, 0xA0..<0x2028, 0x202F..<0xD800, 0xE000..<0xFEFF, 0xFF00..<0xFFFE,
      0x10000...0x10FFFF:
      // What reorders a line could show another text than there is.
      !(0x200E...0x200F).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
    default: false
    }
  }

  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\r": result += "\\r"
      case _ where isPrintable(scalar): result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let width = scalar.value > 0xFFFF ? 8 : 4
        result +=
          (width == 8 ? "\\U" : "\\u")
          + String(repeating: "0", count: width - digits.count) + digits
      }
    }
    return result + "\""
  }
}
