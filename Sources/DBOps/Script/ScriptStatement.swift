/// One statement of a script, without its semicolon.
struct ScriptStatement: Sendable {
  /// The text, in the script's encoding.
  let bytes: [UInt8]
  /// The line of the file that it begins in.
  let line: Int
  /// Whether a semicolon stands behind it; the last one of a file may go without.
  var isEnded = true

  /// The text; nil where it is not UTF-8.
  var text: String? { String(validating: bytes, as: UTF8.self) }

  /// Its tokens. Text that is not UTF-8 still has its keywords.
  func tokens() -> [SQLToken] {
    SQLTokens.tokens(of: text ?? String(decoding: bytes, as: UTF8.self))
  }

  /// The first word in lower case.
  var verb: String {
    let word = bytes.prefix { (0x41...0x5A).contains($0 & 0xDF) }
    return String(decoding: word, as: UTF8.self).lowercased()
  }

  /// Whether it puts a security label on.
  var isLabel: Bool { verb == "security" }
}

/// What a statement is to somebody who restores one database and nothing else.
enum ScriptPurpose: Hashable {
  /// Anything that concerns the database's own contents.
  case contents
  /// `COPY ... FROM stdin`: rows follow. Nobody has said how, where `isPlain`.
  case rows(isPlain: Bool)
  /// `CREATE DATABASE`.
  case creation(database: String)
  /// `DROP DATABASE`.
  case removal(database: String)
  /// Rights, settings, owner or comment of a database.
  case databaseSetting(database: String)
  /// Something that names roles: owners, rights, policies.
  case roles(RoleNames.Form)
  /// `SET` of a parameter, by its name.
  case setting(name: String, value: String)
  /// Something of the whole server's, by its first words.
  case cluster(String)

  init(_ statement: ScriptStatement) {
    switch statement.verb {
    case "copy": self = ScriptPurpose.copy(statement.tokens())
    case "create", "drop", "alter": self = ScriptPurpose.object(statement.tokens())
    case "comment", "security": self = ScriptPurpose.note(statement.tokens())
    case "grant", "revoke": self = ScriptPurpose.grant(statement.tokens())
    case "set", "reset": self = ScriptPurpose.set(statement.tokens())
    case "reassign": self = .cluster("REASSIGN OWNED")
    default: self = .contents
    }
  }

  private static func copy(_ tokens: [SQLToken]) -> ScriptPurpose {
    var depth = 0
    for (place, token) in tokens.enumerated() {
      if token.isSymbol("(") { depth += 1 }
      if token.isSymbol(")") { depth -= 1 }
      if depth == 0, token.isKeyword("from"), place + 1 < tokens.count {
        guard tokens[place + 1].isKeyword("stdin") else { return .contents }
        return .rows(isPlain: place + 2 == tokens.count)
      }
    }
    return .contents
  }

  private static func object(_ tokens: [SQLToken]) -> ScriptPurpose {
    let verb = tokens[0].spelling.uppercased()
    guard tokens.count > 1 else { return .contents }
    let kind = tokens[1].spelling.uppercased()
    switch kind {
    case "DATABASE":
      let name = name(after: 2, in: tokens)
      switch verb {
      case "CREATE": return .creation(database: name)
      case "DROP": return .removal(database: name)
      default: return .databaseSetting(database: name)
      }
    case "USER" where tokens.count > 2 && tokens[2].isKeyword("mapping"):
      return .roles(.userMapping)
    case "POLICY" where verb != "DROP": return .roles(.policy)
    case "ROLE", "USER", "GROUP":
      for (place, token) in tokens.enumerated() where verb == "ALTER" && token.isKeyword("in") {
        if place + 2 < tokens.count, tokens[place + 1].isKeyword("database") {
          return .databaseSetting(database: tokens[place + 2].name ?? "")
        }
      }
      return .cluster("\(verb) \(kind)")
    case "TABLESPACE", "SYSTEM": return .cluster("\(verb) \(kind)")
    case "OWNED" where verb == "DROP": return .cluster("DROP OWNED")
    case "DEFAULT" where verb == "ALTER": return .roles(.rights)
    default:
      let end = tokens.suffix(3)
      let isOwner =
        verb == "ALTER" && end.count == 3 && end[end.startIndex].isKeyword("owner")
        && end[end.startIndex + 1].isKeyword("to")
      return isOwner ? .roles(.owner) : .contents
    }
  }

  /// The name at a place, behind `IF EXISTS` where that stands there.
  private static func name(after place: Int, in tokens: [SQLToken]) -> String {
    guard place < tokens.count else { return "" }
    let hasCondition = tokens[place].isKeyword("if") && place + 2 < tokens.count
    return tokens[hasCondition ? place + 2 : place].name ?? ""
  }

  private static func note(_ tokens: [SQLToken]) -> ScriptPurpose {
    for (place, token) in tokens.enumerated() where token.isKeyword("on") {
      guard place + 2 < tokens.count, tokens[place + 1].isKeyword("database") else { break }
      return .databaseSetting(database: tokens[place + 2].name ?? "")
    }
    return .contents
  }

  private static func grant(_ tokens: [SQLToken]) -> ScriptPurpose {
    guard let place = tokens.firstIndex(where: { $0.isKeyword("on") }) else {
      // Without ON it is a role that is granted.
      return .cluster("\(tokens[0].spelling.uppercased()) of a role")
    }
    guard place + 2 < tokens.count else { return .roles(.rights) }
    if tokens[place + 1].isKeyword("database") {
      return .databaseSetting(database: tokens[place + 2].name ?? "")
    }
    if tokens[place + 1].isKeyword("tablespace") || tokens[place + 1].isKeyword("parameter") {
      let kind = tokens[place + 1].spelling.uppercased()
      return .cluster("\(tokens[0].spelling.uppercased()) ON \(kind)")
    }
    return .roles(.rights)
  }

  private static func set(_ tokens: [SQLToken]) -> ScriptPurpose {
    let words = tokens.dropFirst().filter { !$0.isKeyword("session") && !$0.isKeyword("local") }
    guard let first = words.first else { return .contents }
    if first.isKeyword("authorization") || first.isKeyword("role") { return .roles(.authorization) }
    let value = words.dropFirst(2).first
    return .setting(
      name: first.spelling.lowercased(), value: value?.text ?? value.map { "\($0.spelling)" } ?? "")
  }
}
