internal import OrderedCollections

/// The special methods of the builtin types, by which scripts call them directly
/// (`super().__setitem__(key, value)`, `str.__eq__(a, b)`) or ask whether they are there
/// (`hasattr(value, "__iter__")`). They work on the builtin value within the receiver.
enum SpecialMethods {
  /// Groups of methods that types have together.
  struct Groups: OptionSet {
    let rawValue: Int
    static let order = Groups(rawValue: 1)
    static let sized = Groups(rawValue: 2)
    static let items = Groups(rawValue: 4)
    static let mutableItems = Groups(rawValue: 8)
    static let arithmetic = Groups(rawValue: 16)
    static let addition = Groups(rawValue: 32)
    static let sets = Groups(rawValue: 64)
    static let unhashable = Groups(rawValue: 128)
    static let modulo = Groups(rawValue: 256)
  }

  static func methods(_ groups: Groups) -> OrderedDictionary<String, Value> {
    var methods: OrderedDictionary<String, Value> = [:]
    addBasics(&methods, groups)
    for op in operators(groups) {
      methods[op.method] = .method("self, other, /") { call in
        try call.python.builtinBinary(op, call[0].unwrapped, call[1].unwrapped) ?? .notImplemented
      }
      methods[op.reflectedMethod] = .method("self, other, /") { call in
        try call.python.builtinBinary(op, call[1].unwrapped, call[0].unwrapped) ?? .notImplemented
      }
    }
    if groups.contains(.sized) { addSized(&methods) }
    if groups.contains(.items) {
      methods["__getitem__"] = .method("self, key, /") { call in
        try call.python.item(of: call[0].unwrapped, call[1])
      }
    }
    if groups.contains(.mutableItems) { addMutation(&methods) }
    return methods
  }

  private static func operators(_ groups: Groups) -> [BinaryOperator] {
    var operators: [BinaryOperator] = []
    if groups.contains(.arithmetic) {
      operators += [.add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power]
    }
    if groups.contains(.addition) { operators += [.add, .multiply] }
    if groups.contains(.modulo) { operators += [.modulo] }
    if groups.contains(.sets) { operators += [.bitOr, .bitAnd, .subtract, .bitXor] }
    return operators
  }

  private static func addBasics(
    _ methods: inout OrderedDictionary<String, Value>, _ groups: Groups
  ) {
    let comparisons: [ComparisonOperator] =
      [.equal, .notEqual]
      + (groups.contains(.order) ? [.less, .lessOrEqual, .greater, .greaterOrEqual] : [])
    for op in comparisons {
      guard let name = op.method else { continue }
      methods[name] = .method("self, other, /") { call in
        try call.python.builtinCompare(op, call[0].unwrapped, call[1].unwrapped)
          ?? .notImplemented
      }
    }
    methods["__hash__"] =
      groups.contains(.unhashable)
      ? .null : .method { call in .int(try call.python.hash(call[0].unwrapped)) }
    methods["__repr__"] = .method { call in
      .string(try call.python.repr(call[0].unwrapped))
    }
    methods["__format__"] = .method("self, specification, /") { call in
      // A subclass with a __str__ of its own is formatted by it, as str.__format__ does not know.
      .string(try call.python.format(call[0].unwrapped, call.string(1)))
    }
  }

  private static func addSized(_ methods: inout OrderedDictionary<String, Value>) {
    methods["__len__"] = .method { call in .int(try call.python.length(call[0].unwrapped)) }
    methods["__iter__"] = .method { call in
      .object(try call.python.iterator(of: call[0].unwrapped))
    }
    methods["__contains__"] = .method("self, item, /") { call in
      .bool(try call.python.contains(call[0].unwrapped, call[1]))
    }
  }

  private static func addMutation(_ methods: inout OrderedDictionary<String, Value>) {
    methods["__setitem__"] = .method("self, key, value, /") { call in
      try call.python.setItem(of: call[0].unwrapped, call[1], to: call[2])
      return .null
    }
    methods["__delitem__"] = .method("self, key, /") { call in
      try call.python.deleteItem(of: call[0].unwrapped, call[1])
      return .null
    }
  }

  /// The value of a new instance: itself for the builtin type, an instance that holds it for a
  /// subclass.
  static func instance(_ call: Call, _ builtin: PythonClass, _ value: Value) throws -> Value {
    let cls = try call.cls()
    return cls === builtin ? value : .object(cls.bareInstance(payload: value))
  }
}

extension OrderedDictionary where Key == String, Value == PythonSubset.Value {
  /// The methods with others added, which take precedence.
  func adding(_ others: OrderedDictionary<String, PythonSubset.Value>) -> Self {
    merging(others) { $1 }
  }
}

/// `list[int]`: a class with arguments, for annotations. Calls, attributes and bases are those of
/// the class.
public final class GenericAlias: PythonObject {
  /// The class.
  public let origin: Value
  /// The arguments.
  public private(set) var arguments: [Value]

  /// Creates an alias.
  public init(_ origin: Value, _ arguments: [Value]) {
    self.origin = origin
    self.arguments = arguments
  }

  deinit { Disposal.take(&arguments) }

  static var member: Value {
    .classMethod("cls, item, /") { call in
      .object(GenericAlias(call[0], call[1].tuple ?? [call[1]]))
    }
  }

  public override var pythonClass: PythonClass { .genericAlias }
  public override var isCallable: Bool { true }

  public override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    try python.call(origin, arguments)
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__origin__": origin
    case "__args__": .tuple(arguments)
    default: try python.attribute(of: origin, name)
    }
  }

  public override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    .object(GenericAlias(origin, key.tuple ?? [key]))
  }

  public override func classBases(_ python: Interpreter) throws -> [PythonClass]? {
    if let cls = origin.asClass { return [cls] }
    guard case .object(let object) = origin else { return nil }
    return try object.classBases(python)
  }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard op == .bitOr else { return nil }
    return .object(UnionType(reflected ? [other, .object(self)] : [.object(self), other]))
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual, let other = other.object(as: GenericAlias.self) else {
      return nil
    }
    let same =
      try origin.isIdentical(to: other.origin)
      && python.equal(.tuple(arguments), .tuple(other.arguments))
    return .bool(same == (op == .equal))
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    try python.hash(.tuple([origin] + arguments))
  }

  public override func representation(_ python: Interpreter) throws -> String {
    func text(_ value: Value) throws -> String {
      if case .ellipsis = value { return "..." }
      return try value.asClass?.qualifiedName ?? python.repr(value)
    }
    return "\(try text(origin))[\(try arguments.map(text).joined(separator: ", "))]"
  }
}
