/// An index of a table.
public final class Index {
  /// Its name; nil until a naming convention gives one.
  public var name: SQLName?
  /// What it is over.
  public var elements: [ColumnReference]
  /// Whether values are unique.
  public var isUnique: Bool
  /// The table it belongs to.
  public var table: Table?
  /// What PostgreSQL adds.
  public var options: IndexOptions
  /// The columns that the elements name.
  public var columns: [Column] = []
  /// Whether `index=True` of a column made it.
  public var isColumnFlag = false

  /// Describes an index.
  public init(
    _ name: SQLName?, _ elements: [ColumnReference], isUnique: Bool = false,
    options: IndexOptions = .init()
  ) {
    self.name = name
    self.elements = elements
    self.isUnique = isUnique
    self.options = options
  }

  /// A copy that belongs to no table.
  public func copy() -> Index {
    let portable = elements.map { element -> ColumnReference in
      if case .column(let column) = element { return .name(column.key) }
      return element
    }
    return Index(name, portable, isUnique: isUnique, options: options)
  }
}

/// What PostgreSQL adds to an index.
public struct IndexOptions {
  /// The access method.
  public var using: String?
  /// Operator classes by column or label.
  public var operatorClasses: [String: String] = [:]
  /// `WHERE`.
  public var predicate: SQLExpression?
  /// `INCLUDE`.
  public var include: [String] = []
  /// Storage parameters, in order.
  public var with: [(name: String, value: String)] = []
  /// `TABLESPACE`.
  public var tablespace: SQLName?
  /// `NULLS NOT DISTINCT`, `NULLS DISTINCT`, or nothing.
  public var nullsNotDistinct: Bool?
  /// `CONCURRENTLY`.
  public var isConcurrent = false

  /// By the server's defaults.
  public init() {}
}
