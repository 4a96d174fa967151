internal import Diagnostics
internal import OrderedCollections

/// Finds what a script imports: modules of the host first, then the project's own, of which only
/// the names that are asked for are evaluated, and what these need; never a module's other
/// top-level code.
///
/// What collects things as modules are imported (a declarative base's metadata, a registry) is not
/// complete with it: hosts ask for ``Interpreter/projectValues`` to find such things.
public final class ProjectLoader: Importer {
  private let tree: any SourceTree
  private let host: (String, Interpreter) throws -> PythonModule?
  private let library: (String) -> SourceFile?
  /// The statements of project modules that are running, the innermost last.
  var running: [(module: ProjectModule, index: Int)] = []
  private var known: [String: Bool] = [:]

  /// Creates a loader.
  ///
  /// - Parameters:
  ///   - tree: Where the project's files are.
  ///   - library: The host's modules that are written in Python, by their dotted name.
  ///   - host: The modules of the host by their dotted name; nil for those it does not have.
  public init(
    tree: any SourceTree, library: @escaping (String) -> SourceFile? = { _ in nil },
    host: @escaping (String, Interpreter) throws -> PythonModule?
  ) {
    self.tree = tree
    self.library = library
    self.host = host
  }

  private func source(of name: String) -> SourceFile? {
    StandardSources.source(of: name) ?? library(name)
  }

  /// The host's module, the project's, or one that refuses whatever is done with it.
  public func module(_ name: String, _ python: Interpreter) throws -> PythonModule? {
    if let module = try host(name, python) { return module }
    let path = name.split(separator: ".").map(String.init)
    if let source = source(of: name) {
      return try ProjectModule(name, source, self, isStandIn: true)
    }
    if let source = try tree.source(of: path) { return try ProjectModule(name, source, self) }
    if path.count > 1, let last = path.last,
      let parent = python.modules[path.dropLast().joined(separator: ".")] as? HostModule,
      let member = try parent.member(last, python)?.object(as: PythonModule.self)
    {
      return member
    }
    // A missing module of the project is a plain ModuleNotFoundError.
    return try isOfProject(name, python) ? nil : AbsentModule(name: name, isPackage: true)
  }

  /// Whether the module's top-level package is the project's own.
  func isOfProject(_ name: String, _ python: Interpreter) throws -> Bool {
    guard let top = name.split(separator: ".").first.map(String.init) else { return false }
    return try host(top, python) == nil && source(of: top) == nil
      && tree.source(of: [top]) != nil
  }

  /// Whether a module of that name can be found at all.
  func isAbsent(_ name: String, _ python: Interpreter) throws -> Bool {
    if let answer = known[name] { return answer }
    let path = name.split(separator: ".").map(String.init)
    let isThere =
      try host(name, python) != nil || source(of: name) != nil
      || tree.source(of: path) != nil
    known[name] = !isThere
    return !isThere
  }
}

/// A module of the project, evaluated name by name.
final class ProjectModule: PythonModule {
  let outline: ModuleOutline
  private unowned let loader: ProjectLoader
  private var done: Set<Int> = []
  private var begun: Set<Int> = []
  private let source: String
  /// The names that it was asked for and does not have, builtins for the most part.
  private var missing: Set<String> = []

  /// Whether it stands for a library's module, of which it may not have everything.
  let isStandIn: Bool

  init(
    _ name: String, _ source: SourceFile, _ loader: ProjectLoader, isStandIn: Bool = false
  ) throws {
    self.isStandIn = isStandIn
    let parsed = try Module.parse(source.bytes, file: source.file)
    outline = ModuleOutline(parsed)
    self.loader = loader
    self.source = source.file
    super.init(name: name, file: source.file, isPackage: source.isPackage)
    namespace["__name__"] = .string(name)
    namespace["__file__"] = .string(source.file)
    namespace["__package__"] = .string(package)
    namespace["__doc__"] = .string(orNone: parsed.documentation)
  }

  override var attributeNames: [String] {
    Array(OrderedSet(namespace.keys).union(outline.names))
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let value = try super.attribute(name, python) { return value }
    guard isStandIn, !name.hasPrefix("__") else { return nil }
    return .object(AbsentObject("\(self.name).\(name)", module: self.name))
  }

  override func resolve(_ name: String, _ python: Interpreter) throws -> Value? {
    if missing.contains(name) { return nil }
    let units = outline.closure(of: name)
    if units.contains(where: { outline.units[$0].use.binds.contains(name) }) {
      if let value = try evaluate(units, for: name, python) { return value }
    }
    if let value = try starred(name, python) { return value }
    if let module = try submodule(name, python) { return module }
    missing.insert(name)
    return nil
  }

  /// Makes the functions of the module, for who looks them up by a name that is put together.
  func defineFunctions(_ python: Interpreter) throws {
    for unit in outline.units {
      guard case .function(let function) = unit.statement.kind, function.decorators.isEmpty else {
        continue
      }
      _ = try member(function.name, python)
    }
  }

  private func submodule(_ name: String, _ python: Interpreter) throws -> Value? {
    guard isPackage, !name.hasPrefix("__") else { return nil }
    let path = "\(self.name).\(name)"
    guard try !loader.isAbsent(path, python) else { return nil }
    return .object(try python.importModule(path))
  }

  /// The name among those that `from x import *` brings, the last first.
  private func starred(_ name: String, _ python: Interpreter) throws -> Value? {
    guard !name.hasPrefix("__") else { return nil }
    for unit in outline.units.reversed() {
      guard let star = unit.star else { continue }
      let path = try python.absoluteName(star.path, level: star.level, from: self)
      let module = try python.importModule(path)
      if module is AbsentModule {
        throw AbsentObject.refusal("from \(path) import * (which may bring \(name))", module: path)
      }
      let listed = try module.member("__all__", python)?.sequence?.compactMap(\.string)
      let isPublic = listed.map { $0.contains(name) } ?? !name.hasPrefix("_")
      if isPublic, let value = try module.member(name, python) { return value }
    }
    return nil
  }

  private func evaluate(_ units: [Int], for name: String, _ python: Interpreter) throws -> Value? {
    if let current = loader.running.last, current.module === self {
      try checkOrder(units, from: current.index, name)
    }
    try refuseMixedStars(units)
    for index in units where !begun.contains(index) {
      try checkReads(of: index)
      begun.insert(index)
      do {
        try run(index, python)
      } catch {
        // Whoever asks again gets the same error.
        begun.remove(index)
        throw error
      }
      done.insert(index)
    }
    if let value = namespace[name] { return value }
    if units.contains(where: { !done.contains($0) }) {
      // `from package import name` in the package itself means the module in it.
      if let module = try submodule(name, python) { return module }
      throw Unsupported(
        "a circular import of \(name) in module \(self.name)", at: place(of: units.first ?? 0))
    }
    return nil
  }

  private func run(_ index: Int, _ python: Interpreter) throws {
    let unit = outline.units[index]
    try refuseUndecidable(unit.statement, python)
    loader.running.append((self, index))
    defer { loader.running.removeLast() }
    do {
      try python.execute([unit.statement], file: source, in: self)
    } catch let refusal as Unsupported {
      guard let (cls, attribute) = absentAttribute(setBy: unit) else { throw refusal }
      cls.forget(attribute)
    }
  }

  /// The attribute of an absent library's derived class that is all a statement sets, as in
  /// `Time.min = wrapped(Time.min)`: where its value cannot be made it is as unknown as the rest of
  /// the class, and whatever asks for it is refused.
  private func absentAttribute(setBy unit: ModuleOutline.Unit) -> (AbsentClass, String)? {
    guard case .assign(let targets, _) = unit.statement.kind, targets.count == 1,
      case .attribute(let object, let attribute, _) = targets[0].kind,
      case .name(let name) = object.kind, unit.use.binds.isEmpty, unit.use.changes == [name],
      let cls = namespace[name]?.asClass as? AbsentClass
    else { return nil }
    return (cls, attribute)
  }

  private func place(of index: Int) -> SourceLocation? {
    guard outline.units.indices.contains(index) else { return nil }
    let position = outline.units[index].statement.position
    return SourceLocation(
      file: source, line: Int(position.line), column: Int(position.column))
  }

  // MARK: Soundness

  /// Code of this module that is running sees names as they are at that point of the file.
  private func checkOrder(_ units: [Int], from current: Int, _ name: String) throws {
    if let later = units.first(where: { $0 > current && outline.makes(name, at: $0) }) {
      throw Unsupported(
        "reading \(name), which module \(self.name) changes later", at: place(of: later))
    }
  }

  /// A statement must not see what a later one, which has run already, made of a name.
  private func checkReads(of index: Int) throws {
    // A stand-in's statements only bind: none changes what another one made.
    if isStandIn { return }
    for name in outline.units[index].use.reads {
      guard let later = outline.makers[name]?.first(where: { $0 > index && begun.contains($0) })
      else { continue }
      throw Unsupported(
        "evaluating a part of module \(self.name) on its own: \(name) changes in between",
        at: place(of: later))
    }
  }

  /// Where a name is bound both here and, later, by `import *`, the order would matter.
  private func refuseMixedStars(_ units: [Int]) throws {
    guard let last = units.last,
      let star = outline.units.lastIndex(where: { $0.star != nil }), star > last,
      let source = outline.units[star].star, source.path.isEmpty == false || source.level > 0
    else { return }
    let binds = Set(units.flatMap { outline.units[$0].use.binds })
    guard try loader.mayBring(binds, by: source, into: self) else { return }
    throw Unsupported(
      "from \(source.path.joined(separator: ".")) import * after names that it may bind anew",
      at: place(of: star))
  }

  /// Whether an optional import succeeds depends on an environment that is not here.
  private func refuseUndecidable(_ statement: Statement, _ python: Interpreter) throws {
    guard case .try(let attempt) = statement.kind, attempt.handlers.contains(where: catchesImport)
    else { return }
    var names: [(String, Position)] = []
    LocalNames.each(attempt.body) { statement in
      switch statement.kind {
      case .import(let modules):
        names += modules.map { ($0.path.joined(separator: "."), $0.position) }
      case .importFrom(let source) where source.level == 0:
        names.append((source.path.joined(separator: "."), source.position))
      default: break
      }
    }
    for (name, position) in names where try loader.isAbsent(name, python) {
      if try loader.isOfProject(name, python) { continue }
      var refusal = AbsentObject.refusal("an optional import of \(name)", module: name)
      refusal.location = SourceLocation(
        file: source, line: Int(position.line), column: Int(position.column))
      throw refusal
    }
  }

  private func catchesImport(_ handler: ExceptHandler) -> Bool {
    guard let type = handler.type else { return true }
    return ([type] + type.children).contains { expression in
      guard case .name(let name) = expression.kind else { return false }
      return ["ImportError", "ModuleNotFoundError", "Exception", "BaseException"].contains(name)
    }
  }
}

extension ModuleOutline {
  /// Whether the unit binds or changes the name.
  fileprivate func makes(_ name: String, at index: Int) -> Bool {
    makers[name]?.contains(index) ?? false
  }
}

extension ProjectLoader {
  /// Whether `from source import *` may bind one of the names; project modules are looked into.
  fileprivate func mayBring(
    _ names: Set<String>, by source: ImportFrom, into module: ProjectModule
  ) throws -> Bool {
    var path = source.path
    if source.level > 0 {
      let package = module.package.split(separator: ".").map(String.init)
      path = package.dropLast(source.level - 1) + path
    }
    guard let file = try tree.source(of: path) else { return true }
    let outline = ModuleOutline(try Module.parse(file.bytes, file: file.file))
    if outline.units.contains(where: { $0.star != nil }) { return true }
    return !outline.names.filter { !$0.hasPrefix("_") }.isDisjoint(with: names)
  }
}

extension Interpreter {
  /// What the project's modules have bound so far at their top level.
  public var projectValues: [Value] {
    modules.values.compactMap { $0 as? ProjectModule }.flatMap { Array($0.namespace.values) }
  }
}
