/// A column's or expression's type, already narrowed to PostgreSQL: variants for other databases
/// are settled before one is made.
public indirect enum SQLType {
  /// A type that nobody gave; it has no DDL.
  case null
  case string(StringType)
  case integer(IntegerSize)
  case numeric(NumericType)
  case float(FloatType)
  case boolean
  case date
  /// `TIME`; precision counts digits of the second.
  case time(timezone: Bool, precision: Int?)
  case timestamp(TimestampType)
  /// `INTERVAL` with the fields and the digits of the second it keeps.
  case interval(fields: String?, precision: Int?)
  case binary(BinaryType)
  case uuid(UUIDType)
  case json(JSONType)
  case array(ArrayType)
  case enumeration(EnumType)
  case domain(DomainType)
  case bit(length: Int?, varying: Bool)
  /// A range or multirange by its name in capitals, as `TSTZRANGE`.
  case range(String)
  case hstore
  /// A type whose name is all there is to say: `INET`, `OID`, `TSVECTOR`...
  case named(String)
  case tuple([SQLType])
  /// A type that a script wrapped or defined.
  case custom(any CustomType)

  /// `VARCHAR` and its kin.
  public struct StringType: Hashable, Sendable {
    /// The word for it: `VARCHAR`, `CHAR`, `TEXT`, `CITEXT`...
    public var keyword: String
    /// The most characters it holds.
    public var length: Int?
    /// The collation, without quotes.
    public var collation: String?

    /// Describes a type of text.
    public init(_ keyword: String = "VARCHAR", length: Int? = nil, collation: String? = nil) {
      self.keyword = keyword
      self.length = length
      self.collation = collation
    }
  }

  /// How many bytes an integer has.
  public enum IntegerSize: String, Hashable, Sendable {
    case small = "SMALLINT"
    case regular = "INTEGER"
    case big = "BIGINT"
  }

  /// `NUMERIC` or `DECIMAL`.
  public struct NumericType: Hashable, Sendable {
    /// The word for it.
    public var keyword: String
    /// The digits in all.
    public var precision: Int?
    /// The digits after the point; without a precision it is not written.
    public var scale: Int?
    /// Whether results are Decimals; otherwise floats.
    public var asDecimal: Bool

    /// Describes an exact number.
    public init(
      _ keyword: String = "NUMERIC", precision: Int? = nil, scale: Int? = nil,
      asDecimal: Bool = true
    ) {
      self.keyword = keyword
      self.precision = precision
      self.scale = scale
      self.asDecimal = asDecimal
    }
  }

  /// `FLOAT`, `REAL` or `DOUBLE PRECISION`.
  public struct FloatType: Hashable, Sendable {
    /// The word for it.
    public var keyword: String
    /// The binary digits; only `FLOAT` writes them.
    public var precision: Int?
    /// Whether results are Decimals.
    public var asDecimal: Bool

    /// Describes an inexact number.
    public init(_ keyword: String = "FLOAT", precision: Int? = nil, asDecimal: Bool = false) {
      self.keyword = keyword
      self.precision = precision
      self.asDecimal = asDecimal
    }
  }

  /// `TIMESTAMP`, or the `DATETIME` that PostgreSQL does not have.
  public struct TimestampType: Hashable, Sendable {
    /// Whether it has a time zone.
    public var timezone: Bool
    /// The digits of the second.
    public var precision: Int?
    /// Whether the script wrote `DATETIME` in capitals, which is sent as it is.
    public var isVerbatimDateTime: Bool

    /// Describes a timestamp.
    public init(timezone: Bool = false, precision: Int? = nil, isVerbatimDateTime: Bool = false) {
      self.timezone = timezone
      self.precision = precision
      self.isVerbatimDateTime = isVerbatimDateTime
    }
  }

  /// `BYTEA`, or a word of other databases that is sent as it is.
  public struct BinaryType: Hashable, Sendable {
    /// The word for it.
    public var keyword: String
    /// The length that `BINARY` and `VARBINARY` write.
    public var length: Int?
    /// Whether values are pickled Python objects.
    public var isPickled: Bool

    /// Describes a type of bytes.
    public init(_ keyword: String = "BYTEA", length: Int? = nil, isPickled: Bool = false) {
      self.keyword = keyword
      self.length = length
      self.isPickled = isPickled
    }
  }

  /// `UUID`.
  public struct UUIDType: Hashable, Sendable {
    /// Whether values are Python's UUID; otherwise text.
    public var asUUID: Bool
    /// Whether the database's own type is used; otherwise `CHAR(32)`.
    public var isNative: Bool

    /// Describes a UUID.
    public init(asUUID: Bool = true, isNative: Bool = true) {
      self.asUUID = asUUID
      self.isNative = isNative
    }
  }

  /// `JSON` or `JSONB`.
  public struct JSONType: Hashable, Sendable {
    /// Whether it is `JSONB`.
    public var isBinary: Bool
    /// Whether Python's None is SQL's NULL; otherwise JSON's null.
    public var noneAsNull: Bool

    /// Describes a JSON type.
    public init(isBinary: Bool = false, noneAsNull: Bool = false) {
      self.isBinary = isBinary
      self.noneAsNull = noneAsNull
    }
  }

  /// An array.
  public struct ArrayType {
    /// The type of an element.
    public var item: SQLType
    /// How many pairs of brackets are written; one where nil.
    public var dimensions: Int?
    /// Whether an index of a script counts from zero and is written one higher.
    public var hasZeroIndexes: Bool

    /// Describes an array.
    public init(_ item: SQLType, dimensions: Int? = nil, hasZeroIndexes: Bool = false) {
      self.item = item
      self.dimensions = dimensions
      self.hasZeroIndexes = hasZeroIndexes
    }
  }
}

/// A type that a script defines itself.
public protocol CustomType: AnyObject {
  /// The type it stands on, as a TypeDecorator's `impl`; nil where it only gives a text.
  func resolved() throws -> SQLType?
  /// What `get_col_spec` answers; asked where `resolved` is nil.
  func columnSpecification() throws -> String
}

extension SQLType {
  /// The type with decorators taken off.
  public func resolved() throws -> SQLType {
    var type = self
    while case .custom(let custom) = type, let inner = try custom.resolved() { type = inner }
    return type
  }

  /// Whether a primary key of this type may count up by itself.
  public var isCountable: Bool {
    get throws {
      switch try resolved() {
      case .integer, .numeric, .float: true
      default: false
      }
    }
  }

  /// Whether `+` joins texts.
  public var isText: Bool {
    get throws {
      switch self {
      case .string, .enumeration: true
      case .custom(let custom): try custom.resolved()?.isText ?? false
      default: false
      }
    }
  }
}
