internal import Archive

/// The passes of a restore: what is done one after the other and what side by side.
struct RestorePlan: Sendable {
  /// What the session is told first: encoding, quoting, search path.
  private(set) var sessionSettings: [String] = []
  /// Objects that must be there before data, in order.
  private(set) var preData: [ArchiveEntry] = []
  /// Data, and what comes after it: as its dependencies allow.
  private(set) var parallel: [ArchiveEntry] = []
  /// Rights.
  private(set) var rights: [ArchiveEntry] = []
  /// What must not act during the restore, or needs all rights: event triggers, refreshes.
  private(set) var last: [ArchiveEntry] = []
  /// The database itself.
  let database: DatabaseStatements

  /// Sorts the entries; throws `DBError` for kinds that are not restored.
  init(_ toc: TableOfContents) throws {
    let entries = toc.entries
    database = DatabaseStatements(
      entries, encoding: entries.lazy.compactMap(\.encodingName).first)
    try RestorePlan.refuseUnsupported(entries)
    var early: Set<Int> = []
    var late: Set<Int> = []
    var seenData = false
    let present = Set(entries.map(\.dumpID))
    for entry in entries where !DatabaseStatements.concerns(entry) {
      seenData = seenData || entry.section == .data || entry.section == .postData
      switch entry.kind {
      case "ENCODING", "STDSTRINGS", "SEARCHPATH":
        sessionSettings.append(entry.definition)
      case "ACL" where entry.tag.hasPrefix("LARGE OBJECTS "):
        rights.append(
          entry.rights(onAll: entries.first { entry.dependencies.contains($0.dumpID) }))
      case "ACL", "ACL LANGUAGE", "DEFAULT ACL":
        rights.append(entry)
      case _ where RestorePlan.belongsLast(entry):
        last.append(entry)
      case _ where RestorePlan.isEarly(entry, early, late, present, seenData: seenData):
        early.insert(entry.dumpID)
        preData.append(entry)
      default:
        late.insert(entry.dumpID)
        parallel.append(entry)
      }
    }
  }

  private static func belongsLast(_ entry: ArchiveEntry) -> Bool {
    switch entry.kind {
    case "EVENT TRIGGER", "MATERIALIZED VIEW DATA": true
    case "COMMENT", "SECURITY LABEL": entry.tag.hasPrefix("EVENT TRIGGER ")
    default: false
    }
  }

  /// A comment or label goes with its object: early when everything it depends on is. Of what the
  /// archive counts as early, pg_dump lets some depend on functions that have to wait for a key.
  private static func isEarly(
    _ entry: ArchiveEntry, _ early: Set<Int>, _ late: Set<Int>, _ present: Set<Int>, seenData: Bool
  ) -> Bool {
    guard entry.section == .none else {
      return entry.section == .preData && late.isDisjoint(with: entry.dependencies)
    }
    let needed = entry.dependencies.filter { present.contains($0) }
    return needed.isEmpty ? !seenData : needed.allSatisfy { early.contains($0) }
  }

  private static func refuseUnsupported(_ entries: [ArchiveEntry]) throws {
    let problems = entries.compactMap { entry -> String? in
      if entry.kind == "BLOB COMMENTS" {
        return "comments on large objects in a form of before 9.0"
      }
      if entry.kind == "TABLE DATA", entry.hasData, (entry.copyStatement ?? "").isEmpty {
        return "data of \(entry.qualifiedName) as INSERT statements"
      }
      return nil
    }
    guard let first = problems.first else { return }
    throw DBError(
      .unsupported, "the archive holds what is not restored: \(first)",
      hint: "restore it with pg_restore", details: Array(problems.dropFirst().prefix(20)))
  }
}
