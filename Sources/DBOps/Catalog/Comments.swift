internal import Archive
internal import Postgres

/// A comment on an object or on one of its columns.
struct ObjectComment: Sendable {
  var address: ObjectAddress
  /// The column's number; 0 for the object itself.
  var part: Int
  var text: String
  /// The object in the words of `COMMENT ON`, with everything quoted; nil where the object is none
  /// that a user can comment on.
  var target: CommentTarget

  /// Comments on what the backup holds; those on members come with their extension.
  static let query = """
    SELECT d.classoid, d.objoid, d.objsubid, d.description, i.type, i.identity,
      a.attname, r.relkind, rn.nspname, r.relname
    FROM pg_description AS d
    LEFT JOIN pg_class AS r ON d.classoid = 'pg_class'::regclass AND r.oid = d.objoid
    LEFT JOIN pg_namespace AS rn ON rn.oid = r.relnamespace
    LEFT JOIN pg_attribute AS a ON d.objsubid <> 0 AND a.attrelid = d.objoid
      AND a.attnum = d.objsubid
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, 0) AS i
    WHERE (d.objoid >= 16384 OR i.type = 'schema' AND i.identity = 'public')
      AND i.type IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_depend AS m WHERE m.classid = d.classoid
        AND m.objid = d.objoid AND m.deptype = 'e')
    ORDER BY d.classoid, d.objoid, d.objsubid
    """

  init(_ row: CatalogRow) throws {
    address = ObjectAddress(
      CatalogClass(rawValue: try row.oid("classoid")), try row.oid("objoid"))
    part = try row.number("objsubid") ?? 0
    text = try row.text("description")
    target = CommentTarget(
      type: try row.text("type"), identity: try row.text("identity"),
      column: row.optional("attname"), relation: row.optional("relname"))
  }

  /// The comment that every new database has on its `public`.
  var isInitial: Bool {
    address.catalog == .namespace && target.identity == "public"
      && text == "standard public schema"
  }
}

/// What a comment is on, from the server's own description of the object.
struct CommentTarget: Sendable {
  /// The kind, as `pg_identify_object` has it: `table`, `table constraint`, ...
  var type: String
  /// The name with everything quoted: `s.t`, `c on s.t`, `s.f(integer)`.
  var identity: String
  var column: String?
  var relation: String?

  /// The object in the words of `COMMENT ON`.
  var sql: String {
    if let column { return "COLUMN \(identity).\(quoteIdentifier(column))" }
    switch type {
    case "table constraint": return "CONSTRAINT \(on(identity, ""))"
    case "domain constraint": return "CONSTRAINT \(on(identity, "DOMAIN "))"
    case "trigger", "rule", "policy": return "\(type.uppercased()) \(on(identity, ""))"
    case "foreign table", "materialized view", "event trigger", "large object":
      return "\(type.uppercased()) \(identity)"
    case "statistics object": return "STATISTICS \(identity)"
    case "composite type": return "TYPE \(identity)"
    default: return "\(type.uppercased()) \(identity)"
    }
  }

  /// `c on s.t` in the words of `COMMENT ON`.
  private func on(_ identity: String, _ kind: String) -> String {
    guard let range = CommentTarget.separator(in: identity) else { return identity }
    return identity[..<range.lowerBound] + " ON \(kind)" + identity[range.upperBound...]
  }

  /// The ` on ` between the two names: the first that stands outside of quotes.
  private static func separator(in identity: String) -> Range<String.Index>? {
    var isQuoted = false
    var index = identity.startIndex
    while index < identity.endIndex {
      if identity[index] == "\"" { isQuoted.toggle() }
      if !isQuoted, identity[index...].hasPrefix(" on ") {
        return index..<identity.index(index, offsetBy: 4)
      }
      index = identity.index(after: index)
    }
    return nil
  }

  /// The entry's tag. It is only for people, and for readers that take an object's comment along.
  func tag(of object: DumpObject) -> String {
    if let column, let relation { return "COLUMN \(relation).\(column)" }
    switch type {
    case "table constraint", "domain constraint": return "CONSTRAINT \(on(identity, ""))"
    case "trigger", "rule", "policy": return "\(type.uppercased()) \(on(identity, ""))"
    case "index": return "INDEX \(relation ?? object.tag)"
    default: return "\(object.kind.commentWord) \(object.tag)"
    }
  }
}

extension ObjectKind {
  /// The kind in the tags of comments and rights.
  var commentWord: String {
    switch self {
    case .largeObject: "LARGE OBJECT"
    default: name
    }
  }
}
