internal import PythonSubset

/// Finds and parses the project's own modules, and tells what a name in one of them is bound to.
struct ProjectModules {
  /// The folders that modules are looked for in.
  let roots: [String]
  private var modules: [String: ParsedModule?] = [:]

  /// A module that has been read.
  struct ParsedModule {
    let module: Module
    let constants: ModuleConstants
    /// The names of the package that relative imports begin at.
    let package: [String]
    fileprivate let imports: [String: Import]
    fileprivate let classes: [String: ClassDefinition]

    /// Whether a name comes from a module by `from module import name`.
    func isImported(_ name: String, from path: [String]) -> Bool {
      imports[name].map { $0.path == path && $0.name == name } ?? false
    }
  }

  fileprivate struct Import {
    var path: [String]
    /// The name in the module; nil where the module itself is bound.
    var name: String?
  }

  /// What a name leads to, and the module it is defined in.
  enum Definition {
    case expression(Expression, ParsedModule)
    case classDefinition(ClassDefinition, ParsedModule)
    case module(ParsedModule)
    /// Something that is not the project's own.
    case foreign(String)
  }

  init(roots: [String]) { self.roots = roots }

  /// Reads a file; nil where it is missing or no Python.
  mutating func load(file: String, package: [String]) -> ParsedModule? {
    if let known = modules[file] { return known }
    var parsed: ParsedModule?
    if Folder.isFile(file), let bytes = try? Folder.bytes(of: file),
      let module = try? Module.parse(bytes, file: file)
    {
      parsed = ProjectModules.parsed(module, package: package)
    }
    modules[file] = .some(parsed)
    return parsed
  }

  static func parsed(_ module: Module, package: [String]) -> ParsedModule {
    var imports: [String: Import] = [:]
    var classes: [String: ClassDefinition] = [:]
    func note(_ statements: [Statement]) {
      for statement in statements {
        switch statement.kind {
        case .import(let items):
          for item in items {
            imports[item.alias ?? item.path[0]] = Import(
              path: item.alias == nil ? [item.path[0]] : item.path)
          }
        case .importFrom(let from):
          guard case .listed(let names) = from.names else { continue }
          let base = from.level == 0 ? [] : Array(package.dropLast(from.level - 1))
          for name in names {
            imports[name.alias ?? name.name] = Import(path: base + from.path, name: name.name)
          }
        case .class(let definition): classes[definition.name] = definition
        case .if, .try, .with: note(statement.statements)
        default: break
        }
      }
    }
    note(module.body)
    return ParsedModule(
      module: module, constants: ModuleConstants(module.body), package: package,
      imports: imports, classes: classes)
  }

  /// The module with a dotted name.
  mutating func module(_ path: [String]) -> ParsedModule? {
    for root in roots {
      let stem = ([root] + path).joined(separator: "/")
      if let found = load(file: stem + "/__init__.py", package: path) { return found }
      if let found = load(file: stem + ".py", package: path.dropLast()) { return found }
    }
    return nil
  }

  /// What a name of a module is bound to, imports followed; nil where it is not bound simply.
  mutating func definition(of name: String, in module: ParsedModule, depth: Int = 0) -> Definition?
  {
    if depth > 20 { return nil }
    if let expression = module.constants[name] {
      if case .name(let other) = expression.kind, other != name {
        return definition(of: other, in: module, depth: depth + 1)
      }
      return .expression(expression, module)
    }
    if let definition = module.classes[name] { return .classDefinition(definition, module) }
    guard let imported = module.imports[name] else { return nil }
    guard let member = imported.name else {
      return self.module(imported.path).map(Definition.module)
        ?? .foreign(imported.path.joined(separator: "."))
    }
    if let inner = self.module(imported.path + [member]) { return .module(inner) }
    guard let owner = self.module(imported.path) else {
      return .foreign((imported.path + [member]).joined(separator: "."))
    }
    return definition(of: member, in: owner, depth: depth + 1)
  }

  /// The literal that an expression says, names followed into other modules.
  mutating func literal(_ expression: Expression, in module: ParsedModule) -> Literal? {
    if let value = module.constants.literal(expression) { return value }
    guard let path = expression.dottedName else { return nil }
    guard case .expression(let value, let owner)? = definition(of: path, in: module) else {
      return nil
    }
    return owner.constants.literal(value)
  }

  /// What `a.b.c` is bound to, as far as `a` and `b` are modules.
  mutating func definition(of path: [String], in module: ParsedModule) -> Definition? {
    var found = definition(of: path[0], in: module)
    for name in path.dropFirst() {
      guard case .module(let inner)? = found else { return nil }
      found =
        definition(of: name, in: inner)
        ?? self.module(inner.package + [name]).map(Definition.module)
    }
    return found
  }
}
