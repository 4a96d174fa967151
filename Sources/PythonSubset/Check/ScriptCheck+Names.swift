extension ScriptCheck {
  /// What a module-level name stands for.
  func global(_ name: String, in scope: CheckedModule) throws -> StaticValue {
    let makers = (scope.outline.makers[name] ?? []).filter {
      scope.outline.units[$0].use.binds.contains(name)
    }
    guard let last = makers.last else { return try starred(name, in: scope) }
    guard makers.count == 1 else { return .defined(name, scope) }
    switch scope.outline.units[last].statement.kind {
    case .import(let modules):
      guard let module = modules.first else { return .unknown }
      let path = module.alias == nil ? [module.path[0]] : module.path
      return self.module(path.joined(separator: "."), at: module.position, in: scope)
    case .importFrom(let source):
      guard case .listed(let names) = source.names, let imported = names.first else {
        return .unknown
      }
      // `from package import name` in the package itself means the module in it.
      let key = "\(scope.file)|import \(name)"
      guard resolving.insert(key).inserted else { return try inner(imported.name, of: scope.name) }
      defer { resolving.remove(key) }
      return member(imported, of: source, in: scope)
    default: return try origin(of: name, made: scope.outline.units[last].statement, in: scope)
    }
  }

  /// Whether what a module defines comes from something that is not there.
  private func origin(
    of name: String, made statement: Statement, in scope: CheckedModule
  ) throws -> StaticValue {
    let known = StaticValue.defined(name, scope)
    let key = "\(scope.file)|\(name)"
    guard resolving.insert(key).inserted else { return known }
    defer { resolving.remove(key) }
    switch statement.kind {
    case .assign(_, let value), .annotate(_, _, .some(let value), _):
      return try absentHead(of: value, in: scope) ?? known
    case .function(let function):
      for decorator in function.decorators {
        if let absent = try absentHead(of: decorator, in: scope) { return absent }
      }
      return known
    case .class(let definition):
      for decorator in definition.decorators {
        if let absent = try absentHead(of: decorator, in: scope) { return absent }
      }
      for argument in definition.arguments {
        guard case .positional(let base) = argument else { continue }
        switch try head(of: base, in: scope) {
        case .absent(let path, let module), .derived(_, _, let path, let module):
          return .derived(name, scope, from: path, module: module)
        default: continue
        }
      }
      return known
    default: return known
    }
  }

  /// Follows what a name that the migration uses is made from: a class's bases, and the class or
  /// function whose call made it.
  func reachMakers(of name: String, in scope: CheckedModule) {
    for index in scope.outline.makers[name] ?? [] {
      let unit = scope.outline.units[index]
      guard unit.use.binds.contains(name) else { continue }
      let makers: [Expression]
      switch unit.statement.kind {
      case .assign(_, let value), .annotate(_, _, .some(let value), _): makers = [value]
      case .class(let definition):
        makers = definition.arguments.map(\.value) + definition.decorators
      default: makers = []
      }
      for maker in makers {
        let head = settled(StaticValue.unknown, at: maker.position, in: scope) {
          try self.head(of: maker, in: scope)
        }
        switch head {
        case .defined(let other, let module), .derived(let other, let module, _, _):
          reach(other, in: module, onImport: false)
        default: continue
        }
      }
    }
  }

  /// Whether a class derives from a host's, which may call its methods by itself.
  func isCalledByHosts(_ definition: ClassDefinition, in scope: CheckedModule) -> Bool {
    definition.arguments.contains { argument in
      guard case .positional(let base) = argument else { return true }
      return settled(true, at: base.position, in: scope) { try isOfHost(base, in: scope) }
    }
  }

  /// Whether a decorator is the project's own, or of a library that is not there: what it makes is
  /// reached by the name of what it decorates.
  func isOfProject(_ decorator: Expression, in scope: CheckedModule) -> Bool {
    let head = settled(StaticValue.unknown, at: decorator.position, in: scope) {
      try self.head(of: decorator, in: scope)
    }
    switch head {
    case .defined, .derived, .absent: return true
    case .host, .module, .unknown, .open, .part: return false
    }
  }

  private func isOfHost(_ base: Expression, in scope: CheckedModule) throws -> Bool {
    if case .name(let name) = base.kind, scope.outline.makers[name] == nil { return false }
    switch try head(of: base, in: scope) {
    case .absent, .derived: return false
    case .host(let value, _):
      return !["abc", "typing", "typing_extensions"].contains(value.asClass?.module ?? "")
    case .defined(let name, let module):
      let key = "\(module.file)|class \(name)"
      guard resolving.insert(key).inserted else { return false }
      defer { resolving.remove(key) }
      return (module.outline.makers[name] ?? []).contains { index in
        switch module.outline.units[index].statement.kind {
        case .class(let definition): isCalledByHosts(definition, in: module)
        default: true
        }
      }
    case .unknown, .open, .part, .module: return true
    }
  }

  private func absentHead(of value: Expression, in scope: CheckedModule) throws -> StaticValue? {
    switch try head(of: value, in: scope) {
    case .absent(let path, let module): .absent(path, module: module)
    // An instance of a class that derives from something absent.
    case .derived(_, _, let path, let module) where value.isCall:
      .absent("\(path)()", module: module)
    default: nil
    }
  }

  /// What the name, attribute, call or subscript begins with that a value is taken from.
  func head(of value: Expression, in scope: CheckedModule) throws -> StaticValue {
    switch value.kind {
    case .name(let name): return try global(name, in: scope)
    case .subscript(let object, _), .call(let object, _):
      return try head(of: object, in: scope)
    case .attribute(let object, let name, _):
      switch try head(of: object, in: scope) {
      case .absent(let path, let module): return .absent("\(path).\(name)", module: module)
      case .module(let module): return try moduleMember(name, of: module)
      case .defined(let owner, let module):
        return try classMember(name, of: owner, in: module) ?? .unknown
      default: return .unknown
      }
    default: return .unknown
    }
  }

  /// What the body of a class, or of one that it derives from, assigns to a name; of an instance that a
  /// module makes (`db = SQLAlchemy()`), its class tells. Nil where nothing is found.
  func classMember(
    _ name: String, of owner: String, in scope: CheckedModule
  ) throws -> StaticValue? {
    guard let makers = scope.outline.makers[owner], makers.count == 1 else { return nil }
    let key = "\(scope.file)|\(owner).\(name)"
    guard resolving.insert(key).inserted else { return nil }
    defer { resolving.remove(key) }
    switch scope.outline.units[makers[0]].statement.kind {
    case .class(let definition):
      if LocalNames.bound(in: definition.body).contains(name) {
        return try definition.assigned(to: name).map { try head(of: $0, in: scope) }
      }
      for case .positional(let base) in definition.arguments {
        guard case .defined(let parent, let module) = try head(of: base, in: scope) else {
          continue
        }
        if let found = try classMember(name, of: parent, in: module) { return found }
      }
      return nil
    case .assign(_, let value):
      guard value.isCall, case .defined(let cls, let module) = try head(of: value, in: scope) else {
        return nil
      }
      return try classMember(name, of: cls, in: module)
    default: return nil
    }
  }

  private func moduleMember(_ name: String, of module: PythonModule) throws -> StaticValue {
    switch module {
    case is AbsentModule: return .absent("\(module.name).\(name)", module: module.name)
    case let project as ProjectModule:
      return try project.outline.names.contains(name)
        ? global(name, in: project.scope) : standIn(name, of: project)
    default:
      if let host = module as? HostModule, host.vocabulary.contains(name) {
        return try value(name, of: host)
      }
      return try inner(name, of: module.name)
    }
  }

  func starred(_ name: String, in scope: CheckedModule) throws -> StaticValue {
    for unit in scope.outline.units.reversed() {
      guard let star = unit.star,
        let path = absolute(star.path, level: star.level, in: scope),
        let module = try unlessRaised({ try python.importModule(path) })
      else { continue }
      if let host = module as? HostModule, host.vocabulary.contains(name) {
        return try value(name, of: host)
      }
      if let project = module as? ProjectModule, project.outline.names.contains(name) {
        return .defined(name, project.scope)
      }
    }
    return .unknown
  }

  func absolute(_ path: [String], level: Int, in scope: CheckedModule) -> String? {
    if level == 0 { return path.joined(separator: ".") }
    let package = scope.package.split(separator: ".").map(String.init)
    guard package.count >= level else { return nil }
    return (package.dropLast(level - 1) + path).joined(separator: ".")
  }
}

extension ProjectModule {
  /// The module as the check looks names up in it.
  var scope: CheckedModule {
    CheckedModule(name: name, package: package, file: file ?? name, outline: outline)
  }
}

extension ClassDefinition {
  /// What its body assigns to a name, at last.
  fileprivate func assigned(to name: String) -> Expression? {
    body.lazy.reversed().compactMap { statement -> Expression? in
      guard case .assign(let targets, let value) = statement.kind,
        targets.contains(where: { if case .name(name) = $0.kind { true } else { false } })
      else { return nil }
      return value
    }.first
  }
}

extension FunctionDefinition {
  /// Whether Python itself calls it: `__init__`, `__eq__`...
  var isSpecial: Bool { name.hasPrefix("__") && name.hasSuffix("__") && !isOfLibraryProtocol }

  /// Whether a library calls it that does not do so here.
  var isOfLibraryProtocol: Bool {
    ["__get_pydantic", "__get_validators", "__modify_schema", "__rich_", "__json_", "__html"]
      .contains { name.hasPrefix($0) }
  }
}

extension Expression {
  fileprivate var isCall: Bool { if case .call = kind { true } else { false } }

  /// Whether a method with this decorator is called by its name only.
  var isPlainDecorator: Bool {
    switch kind {
    case .name(let name), .attribute(_, let name, _):
      [
        "property", "classmethod", "staticmethod", "abstractmethod", "overload", "override",
        "final", "contextmanager", "asynccontextmanager", "cached_property", "setter", "cache",
        "lru_cache",
      ].contains(name)
    case .call(let function, _): function.isPlainDecorator
    default: false
    }
  }
}
