internal import Archive
public import Postgres
internal import Text

/// How every object of a database is defined, as a comparison looks at it: no rows, no places of
/// sequences, no numbers.
public struct Definitions: Hashable, Sendable {
  /// What an object is and what it is called.
  public struct Key: Hashable, Comparable, Sendable {
    /// The kind, in the words of pg_dump's archives: `TABLE`, `FK CONSTRAINT`, `COMMENT`.
    public var kind: String
    /// The schema; nil for what is in none.
    public var schema: String?
    /// The name in the form that the kind has: a constraint's has its table before it, a function's
    /// its arguments behind it.
    public var name: String

    /// Names an object.
    public init(kind: String, schema: String?, name: String) {
      self.kind = kind
      self.schema = schema
      self.name = name
    }

    /// `public.orders orders_pkey`.
    public var identity: String { (schema.map { "\($0)." } ?? "") + name }

    /// By schema and name, so that what belongs together stands together.
    public static func < (a: Key, b: Key) -> Bool {
      (a.schema ?? "", a.name, a.kind) < (b.schema ?? "", b.name, b.kind)
    }
  }

  /// One object.
  public struct Object: Hashable, Sendable {
    /// SQL that makes it; nil for a kind of which only the presence is known.
    public var definition: String?
    /// The role that owns it; empty where the kind has no owner.
    public var owner: String
    /// The object that it belongs to, as an index to its table.
    public var parent: Key?
  }

  /// Every object.
  public var objects: [Key: Object]

  /// What a backup's table of contents says.
  ///
  /// Tables whose kind the archive cannot hold are not in it.
  init(_ entries: [ArchiveEntry]) {
    objects = [:]
    var keys: [Int: Key] = [:]
    for entry in entries
    where !Definitions.isNoDefinition(entry.kind) && !DatabaseStatements.concerns(entry) {
      var key = Key(entry)
      // Rights on a table and on its columns may share a name.
      while objects[key] != nil { key.name += " " }
      keys[entry.dumpID] = key
      let belongs = Definitions.parts.contains(entry.kind)
      objects[key] = Object(
        definition: entry.definition, owner: entry.owner,
        parent: belongs ? entry.dependencies.first.flatMap { keys[$0] } : nil)
    }
  }

  /// No others than those of these names.
  func restricted(to keys: some Collection<Key>) -> Definitions {
    let keys = Set(keys)
    var restricted = self
    restricted.objects = objects.filter { keys.contains($0.key) }
    return restricted
  }

  /// Those of selected schemas and tables, with all that belongs to them.
  func selecting(_ selection: Selection) -> Definitions {
    if selection.isEverything { return self }
    var selected = self
    selected.objects = objects.filter { key, _ in
      let root = root(of: key)
      if Definitions.relations.contains(root.kind) {
        return selection.wants(root.schema ?? "", root.name)
      }
      // Who names tables wants nothing else; who names schemas wants what is in those.
      guard selection.tables.isEmpty else { return false }
      return root.schema.map { selection.wants(schema: $0) } ?? selection.schemas.isEmpty
    }
    return selected
  }

  /// What an object belongs to in the end: a comment on an index to the table.
  private func root(of key: Key) -> Key {
    var root = key
    for _ in 0..<4 { root = objects[root]?.parent ?? root }
    return root
  }

  private static let relations: Set<String> = [
    "TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FOREIGN TABLE",
  ]

  /// Without texts, and without the kinds of which each program words even the names in its own way:
  /// all that one program's archive tells of another's.
  var names: Definitions {
    var names = self
    names.objects = objects.filter { key, _ in
      !["COMMENT", "SECURITY LABEL", "ACL", "DEFAULT ACL", "DEFAULT"].contains(key.kind)
    }
    for key in names.objects.keys {
      names.objects[key]?.definition = nil
      // Whom a part belongs to is its table's matter, which not everybody repeats.
      if Definitions.parts.contains(key.kind) { names.objects[key]?.owner = "" }
    }
    return names
  }

  /// Kinds that hang on the object that their entry depends on first.
  private static let parts: Set<String> = [
    "INDEX", "CONSTRAINT", "CHECK CONSTRAINT", "FK CONSTRAINT", "TRIGGER", "RULE", "POLICY",
    "ROW SECURITY", "DEFAULT", "COMMENT", "ACL", "SECURITY LABEL", "SEQUENCE OWNED BY",
    "STATISTICS", "TABLE ATTACH", "INDEX ATTACH", "PUBLICATION TABLE",
    "PUBLICATION TABLES IN SCHEMA",
  ]

  /// The database itself, settings of the restoring session, and contents.
  private static func isNoDefinition(_ kind: String) -> Bool {
    [
      "ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES", "TABLE DATA",
      "SEQUENCE SET", "BLOB", "BLOBS", "BLOB METADATA", "MATERIALIZED VIEW DATA",
    ].contains(kind)
  }

  /// Reads the catalogs of a database in one snapshot; nothing is locked.
  ///
  /// Objects of kinds that no backup holds are there by their names alone.
  /// - Throws: a `Failure` of status `refused` for a server whose catalogs are not known.
  public static func read(_ connection: Connection) async throws -> Definitions {
    let (session, _) = try await CatalogSession.lead(connection)
    do {
      let definitions = try await make(try await Catalog.read(session), session)
      try await connection.execute("ROLLBACK")
      return definitions
    } catch {
      _ = try? await connection.execute("ROLLBACK")
      throw error
    }
  }

  /// How the objects of a catalog that has been read are defined; the session must still see the
  /// database as it was then.
  static func make(_ catalog: Catalog, _ session: CatalogSession) async throws -> Definitions {
    let encoding = CatalogSession.encoding(of: session.connection.info)
    let contents = try ArchiveEntries.make(catalog, encoding: encoding)
    var definitions = Definitions(contents.entries)
    for object in try await ArchiveContents.missing(catalog, session) {
      let key = Key(kind: object.kind.uppercased(), schema: nil, name: object.identity)
      definitions.objects[key] = Object(definition: nil, owner: "")
    }
    return definitions
  }
}

extension Definitions.Key {
  /// What an entry's object is called.
  init(_ entry: ArchiveEntry) {
    self.init(
      kind: entry.kind, schema: entry.namespace, name: Definitions.Key.name(entry))
  }

  /// An entry's name, by which there is one object of the kind. The tag of an operator leaves out
  /// its operands, that of an operator class its access method.
  private static func name(_ entry: ArchiveEntry) -> String {
    let mark: String
    switch entry.kind {
    case "OPERATOR": mark = " ("
    case "OPERATOR CLASS", "OPERATOR FAMILY": mark = " USING "
    default: return entry.tag
    }
    guard let range = entry.dropStatement.lastRange(ofText: mark) else { return entry.tag }
    return entry.tag + entry.dropStatement[range.lowerBound...].prefix { $0 != ";" }
  }
}
