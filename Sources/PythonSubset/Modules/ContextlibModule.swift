/// `contextlib`.
enum ContextlibModule {
  static func make() -> HostModule {
    HostModule(
      "contextlib",
      [
        "contextmanager": { _ in
          .function("contextmanager", "func") { call in .object(ContextFunction(call[0])) }
        },
        "asynccontextmanager": { _ in
          .function("asynccontextmanager", "func") { call in .object(ContextFunction(call[0])) }
        },
        "suppress": { _ in
          .function("suppress", "*exceptions") { call in .object(Suppression(call.rest)) }
        },
        "nullcontext": { _ in
          .function("nullcontext", "enter_result=None") { call in
            .object(Context(enter: { _ in call[0] }, exit: { _, _ in false }))
          }
        },
        "closing": { _ in
          .function("closing", "thing") { call in
            .object(
              Context(
                enter: { _ in call[0] },
                exit: { _, python in
                  _ = try python.callMethod("close", of: call[0])
                  return false
                }))
          }
        },
        "ExitStack": { _ in .function("ExitStack") { _ in .object(ExitStack()) } },
        "AbstractContextManager": { _ in .object(PythonClass.object) },
      ])
  }
}

/// A context manager of two closures.
final class Context: PythonObject {
  private let onEnter: (Interpreter) throws -> Value
  private let onExit: (PythonError?, Interpreter) throws -> Bool

  init(
    enter: @escaping (Interpreter) throws -> Value,
    exit: @escaping (PythonError?, Interpreter) throws -> Bool
  ) {
    onEnter = enter
    onExit = exit
  }

  override func enter(_ python: Interpreter) throws -> Value? { try onEnter(python) }
  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    try onExit(error, python)
  }
}

/// A function that `@contextmanager` decorates: a call gives a context manager.
final class ContextFunction: PythonObject {
  private let function: Value

  init(_ function: Value) { self.function = function }

  override var pythonClass: PythonClass { .function }
  override var isCallable: Bool { true }

  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    .object(GeneratorContext(function, arguments))
  }

  override func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? { instance.map { .object(BoundMethod(self, receiver: $0)) } }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "__wrapped__" ? function : try python.attribute(of: function, name)
  }
}

/// The context manager of a generator that yields once.
final class GeneratorContext: PythonObject {
  private let function: Value
  private let arguments: Arguments
  private var generator: Generator?

  init(_ function: Value, _ arguments: Arguments) {
    self.function = function
    self.arguments = arguments
  }

  override var typeName: String { "_GeneratorContextManager" }
  override var isCallable: Bool { true }

  override func enter(_ python: Interpreter) throws -> Value? {
    guard let generator = try python.call(function, arguments).object(as: Generator.self) else {
      throw PythonError(.typeError, "a context manager function must be a generator")
    }
    self.generator = generator
    guard let value = try generator.next(python) else {
      throw PythonError(.runtimeError, "generator didn't yield")
    }
    return value
  }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    guard let generator else { return false }
    guard let error else {
      guard try generator.next(python) == nil else {
        throw PythonError(.runtimeError, "generator didn't stop")
      }
      return false
    }
    do {
      guard try generator.raise(error, python) == nil else {
        throw PythonError(.runtimeError, "generator didn't stop after throw()")
      }
      return true
    } catch let other as PythonError where other.exception === error.exception {
      return false
    } catch let other as PythonError
      where other.isA(.runtimeError) && error.isA(.stopIteration)
      && other.exception.cause === error.exception
    {
      return false
    }
  }

  /// Used as a decorator, it runs every call within a new context.
  override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard let wrapped = arguments.positional.first else { return try super.call(arguments, python) }
    let (function, given) = (function, self.arguments)
    return .function("inner", "*args, **kwargs") { call in
      let context = GeneratorContext(function, given)
      _ = try context.enter(call.python)
      let result: Value
      do {
        result = try call.python.call(wrapped, Arguments(call.rest, keywords: call.keywords))
      } catch let error as PythonError {
        if try context.exit(error, call.python) { return .null }
        throw error
      }
      _ = try context.exit(nil, call.python)
      return result
    }
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__enter__", "__aenter__":
      .function(name) { [self] call in
        let value = try enter(call.python) ?? .null
        return name == "__aenter__" ? .object(Awaited(value)) : value
      }
    case "__exit__", "__aexit__":
      .function(name, "type, value, traceback") { [self] call in
        let error = call[1].object(as: ExceptionObject.self).map { PythonError($0) }
        let swallows = Value.bool(try exit(error, call.python))
        return name == "__aexit__" ? .object(Awaited(swallows)) : swallows
      }
    default: try super.attribute(name, python)
    }
  }
}

/// `suppress(*exceptions)`.
private final class Suppression: PythonObject {
  private let classes: [Value]

  init(_ classes: [Value]) { self.classes = classes }

  override func enter(_ python: Interpreter) throws -> Value? { Value.null }
  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    guard let error else { return false }
    return try python.isInstance(.object(error.exception), .tuple(classes))
  }
}

/// `ExitStack`.
final class ExitStack: PythonObject {
  private var exits: [(PythonError?, Interpreter) throws -> Bool] = []

  override func enter(_ python: Interpreter) throws -> Value? { .object(self) }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    var pending = error
    while let exit = exits.popLast() {
      do {
        if try exit(pending, python) { pending = nil }
      } catch let other as PythonError {
        if let pending { other.exception.setContext(pending.exception) }
        pending = other
      }
    }
    if let pending, pending.exception !== error?.exception { throw pending }
    return error != nil && pending == nil
  }

  override class var ownMethods: [String] { ["enter_context", "callback", "push", "close"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "enter_context":
      .function(name, "cm") { [self] call in
        guard case .object(let manager) = call[0], let value = try manager.enter(call.python) else {
          throw PythonError(
            .typeError,
            "'\(call[0].typeName)' object does not support the context manager protocol")
        }
        exits.append { try manager.exit($0, $1) }
        return value
      }
    case "callback":
      .function(name, "callback, /, *args, **kwargs") { [self] call in
        exits.append { _, python in
          _ = try python.call(call[0], Arguments(call.rest, keywords: call.keywords))
          return false
        }
        return call[0]
      }
    case "push":
      .function(name, "exit") { [self] call in
        guard case .object(let manager) = call[0] else { return .null }
        exits.append { try manager.exit($0, $1) }
        return call[0]
      }
    case "close":
      .function(name) { [self] call in .bool(try exit(nil, call.python)) }
    default: try super.attribute(name, python)
    }
  }
}
