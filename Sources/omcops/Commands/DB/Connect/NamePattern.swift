/// The pattern of names after `\dt` and its like, by psql's rules: `*` and `?` stand for any
/// characters and for one, a dot parts schema and name, what is not in double quotes is folded to
/// lower case. Everything else stands for itself.
struct NamePattern: Hashable {
  /// The schema as an anchored regular expression of the server's; nil for any.
  let schema: String?
  /// The name likewise; nil for all.
  let name: String?

  init(_ text: String) {
    var parts = [""]
    var isQuoted = false
    for character in text {
      switch character {
      case "\"": isQuoted.toggle()
      case "." where !isQuoted: parts.append("")
      case "*" where !isQuoted: parts[parts.count - 1] += ".*"
      case "?" where !isQuoted: parts[parts.count - 1] += "."
      default: parts[parts.count - 1] += NamePattern.literal(character, isQuoted: isQuoted)
      }
    }
    let expressions = parts.suffix(2).map { $0.isEmpty ? nil : "^(\($0))$" }
    schema = expressions.count == 2 ? expressions[0] : nil
    name = expressions.last ?? nil
  }

  /// A character of a name in a regular expression.
  private static func literal(_ character: Character, isQuoted: Bool) -> String {
    if "\\^$.[]()|*+?{}".contains(character) { return "\\\(character)" }
    return isQuoted ? String(character) : character.lowercased()
  }
}
