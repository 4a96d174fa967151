internal import Postgres

/// What is known of the tables that statements are about; without a database nothing.
///
/// It follows the statements: a table that one of them makes is known to the next.
public struct SchemaFacts: Sendable {
  /// A column.
  struct Column: Hashable, Sendable {
    var type: TypeName
    var isNotNull = false
  }

  /// A constraint of a table.
  struct Constraint: Hashable, Sendable {
    enum Kind: Hashable, Sendable { case check, foreignKey, unique, primaryKey, exclude, notNull }
    var kind: Kind
    var isValidated = true
    /// The table that a foreign key points to.
    var references: ObjectName?
    /// The columns that it is about, and those of the other table.
    var columns: Set<String> = []
    var referencedColumns: Set<String> = []
    /// The columns that a check or a NOT NULL keeps from being null.
    var notNull: Set<String> = []
  }

  /// A relation.
  struct Relation: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable {
      case table = "r"
      case partitioned = "p"
      case index = "i"
      case partitionedIndex = "I"
      case view = "v"
      case materializedView = "m"
      case sequence = "S"
      case foreignTable = "f"
    }
    var kind: Kind
    /// Made by an earlier statement: nobody uses it yet.
    var isNew = false
    var bytes: Int64?
    /// With its indexes and its TOAST table.
    var totalBytes: Int64?
    /// The planner's estimate, nil where there is none.
    var rows: Int64?
    /// Whether it has no rows for certain.
    var isEmpty = false
    /// Whether the number of rows was counted, not estimated.
    var isCounted = false
    var columns: [String: Column] = [:]
    var constraints: [String: Constraint] = [:]
    /// The table of an index, and of a sequence that belongs to a column.
    var table: ObjectName?
    /// The column that a sequence belongs to.
    var column: String?
    /// What it is a partition or a child of.
    var parent: ObjectName?
    var isDefaultPartition = false
  }

  /// The server's version as a number, as 150018.
  public var serverVersion: Int
  /// Whether a database was looked at. If not, every table may be large.
  public let isLive: Bool
  /// Where names without a schema are looked for.
  var searchPath = ["public"]
  var relations: [ObjectName: Relation] = [:]
  /// Functions of the database by name, and whether one of that name is volatile.
  var functions: [String: Bool] = [:]
  /// The tables with columns of each domain.
  var domainTables: [ObjectName: [ObjectName]] = [:]
  /// The type below each domain that statements or columns name.
  var domainBases: [String: TypeName] = [:]
  /// What the queries of views read: relations, and of each the columns.
  var sources: [ObjectName: [ObjectName: Set<String>]] = [:]

  /// Knows of no database: every table may be large and full.
  public init(serverVersion: Int = 120000) {
    self.init(serverVersion: serverVersion, isLive: false)
  }

  init(serverVersion: Int, isLive: Bool) {
    self.serverVersion = serverVersion
    self.isLive = isLive
  }

  var majorVersion: Int { serverVersion / 10000 }

  /// The name with the schema that the search path finds it in, or would make it in.
  func resolve(_ name: ObjectName) -> ObjectName {
    if name.schema != nil { return name }
    for schema in searchPath {
      let candidate = name.within(schema)
      if relations[candidate] != nil { return candidate }
    }
    return name.within(searchPath.first ?? "public")
  }

  /// What is known of a relation by its whole name.
  subscript(name: ObjectName) -> Relation? { relations[name] }

  /// Tables whose foreign keys point to it.
  func referencing(_ table: ObjectName) -> [ObjectName] {
    relations.filter { _, relation in
      relation.constraints.values.contains { $0.references == table }
    }.map(\.key).sorted()
  }

  /// Tables that its foreign keys point to.
  func referenced(by table: ObjectName) -> [ObjectName] {
    Set(relations[table]?.constraints.values.compactMap(\.references) ?? [])
      .subtracting([table]).sorted()
  }

  /// The other ends of the foreign keys that a column is part of.
  func tablesWithKeys(of column: String, in table: ObjectName) -> [ObjectName] {
    var others: Set<ObjectName> = []
    for (name, relation) in relations {
      for constraint in relation.constraints.values where constraint.references != nil {
        if name == table, constraint.columns.contains(column) {
          constraint.references.map { _ = others.insert($0) }
        } else if constraint.references == table, constraint.referencedColumns.contains(column) {
          others.insert(name)
        }
      }
    }
    return others.subtracting([table]).sorted()
  }

  /// Its partitions and children, with theirs.
  func descendants(_ table: ObjectName) -> [ObjectName] {
    let children = relations.filter { $0.value.parent == table }.map(\.key).sorted()
    return children + children.flatMap(descendants)
  }

  /// The indexes and sequences of a table.
  func parts(of table: ObjectName) -> [ObjectName] {
    relations.filter { $0.value.table == table }.map(\.key).sorted()
  }

  /// The sequences that belong to a table's columns, or to one of them.
  func sequences(of table: ObjectName, column: String? = nil) -> [ObjectName] {
    parts(of: table).filter {
      relations[$0]?.kind == .sequence && (column == nil || relations[$0]?.column == column)
    }
  }

  /// The views that read a relation, with those that read these.
  func views(over relation: ObjectName, column: String? = nil) -> [ObjectName] {
    let views = sources.filter { _, sources in
      guard let columns = sources[relation] else { return false }
      return column.map(columns.contains) ?? true
    }
    let names = views.map(\.key).sorted()
    return names + names.flatMap { self.views(over: $0) }
  }

  /// Whether an expression that calls these functions gives each row a value of its own.
  func isVolatile(_ names: Set<String>) -> Bool {
    names.contains { name in
      if Volatility.harmless.contains(name) { return false }
      if Volatility.volatile.contains(name) { return true }
      // What is not known may be volatile.
      return functions[name] ?? true
    }
  }
}

/// The volatility of the functions that defaults call; PostgreSQL's `pg_proc.provolatile`.
enum Volatility {
  /// Their values are other ones for each row.
  static let volatile: Set<String> = [
    "random", "random_normal", "gen_random_uuid", "gen_random_bytes", "uuid_generate_v1",
    "uuid_generate_v1mc", "uuid_generate_v4", "uuidv4", "uuidv7", "clock_timestamp", "timeofday",
    "nextval", "currval", "lastval", "setval", "txid_current", "pg_current_xact_id", "gen_salt",
  ]

  /// Stable and immutable ones.
  static let harmless: Set<String> = [
    "now", "transaction_timestamp", "statement_timestamp", "current_timestamp", "current_date",
    "current_time", "localtime", "localtimestamp", "current_user", "session_user", "current_role",
    "current_schema", "current_database", "current_setting", "timezone", "date_trunc", "to_char",
    "to_timestamp", "to_date", "lower", "upper", "length", "concat", "md5", "abs", "round",
    "floor", "ceil", "ceiling", "make_interval", "make_date", "jsonb_build_object",
    "jsonb_build_array", "json_build_object", "json_build_array", "to_jsonb", "to_json", "date",
    "date_part", "extract", "left", "right", "substring", "substr", "trim", "btrim", "replace",
    "encode", "decode", "sha256", "position", "array_length", "string_to_array", "nullif", "text",
    "int4", "int8", "uuid_nil", "uuid_ns_dns", "to_tsvector", "array_append", "mod", "power",
  ]
}
