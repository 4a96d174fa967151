/// A module that neither omcops nor the project has: a third-party package, or a standard module
/// without a counterpart here. Whether the real environment has it, nobody knows; so importing it
/// passes, and whatever is done with it is refused.
final class AbsentModule: PythonModule {
  override func resolve(_ name: String, _ python: Interpreter) throws -> Value? {
    .object(AbsentObject("\(self.name).\(name)", module: self.name))
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__name__": return .string(self.name)
    case "__path__": return .list([])
    case "__all__":
      throw AbsentObject.refusal("from \(self.name) import *", module: self.name)
    default: return try member(name, python)
    }
  }

  // `from package import name` may just as well mean a class or a function.
  private var standIn: AbsentObject { AbsentObject(self.name, module: self.name) }

  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    try standIn.call(arguments, python)
  }

  override func classBases(_ python: Interpreter) throws -> [PythonClass]? {
    try standIn.classBases(python)
  }

  override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    try standIn.item(key, python)
  }
}

/// What an absent module's member stands for, or what came of it as a module was imported.
///
/// The top-level code of a module may make things of a library that the migration never touches:
/// `app = FastAPI()`, `class Item(Model): size = Field(0)`, `@task def f()`. There calling one,
/// taking its attributes and deriving from it gives another that is as unknown. Whatever needs to
/// know what it is, and any use while a migration runs, is refused.
final class AbsentObject: PythonObject {
  let path: String
  let module: String
  private lazy var derived = AbsentClass(path, module: module)

  init(_ path: String, module: String) {
    self.path = path
    self.module = module
  }

  static func refusal(_ construct: String, module: String) -> Unsupported {
    let package = module.split(separator: ".").first.map(String.init) ?? module
    return Unsupported(
      construct,
      hint: "The package \(package) is not available to omcops; "
        + "use --engine python for this revision, or write its value into the script.")
  }

  var refusal: Unsupported { Self.refusal(path, module: module) }

  /// The absent one of two values.
  @inline(__always)
  static func first(of a: Value, _ b: Value) -> AbsentObject? {
    if case .object(let object) = a, let absent = object as? AbsentObject { return absent }
    if case .object(let object) = b, let absent = object as? AbsentObject { return absent }
    return nil
  }

  /// The refusal of the first absent thing among what a host is given, in collections too.
  static func refusal(among arguments: Arguments) -> Unsupported? {
    refusal(among: arguments.positional) ?? refusal(among: arguments.keywords.map(\.value))
  }

  private static func refusal(among values: [Value], depth: Int = 3) -> Unsupported? {
    for value in values {
      if case .object(let object) = value {
        if let absent = object as? AbsentObject { return absent.refusal }
        if let absent = object as? AbsentClass { return absent.refusal }
      }
      let inner = value.sequence ?? value.dict?.values ?? []
      if depth > 1, let found = refusal(among: inner, depth: depth - 1) { return found }
    }
    return nil
  }

  private func result(_ suffix: String, _ python: Interpreter) throws -> Value {
    guard python.importing > 0 else { throw refusal }
    return .object(AbsentObject(path + suffix, module: module))
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    // The others are asked for by Python and by hosts, to find out what it is.
    if name.hasPrefix("__"), name.hasSuffix("__"), !Self.written.contains(name) { throw refusal }
    return try result(".\(name)", python)
  }

  /// Special names that modules write out.
  private static let written: Set = [
    "__init__", "__new__", "__init_subclass__", "__name__", "__qualname__", "__module__", "__doc__",
    "__version__", "__wrapped__", "__add__", "__radd__", "__sub__", "__rsub__", "__mul__",
    "__truediv__", "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__hash__",
    "__str__", "__repr__", "__bool__", "__len__", "__getitem__", "__setattr__", "__getattr__",
  ]

  override func setAttribute(_ name: String, to value: Value, _ python: Interpreter) throws -> Bool
  {
    _ = try result("", python)
    return true
  }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    try result(path.hasSuffix(")") ? "" : "()", python)
  }

  override func classBases(_ python: Interpreter) throws -> [PythonClass]? {
    _ = try result("", python)
    return [derived]
  }

  override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    try result("[...]", python)
  }

  override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? { try result("", python) }

  override var isCallable: Bool { true }

  override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard python.importing > 0, other.object(as: AbsentObject.self) === self else { throw refusal }
    switch op {
    case .equal: return true
    case .notEqual: return false
    default: throw refusal
    }
  }

  override func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? { throw refusal }
  override func hash(_ python: Interpreter) throws -> Int { throw refusal }
  override func truth(_ python: Interpreter) throws -> Bool { throw refusal }
  override func representation(_ python: Interpreter) throws -> String { throw refusal }
  override func text(_ python: Interpreter) throws -> String { throw refusal }

  override func format(_ specification: String, _ python: Interpreter) throws -> String {
    throw refusal
  }

  override func index(_ python: Interpreter) throws -> Value? { throw refusal }
  override func iterator(_ python: Interpreter) throws -> PythonIterator? { throw refusal }
  override func length(_ python: Interpreter) throws -> Int? { throw refusal }
  override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? { throw refusal }
  override func enter(_ python: Interpreter) throws -> Value? { throw refusal }
  override func awaitResult(_ python: Interpreter) throws -> Value? { throw refusal }
}

/// A class of an absent module as the base of another: what is written in the derived class itself
/// can be used, everything that would come from the base, an instance above all, is refused.
final class AbsentClass: PythonClass {
  private let path: String
  private let source: String

  var refusal: Unsupported { AbsentObject.refusal(path, module: source) }

  init(_ path: String, module: String) {
    self.path = path
    source = module
    super.init(
      host: path.split(separator: ".").last.map(String.init) ?? path, module: module,
      members: [
        "__init_subclass__": .classMethod("cls, **kwargs") { _ in .null },
        "__class_getitem__": .classMethod("cls, item") { $0[0] },
      ])
  }

  private init(_ body: ClassBody, of base: AbsentClass) throws {
    path = base.path
    source = base.source
    try super.init(body)
  }

  override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
    try AbsentClass(body, of: self)
  }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard python.importing > 0 else { throw refusal }
    return unknown("()")
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    let isOwn = mro.contains { !$0.isHost && $0.members[name] != nil }
    if isOwn || name.hasPrefix("__") && name.hasSuffix("__") {
      return try super.attribute(name, python)
    }
    guard python.importing > 0 else { throw refusal }
    return unknown(".\(name)")
  }

  private func unknown(_ suffix: String) -> Value {
    .object(AbsentObject(path + suffix, module: source))
  }

  /// Makes an attribute one of which nothing is known.
  func forget(_ name: String) { members[name] = unknown(".\(name)") }
}
