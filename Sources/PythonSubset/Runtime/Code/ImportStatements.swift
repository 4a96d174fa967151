/// `import a.b as c`.
final class ImportStatement: StatementNode {
  struct Item {
    let path: [String]
    /// Whether the whole path is bound (`as`), or its first part.
    let bindsLast: Bool
    let target: TargetNode
    let position: Position
  }
  private let items: [Item]

  init(_ items: [Item], at position: Position) {
    self.items = items
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    for item in items {
      frame.position = item.position
      let last = try frame.python.importModule(item.path.joined(separator: "."))
      let module = item.bindsLast ? last : try frame.python.importModule(item.path[0])
      try item.target.assign(.object(module), frame)
    }
    return .normal
  }
}

/// `from .a import b as c`.
final class ImportFromStatement: StatementNode {
  struct Item {
    let name: String
    let target: TargetNode
    let position: Position
  }
  private let path: [String]
  private let level: Int
  /// Nil for `*`.
  private let items: [Item]?

  init(_ path: [String], level: Int, _ items: [Item]?, at position: Position) {
    self.path = path
    self.level = level
    self.items = items
    super.init(position)
  }

  override func run(_ frame: Frame) throws -> Completion {
    let python = frame.python
    let name = try python.absoluteName(path, level: level, from: frame.module)
    if name == "__future__" { return .normal }
    let module = try python.importModule(name)
    guard let items else {
      for (name, value) in try python.publicMembers(of: module) {
        if frame.code.scope.kind == .classBody {
          frame.members[name] = value
        } else {
          frame.module.namespace[name] = value
        }
      }
      return .normal
    }
    for item in items {
      frame.position = item.position
      try item.target.assign(try python.member(item.name, of: module), frame)
    }
    return .normal
  }
}

extension Interpreter {
  /// The module of a dotted, absolute name, with its packages; throws `ModuleNotFoundError`.
  public func importModule(_ name: String) throws -> PythonModule {
    if let module = modules[name] { return module }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let parent =
      try parts.count > 1
      ? importModule(parts.dropLast().joined(separator: ".")) : nil
    let found = try name == "builtins" ? builtins : importer?.module(name, self)
    guard let module = found else {
      let reason = parent.map { $0.isPackage ? "" : "; '\($0.name)' is not a package" } ?? ""
      let error = PythonError(.moduleNotFoundError, "No module named '\(name)'\(reason)")
      error.exception.attributes["name"] = .string(name)
      throw error
    }
    modules[name] = module
    if let parent, let last = parts.last { parent.namespace[String(last)] = .object(module) }
    return module
  }

  /// The absolute name that `from ..a import` means in a module.
  public func absoluteName(
    _ path: [String], level: Int, from module: PythonModule
  ) throws -> String {
    if level == 0 { return path.joined(separator: ".") }
    let package = module.package.split(separator: ".").map(String.init)
    if package.isEmpty {
      throw PythonError(
        .importError, "attempted relative import with no known parent package")
    }
    guard package.count >= level else {
      throw PythonError(.importError, "attempted relative import beyond top-level package")
    }
    return (package.dropLast(level - 1) + path).joined(separator: ".")
  }

  /// What `from module import name` gives: a member or a submodule.
  public func member(_ name: String, of module: PythonModule) throws -> Value {
    if let value = try module.attribute(name, self) { return value }
    let path = "\(module.name).\(name)"
    do {
      return .object(try importModule(path))
    } catch let error as PythonError
      where error.isA(.moduleNotFoundError)
      && error.exception.attributes["name"]?.string == path
    {
      let place = module.file.map { " (\($0))" } ?? " (unknown location)"
      throw PythonError(
        .importError, "cannot import name '\(name)' from '\(module.name)'\(place)")
    }
  }

  /// What `from module import *` binds.
  func publicMembers(of module: PythonModule) throws -> [(String, Value)] {
    let listed = try module.member("__all__", self)?.sequence?.compactMap(\.string)
    let names = listed ?? module.attributeNames.filter { !$0.hasPrefix("_") }
    return try names.map { ($0, try member($0, of: module)) }
  }
}
