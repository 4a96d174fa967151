internal import Archive
internal import Postgres

/// A comment or a security label on an object or on one of its columns.
struct Annotation: Sendable {
  enum Form: Hashable, Sendable {
    case comment
    case label(provider: String)
  }

  var form: Form
  var address: ObjectAddress
  var text: String
  var target: AnnotationTarget

  /// Comments and labels on what the backup holds and on the database.
  ///
  /// Comments on members come with their extension; its labels may be a user's.
  static let query = """
    SELECT d.provider, d.classoid, d.objoid, d.text, i.identity, a.attname, r.relname,
      CASE WHEN t.typtype = 'd' THEN 'domain' ELSE i.type END AS type
    FROM (
      SELECT NULL AS provider, classoid, objoid, objsubid, description AS text FROM pg_description
      UNION ALL
      SELECT provider, classoid, objoid, objsubid, label FROM pg_seclabel
      UNION ALL
      SELECT NULL, classoid, objoid, 0, description FROM pg_shdescription
      UNION ALL
      SELECT provider, classoid, objoid, 0, label FROM pg_shseclabel) AS d
    LEFT JOIN pg_class AS r ON d.classoid = 'pg_class'::regclass AND r.oid = d.objoid
    LEFT JOIN pg_type AS t ON d.classoid = 'pg_type'::regclass AND t.oid = d.objoid
    LEFT JOIN pg_attribute AS a ON d.objsubid <> 0 AND a.attrelid = d.objoid
      AND a.attnum = d.objsubid
    CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, 0) AS i
    WHERE CASE WHEN d.classoid = 'pg_database'::regclass
        THEN d.objoid = (SELECT oid FROM pg_database WHERE datname = current_database())
        ELSE d.objoid >= 16384 OR d.classoid = 'pg_largeobject'::regclass
          OR d.classoid = 'pg_namespace'::regclass AND d.objoid = 2200 END
      AND d.classoid NOT IN ('pg_authid'::regclass, 'pg_tablespace'::regclass)
      AND i.type IS NOT NULL
      AND (d.provider IS NOT NULL OR NOT EXISTS (SELECT FROM pg_depend AS m
        WHERE m.classid = d.classoid AND m.objid = d.objoid AND m.deptype = 'e'))
    ORDER BY d.classoid, d.objoid, d.objsubid, d.provider NULLS FIRST
    """
}

extension Annotation {
  init(_ row: CatalogRow) throws {
    form = row.optional("provider").map { .label(provider: $0) } ?? .comment
    address = ObjectAddress(
      CatalogClass(rawValue: try row.oid("classoid")), try row.oid("objoid"))
    text = try row.text("text")
    target = AnnotationTarget(
      type: try row.text("type"), identity: try row.text("identity"),
      column: row.optional("attname"), relation: row.optional("relname"))
  }

  /// The comment that every new database has on its `public`.
  var isInitial: Bool {
    form == .comment && address.catalog == .namespace && target.identity == "public"
      && text == "standard public schema"
  }

  /// What the entry is called.
  var kind: String { form == .comment ? "COMMENT" : "SECURITY LABEL" }

  /// The statement that makes it.
  var definition: String {
    switch form {
    case .comment: "COMMENT ON \(target.sql) IS \(quoteLiteral(text));\n"
    case .label(let provider):
      """
      SECURITY LABEL FOR \(quoteIdentifier(provider)) ON \(target.sql) IS \(quoteLiteral(text));

      """
    }
  }
}

/// What a comment or label is on, from the server's own description of the object.
struct AnnotationTarget: Sendable {
  /// The kind, as `pg_identify_object` has it: `table`, `table constraint`, ...
  var type: String
  /// The name with everything quoted: `s.t`, `c on s.t`, `s.f(integer)`.
  var identity: String
  var column: String?
  var relation: String?

  /// The object in the words of `COMMENT ON` and `SECURITY LABEL ON`.
  var sql: String {
    if let column { return "COLUMN \(identity).\(quoteIdentifier(column))" }
    switch type {
    case "table constraint": return "CONSTRAINT \(on(identity, ""))"
    case "domain constraint": return "CONSTRAINT \(on(identity, "DOMAIN "))"
    case "trigger", "rule", "policy": return "\(type.uppercased()) \(on(identity, ""))"
    case "foreign-data wrapper": return "FOREIGN DATA WRAPPER \(identity)"
    case "statistics object": return "STATISTICS \(identity)"
    case "transform": return "TRANSFORM \(transform)"
    case "composite type": return "TYPE \(identity)"
    // The server leaves out the star of one that takes no arguments.
    case "aggregate" where identity.hasSuffix("()"):
      return "AGGREGATE \(identity.dropLast())*)"
    default: return "\(type.uppercased()) \(identity)"
    }
  }

  /// `c on s.t` in the words of `COMMENT ON`.
  private func on(_ identity: String, _ kind: String) -> String {
    guard let range = AnnotationTarget.separator(in: identity) else { return identity }
    return identity[..<range.lowerBound] + " ON \(kind)" + identity[range.upperBound...]
  }

  /// `for s.t language l`, in whichever words the server has it.
  private var transform: String {
    guard let range = AnnotationTarget.separator(in: identity) else { return identity }
    return "\(identity[..<range.lowerBound]) \(identity[range.upperBound...])"
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
  ///
  /// - Parameter object: the object that has an entry of its own, where there is one.
  func tag(of object: DumpObject?) -> String {
    if let column, let relation { return "COLUMN \(relation).\(column)" }
    switch type {
    case "table constraint", "domain constraint": return "CONSTRAINT \(on(identity, ""))"
    case "trigger", "rule", "policy": return "\(type.uppercased()) \(on(identity, ""))"
    case "index": return "INDEX \(relation ?? identity)"
    default:
      guard let object else { return sql }
      let word = object.kind.annotationWord
      // The tags of casts and transforms begin with the word.
      return object.tag.hasPrefix(word + " ") ? object.tag : "\(word) \(object.tag)"
    }
  }
}

extension ObjectKind {
  /// The kind in the tags of comments and labels.
  var annotationWord: String {
    switch self {
    case .language: "LANGUAGE"
    case .largeObject: "LARGE OBJECT"
    default: name
    }
  }
}
