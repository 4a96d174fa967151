internal import Text

/// Hides passwords in what is shown.
public enum SecretMask {
  /// What stands for a secret.
  public static let mask = "********"

  /// A URL or connection string without its password.
  public static func url(_ text: String) -> String {
    maskedParameter(in: maskedUserInfo(in: text))
  }

  /// The password in a URL, as it stands there; nil where there is none.
  public static func password(ofURL text: String) -> String? {
    guard let scheme = text.firstRange(ofText: "://") else { return nil }
    let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@"),
      let colon = authority[..<at].firstIndex(of: ":")
    else { return nil }
    let password = authority[authority.index(after: colon)..<at]
    return password.isEmpty ? nil : String(password)
  }

  /// `postgres://user:secret@host`: from the first colon of the user part to its last `@`.
  private static func maskedUserInfo(in text: String) -> String {
    guard let scheme = text.firstRange(ofText: "://") else { return text }
    let authority = text[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    guard let at = authority.lastIndex(of: "@"),
      let colon = authority[..<at].firstIndex(of: ":")
    else { return text }
    return text[...colon] + mask + text[at...]
  }

  /// `password=secret` among the parameters of a URL or in a connection string.
  private static func maskedParameter(in text: String) -> String {
    var result = ""
    var rest = text[...]
    while let name = rest.firstRange(ofText: "password") {
      result += rest[..<name.upperBound]
      rest = rest[name.upperBound...]
      let gap = rest.prefix { $0 == " " }
      guard rest.dropFirst(gap.count).first == "=" else { continue }
      result += gap + "=" + mask
      rest = rest.dropFirst(gap.count + 1)
      rest = dropValue(rest.drop { $0 == " " })
    }
    return result + rest
  }

  private static func dropValue(_ text: Substring) -> Substring {
    guard text.first == "'" else { return text.drop { $0 != " " && $0 != "&" } }
    var rest = text.dropFirst()
    while let character = rest.popFirst() {
      if character == "\\" { _ = rest.popFirst() }
      if character == "'" { break }
    }
    return rest
  }
}
