internal import OrderedCollections

/// An enumeration, native (`CREATE TYPE ... AS ENUM`) or text with a check.
public final class EnumType {
  /// The type's name; without one there is no DDL for it.
  public var name: SQLName?
  /// The schema the script named.
  public var schema: SQLName?
  /// The labels in order.
  public var labels: [String]
  /// Whether the database's own kind of enumeration is used.
  public var isNative: Bool
  /// Whether a table that is created creates the type first.
  public var createsType: Bool
  /// Whether a non-native enumeration checks its labels.
  public var hasCheck: Bool
  /// The length of the text of a non-native enumeration; that of the longest label where nil.
  public var length: Int?
  /// Whether the schema of the table counts when the script named none.
  public var inheritsSchema: Bool
  /// The metadata that owns the type, which then outlives single tables.
  public var metadata: MetaData?
  /// Whether values are looked up among the labels when they are sent.
  public var validatesStrings: Bool

  /// Describes an enumeration.
  public init(
    _ labels: [String], name: SQLName?, schema: SQLName? = nil, isNative: Bool = true,
    createsType: Bool = true, hasCheck: Bool = false, length: Int? = nil,
    inheritsSchema: Bool = false, metadata: MetaData? = nil, validatesStrings: Bool = false
  ) {
    self.labels = labels
    self.name = name
    self.schema = schema
    self.isNative = isNative
    self.createsType = createsType
    self.hasCheck = hasCheck
    self.length = length
    self.inheritsSchema = inheritsSchema
    self.metadata = metadata
    self.validatesStrings = validatesStrings
  }

  /// The length of the text that stands for a non-native enumeration.
  public var textLength: Int {
    length ?? labels.map(\.unicodeScalars.count).max() ?? 0
  }
}

/// A domain: another type with a check of its own.
public final class DomainType {
  /// The domain's name.
  public var name: SQLName
  /// The schema.
  public var schema: SQLName?
  /// The type it stands on.
  public var base: SQLType
  /// The collation.
  public var collation: String?
  /// The default, as SQL.
  public var defaultText: String?
  /// The name of its check.
  public var constraintName: SQLName?
  /// Whether NULL is refused; nil says nothing.
  public var notNull: Bool?
  /// The check, as SQL.
  public var check: String?
  /// Whether a table that is created creates the domain first.
  public var createsType: Bool

  /// Describes a domain.
  public init(
    _ name: SQLName, _ base: SQLType, schema: SQLName? = nil, collation: String? = nil,
    defaultText: String? = nil, constraintName: SQLName? = nil, notNull: Bool? = nil,
    check: String? = nil, createsType: Bool = true
  ) {
    self.name = name
    self.base = base
    self.schema = schema
    self.collation = collation
    self.defaultText = defaultText
    self.constraintName = constraintName
    self.notNull = notNull
    self.check = check
    self.createsType = createsType
  }
}
