/// A name within one scope, and where its value is; known once the whole module is read.
final class Variable {
  enum Storage {
    /// A slot of the frame.
    case local(Int)
    /// A cell of the frame: shared with inner functions, or come from an outer one.
    case cell(Int)
    /// A member of the class whose body runs; where it is not bound, the cell of an enclosing
    /// function or, without one, a global.
    case member(outerCell: Int?)
    /// A member of the module, or a builtin.
    case global
  }

  let name: String
  fileprivate(set) var storage = Storage.global
  fileprivate var isCaptured = false
  /// The variable of an enclosing function that this one stands for.
  fileprivate var origin: Variable?

  init(_ name: String) { self.name = name }
}

/// A module, class body, function or comprehension, with the names it uses.
///
/// Lowering asks for the variable of each name it meets and says what is bound; ``resolve()``, on
/// the outermost scope, then decides where each variable lives. So no name is looked up by its text
/// when a function runs.
final class Scope {
  enum Kind {
    case module, classBody, function, comprehension
  }

  let kind: Kind
  let parent: Scope?
  private var children: [Scope] = []
  private var order: [Variable] = []
  private var variables: [String: Variable] = [:]
  private var bound: Set<String> = []
  private var globals: Set<String> = []
  private var nonlocals: Set<String> = []
  /// The free variables, with the enclosing scope's variable for each, in the order of the cells
  /// that follow the frame's own.
  private(set) var captures: [(inner: Variable, outer: Variable)] = []
  private(set) var slotCount = 0
  /// The cells that a frame makes itself.
  private(set) var ownCellCount = 0
  /// The name of the first parameter, for `super()`.
  var firstParameter: String?

  init(_ kind: Kind, in parent: Scope?) {
    self.kind = kind
    self.parent = parent
    parent?.children.append(self)
  }

  /// The variable of a name that is used here.
  func variable(_ name: String) -> Variable {
    if let variable = variables[name] { return variable }
    let variable = Variable(name)
    variables[name] = variable
    order.append(variable)
    return variable
  }

  /// The variable of a name that is bound here.
  func binding(_ name: String) -> Variable {
    bound.insert(name)
    return variable(name)
  }

  /// A variable that no name can reach.
  func temporary() -> Variable { binding("<\(order.count)>") }

  func declareGlobal(_ name: String) {
    globals.insert(name)
    _ = variable(name)
  }

  func declareNonlocal(_ name: String) {
    nonlocals.insert(name)
    _ = variable(name)
  }

  /// The variable that `name := value` binds: that of the nearest scope that is no comprehension.
  func walrusBinding(_ name: String) -> Variable {
    guard kind == .comprehension, let parent else { return binding(name) }
    _ = parent.walrusBinding(name)
    return variable(name)
  }

  /// The variables that have a name, in the order in which they were met.
  var named: [Variable] { order.filter { !$0.name.hasPrefix("<") } }

  private func binds(_ name: String) -> Bool {
    bound.contains(name) && !globals.contains(name) && !nonlocals.contains(name)
  }

  /// The nearest enclosing function that binds a name. Class bodies don't count, but for
  /// `__class__`.
  private func owner(of name: String) -> Scope? {
    var scope = parent
    while let candidate = scope {
      switch candidate.kind {
      case .function, .comprehension:
        if candidate.binds(name) { return candidate }
        if candidate.globals.contains(name) { return nil }
      case .classBody where name == "__class__": return candidate
      default: break
      }
      scope = candidate.parent
    }
    return nil
  }

  /// Decides where every variable of this scope and those within lives. For the outermost scope.
  func resolve() {
    linkFree()
    place()
  }

  private func linkFree() {
    for variable in order where !binds(variable.name) && kind != .module {
      if globals.contains(variable.name) { continue }
      if let owner = owner(of: variable.name) { link(variable, to: owner) }
    }
    for child in children { child.linkFree() }
  }

  /// Makes a variable stand for one of an enclosing scope, through all scopes between.
  private func link(_ variable: Variable, to owner: Scope) {
    guard variable.origin == nil, let parent else { return }
    let outer = parent.variable(variable.name)
    variable.origin = outer
    captures.append((variable, outer))
    if parent === owner {
      outer.isCaptured = true
    } else {
      parent.link(outer, to: owner)
    }
  }

  private func place() {
    var cells = 0
    for variable in order {
      if variable.origin != nil { continue }
      switch kind {
      case .module: variable.storage = .global
      case .classBody:
        if variable.name == "__class__", variable.isCaptured {
          variable.storage = .cell(cells)
          cells += 1
        } else {
          variable.storage =
            globals.contains(variable.name) ? .global : .member(outerCell: nil)
        }
      case .function, .comprehension:
        if !binds(variable.name) {
          variable.storage = .global
        } else if variable.isCaptured {
          variable.storage = .cell(cells)
          cells += 1
        } else {
          variable.storage = .local(slotCount)
          slotCount += 1
        }
      }
    }
    ownCellCount = cells
    for (offset, capture) in captures.enumerated() {
      let isMember = kind == .classBody && !nonlocals.contains(capture.inner.name)
      capture.inner.storage =
        isMember ? .member(outerCell: cells + offset) : .cell(cells + offset)
    }
    for child in children { child.place() }
  }

  /// For each free variable, the cell of the enclosing frame.
  var captureCells: [Int] {
    captures.map { capture in
      switch capture.outer.storage {
      case .cell(let index): return index
      case .member(let outerCell?): return outerCell
      default: preconditionFailure("a captured variable lives in a cell")
      }
    }
  }
}
