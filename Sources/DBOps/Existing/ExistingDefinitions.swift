internal import Archive
internal import Postgres

/// Tells which objects of a backup a database has already just as they are: those can be left alone.
struct ExistingDefinitions {
  let contents: BackupContents
  let server: DatabaseServer

  /// What was found out about objects of one name on both sides.
  struct Findings {
    /// The entries whose objects are the same.
    var same: Set<Int> = []
    /// How the objects of the others differ, line by line; none where that cannot be told.
    var differences: [Int: [String]] = [:]
  }

  /// Kinds that are nothing but their definition. Tables have rows, and sequences a place.
  private static let kinds: Set<String> = [
    "TYPE", "DOMAIN", "SHELL TYPE", "FUNCTION", "PROCEDURE", "AGGREGATE", "COLLATION", "VIEW",
    "PROCEDURAL LANGUAGE",
  ]

  /// Whether an object of the kind may be found to be the same.
  static func canCompare(_ entry: ArchiveEntry) -> Bool { kinds.contains(entry.kind) }

  /// Compares objects that are there. Of another program's archive nothing can be told, as each words
  /// definitions in its own way.
  func compare(_ entries: [ArchiveEntry]) async throws -> Findings {
    var findings = Findings()
    let entries = entries.filter(ExistingDefinitions.canCompare)
    if entries.isEmpty || contents.isForeign { return findings }
    let keys = Dictionary(
      entries.map { (Definitions.Key($0), $0.dumpID) }, uniquingKeysWith: { first, _ in first })
    let wanted = Definitions(contents.toc.entries).restricted(to: keys.keys)
    let there = try await server.withConnection { try await Definitions.read($0) }
      .restricted(to: keys.keys)
    findings.same = Set(keys.values)
    for difference in DefinitionComparison().differences(expected: wanted, actual: there)
    where !difference.isRewording {
      guard let number = keys[difference.object] else { continue }
      findings.same.remove(number)
      findings.differences[number] = difference.lines
    }
    return findings
  }
}
