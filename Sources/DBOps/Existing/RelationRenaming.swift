internal import Archive
internal import Postgres

/// Other names for tables of an archive and for what stands beside them in the same name space:
/// partitions, sequences of their columns, indexes and index-backed constraints, statistics.
///
/// Definitions have every such name in one of few places. A name inside a text, as in a function's
/// body, cannot be told from any other word: what has one is refused.
struct RelationRenaming: Sendable {
  /// The entries that get another name.
  private(set) var renamed: Set<Int> = []
  /// The new names by schema and old name.
  private var names: [QualifiedName: String] = [:]
  /// The names of indexes among those, which stand in definitions without their schema.
  private var indexNames: [String: String] = [:]

  /// Whether nothing is renamed.
  var isEmpty: Bool { renamed.isEmpty }

  /// - Throws: `DBError` for a table that is not there, or a name that gets too long.
  init(_ tables: [RenamedTable], in entries: [ArchiveEntry]) throws {
    let relations = EntryRelations(entries)
    for table in tables {
      let found = entries.filter { $0.isRelation && table.names($0.namespace ?? "", $0.tag) }
      guard let entry = found.first, found.count == 1 else {
        throw DBError(
          .invalidRequest,
          found.isEmpty
            ? "there is no table \(table.old) to rename"
            : "\(table.old) is a table in \(found.count) schemas", hint: "name it as SCHEMA.TABLE")
      }
      try rename(entry, to: table.new)
      try renameParts(of: entry, from: entry.tag, to: table.new, relations)
    }
  }

  private mutating func renameParts(
    of entry: ArchiveEntry, from old: String, to new: String, _ relations: EntryRelations
  ) throws {
    let parts =
      (relations.partitions[entry.dumpID] ?? []) + (relations.sequences[entry.dumpID] ?? [])
    for part in parts.compactMap({ relations.byID[$0] }) where !renamed.contains(part.dumpID) {
      try rename(part, to: derived(part.tag, old, new))
      try renameParts(of: part, from: old, to: new, relations)
    }
    for part in relations.entries where relations.wholes[part.dumpID] == entry.dumpID {
      switch part.kind {
      case "INDEX", "STATISTICS": try rename(part, to: derived(part.tag, old, new))
      case "CONSTRAINT":
        let name = String(part.tag.dropFirst(entry.tag.count + 1))
        try add(part, name, derived(name, old, new))
        indexNames[name] = derived(name, old, new)
      default: break
      }
      if part.kind == "INDEX" { indexNames[part.tag] = derived(part.tag, old, new) }
    }
  }

  /// `orders_pkey` becomes `copy_pkey` where `orders` becomes `copy`.
  private func derived(_ name: String, _ old: String, _ new: String) -> String {
    name.hasPrefix(old) ? new + name.dropFirst(old.count) : "\(new)_\(name)"
  }

  private mutating func rename(_ entry: ArchiveEntry, to new: String) throws {
    try add(entry, entry.tag, new)
  }

  private mutating func add(_ entry: ArchiveEntry, _ old: String, _ new: String) throws {
    guard new.utf8.count <= 63 else {
      throw DBError(
        .invalidRequest, "the name \"\(new)\", which \(entry.phrase) would get, is too long",
        hint: "choose a shorter name")
    }
    renamed.insert(entry.dumpID)
    names[QualifiedName(entry.namespace ?? "", old)] = new
  }

  // MARK: Entries

  /// An entry with the new names in it; throws `DBError` where an old one stands in a text.
  func applied(to entry: ArchiveEntry) throws -> ArchiveEntry {
    if isEmpty { return entry }
    var result = entry
    result.definition = try text(entry.definition, of: entry)
    result.dropStatement = try text(entry.dropStatement, of: entry)
    result.copyStatement = try entry.copyStatement.map { try text($0, of: entry) }
    if let new = names[QualifiedName(entry.namespace ?? "", entry.tag)] { result.tag = new }
    return result
  }

  private func text(_ sql: String, of entry: ArchiveEntry) throws -> String {
    let tokens = SQLTokens.tokens(of: sql)
    var result = ""
    var copied = sql.startIndex
    func replace(_ token: SQLToken, by text: String) {
      result += sql[copied..<token.range.lowerBound] + text
      copied = token.range.upperBound
    }
    for (place, token) in tokens.enumerated() {
      if let constant = token.text {
        if let new = qualified(constant) {
          replace(token, by: quoteLiteral(new))
        } else if names.keys.contains(where: { mentions(constant, $0.name) }) {
          throw refusal(entry)
        }
      } else if place >= 2, tokens[place - 1].isSymbol("."), let schema = tokens[place - 2].name,
        let name = token.name, let new = names[QualifiedName(schema, name)],
        place < 3 || !tokens[place - 3].isSymbol(".")
      {
        replace(token, by: quoteIdentifier(new))
      } else if let name = token.name, let new = indexNames[name], place > 0,
        isPlaceOfIndex(tokens, place)
      {
        replace(token, by: quoteIdentifier(new))
      }
    }
    return result + sql[copied...]
  }

  /// `nextval('public.orders_id_seq'::regclass)`: the constant is a name and nothing else.
  private func qualified(_ constant: String) -> String? {
    for (name, new) in names where name.sql == constant { return quoteIdentifier(name.schema, new) }
    return nil
  }

  private func isPlaceOfIndex(_ tokens: [SQLToken], _ place: Int) -> Bool {
    let before = tokens[place - 1]
    let isFollowed = place + 1 < tokens.count && tokens[place + 1].isSymbol(".")
    if isFollowed || before.isSymbol(".") { return false }
    return before.isKeyword("index") || before.isKeyword("constraint")
      || (before.isKeyword("on") && place > 1 && tokens[place - 2].isKeyword("cluster"))
  }

  /// Whether a word of a text is the name.
  private func mentions(_ text: String, _ name: String) -> Bool {
    SQLTokens.tokens(of: text).contains { $0.name == name.lowercased() || $0.name == name }
  }

  private func refusal(_ entry: ArchiveEntry) -> DBError {
    DBError(
      .unsupported,
      "\(entry.phrase) names a table that gets another name in a text, where it cannot follow",
      hint: "restore into a new database, or under the same name into another schema's database")
  }
}

/// A table and the name that it gets.
public struct RenamedTable: Hashable, Sendable {
  /// The table as the operator names it: `orders` or `public.orders`, quoted as in SQL.
  public var old: String
  /// The new name, in the same schema.
  public var new: String
  private let pattern: ObjectPattern

  /// Names a table; throws where the name cannot be read.
  public init(_ old: String, to new: String) throws {
    self.old = old
    self.new = new
    pattern = try ObjectPattern(old, of: .relation)
  }

  func names(_ schema: String, _ name: String) -> Bool { pattern.matches(schema, name) }
}
