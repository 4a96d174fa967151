internal import Diagnostics
internal import OrderedCollections

/// A variable that functions share.
final class Cell {
  var value: Value?

  init(_ value: Value? = nil) { self.value = value }

  deinit {
    guard value?.canNest == true else { return }
    Disposal.take(holder: &value)
  }
}

/// The running of a module, class body, function or comprehension.
final class Frame {
  unowned let python: Interpreter
  let code: Code
  /// Where globals are.
  let module: PythonModule
  var slots: [Value?]
  var cells: [Cell]
  /// The names that a class body binds.
  var members: OrderedDictionary<String, Value> = [:]
  /// The annotations of a class body's names, in order.
  var annotations: [(name: String, value: ExpressionNode)] = []
  /// Where it stands.
  var position: Position
  /// The frame that entered it; nil while it does not run.
  private(set) var caller: Frame?

  init(_ code: Code, _ module: PythonModule, closure: [Cell], _ python: Interpreter) {
    self.code = code
    self.module = module
    self.python = python
    slots = Array(repeating: nil, count: code.scope.slotCount)
    cells = (0..<code.scope.ownCellCount).map { _ in Cell() } + closure
    position = code.position
  }

  deinit {
    var held = slots.compactMap { $0 }
    slots = []
    Disposal.take(&held)
  }

  /// Where it stands, for messages.
  var location: SourceLocation {
    SourceLocation(file: code.file, line: Int(position.line), column: Int(position.column))
  }

  // MARK: Variables

  func read(_ variable: Variable) throws -> Value {
    switch variable.storage {
    case .local(let slot):
      if let value = slots[slot] { return value }
    case .cell(let cell):
      if let value = cells[cell].value { return value }
    case .member(let outerCell):
      if let value = members[variable.name] { return value }
      if let outerCell, let value = cells[outerCell].value { return value }
      return try global(variable.name)
    case .global: return try global(variable.name)
    }
    throw unbound(variable)
  }

  private func global(_ name: String) throws -> Value {
    if let value = try module.member(name, python) { return value }
    if let value = try python.builtins.member(name, python) { return value }
    if name.hasPrefix("__"), let value = try module.attribute(name, python) { return value }
    throw PythonError(.nameError, "name '\(name)' is not defined")
  }

  private func unbound(_ variable: Variable) -> PythonError {
    if case .cell(let index) = variable.storage, index >= code.scope.ownCellCount {
      return PythonError(
        .nameError,
        "cannot access free variable '\(variable.name)' where it is not associated with a value "
          + "in enclosing scope")
    }
    return PythonError(
      .unboundLocalError,
      "cannot access local variable '\(variable.name)' where it is not associated with a value")
  }

  func write(_ variable: Variable, _ value: Value) {
    switch variable.storage {
    case .local(let slot): slots[slot] = value
    case .cell(let cell): cells[cell].value = value
    case .member: members[variable.name] = value
    case .global: module.namespace[variable.name] = value
    }
  }

  func delete(_ variable: Variable) throws {
    let wasBound: Bool
    switch variable.storage {
    case .local(let slot):
      wasBound = slots[slot] != nil
      slots[slot] = nil
    case .cell(let cell):
      wasBound = cells[cell].value != nil
      cells[cell].value = nil
    case .member: wasBound = members.removeValue(forKey: variable.name) != nil
    case .global: wasBound = module.namespace.removeValue(forKey: variable.name) != nil
    }
    if wasBound { return }
    switch variable.storage {
    case .local, .cell: throw unbound(variable)
    default: throw PythonError(.nameError, "name '\(variable.name)' is not defined")
    }
  }

  /// Unbinds without complaint: the name of an `except` clause at its end.
  func forget(_ variable: Variable) {
    switch variable.storage {
    case .local(let slot): slots[slot] = nil
    case .cell(let cell): cells[cell].value = nil
    case .member: members.removeValue(forKey: variable.name)
    case .global: module.namespace.removeValue(forKey: variable.name)
    }
  }

  /// The cells that a function made here closes over.
  func closure(for scope: Scope) -> [Cell] { scope.captureCells.map { cells[$0] } }

  // MARK: Running

  /// Runs something in the frame: what it throws gets the place where the frame stands.
  func entered<Result>(_ body: () throws -> Result) throws -> Result {
    caller = python.frame
    python.frame = self
    defer {
      python.frame = caller
      caller = nil
    }
    do {
      return try python.nested(body)
    } catch let error as PythonError {
      error.exception.traceback.append(
        TracebackEntry(
          file: code.file, line: Int(position.line), column: Int(position.column),
          function: code.name))
      throw error
    } catch var refusal as Unsupported where refusal.location == nil {
      refusal.location = location
      throw refusal
    } catch var excess as LimitExceeded where excess.location == nil {
      excess.location = location
      throw excess
    }
  }
}

/// What a frame runs: its name, its place and its variables.
final class Code {
  let name: String
  let qualifier: String
  let file: String
  let position: Position
  let scope: Scope

  init(name: String, qualifier: String, file: String, position: Position, scope: Scope) {
    self.name = name
    self.qualifier = qualifier
    self.file = file
    self.position = position
    self.scope = scope
  }
}
