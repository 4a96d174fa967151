internal import Archive
internal import Postgres

/// What becomes of the roles that a backup or a script names: they stay, give way to others, or
/// everything belongs to one.
struct RoleTreatment: Sendable {
  let ownership: Restore.Ownership
  /// Whether rights are restored at all.
  let keepsRights: Bool
  /// Roles that the server lacks and that are named by rights which may be left out.
  var absent: Set<String> = []
  /// Whether the role that everything belongs to is no superuser.
  var isLimited = false

  /// Kinds that only superusers may own.
  private static let kindsOfSuperusers = ["EVENT TRIGGER", "FOREIGN DATA WRAPPER", "SUBSCRIPTION"]

  init(_ ownership: Restore.Ownership, keepsRights: Bool = true) {
    self.ownership = ownership
    self.keepsRights = keepsRights
  }

  /// Whether everything belongs to one role.
  private var isUniform: Bool { if case .all = ownership { true } else { false } }

  private var successors: [String: String] {
    if case .mapped(let successors) = ownership { successors } else { [:] }
  }

  /// The role that owns what a role owned; nil for whoever is connected.
  func owner(_ role: String) -> String? {
    switch ownership {
    case .keep: role
    case .mapped(let successors): successors[role] ?? role
    case .all(let role): role
    }
  }

  /// A text that names roles in one form, as it is run; nil where it is not run at all.
  func text(_ sql: String, _ form: RoleNames.Form) -> String? {
    switch form {
    case .owner:
      if leavesOwner(in: sql) { return nil }
      guard case .all(let role) = ownership else { break }
      guard let role else { return nil }
      let names = RoleNames.names(in: sql, .owner).map { ($0, role) }
      return RoleNames.renamed(
        sql, .owner, by: Dictionary(names, uniquingKeysWith: { first, _ in first }))
    case .authorization: if isUniform { return nil }
    case .rights:
      if !keepsRights { return nil }
      if isUniform { return withoutAbsent(sql) }
    case .setting: if !leftOut(in: sql, form).isEmpty { return nil }
    case .policy, .userMapping: break
    }
    return successors.isEmpty ? sql : RoleNames.renamed(sql, form, by: successors)
  }

  /// The roles for whose lack a text is left out.
  func leftOut(in sql: String, _ form: RoleNames.Form) -> Set<String> {
    guard isUniform, keepsRights, form == .rights || form == .setting else { return [] }
    return absent.intersection(RoleNames.names(in: sql, form))
  }

  /// Rights without those of absent roles, all given by the owner.
  private func withoutAbsent(_ sql: String) -> String? {
    let statements =
      SQLScript(sql).statements.map(\.sql)
      + [SQLScript(sql).rest?.sql]
      .compactMap { $0 }
    let kept = statements.filter { statement in
      let names = RoleNames.names(in: statement, .rights)
      let changesAuthor =
        SQLTokens.tokens(of: statement).contains { $0.isKeyword("authorization") }
      return absent.isDisjoint(with: names) && !changesAuthor
    }
    return kept.isEmpty ? nil : kept.map { $0 + ";\n" }.joined()
  }

  /// The roles that a text names once it has been treated: those that must be there, and those for
  /// whose lack something is left out.
  func roles(of sql: String, _ form: RoleNames.Form) -> (needed: Set<String>, wanted: Set<String>) {
    guard let text = text(sql, form) else { return ([], []) }
    let names = RoleNames.names(in: text, form)
    return isUniform && (form == .rights || form == .setting) ? ([], names) : (names, [])
  }

  /// Whether `ALTER .. OWNER TO` is about what the one role may not own: it stays with whoever is
  /// connected.
  func leavesOwner(in sql: String) -> Bool {
    guard isLimited else { return false }
    let words = SQLTokens.tokens(of: sql).prefix(4).dropFirst().map { $0.spelling.uppercased() }
    return Self.kindsOfSuperusers.contains { kind in
      words.starts(with: kind.split(separator: " ").map(String.init))
    }
  }

  /// Whether an entry's object is such.
  func leavesOwner(of entry: ArchiveEntry) -> Bool {
    isLimited && Self.kindsOfSuperusers.contains(entry.kind)
  }

  // MARK: Entries

  /// An entry as it is restored; nil where nothing is left of it.
  func entry(_ entry: ArchiveEntry) -> ArchiveEntry? {
    var result = entry
    if let form = RoleNames.Form(entry.kind) {
      guard let text = text(entry.definition, form) else { return nil }
      result.definition = text
    }
    if !entry.owner.isEmpty {
      result.owner = leavesOwner(of: entry) ? "" : owner(entry.owner) ?? ""
    }
    return result
  }

  /// The roles of all entries, likewise.
  func roles(of entries: [ArchiveEntry]) -> (needed: Set<String>, wanted: Set<String>) {
    var (needed, wanted): (Set<String>, Set<String>) = ([], [])
    for entry in entries {
      if let owner = OwnerStatement.owner(of: entry).flatMap({ owner($0) }) { needed.insert(owner) }
      guard let form = RoleNames.Form(entry.kind) else { continue }
      let roles = roles(of: entry.definition, form)
      needed.formUnion(roles.needed)
      wanted.formUnion(roles.wanted)
    }
    return (needed, wanted)
  }
}
