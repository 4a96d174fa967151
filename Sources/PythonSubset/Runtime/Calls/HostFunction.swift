/// A function that a host offers to Python.
///
/// ```swift
/// let f = HostFunction("quoted_name", "value, quote=None") { call in
///   .string(try call.string("value"))
/// }
/// ```
/// As a member of a ``PythonClass`` it is a method: its first parameter, `self`, is the instance.
public final class HostFunction: PythonObject {
  /// What a class does with the function when it is looked up on an instance.
  public enum Kind: Sendable {
    /// Binds the instance as the first argument.
    case method
    /// Binds the class as the first argument.
    case classMethod
    /// Binds nothing; `__new__` too.
    case plain
  }

  /// The name; a member of a host class takes that of the member.
  public internal(set) var name: String
  /// The parameters.
  public let signature: Signature
  /// How it is bound.
  public let kind: Kind
  /// The class it is a member of, for messages and `repr`.
  public internal(set) weak var owner: PythonClass?
  private let body: (Call) throws -> Value

  /// Creates a function from its parameters (see ``Signature``) and what it does.
  public init(
    _ name: String, _ signature: String = "", kind: Kind = .method,
    _ body: @escaping (Call) throws -> Value
  ) {
    self.name = name
    self.signature = Signature(signature)
    self.kind = kind
    self.body = body
  }

  public override var pythonClass: PythonClass { .builtinFunction }
  public override var isCallable: Bool { true }
  public override var callSignature: Signature? { signature }

  public override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    let binding = try signature.bind(arguments, function: name)
    do {
      return try body(
        Call(
          python: python, function: name, signature: signature, values: binding.values,
          rest: binding.rest, keywords: binding.keywords))
    } catch let error as PythonError {
      // An error about a thing that is not here says nothing of what the real one would do.
      throw AbsentObject.refusal(among: arguments) ?? error
    }
  }

  public override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? {
    switch kind {
    case .method: instance.map { .object(BoundMethod(self, receiver: $0)) }
    case .classMethod: .object(BoundMethod(self, receiver: .object(owner)))
    case .plain: nil
    }
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__name__", "__qualname__": .string(self.name)
    case "__doc__": .null
    default: try super.attribute(name, python)
    }
  }

  public override func representation(_ python: Interpreter) throws -> String {
    if let owner, kind == .method {
      "<method '\(name)' of '\(owner.name)' objects>"
    } else {
      "<built-in function \(name)>"
    }
  }
}

/// A function together with the receiver that is its first argument.
public final class BoundMethod: PythonObject {
  /// The function.
  public let function: PythonObject
  /// What it is bound to.
  public private(set) var receiver: Value

  /// Binds a function.
  public init(_ function: PythonObject, receiver: Value) {
    self.function = function
    self.receiver = receiver
  }

  deinit {
    var held = [receiver]
    receiver = .null
    Disposal.take(&held)
  }

  public override var pythonClass: PythonClass { .method }
  public override var isCallable: Bool { true }

  public override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    try function.call(arguments.prefixed(by: receiver), python)
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__self__": receiver
    case "__func__": .object(function)
    default:
      try function.attribute(name, python) ?? super.attribute(name, python)
    }
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual, let other = other.object(as: BoundMethod.self) else {
      return nil
    }
    let same = function === other.function && receiver.isIdentical(to: other.receiver)
    return .bool(same == (op == .equal))
  }

  public override func hash(_ python: Interpreter) throws -> Int {
    ObjectIdentifier(function).hashValue
  }

  public override func representation(_ python: Interpreter) throws -> String {
    let name = try function.attribute("__qualname__", python)?.string ?? "?"
    if function is HostFunction {
      return "<built-in method \(name) of \(receiver.typeName) object>"
    }
    return "<bound method \(name) of \(try python.repr(receiver))>"
  }
}
