/// A generator: the frame of a function that suspends, and the stack of its activations.
public final class Generator: PythonIterator {
  private enum State {
    case fresh, suspended, running, finished
  }
  private let frame: Frame
  private let isAsync: Bool
  private var stack: [Activation]
  private var state = State.fresh
  /// The exceptions that the generator's own handlers were handling when it was suspended.
  private var handled: [ExceptionObject] = []
  /// What the function returned.
  public private(set) var result = Value.null

  init(_ body: Block, _ frame: Frame, isAsync: Bool) {
    self.frame = frame
    self.isAsync = isAsync
    stack = [BlockActivation(body)]
  }

  public override var pythonClass: PythonClass { .generator }
  public override var typeName: String { isAsync ? "async_generator" : "generator" }

  public override func next(_ python: Interpreter) throws -> Value? {
    try resume(state == .fresh ? .start : .sent(.null), python)
  }

  /// `send(value)`; nil at the end.
  public func send(_ value: Value, _ python: Interpreter) throws -> Value? {
    if state == .fresh, !value.isNone {
      throw PythonError(
        .typeError, "can't send non-None value to a just-started generator")
    }
    return try resume(state == .fresh ? .start : .sent(value), python)
  }

  /// `throw(exception)`: raises it where the generator stands; nil when the generator ends.
  public func raise(_ error: PythonError, _ python: Interpreter) throws -> Value? {
    if state == .fresh || state == .finished {
      state = .finished
      throw error
    }
    return try resume(.failed(error), python)
  }

  /// `close()`.
  public func close(_ python: Interpreter) throws {
    do {
      guard try raise(PythonError(.generatorExit, arguments: []), python) == nil else {
        throw PythonError(.runtimeError, "generator ignored GeneratorExit")
      }
    } catch let error as PythonError
      where error.isA(.generatorExit) || error.isA(.stopIteration)
    {}
  }

  private func resume(_ input: Activation.Input, _ python: Interpreter) throws -> Value? {
    if state == .running { throw PythonError(.valueError, "generator already executing") }
    if state == .finished { return nil }
    state = .running
    let outer = python.handled.count
    python.handled += handled
    defer {
      handled = Array(python.handled[min(outer, python.handled.count)...])
      python.handled.removeLast(handled.count)
    }
    do {
      let value = try frame.entered { try advance(input) }
      state = value == nil ? .finished : .suspended
      return value
    } catch let error as PythonError where error.isA(.stopIteration) {
      finish()
      let wrapped = PythonError(.runtimeError, "generator raised StopIteration")
      wrapped.exception.cause = error.exception
      throw wrapped
    } catch {
      finish()
      throw error
    }
  }

  private func finish() {
    state = .finished
    stack = []
  }

  private func advance(_ first: Activation.Input) throws -> Value? {
    var input = first
    while let top = stack.last {
      do {
        switch try top.advance(input, frame) {
        case .enter(let activation):
          stack.append(activation)
          input = .start
        case .suspend(let value): return value
        case .finish(let completion):
          stack.removeLast()
          if case .returned(let value) = completion { result = value }
          input = .completed(completion)
        }
      } catch let error as PythonError {
        stack.removeLast()
        if stack.isEmpty { throw error }
        input = .failed(error)
      }
    }
    return nil
  }

  public override class var ownMethods: [String] {
    ["send", "asend", "throw", "athrow", "close", "aclose"]
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "send", "asend":
      return .function(name, "value, /") { [self] call in
        try stop(send(call[0], call.python))
      }
    case "throw", "athrow":
      return .function(name, "type, value=None, traceback=None, /") { [self] call in
        let error = PythonError(try call.python.exception(call[1].isNone ? call[0] : call[1]))
        return try stop(raise(error, call.python))
      }
    case "close", "aclose":
      return .function(name) { [self] call in
        try close(call.python)
        return .null
      }
    case "__anext__":
      return .function(name) { [self] call in
        guard let value = try next(call.python) else {
          throw PythonError(.stopAsyncIteration, arguments: [])
        }
        return .object(Awaited(value))
      }
    case "__aiter__": return isAsync ? .function(name) { [self] _ in .object(self) } : nil
    case "__next__":
      return .function(name) { [self] call in try stop(next(call.python)) }
    case "__name__": return .string(frame.code.name)
    case "__qualname__": return .string(frame.code.qualifier)
    default: return try super.attribute(name, python)
    }
  }

  private func stop(_ value: Value?) throws -> Value {
    if let value { return value }
    throw PythonError(.stopIteration, arguments: result.isNone ? [] : [result])
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "<generator object \(frame.code.qualifier) at \(address)>"
  }
}

/// What calling an `async def` function gives. There is no event loop: `await` runs it to its end.
public final class Coroutine: PythonObject {
  private let body: Block
  private let frame: Frame
  private var isStarted = false

  init(_ body: Block, _ frame: Frame) {
    self.body = body
    self.frame = frame
  }

  public override var pythonClass: PythonClass { .coroutine }

  public override func awaitResult(_ python: Interpreter) throws -> Value? {
    if isStarted {
      throw PythonError(.runtimeError, "cannot reuse already awaited coroutine")
    }
    isStarted = true
    return try frame.entered {
      if case .returned(let value) = try body.run(frame) { value } else { .null }
    }
  }

  public override class var ownMethods: [String] { ["send", "close"] }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "send":
      // There is nothing to wait for: the first step is the last.
      .function(name, "value, /") { [self] call in
        let result = try awaitResult(call.python) ?? .null
        throw PythonError(.stopIteration, arguments: result.isNone ? [] : [result])
      }
    case "close":
      .function(name) { [self] _ in
        isStarted = true
        return .null
      }
    case "__name__": .string(frame.code.name)
    case "__qualname__": .string(frame.code.qualifier)
    default: try super.attribute(name, python)
    }
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "<coroutine object \(frame.code.qualifier) at \(address)>"
  }
}

/// A value that is there already, where Python expects something to await.
public final class Awaited: PythonObject {
  private let value: Value

  /// Wraps a value.
  public init(_ value: Value) { self.value = value }

  public override func awaitResult(_ python: Interpreter) throws -> Value? { value }
}

extension Interpreter {
  /// `await value`: runs it to its end.
  public func await(_ value: Value) throws -> Value {
    if case .object(let object) = value, let result = try nested({ try object.awaitResult(self) }) {
      return result
    }
    throw PythonError(
      .typeError, "object \(value.typeName) can't be used in 'await' expression")
  }

  /// Runs an iterator to its end and gives what it returned: how `__await__` is driven.
  func finish(_ value: Value) throws -> Value {
    let iterator = try iterator(of: value)
    while try iterator.next(self) != nil { try tick() }
    return (iterator as? Generator)?.result ?? .null
  }

  /// The iterator of `for` or `async for`.
  func iterator(of value: Value, isAsync: Bool) throws -> PythonIterator {
    guard isAsync else { return try iterator(of: value) }
    if value.object(as: PythonIterator.self) == nil,
      let method = try optionalAttribute(of: value, "__aiter__")
    {
      let source = try call(method)
      if let iterator = source.object(as: PythonIterator.self) { return iterator }
      return ClosureIterator("async_iterator") { python in
        do {
          return try python.await(python.callMethod("__anext__", of: source))
        } catch let error as PythonError where error.isA(.stopAsyncIteration) {
          return nil
        }
      }
    }
    guard case .object = value else {
      throw PythonError(
        .typeError,
        "'async for' requires an object with __aiter__ method, got \(value.typeName)")
    }
    return try iterator(of: value)
  }
}
