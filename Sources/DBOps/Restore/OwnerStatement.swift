internal import Archive
internal import Postgres

/// The statement that gives an object its owner, which an archive leaves to its reader.
enum OwnerStatement {
  /// The role that owns an entry's object; nil for kinds without an owner of their own.
  static func owner(of entry: ArchiveEntry) -> String? {
    guard !entry.owner.isEmpty, !entry.dropStatement.isEmpty, object(entry) != nil else {
      return nil
    }
    return entry.owner
  }

  /// `ALTER ... OWNER TO role;`, or nil for kinds without an owner of their own.
  static func text(for entry: ArchiveEntry, role: String) -> String? {
    guard owner(of: entry) != nil, let object = object(entry) else { return nil }
    if entry.kind == "BLOB METADATA" {
      return entry.largeObjects.map {
        "ALTER LARGE OBJECT \($0) OWNER TO \(quoteIdentifier(role));"
      }.joined(separator: "\n")
    }
    return "ALTER \(object) OWNER TO \(quoteIdentifier(role));"
  }

  private static func object(_ entry: ArchiveEntry) -> String? {
    switch entry.kind {
    case "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SEQUENCE", "TYPE", "DOMAIN",
      "COLLATION", "CONVERSION", "STATISTICS", "TEXT SEARCH DICTIONARY",
      "TEXT SEARCH CONFIGURATION", "SCHEMA", "SERVER", "FOREIGN DATA WRAPPER", "PUBLICATION",
      "SUBSCRIPTION", "EVENT TRIGGER":
      return "\(entry.kind) \(entry.qualifiedName)"
    case "BLOB": return "LARGE OBJECT \(entry.tag)"
    case "BLOB METADATA": return "LARGE OBJECTS \(entry.tag)"
    case "PROCEDURAL LANGUAGE":
      return "LANGUAGE \(entry.qualifiedName)"
    case "AGGREGATE", "FUNCTION", "PROCEDURE", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY":
      // The argument types stand nowhere else.
      return signature(entry.dropStatement)
    default:
      return nil
    }
  }

  /// `FUNCTION s.f(integer)` of `DROP FUNCTION s.f(integer);`.
  private static func signature(_ drop: String) -> String? {
    guard drop.hasPrefix("DROP ") else { return nil }
    var text = drop.dropFirst(5)
    while let last = text.last, last == "\n" || last == ";" { text.removeLast() }
    return String(text)
  }
}
