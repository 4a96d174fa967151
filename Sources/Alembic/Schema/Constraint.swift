/// A constraint of a table.
open class Constraint {
  /// Its name; nil where neither a script nor a naming convention gave it one.
  public final var name: SQLName?
  /// When it is checked: `DEFERRABLE`, `NOT DEFERRABLE`, or nothing said.
  public final var isDeferrable: Bool?
  /// `INITIALLY`.
  public final var initially: String?
  /// Whether rows that are there are left unchecked.
  public final var isNotValid = false
  /// Its comment.
  public final var comment: String?
  /// The table it belongs to.
  public final var table: Table?
  /// When it was made, among all constraints: the order in which a table writes them.
  public final let creationOrder: Int
  /// Whether a type made it, as the check of an enumeration; its name may then be wanting.
  public final var isTypeBound = false

  init(name: SQLName?, creationOrder: Int? = nil) {
    self.name = name
    self.creationOrder = creationOrder ?? CreationOrder.next()
  }

  /// What naming conventions and messages call this kind.
  open var kind: ConstraintKind { .check }
  /// The columns it is about.
  open var namedColumns: [Column] { [] }

  /// A copy that belongs to no table yet.
  open func copy() -> Constraint { self }

  /// Finds its columns in a table.
  open func resolve(in table: Table) throws {}

  final func copyFrame(from other: Constraint) {
    isDeferrable = other.isDeferrable
    initially = other.initially
    isNotValid = other.isNotValid
    comment = other.comment
    isTypeBound = other.isTypeBound
  }
}

/// The kinds of constraints and indexes that a naming convention tells apart.
public enum ConstraintKind: String, Hashable, Sendable {
  case index = "ix"
  case unique = "uq"
  case check = "ck"
  case foreignKey = "fk"
  case primaryKey = "pk"
  /// Exclusion; a convention has no short key for it.
  case exclude = "ex"
}

/// A column of a constraint or index: by name until a table is known.
public enum ColumnReference {
  case name(String)
  case column(Column)
  case expression(SQLExpression)
}

/// A constraint over a list of columns.
open class ColumnListConstraint: Constraint {
  /// The columns as given.
  public final var references: [ColumnReference]
  /// The columns in the table.
  public final var columns: [Column] = []
  /// `INCLUDE`.
  public final var include: [String] = []

  /// Describes a constraint.
  public init(_ references: [ColumnReference], name: SQLName? = nil, creationOrder: Int? = nil) {
    self.references = references
    super.init(name: name, creationOrder: creationOrder)
  }

  /// The columns in the table.
  public override var namedColumns: [Column] { columns }

  /// Finds its columns in a table; throws where one is not there.
  public override func resolve(in table: Table) throws {
    columns = try references.map { reference in
      switch reference {
      case .column(let column): return table.column(column.key) ?? column
      case .name(let name):
        guard let column = table.column(name) else {
          throw SchemaError(
            .constraintColumnNotFound,
            "Can't create \(title) on table '\(table.name)': no column named '\(name)' is present.")
        }
        return column
      case .expression:
        throw SchemaError(.argument, "a \(title) takes columns, not expressions")
      }
    }
  }

  var title: String { "Constraint" }

  /// The references without the table they were found in.
  final var portableReferences: [ColumnReference] {
    references.map {
      if case .column(let column) = $0 { return .name(column.key) }
      return $0
    }
  }
}

/// `PRIMARY KEY`.
public final class PrimaryKeyConstraint: ColumnListConstraint {
  /// Whether a table made it without being asked.
  public var isImplicit = false

  /// `pk`
  public override var kind: ConstraintKind { .primaryKey }
  override var title: String { "PrimaryKeyConstraint" }

  /// A copy that belongs to no table yet.
  public override func copy() -> Constraint {
    let other = PrimaryKeyConstraint(portableReferences, name: name)
    other.copyFrame(from: self)
    other.include = include
    return other
  }
}

/// `UNIQUE`.
public final class UniqueConstraint: ColumnListConstraint {
  /// `NULLS NOT DISTINCT`, `NULLS DISTINCT`, or nothing.
  public var nullsNotDistinct: Bool?
  /// Whether `unique=True` of a column made it.
  public var isColumnFlag = false

  /// `uq`
  public override var kind: ConstraintKind { .unique }
  override var title: String { "UniqueConstraint" }

  /// A copy that belongs to no table yet.
  public override func copy() -> Constraint {
    let other = UniqueConstraint(portableReferences, name: name)
    other.copyFrame(from: self)
    other.include = include
    other.nullsNotDistinct = nullsNotDistinct
    return other
  }
}

/// `CHECK`.
public final class CheckConstraint: Constraint {
  /// What must hold.
  public var condition: SQLExpression

  /// Describes a check.
  public init(_ condition: SQLExpression, name: SQLName? = nil, creationOrder: Int? = nil) {
    self.condition = condition
    super.init(name: name, creationOrder: creationOrder)
  }

  /// The columns that the condition names, as far as it is not text.
  public override var namedColumns: [Column] { condition.columns }

  /// A copy that belongs to no table yet.
  public override func copy() -> Constraint {
    let other = CheckConstraint(condition, name: name)
    other.copyFrame(from: self)
    return other
  }
}

/// `EXCLUDE`.
public final class ExcludeConstraint: Constraint {
  /// What is compared by what.
  public struct Element {
    /// A column or expression.
    public var reference: ColumnReference
    /// The operator.
    public var comparison: String

    /// Describes an element.
    public init(_ reference: ColumnReference, _ comparison: String) {
      self.reference = reference
      self.comparison = comparison
    }
  }

  /// The elements.
  public var elements: [Element]
  /// The access method.
  public var using: String
  /// Which rows it is about.
  public var predicate: SQLExpression?
  /// Operator classes by column.
  public var operatorClasses: [String: String]

  /// Describes an exclusion.
  public init(
    _ elements: [Element], name: SQLName? = nil, using: String = "gist",
    predicate: SQLExpression? = nil, operatorClasses: [String: String] = [:]
  ) {
    self.elements = elements
    self.using = using
    self.predicate = predicate
    self.operatorClasses = operatorClasses
    super.init(name: name)
  }

  /// Conventions have no key for it.
  public override var kind: ConstraintKind { .exclude }

  /// A copy that belongs to no table yet.
  public override func copy() -> Constraint {
    let other = ExcludeConstraint(
      elements, name: name, using: using, predicate: predicate, operatorClasses: operatorClasses)
    other.copyFrame(from: self)
    return other
  }
}

/// Numbers constraints in the order in which they are made.
enum CreationOrder {
  private static let counter = Counter()

  static func next() -> Int { counter.next() }
}
