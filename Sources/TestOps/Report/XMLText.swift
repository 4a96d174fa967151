/// Text in XML.
public enum XMLText {
  /// Text that is nothing but text there, in content as in an attribute between double quotes. Characters that
  /// XML has no way to write are spelt as pytest spells them: `#x1B`.
  public static func escaped(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\n": escaped += "&#10;"
      case "\t": escaped += "&#9;"
      case "\0"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}":
        let hex = String(scalar.value, radix: 16, uppercase: true)
        escaped += "#x" + (hex.count < 2 ? "0" : "") + hex
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
