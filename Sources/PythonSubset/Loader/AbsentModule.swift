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
}

/// What an absent module's member stands for: it can be passed on, but not used.
final class AbsentObject: PythonObject {
  private let path: String
  private let module: String

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

  private var refusal: Unsupported { Self.refusal(path, module: module) }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? { throw refusal }

  override func setAttribute(_ name: String, to value: Value, _ python: Interpreter) throws -> Bool
  {
    throw refusal
  }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    throw refusal
  }

  override var isCallable: Bool { true }

  override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? { throw refusal }

  override func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? { throw refusal }

  override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? { throw refusal }

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
  override func item(_ key: Value, _ python: Interpreter) throws -> Value? { throw refusal }
  override func enter(_ python: Interpreter) throws -> Value? { throw refusal }
  override func classBases(_ python: Interpreter) throws -> [PythonClass]? { throw refusal }
  override func awaitResult(_ python: Interpreter) throws -> Value? { throw refusal }
}
