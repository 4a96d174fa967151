/// A Python value.
///
/// The common types have cases of their own, so that they cost no allocation and are matched with
/// a plain `switch`; everything else is a ``PythonObject``. An instance of a Python class that
/// derives from `str`, `int`, `dict`... is an ``PythonInstance`` with a `payload`: match with the
/// accessors (``string``, ``int``, ``list``...), which look through it, rather than with the cases,
/// wherever a subclass would do in Python too.
///
/// Values belong to the one thread that runs their ``Interpreter``.
public enum Value {
  /// `None`. (Not named `none`, which would be taken for `Optional.none` wherever an optional value
  /// is expected.)
  case null
  case ellipsis
  /// What an operator answers when it does not know the other operand.
  case notImplemented
  case bool(Bool)
  /// An integer that fits a machine word. Larger ones are ``big(_:)``, never both.
  case int(Int)
  case big(BigInteger)
  case float(Double)
  case str(PythonString)
  case bytes([UInt8])
  case tuple([Value])
  case list(PythonList)
  case dict(PythonDict)
  /// A `set` or `frozenset`.
  case set(PythonSet)
  case object(PythonObject)

  /// A `str` of a Swift string.
  public static func string(_ text: String) -> Value { .str(PythonString(text)) }

  /// A new `list`.
  public static func list(_ items: [Value]) -> Value { .list(PythonList(items)) }

  /// A `str`, or `None` for nil.
  public static func string(orNone text: String?) -> Value { text.map { .string($0) } ?? .null }

  /// An `int`, or `None` for nil.
  public static func int(orNone number: Int?) -> Value { number.map { .int($0) } ?? .null }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByFloatLiteral
{
  /// A `str`.
  public init(stringLiteral value: String) { self = .string(value) }
  /// An `int`.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A `bool`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A `float`.
  public init(floatLiteral value: Double) { self = .float(value) }
}

extension Value {
  /// The builtin value within an instance of a subclass of a builtin type; other values themselves.
  public var unwrapped: Value {
    if case .object(let object) = self, let payload = (object as? PythonInstance)?.payload {
      payload
    } else {
      self
    }
  }

  /// Whether it is `None`.
  public var isNone: Bool { if case .null = self { true } else { false } }

  /// Nil for `None`, the value otherwise.
  public var orNil: Value? { isNone ? nil : self }

  /// The text of a `str` or of an instance of a subclass of `str`.
  public var string: String? { pythonString?.string }

  /// The `str`, also of an instance of a subclass.
  public var pythonString: PythonString? {
    switch self {
    case .str(let text): text
    case .object: if case .str(let text) = unwrapped { text } else { nil }
    default: nil
    }
  }

  /// The machine-word value of an `int`, `bool` or an instance of a subclass of `int`.
  public var int: Int? {
    switch self {
    case .int(let number): number
    case .bool(let flag): flag ? 1 : 0
    case .object: if case .int(let number) = unwrapped { number } else { nil }
    default: nil
    }
  }

  /// The value of a `float`, or of an integer as a `float`.
  public var double: Double? {
    switch unwrapped {
    case .float(let number): number
    case .int(let number): Double(number)
    case .bool(let flag): flag ? 1 : 0
    case .big(let number): number.double
    default: nil
    }
  }

  /// The value of a `bool`.
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }

  /// The bytes of a `bytes`.
  public var bytes: [UInt8]? { if case .bytes(let bytes) = unwrapped { bytes } else { nil } }

  /// The list, also of an instance of a subclass.
  public var list: PythonList? { if case .list(let list) = unwrapped { list } else { nil } }

  /// The items of a `tuple`, also of a named tuple.
  public var tuple: [Value]? { if case .tuple(let items) = unwrapped { items } else { nil } }

  /// The items of a `list` or `tuple`.
  public var sequence: [Value]? {
    switch unwrapped {
    case .list(let list): list.items
    case .tuple(let items): items
    default: nil
    }
  }

  /// The dictionary, also of an instance of a subclass.
  public var dict: PythonDict? { if case .dict(let dict) = unwrapped { dict } else { nil } }

  /// The set, also of an instance of a subclass.
  public var set: PythonSet? { if case .set(let set) = unwrapped { set } else { nil } }

  /// The object when it is one of the given Swift type.
  public func object<Object: PythonObject>(as type: Object.Type) -> Object? {
    if case .object(let object) = self { object as? Object } else { nil }
  }

  /// The class when the value is one.
  public var asClass: PythonClass? { object(as: PythonClass.self) }

  /// The value's class: what `type(value)` gives.
  public var pythonClass: PythonClass {
    switch self {
    case .null: .noneType
    case .ellipsis: .ellipsisType
    case .notImplemented: .notImplementedType
    case .bool: .bool
    case .int, .big: .int
    case .float: .float
    case .str: .str
    case .bytes: .bytes
    case .tuple: .tuple
    case .list: .list
    case .dict: .dict
    case .set(let set): set.isFrozen ? .frozenset : .set
    case .object(let object): object.pythonClass
    }
  }

  /// The name of the value's class, as error messages give it.
  public var typeName: String {
    if case .object(let object) = self { object.typeName } else { pythonClass.name }
  }

  /// Whether two values are the same object: Python's `is`. Strings, bytes, numbers and tuples,
  /// which have no identity here, are the same when they are equal and of one type.
  public func isIdentical(to other: Value) -> Bool {
    switch (self, other) {
    case (.null, .null), (.ellipsis, .ellipsis), (.notImplemented, .notImplemented): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.big(let a), .big(let b)): a == b
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern
    case (.str(let a), .str(let b)): a === b || a == b
    case (.bytes(let a), .bytes(let b)): a == b
    case (.tuple(let a), .tuple(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isIdentical(to: $1) }
    case (.list(let a), .list(let b)): a === b
    case (.dict(let a), .dict(let b)): a === b
    case (.set(let a), .set(let b)): a === b
    case (.object(let a), .object(let b)): a === b
    default: false
    }
  }
}
