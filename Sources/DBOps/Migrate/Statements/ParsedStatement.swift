/// One SQL statement, read as far as its effects ask for.
struct ParsedStatement: Hashable, Sendable {
  /// The words that it begins with, as `ALTER TABLE`.
  var command: String
  var body: StatementBody
}

/// What a statement says.
enum StatementBody: Hashable, Sendable {
  case createTable(TableCreation)
  case alterTable(TableAlteration)
  case createIndex(IndexCreation)
  case createView(ViewCreation)
  /// A sequence, with the table of the column that owns it.
  case createSequence(ObjectName, owner: ObjectName?)
  case drop(Drop)
  case reindex(Reindexing)
  case truncate([ObjectName], cascades: Bool)
  /// `SELECT` and everything else that only reads; whether it locks the rows.
  case query(Reads, locksRows: Bool)
  case change(DataChange)
  case lock([ObjectName], LockMode)
  /// `VACUUM` and `ANALYZE`; without names all tables of the database are meant.
  case vacuum([ObjectName], isFull: Bool, isAnalyzeOnly: Bool)
  case cluster(ObjectName?)
  case refresh(ObjectName, concurrently: Bool)
  /// A statement about something that hangs on a table: a trigger, a policy, a comment.
  case onTable(ObjectName, LockMode, other: [ObjectName])
  /// A comment on an index or another relation that is no table.
  case onRelation(ObjectName, LockMode)
  case addEnumValue(type: ObjectName, value: String)
  case alterDomain(DomainAlteration)
  /// A domain that is made with a constraint.
  case createDomain(ObjectName, isConstrained: Bool)
  case setting(name: String, value: String?, isLocal: Bool)
  case transactionControl(TransactionControl)
  /// It works on the whole server or by transactions of its own.
  case outsideTransactions(reason: String)
  /// Makes, changes or drops what no table hangs on: a schema, a function, a role.
  case apart(ObjectName?)
  /// Nothing can be said without running it.
  case opaque(reason: String)
}

/// Tables that a statement looks at and changes beside the one it is about.
struct Reads: Hashable, Sendable {
  var reads: Set<ObjectName> = []
  var writes: Set<ObjectName> = []
  /// Functions that it calls, in lower case.
  var functions: Set<String> = []
  /// The tables that `WITH` makes for the statement alone.
  var common: Set<String> = []
}

enum TransactionControl: String, Hashable, Sendable {
  case begin, commit, rollback, savepoint
}

struct TableCreation: Hashable, Sendable {
  var name: ObjectName
  var isTemporary = false
  var ifNotExists = false
  var columns: [ColumnDefinition] = []
  var constraints: [ConstraintDefinition] = []
  /// Tables that it takes its form or its rows from, by `LIKE` or `AS`.
  var sources: Reads = Reads()
  var parents: [ObjectName] = []
  var partitionOf: ObjectName?
}

struct TableAlteration: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable {
    case table, index, view, sequence
    case materializedView = "materialized view"
    case foreignTable = "foreign table"
  }
  var kind: Kind
  var name: ObjectName
  var ifExists = false
  var actions: [TableAction]
}

/// One subcommand of `ALTER TABLE` and of its relatives.
enum TableAction: Hashable, Sendable {
  case addColumn(ColumnDefinition, ifNotExists: Bool)
  case dropColumn(String, cascades: Bool, ifExists: Bool)
  case setType(column: String, TypeName, conversion: String?)
  case setDefault(column: String)
  case dropDefault(column: String)
  case setNotNull(column: String)
  case dropNotNull(column: String)
  case addIdentity(column: String)
  case changeIdentity(column: String)
  /// `SET EXPRESSION`, of 17.
  case setExpression(column: String)
  case dropExpression(column: String)
  case setStatistics
  case setColumnOptions
  case setStorage
  case addConstraint(ConstraintDefinition)
  case dropConstraint(String, cascades: Bool, ifExists: Bool)
  case validateConstraint(String)
  /// `ALTER CONSTRAINT`; of 18 it may begin or end to hold for all rows.
  case alterConstraint(String, enforced: Bool?)
  case rename(to: String)
  case renameColumn(String, to: String)
  case renameConstraint(String, to: String)
  case setSchema(String)
  case attachPartition(ObjectName, isDefault: Bool)
  case detachPartition(ObjectName, concurrently: Bool)
  case finalizeDetach(ObjectName)
  case inherit(ObjectName)
  case noInherit(ObjectName)
  case trigger
  case rule
  case rowSecurity
  case setTablespace
  case setAccessMethod
  case setLogged
  /// Storage parameters, in lower case without their values.
  case setOptions([String])
  case clusterOn
  case owner
  case replicaIdentity
  case type
  case attachIndex(ObjectName)
  case sequenceOptions
  case sequenceOwner(ObjectName?)
  /// A subcommand that is not known.
  case unknown(String)
}

struct ColumnDefinition: Hashable, Sendable {
  enum Generation: Hashable, Sendable {
    case stored, virtual, identity
  }
  var name: String
  var type: TypeName
  var isNotNull = false
  var generation: Generation?
  /// The default as it is written, and the functions that it calls.
  var defaultText: String?
  var defaultFunctions: Set<String> = []
  var constraints: [ConstraintDefinition] = []

  /// Whether every row gets a value that is computed for it alone, by what the text says.
  var hasDefault: Bool { defaultText != nil || generation != nil || type.isSerial }
}

struct ConstraintDefinition: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case check(String)
    case foreignKey(references: ObjectName)
    case unique, primaryKey, exclude
    /// A named NOT NULL, of 18.
    case notNull(String)
  }
  var name: String?
  var kind: Kind
  var columns: [String] = []
  var isNotValid = false
  /// `NOT ENFORCED`, of 18: nothing is looked at.
  var isNotEnforced = false
  /// The index that becomes the constraint.
  var usingIndex: String?
}

struct IndexCreation: Hashable, Sendable {
  var name: String?
  var table: ObjectName
  var isUnique = false
  var isConcurrent = false
  var ifNotExists = false
  /// Everything behind the table's name, for the alternative that a finding shows.
  var definition: String
}

struct ViewCreation: Hashable, Sendable {
  var name: ObjectName
  var replaces = false
  var isMaterialized = false
  var sources: Reads
}

struct Drop: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable {
    case table, view, index, sequence, schema, type, domain, function, database, `extension`
    case materializedView = "materialized view"
    case foreignTable = "foreign table"
    /// What hangs on a table, which stands in `table`.
    case trigger, policy, rule
    case statistics, owned, other
  }
  var kind: Kind
  var names: [ObjectName]
  var table: ObjectName?
  var ifExists = false
  var cascades = false
  var isConcurrent = false
}

struct Reindexing: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable { case index, table, schema, database, system }
  var kind: Kind
  var name: ObjectName?
  var isConcurrent: Bool
}

struct DataChange: Hashable, Sendable {
  enum Kind: String, Hashable, Sendable { case insert, update, delete, merge, copy }
  var kind: Kind
  var table: ObjectName
  var hasCondition: Bool
  var others: Reads
}

struct DomainAlteration: Hashable, Sendable {
  enum Action: Hashable, Sendable {
    case addConstraint(name: String?, isNotValid: Bool)
    case setNotNull, validate, other
  }
  var name: ObjectName
  var action: Action
}
