/// How much a finding counts.
public enum LintLevel: String, Sendable, CaseIterable, Comparable {
  /// The rule does not speak.
  case off
  /// To know.
  case notice
  /// To think about.
  case warning
  /// Would hurt: the command ends with status 3.
  case error

  /// From the least to the most.
  public static func < (a: LintLevel, b: LintLevel) -> Bool {
    let order = LintLevel.allCases
    return (order.firstIndex(of: a) ?? 0) < (order.firstIndex(of: b) ?? 0)
  }
}

/// A rule about statements in migrations.
///
/// Where a rule means what one of squawk's means it has that one's name, so that comments and
/// habits carry over.
public struct LintRule: Hashable, Sendable {
  /// The name, as comments and options spell it.
  public let name: String
  /// How much it counts where nothing else is said, on a table that is large or may be.
  public let level: LintLevel
  /// What it finds, in a sentence.
  public let summary: String

  fileprivate init(_ name: String, _ level: LintLevel, _ summary: String) {
    self.name = name
    self.level = level
    self.summary = summary
  }

  /// The rule of a name; nil where there is none.
  public static func named(_ name: String) -> LintRule? { all.first { $0.name == name } }
}

extension LintRule {
  static let addingFieldWithDefault = LintRule(
    "adding-field-with-default", .error,
    "A column whose value is computed for each row: the table is rewritten.")
  static let addingForeignKey = LintRule(
    "adding-foreign-key-constraint", .error,
    "A foreign key that checks all rows while nobody can write to both tables.")
  static let addingNotNullable = LintRule(
    "adding-not-nullable-field", .error,
    "SET NOT NULL that reads the whole table while nobody can use it.")
  static let addingRequired = LintRule(
    "adding-required-field", .error,
    "A new column that is NOT NULL and has no default: it fails where there are rows.")
  static let addingPrimaryKey = LintRule(
    "adding-serial-primary-key-field", .error,
    "A primary key whose index is built while nobody can use the table.")
  static let addingExclusion = LintRule(
    "adding-exclusion-constraint", .error,
    "An exclusion constraint whose index is built while nobody can use the table.")
  static let alterDomain = LintRule(
    "ban-alter-domain-with-add-constraint", .error,
    "A new constraint of a domain: every table that uses it is read.")
  static let charField = LintRule(
    "ban-char-field", .warning, "A column of type char(n), which pads with blanks.")
  static let concurrentInTransaction = LintRule(
    "ban-concurrent-index-creation-in-transaction", .error,
    "CREATE INDEX CONCURRENTLY in a transaction: it fails.")
  static let createDomain = LintRule(
    "ban-create-domain-with-constraint", .off, "A domain with a constraint, hard to change later.")
  static let dropColumn = LintRule(
    "ban-drop-column", .warning, "A column that running programs may still use is dropped.")
  static let dropDatabase = LintRule(
    "ban-drop-database", .error, "A database is dropped.")
  static let dropNotNull = LintRule(
    "ban-drop-not-null", .warning, "NULL becomes possible where programs do not expect it.")
  static let dropSchema = LintRule(
    "ban-drop-schema", .error, "A schema is dropped with all that is in it.")
  static let dropTable = LintRule(
    "ban-drop-table", .warning, "A table that running programs may still use is dropped.")
  static let setSchema = LintRule(
    "ban-set-schema", .warning, "A table that running programs find in its schema moves to another."
  )
  static let truncateCascade = LintRule(
    "ban-truncate-cascade", .error, "TRUNCATE empties more tables than it names.")
  static let uncommitted = LintRule(
    "ban-uncommitted-transaction", .error, "A file begins a transaction and does not end it.")
  static let changingType = LintRule(
    "changing-column-type", .error, "A change of type that rewrites the table.")
  static let notValid = LintRule(
    "constraint-missing-not-valid", .error,
    "A check that reads all rows while nobody can use the table.")
  static let unique = LintRule(
    "disallowed-unique-constraint", .error,
    "A unique constraint whose index is built while nobody can use the table.")
  static let enumValue = LintRule(
    "enum-value-in-same-transaction", .error,
    "A new value of an enum is used before the transaction that adds it has ended: it fails.")
  static let longName = LintRule(
    "identifier-too-long", .warning, "A name of more than 63 bytes, which the server cuts.")
  static let longWork = LintRule(
    "long-work-under-lock", .warning,
    "Long work in the transaction of a lock that keeps others waiting.")
  static let outsideTransaction = LintRule(
    "must-run-outside-transaction", .error,
    "A statement that cannot run in a transaction is in one: it fails.")
  static let bigintOverInt = LintRule(
    "prefer-bigint-over-int", .off, "A column of type integer, which ends at 2,147,483,647.")
  static let bigintOverSmallint = LintRule(
    "prefer-bigint-over-smallint", .off, "A column of type smallint, which ends at 32,767.")
  static let identity = LintRule(
    "prefer-identity", .off, "A serial column, where an identity column does it better.")
  static let repack = LintRule(
    "prefer-repack", .error, "VACUUM FULL or CLUSTER: nobody can use the table meanwhile.")
  static let robust = LintRule(
    "prefer-robust-stmts", .off, "A statement that fails when it is run a second time.")
  static let textField = LintRule(
    "prefer-text-field", .off, "A column of type varchar(n), whose length is hard to change.")
  static let timestamptz = LintRule(
    "prefer-timestamptz", .off, "A column of type timestamp, which forgets the time zone.")
  static let renamingColumn = LintRule(
    "renaming-column", .warning, "A column that running programs use by its old name is renamed.")
  static let renamingTable = LintRule(
    "renaming-table", .warning, "A table that running programs use by its old name is renamed.")
  static let concurrentCreation = LintRule(
    "require-concurrent-index-creation", .error,
    "An index that is built while nobody can write to the table.")
  static let concurrentDeletion = LintRule(
    "require-concurrent-index-deletion", .warning,
    "An index is dropped under a lock that waits for all readers, and lets none pass.")
  static let concurrentDetach = LintRule(
    "require-concurrent-partition-detach", .warning,
    "A partition is detached under a lock on the whole table.")
  static let concurrentRefresh = LintRule(
    "require-concurrent-refresh", .warning,
    "A materialized view cannot be read while it is refreshed.")
  static let concurrentReindex = LintRule(
    "require-concurrent-reindex", .error,
    "An index is built again while nobody can write to the table.")
  static let enumOrder = LintRule(
    "require-enum-value-ordering", .off, "ADD VALUE without BEFORE or AFTER.")
  static let tableSchema = LintRule(
    "require-table-schema", .off, "A table without its schema, found by the search path.")
  static let timeouts = LintRule(
    "require-timeout-settings", .off,
    "A strong lock without a lock_timeout; `omcops db migrate` sets one by itself.")
  static let rewriting = LintRule(
    "rewriting-table", .error, "The table is copied while nobody can use it.")
  static let scanningPartition = LintRule(
    "scanning-attached-partition", .warning,
    "A table is read as a whole when it becomes a partition, unless a check says its bounds.")
  static let syntax = LintRule(
    "syntax-error", .error, "A text that is no statement: it ends inside a quote or a comment.")
  static let nesting = LintRule(
    "transaction-nesting", .error,
    "A statement that begins or ends a transaction inside that of the migration.")
  static let truncating = LintRule(
    "truncating-table", .warning, "All rows of a table are removed.")
  static let unboundedChange = LintRule(
    "unbounded-change", .warning, "UPDATE or DELETE without WHERE changes every row at once.")
  static let unanalyzed = LintRule(
    "unanalyzed-statement", .notice, "What a statement does is not known before it runs.")

  /// Every rule, by name.
  public static let all: [LintRule] = [
    addingExclusion, addingFieldWithDefault, addingForeignKey, addingNotNullable, addingRequired,
    addingPrimaryKey, alterDomain, charField, concurrentInTransaction, createDomain, dropColumn,
    dropDatabase, dropNotNull, dropSchema, dropTable, setSchema, truncateCascade, uncommitted,
    changingType,
    notValid, unique, enumValue, longName, longWork, outsideTransaction, bigintOverInt,
    bigintOverSmallint, identity, repack, robust, textField, timestamptz, renamingColumn,
    renamingTable, concurrentCreation, concurrentDeletion, concurrentDetach, concurrentRefresh,
    concurrentReindex, enumOrder, tableSchema, timeouts, rewriting, scanningPartition, syntax,
    nesting, truncating, unanalyzed, unboundedChange,
  ].sorted { $0.name < $1.name }
}
