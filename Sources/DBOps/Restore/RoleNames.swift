internal import Archive

/// Finds the roles that an archive needs, so that a missing one is told before anything is made.
enum RoleNames {
  /// The roles that restoring these entries names.
  ///
  /// - Parameter owners: whether objects get the owners that they had.
  static func needed(by entries: [ArchiveEntry], owners: Bool) -> Set<String> {
    var roles: Set<String> = []
    for entry in entries {
      if owners, let owner = OwnerStatement.owner(of: entry) { roles.insert(owner) }
      switch entry.kind {
      case "ACL", "DEFAULT ACL": roles.formUnion(inGrants(entry.definition))
      case "DATABASE PROPERTIES": roles.formUnion(after([["alter", "role"]], in: entry.definition))
      case "POLICY": roles.formUnion(inPolicy(entry.definition))
      case "USER MAPPING": roles.formUnion(after([["for"]], in: entry.definition))
      default: break
      }
    }
    return roles.subtracting(pseudoRoles)
  }

  /// Words in a role's place that name none, or whoever is logged in.
  private static let pseudoRoles: Set<String> = [
    "public", "current_user", "current_role", "session_user", "default",
  ]

  /// `GRANT .. TO a, b`, `REVOKE .. FROM a`, `FOR ROLE a`, `SET SESSION AUTHORIZATION a`.
  private static func inGrants(_ sql: String) -> Set<String> {
    after([["to"], ["from"], ["for", "role"], ["session", "authorization"]], in: sql)
  }

  /// `CREATE POLICY .. TO a, b USING (..)`: the expressions may hold the same words.
  private static func inPolicy(_ sql: String) -> Set<String> {
    let tokens = SQLTokens.tokens(of: sql)
    let end = tokens.firstIndex { $0.isKeyword("using") || $0.isKeyword("with") } ?? tokens.count
    return after([["to"]], in: Array(tokens[..<end]))
  }

  private static func after(_ openings: [[String]], in sql: String) -> Set<String> {
    after(openings, in: SQLTokens.tokens(of: sql))
  }

  /// The names, divided by commas, that follow one of the openings.
  private static func after(_ openings: [[String]], in tokens: [SQLToken]) -> Set<String> {
    var names: Set<String> = []
    for index in tokens.indices {
      for opening in openings where matches(opening, tokens, at: index) {
        var place = index + opening.count
        while place < tokens.count, let name = tokens[place].name {
          names.insert(name)
          guard place + 1 < tokens.count, tokens[place + 1].spelling == "," else { break }
          place += 2
        }
      }
    }
    return names
  }

  private static func matches(_ words: [String], _ tokens: [SQLToken], at index: Int) -> Bool {
    index + words.count <= tokens.count
      && zip(words, tokens[index...]).allSatisfy { $1.isKeyword($0) }
  }
}
