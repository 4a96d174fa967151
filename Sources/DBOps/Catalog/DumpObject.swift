internal import Archive
internal import Postgres

/// What becomes one entry of the archive: everything but its number and its place.
struct DumpObject: Sendable {
  /// Which entry of which catalog object it is.
  var key: ObjectKey
  /// What it is.
  var kind: ObjectKind
  /// Where it is restored.
  var section: ArchiveEntry.Section
  /// The schema, nil for objects that have none.
  var schema: String?
  /// The entry's tag, in the form that the kind has.
  var tag: String
  /// What it is sorted by after the schema; the tag where nothing else is said.
  var sortName: String
  /// The role that owns it; empty where the kind has none.
  var owner = ""
  /// SQL that makes it.
  var definition = ""
  /// SQL that drops it.
  var dropStatement = ""
  /// The tablespace; empty for the database's own, nil for what is in none.
  var tablespace: String?
  /// The access method of a table or materialized view.
  var accessMethod: String?
  /// Addresses whose dependencies are this object's own, and which stand for it when others
  /// depend on them: its row type, a view's rule, a key's index.
  var claims: [ObjectAddress]
  /// Objects that must be restored before it, beside what the catalogs say. The first is the
  /// table, where the archive's readers want it first.
  var requires: [ObjectKey] = []
  /// What it needs by the catalogs and does not, as another of its entries does.
  var needsNot: [ObjectAddress] = []
  /// Where the rows come from, for kinds that have data in the archive.
  var rows: RowSource?

  init(
    _ key: ObjectKey, _ kind: ObjectKind, schema: String? = nil, tag: String,
    owner: String = "", definition: String = "", dropStatement: String = "",
    claims: [ObjectAddress] = [], requires: [ObjectKey] = []
  ) {
    self.key = key
    self.kind = kind
    section = kind.section
    self.schema = schema
    self.tag = tag
    sortName = tag
    self.owner = owner
    self.definition = definition
    self.dropStatement = dropStatement
    self.claims = key.facet == .definition ? [key.address] + claims : claims
    self.requires = requires
  }
}

/// Where the rows of a `TABLE DATA` entry come from and where they go.
struct RowSource: Hashable, Sendable {
  /// The table.
  var table: QualifiedName
  /// Its OID, of which the entry speaks.
  var oid: UInt32
  /// The statement that reads the rows.
  var copyOut: String
  /// The statement that takes them, as the archive has it.
  var copyIn: String
  /// The single column of the primary key, where there is one.
  var keyColumn: String?
  /// The table's size on disk when the catalogs were read.
  var bytes: Int64
  /// The planner's estimate of its rows, nil where it has none.
  var estimatedRows: Int64?
  /// Whether only some of the rows are meant: the configuration of an extension.
  var isPartial = false
  /// The columns that are copied, as SQL lists them, where the table's rows can be read by ranges of
  /// its blocks: it has a heap of its own.
  var rangeColumns: String?
  /// Whether it is a partitioned table, whose rows are those of its partitions.
  var isPartitioned = false
}

/// A schema and a name in it.
struct QualifiedName: Hashable, Comparable, Sendable, CustomStringConvertible {
  var schema: String
  var name: String

  init(_ schema: String, _ name: String) {
    self.schema = schema
    self.name = name
  }

  /// As SQL has it, quoted where needed.
  var sql: String { quoteIdentifier(schema, name) }

  var description: String { sql }

  static func < (a: QualifiedName, b: QualifiedName) -> Bool {
    (a.schema, a.name) < (b.schema, b.name)
  }
}
