/// A column: of a table that is created, of a light table in a query, or of a query's result.
public final class Column {
  /// Whether a key counts up by itself.
  public enum AutoIncrement: Hashable, Sendable {
    /// Where the rules of a single integer key hold.
    case automatic
    /// The same, although it refers to another table.
    case ignoringForeignKeys
    case always
    case never
  }

  /// Its name; nil until the attribute of a class gives it one.
  public var name: SQLName?
  /// The name in Python, where that is another.
  public var givenKey: String?
  /// Its type.
  public var type: SQLType
  /// What it belongs to. Both hold each other: a model lives as long as the run that made it.
  public var table: FromClause?
  /// Whether it takes NULL, as the script said; nil where it said nothing.
  public var nullability: Bool?
  /// Whether it is part of the primary key.
  public var isPrimaryKey = false
  /// Whether it counts up by itself.
  public var autoIncrement = AutoIncrement.automatic
  /// The default that the server gives.
  public var serverDefault: ServerDefault?
  /// The value that Core gives to a row that has none.
  public var clientDefault: (any ColumnDefault)?
  /// The value that Core gives to a row that is changed.
  public var clientUpdate: (any ColumnDefault)?
  /// The sequence that gives values.
  public var sequence: DatabaseSequence?
  /// What it refers to.
  public var foreignKeys: [ForeignKey] = []
  /// Checks and other constraints that were given with the column.
  public var constraints: [Constraint] = []
  /// Whether it has a unique constraint or index of its own.
  public var isUnique = false
  /// Whether it has an index of its own.
  public var isIndexed = false
  /// Its comment.
  public var comment: String?
  /// Whether `literal_column()` made it: its name is SQL.
  public var isLiteral = false
  /// Whether `sa.Column` made it, not the light `sa.column()`.
  public var isSchemaItem = false
  /// The column of the table behind an alias, which knows the constraints.
  public var origin: Column?
  /// The name that a statement makes up for it.
  var anonymousName: AnonymousName?
  /// What the host keeps with it.
  public var payload: AnyObject?

  /// Makes a column.
  public init(_ name: SQLName?, _ type: SQLType = .null, isNullable: Bool? = nil) {
    self.name = name
    self.type = type
    nullability = isNullable
  }

  /// Whether it takes NULL: a key and an identity do not unless the script says otherwise.
  public var isNullable: Bool {
    nullability ?? (!isPrimaryKey && identity == nil)
  }

  /// How it generates its values, if it is an identity column.
  public var identity: Identity? {
    if case .identity(let identity) = serverDefault { identity } else { nil }
  }

  /// What its values are computed from, if they are.
  public var computed: Computed? {
    if case .computed(let computed) = serverDefault { computed } else { nil }
  }

  /// The name in Python.
  public var key: String { givenKey ?? name?.text ?? "" }

  /// The column of the table at the bottom.
  public var base: Column {
    var column = self
    while let origin = column.origin { column = origin }
    return column
  }

  /// The column as an expression.
  public var expression: SQLExpression { SQLExpression(.column(self), type: type) }

  /// The same column seen through another source of rows.
  func proxy(of source: FromClause) -> Column {
    let column = Column(name, type, isNullable: nullability)
    column.givenKey = givenKey
    column.isPrimaryKey = isPrimaryKey
    column.table = source
    column.origin = self
    column.anonymousName = anonymousName
    return column
  }

  /// A copy that belongs to no table; what was made for the table is left behind.
  public func copy() -> Column {
    let column = Column(name, type, isNullable: nullability)
    column.givenKey = givenKey
    column.isPrimaryKey = isPrimaryKey
    column.autoIncrement = autoIncrement
    column.serverDefault = serverDefault
    column.clientDefault = clientDefault
    column.clientUpdate = clientUpdate
    column.sequence = sequence
    column.foreignKeys = foreignKeys.map { $0.copy() }
    column.constraints = constraints.map { $0.copy() }
    column.isUnique = isUnique
    column.isIndexed = isIndexed
    column.comment = comment
    column.payload = payload
    return column
  }
}

/// A value that Core computes for a column, on the client's side.
public protocol ColumnDefault: AnyObject {
  /// The value for one row.
  func value() throws -> SQLExpression
}

/// What the server gives to a column that a row says nothing of.
public enum ServerDefault {
  /// A text, which is written between apostrophes.
  case literal(String)
  case expression(SQLExpression)
  case computed(Computed)
  case identity(Identity)
  /// Somebody else sees to it: no DDL.
  case fetched
}

/// `GENERATED ALWAYS AS (...)`.
public struct Computed {
  /// The expression.
  public var expression: SQLExpression
  /// Whether it is stored; PostgreSQL has no other kind until 18.
  public var isPersisted: Bool?

  /// Describes a computed column.
  public init(_ expression: SQLExpression, isPersisted: Bool? = nil) {
    self.expression = expression
    self.isPersisted = isPersisted
  }
}

/// How a sequence counts.
public struct SequenceOptions: Hashable, Sendable {
  /// `START WITH`.
  public var start: Int64?
  /// `INCREMENT BY`.
  public var increment: Int64?
  /// `MINVALUE`.
  public var minimum: Int64?
  /// `MAXVALUE`.
  public var maximum: Int64?
  /// `NO MINVALUE`.
  public var hasNoMinimum = false
  /// `NO MAXVALUE`.
  public var hasNoMaximum = false
  /// `CACHE`.
  public var cache: Int64?
  /// `CYCLE` or `NO CYCLE`.
  public var cycles: Bool?

  /// All by the server's defaults.
  public init() {}

  /// The options as SQL, empty where there are none.
  public var sql: String {
    var parts: [String] = []
    if let increment { parts.append("INCREMENT BY \(increment)") }
    if let start { parts.append("START WITH \(start)") }
    if let minimum { parts.append("MINVALUE \(minimum)") }
    if let maximum { parts.append("MAXVALUE \(maximum)") }
    if hasNoMinimum { parts.append("NO MINVALUE") }
    if hasNoMaximum { parts.append("NO MAXVALUE") }
    if let cache { parts.append("CACHE \(cache)") }
    if let cycles { parts.append(cycles ? "CYCLE" : "NO CYCLE") }
    return parts.joined(separator: " ")
  }
}

/// `GENERATED ... AS IDENTITY`.
public struct Identity: Hashable, Sendable {
  /// Whether values given by hand are refused.
  public var isAlways: Bool
  /// How it counts.
  public var options: SequenceOptions

  /// Describes an identity column.
  public init(isAlways: Bool = false, options: SequenceOptions = .init()) {
    self.isAlways = isAlways
    self.options = options
  }
}

/// A sequence.
public final class DatabaseSequence {
  /// Its name.
  public var name: SQLName
  /// Its schema.
  public var schema: SQLName?
  /// How it counts.
  public var options: SequenceOptions
  /// The type of its numbers.
  public var dataType: SQLType?
  /// Whether it only stands in where the database cannot count by itself.
  public var isOptional: Bool
  /// Who knows it.
  public var metadata: MetaData?

  /// Describes a sequence.
  public init(
    _ name: SQLName, schema: SQLName? = nil, options: SequenceOptions = .init(),
    dataType: SQLType? = nil, isOptional: Bool = false, metadata: MetaData? = nil
  ) {
    self.name = name
    self.schema = schema
    self.options = options
    self.dataType = dataType
    self.isOptional = isOptional
    self.metadata = metadata
  }

  /// The name as it is written in SQL.
  public var sql: String { IdentifierPreparer.qualified(name, schema: schema) }
}
