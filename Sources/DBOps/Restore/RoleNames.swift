internal import Archive
internal import Postgres

/// Finds the roles that statements name, so that a missing one is told before anything is made, and
/// another can stand in its place.
enum RoleNames {
  /// Where a statement names roles.
  enum Form: Hashable {
    /// `ALTER .. OWNER TO a`.
    case owner
    /// `SET SESSION AUTHORIZATION 'a'`, `SET ROLE a`.
    case authorization
    /// `GRANT .. TO a, b`, `REVOKE .. FROM a`, `FOR ROLE a`.
    case rights
    /// `CREATE POLICY .. TO a, b USING (..)`.
    case policy
    /// `CREATE USER MAPPING FOR a`.
    case userMapping
    /// `ALTER ROLE a IN DATABASE`.
    case setting

    /// The words after which names stand.
    fileprivate var openings: [[String]] {
      switch self {
      case .owner: [["owner", "to"]]
      case .authorization: [["session", "authorization"], ["set", "role"]]
      case .rights: [["to"], ["from"], ["for", "role"], ["session", "authorization"]]
      case .policy: [["to"]]
      case .userMapping: [["for"]]
      case .setting: [["alter", "role"]]
      }
    }

    /// How the definition of an archive's entry names roles; nil where it names none.
    init?(_ kind: String) {
      switch kind {
      case "ACL", "DEFAULT ACL": self = .rights
      case "DATABASE PROPERTIES": self = .setting
      case "POLICY": self = .policy
      case "USER MAPPING": self = .userMapping
      default: return nil
      }
    }
  }

  /// The roles that restoring these entries names.
  ///
  /// - Parameter owners: whether objects get the owners that they had.
  static func needed(by entries: [ArchiveEntry], owners: Bool) -> Set<String> {
    var roles: Set<String> = []
    for entry in entries {
      if owners, let owner = OwnerStatement.owner(of: entry) { roles.insert(owner) }
      if let form = Form(entry.kind) { roles.formUnion(names(in: entry.definition, form)) }
    }
    return roles
  }

  /// The roles that a text of one form names.
  static func names(in sql: String, _ form: Form) -> Set<String> {
    Set(places(in: SQLTokens.tokens(of: sql), form).compactMap { name($0, form) })
  }

  /// The text with other roles in the place of those that have a successor.
  static func renamed(_ sql: String, _ form: Form, by successors: [String: String]) -> String {
    var result = ""
    var copied = sql.startIndex
    for token in places(in: SQLTokens.tokens(of: sql), form) {
      guard let old = name(token, form), let new = successors[old] else { continue }
      result += sql[copied..<token.range.lowerBound]
      result += token.kind == .text ? quoteLiteral(new) : quoteIdentifier(new)
      copied = token.range.upperBound
    }
    return result + sql[copied...]
  }

  /// Words in a role's place that name none, or whoever is logged in.
  private static let pseudoRoles: Set<String> = [
    "public", "current_user", "current_role", "session_user", "default", "none",
  ]

  /// The role that a token names; nil for one of the words that name none.
  private static func name(_ token: SQLToken, _ form: Form) -> String? {
    if token.kind == .text { return form == .authorization || form == .rights ? token.text : nil }
    guard let name = token.name else { return nil }
    return token.kind == .word && pseudoRoles.contains(name) ? nil : name
  }

  /// The tokens in a role's place: those, divided by commas, that follow one of the openings.
  private static func places(in tokens: [SQLToken], _ form: Form) -> [SQLToken] {
    var tokens = tokens[...]
    if form == .policy {
      // The expressions may hold the same words.
      tokens = tokens.prefix { !$0.isKeyword("using") && !$0.isKeyword("with") }
    }
    var found: [SQLToken] = []
    for index in tokens.indices {
      for opening in form.openings where matches(opening, tokens, at: index) {
        var place = index + opening.count
        while place < tokens.endIndex, name(tokens[place], form) != nil || tokens[place].name != nil
        {
          found.append(tokens[place])
          guard place + 1 < tokens.endIndex, tokens[place + 1].isSymbol(",") else { break }
          place += 2
        }
      }
    }
    return found
  }

  private static func matches(
    _ words: [String], _ tokens: ArraySlice<SQLToken>, at index: Int
  ) -> Bool {
    index + words.count <= tokens.endIndex
      && zip(words, tokens[index...]).allSatisfy { $1.isKeyword($0) }
  }
}
