/// What a variable holds that tests find a database by: a part of its address, or a text around such parts.
public struct AddressText: Hashable, Sendable {
  /// One after the other they are the text.
  public enum Piece: Hashable, Sendable {
    /// What stands there as it is.
    case text(String)
    /// A part of the address: `host`, `url+asyncpg`.
    case part(String)
  }

  /// The parts of an address that a variable may hold.
  public static let parts = ["host", "port", "name", "user", "password", "url"]

  /// The pieces.
  public let pieces: [Piece]

  /// Reads `host`, or `dbname={name} host={host}`; a brace that is meant itself stands twice.
  ///
  /// - Throws: `AddressTextProblem` with the word that is no part of an address.
  public init(parsing text: String) throws(AddressTextProblem) {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "{") || $0 == UInt8(ascii: "}") }) else {
      pieces = [.part(try AddressText.checked(text))]
      return
    }
    var pieces: [Piece] = []
    var plain = ""
    var rest = Substring(text)
    while let first = rest.popFirst() {
      if first == "{" || first == "}", rest.first == first {
        plain.append(first)
        rest.removeFirst()
      } else if first == "{", let end = rest.firstIndex(of: "}") {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        pieces.append(.part(try AddressText.checked(String(rest[..<end]))))
        rest = rest[end...].dropFirst()
      } else if first == "{" || first == "}" {
        throw AddressTextProblem(word: String(first))
      } else {
        plain.append(first)
      }
    }
    if !plain.isEmpty { pieces.append(.text(plain)) }
    self.pieces = pieces
  }

  private static func checked(_ word: String) throws(AddressTextProblem) -> String {
    if parts.contains(word) || (word.hasPrefix("url+") && word != "url+") { return word }
    throw AddressTextProblem(word: word)
  }
}

/// A word that stands where a part of an address should.
public struct AddressTextProblem: Error {
  /// What stands there.
  public let word: String
}
