/// Something that rows come from: a table, an alias of one, a subquery, a join.
///
/// Which one it is counts, not what it says: two aliases of a table are two sources of rows.
open class FromClause {
  /// The columns by their keys, in order.
  public final var columns: [Column] = []
  /// What the host keeps with it.
  public final var payload: AnyObject?
  /// How deep and large what it is made of is.
  public final let extent: StatementExtent

  init(of parts: StatementExtent...) {
    var extent = StatementExtent()
    for part in parts { extent.add(part) }
    self.extent = extent
  }

  /// The column of a key.
  public final func column(_ key: String) -> Column? {
    columns.first { $0.key == key }
  }

  /// The columns of the primary key, in order.
  open var primaryKey: [Column] { columns.filter(\.isPrimaryKey) }

  /// The sources that this one is made of, itself among them: what a `FROM` that names this one
  /// need not name again.
  final var parts: [FromClause] {
    if let join = self as? Join { return [join] + join.left.parts + join.right.parts }
    return [self]
  }

  /// Gives the columns of another source under a new name.
  final func adopt(_ others: [Column]) {
    columns = others.map { $0.proxy(of: self) }
  }
}

/// A table: one with a schema that `MetaData` knows, or a light one of a name and columns.
public final class Table: FromClause {
  /// Its name.
  public var name: SQLName
  /// Its schema.
  public var schema: SQLName?
  /// Who knows it; nil for a light one.
  public var metadata: MetaData?
  /// Its constraints, the primary key's included, in the order in which they were attached.
  public var constraints: [Constraint] = []
  /// Its indexes in the order in which they were attached.
  public var indexes: [Index] = []
  /// Its comment.
  public var comment: String?
  /// Words between `CREATE` and `TABLE`.
  public var prefixes: [String] = []
  /// What comes behind the parentheses.
  public var options = TableOptions()

  /// Makes a table without columns.
  public init(_ name: SQLName, schema: SQLName? = nil, metadata: MetaData? = nil) {
    self.name = name
    self.schema = schema
    self.metadata = metadata
    super.init()
  }

  /// The primary key's columns in the key's order.
  public override var primaryKey: [Column] {
    if let key = primaryKeyConstraint { return key.columns }
    return columns.filter(\.isPrimaryKey)
  }

  /// The constraint that is the primary key.
  public var primaryKeyConstraint: PrimaryKeyConstraint? {
    for case let key as PrimaryKeyConstraint in constraints { return key }
    return nil
  }

  /// `schema.name`, or the name alone, without quotes.
  public var fullName: String {
    if let schema { return "\(schema.text).\(name.text)" }
    return name.text
  }

  /// The name as it is written in SQL.
  public var sql: String { IdentifierPreparer.qualified(name, schema: schema) }
}

/// What a `CREATE TABLE` says behind its parentheses.
public struct TableOptions {
  /// The tables it inherits from.
  public var inherits: [SQLName] = []
  /// `PARTITION BY`, as SQL.
  public var partitionBy: String?
  /// `USING`: the access method.
  public var using: String?
  /// `WITH OIDS` or `WITHOUT OIDS`, which the server no longer takes.
  public var withOIDs: Bool?
  /// `ON COMMIT`.
  public var onCommit: String?
  /// `TABLESPACE`.
  public var tablespace: SQLName?

  /// No options.
  public init() {}
}

/// Another name for a source of rows.
public class Alias: FromClause {
  /// What it stands for.
  public let source: FromClause
  /// Its name; nil for one that the statement numbers.
  public let name: SQLName?
  /// Whether `LATERAL` stands before it.
  public let isLateral: Bool

  /// Names a source.
  public init(_ source: FromClause, name: SQLName?, isLateral: Bool = false) {
    self.source = source
    self.name = name
    self.isLateral = isLateral
    super.init(of: source.extent)
    adopt(source.columns)
  }
}

/// A query in parentheses as a source of rows.
public final class Subquery: FromClause {
  /// The query.
  public let query: any QueryExpression
  /// Its name; nil for one that the statement numbers.
  public let name: SQLName?
  /// Whether `LATERAL` stands before it.
  public let isLateral: Bool

  /// Names a query.
  public init(_ query: any QueryExpression, name: SQLName?, isLateral: Bool = false) {
    let extent = query.extent
    self.query = extent.isExceeded ? CompoundSelect("UNION", []) : query
    self.name = name
    self.isLateral = isLateral
    super.init(of: extent)
    columns = query.resultColumns.map { $0.column(of: self) }
  }
}

/// A query in front of a statement, by `WITH`.
public final class CommonTable: FromClause {
  /// The query; replaced when a recursive one gets its second half.
  public var query: any StatementExpression
  /// Its name; nil for one that the statement numbers.
  public let name: SQLName?
  /// Whether `RECURSIVE` is said.
  public let isRecursive: Bool
  /// `MATERIALIZED`, `NOT MATERIALIZED`, or nothing.
  public var materialized: String?

  /// Names a query.
  public init(_ query: any StatementExpression, name: SQLName?, isRecursive: Bool = false) {
    let extent = query.extent
    self.query = extent.isExceeded ? CompoundSelect("UNION", []) : query
    self.name = name
    self.isRecursive = isRecursive
    super.init(of: extent)
    columns = query.resultColumns.map { $0.column(of: self) }
  }
}

/// Two sources joined.
public final class Join: FromClause {
  /// The left side.
  public let left: FromClause
  /// The right side.
  public let right: FromClause
  /// What rows must agree in; nil for a cross join.
  public let condition: SQLExpression?
  /// Whether rows of the left without a partner stay.
  public let isOuter: Bool
  /// Whether rows of either side stay.
  public let isFull: Bool

  /// Joins two sources.
  public init(
    _ left: FromClause, _ right: FromClause, on condition: SQLExpression?, isOuter: Bool = false,
    isFull: Bool = false
  ) {
    self.left = left
    self.right = right
    self.condition = condition
    self.isOuter = isOuter
    self.isFull = isFull
    super.init(of: left.extent, right.extent, condition?.extent ?? StatementExtent())
    columns = left.columns + right.columns
  }

  /// What joins two tables by their foreign keys; throws where there is none or several.
  public static func condition(
    between left: FromClause, and right: FromClause
  ) throws -> SQLExpression {
    let pairs = references(from: right, to: left) + references(from: left, to: right)
    guard !pairs.isEmpty else {
      throw SchemaError(
        .invalidRequest,
        "Can't find any foreign key relationships between '\(left.title)' and '\(right.title)'.")
    }
    let parts = pairs.map { pair in
      SQLExpression(
        .binary(
          SQLExpression(.column(pair.target), type: pair.target.type), .equal,
          SQLExpression(.column(pair.source), type: pair.source.type), escape: nil),
        type: .boolean)
    }
    return parts.count == 1 ? parts[0] : SQLExpression(.conjunction(isAnd: true, parts))
  }

  private static func references(
    from source: FromClause, to target: FromClause
  ) -> [(source: Column, target: Column)] {
    source.columns.flatMap { column in
      column.base.foreignKeys.compactMap { key -> (source: Column, target: Column)? in
        target.columns.first {
          ($0.base.table as? Table)?.fullName == key.target.tableName
            && $0.base.name?.text == key.target.column
        }.map { (column, $0) }
      }
    }
  }
}

/// A function whose rows are a source, as `generate_series(...) AS g`.
public final class TableFunction: FromClause {
  /// The call.
  public let call: SQLExpression
  /// Its name; nil for one that the statement numbers.
  public let name: SQLName?
  /// Whether the columns are named behind the name.
  public let rendersColumns: Bool
  /// Whether they have their types there.
  public let rendersTypes: Bool
  /// Whether `LATERAL` stands before it.
  public let isLateral: Bool
  /// `WITH ORDINALITY`.
  public let hasOrdinality: Bool

  /// Names a call.
  public init(
    _ call: SQLExpression, name: SQLName?, columns: [Column], rendersColumns: Bool = false,
    rendersTypes: Bool = false, isLateral: Bool = false, hasOrdinality: Bool = false
  ) {
    self.call = call
    self.name = name
    self.rendersColumns = rendersColumns
    self.rendersTypes = rendersTypes
    self.isLateral = isLateral
    self.hasOrdinality = hasOrdinality
    super.init(of: call.extent)
    adopt(columns)
  }
}

/// Rows written out: `(VALUES (1, 'a'), (2, 'b')) AS name (x, y)`.
public final class ValuesClause: FromClause {
  /// The rows.
  public var rows: [[SQLExpression]]
  /// Its name; nil for one that the statement numbers.
  public var name: SQLName?
  /// Whether `LATERAL` stands before it.
  public var isLateral = false

  /// Writes rows out.
  public init(columns: [Column], rows: [[SQLExpression]] = [], name: SQLName? = nil) {
    self.rows = rows
    self.name = name
    super.init()
    adopt(columns)
  }
}

extension FromClause {
  /// A name for messages.
  var title: String {
    switch self {
    case let table as Table: table.fullName
    case let alias as Alias: alias.name?.text ?? alias.source.title
    case let subquery as Subquery: subquery.name?.text ?? "subquery"
    case let common as CommonTable: common.name?.text ?? "cte"
    default: "join"
    }
  }
}
