internal import Archive

/// What the entries of an archive have to do with each other: which belongs to which table, which
/// needs which.
struct EntryRelations {
  let entries: [ArchiveEntry]
  /// The entries by their numbers.
  let byID: [Int: ArchiveEntry]
  /// The entry of each entry that is a part of it: a table's index, a comment's object.
  private(set) var wholes: [Int: Int] = [:]
  /// For each partitioned table its partitions.
  private(set) var partitions: [Int: [Int]] = [:]
  /// For each table the sequences that go with its columns.
  private(set) var sequences: [Int: [Int]] = [:]
  private let relations: [String: Int]

  init(_ entries: [ArchiveEntry]) {
    self.entries = entries
    byID = Dictionary(entries.map { ($0.dumpID, $0) }, uniquingKeysWith: { first, _ in first })
    relations = Dictionary(
      entries.filter(\.isRelation).map { ($0.qualifiedName, $0.dumpID) },
      uniquingKeysWith: { first, _ in first })
    for entry in entries { link(entry) }
  }

  private mutating func link(_ entry: ArchiveEntry) {
    if let whole = whole(of: entry), whole != entry.dumpID { wholes[entry.dumpID] = whole }
    let needed = entry.dependencies.filter { byID[$0] != nil }
    switch entry.kind {
    case "TABLE ATTACH":
      let partition = relations[entry.qualifiedName]
      for parent in needed where parent != partition && byID[parent]?.kind == "TABLE" {
        if let partition { partitions[parent, default: []].append(partition) }
      }
    case "SEQUENCE OWNED BY":
      guard let sequence = relations[entry.qualifiedName] else { return }
      for table in needed where table != sequence && byID[table]?.isRelation == true {
        sequences[table, default: []].append(sequence)
      }
    case "SEQUENCE" where entry.definition.hasPrefix("ALTER TABLE"):
      // That of an identity column.
      for table in needed where byID[table]?.isRelation == true {
        sequences[table, default: []].append(entry.dumpID)
      }
    default: break
    }
  }

  private func whole(of entry: ArchiveEntry) -> Int? {
    let needed = entry.dependencies.filter { byID[$0] != nil }
    switch entry.kind {
    case "TABLE DATA", "SEQUENCE SET", "MATERIALIZED VIEW DATA", "ROW SECURITY",
      "SEQUENCE OWNED BY", "TABLE ATTACH":
      return relations[entry.qualifiedName] ?? needed.first
    case "DEFAULT", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "RULE", "POLICY":
      // The tag is the table's name, a space and its own.
      let owners = needed.compactMap { byID[$0] }.filter { other in
        other.namespace == entry.namespace && entry.tag.hasPrefix(other.tag + " ")
          && (other.isRelation || other.kind == "DOMAIN")
      }
      return owners.max { $0.tag.utf8.count < $1.tag.utf8.count }?.dumpID
    case "INDEX", "STATISTICS":
      return needed.first { byID[$0]?.isRelation == true && byID[$0]?.kind != "SEQUENCE" }
    case "INDEX ATTACH", "COMMENT", "ACL", "SECURITY LABEL", "PUBLICATION TABLE":
      return needed.first
    default: return nil
    }
  }

  /// The relation that an entry belongs to in the end, be it itself; nil where it belongs to none.
  func relation(of id: Int) -> Int? {
    var place = id
    // Comments on constraints on tables: three steps; the bound is for archives that are damaged.
    for _ in 0..<8 {
      if byID[place]?.isRelation == true { return place }
      guard let next = wholes[place] else { return nil }
      place = next
    }
    return nil
  }
}

extension ArchiveEntry {
  /// Whether `--table` can name it.
  var isRelation: Bool {
    switch kind {
    case "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE": true
    default: false
    }
  }

  /// Whether it is about the session or the database rather than an object in it.
  var isPreamble: Bool {
    switch kind {
    case "ENCODING", "STDSTRINGS", "SEARCHPATH": true
    default: DatabaseStatements.concerns(self)
    }
  }

  /// The object in words: `view public.v`.
  var phrase: String { "\(kind.lowercased()) \(namespace.map { $0 + "." } ?? "")\(tag)" }
}
