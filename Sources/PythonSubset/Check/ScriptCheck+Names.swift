internal import Diagnostics

extension ScriptCheck {
  /// What a module-level name stands for.
  func global(_ name: String, in scope: CheckedModule) -> StaticValue {
    let makers = (scope.outline.makers[name] ?? []).filter {
      scope.outline.units[$0].use.binds.contains(name)
    }
    guard let last = makers.last else { return starred(name, in: scope) }
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
      return member(imported, of: source, in: scope)
    default: return .defined(name, scope)
    }
  }

  private func starred(_ name: String, in scope: CheckedModule) -> StaticValue {
    for unit in scope.outline.units.reversed() {
      guard let star = unit.star,
        let path = absolute(star.path, level: star.level, in: scope),
        let module = try? python.importModule(path)
      else { continue }
      if let host = module as? HostModule, host.vocabulary.contains(name) {
        return value(name, of: host)
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

  /// The module of a name. One that does not exist raises ImportError when the statement runs,
  /// which the script may handle.
  func module(_ name: String, at position: Position, in scope: CheckedModule) -> StaticValue {
    do {
      return .module(try python.importModule(name))
    } catch let refusal as Unsupported {
      note(refusal, at: position, in: scope)
    } catch let failure as SyntaxFailure {
      note(
        Unsupported("importing \(name)", at: failure.location, hint: failure.reason), at: position,
        in: scope)
    } catch {
      // What else goes wrong, the run tells.
    }
    return .unknown
  }

  /// What `from source import name` binds.
  func member(
    _ name: ImportedName, of source: ImportFrom, in scope: CheckedModule
  ) -> StaticValue {
    guard !source.isFuture, let path = absolute(source.path, level: source.level, in: scope) else {
      return .unknown
    }
    let module = module(path, at: source.position, in: scope)
    return attribute(name.name, of: module, at: name.position, in: scope)
  }

  private func value(_ name: String, of module: PythonModule) -> StaticValue {
    guard let value = try? module.attribute(name, python) else { return .unknown }
    if let inner = value.object(as: PythonModule.self) { return .module(inner) }
    return .host(value, path: "\(module.name).\(name)")
  }

  /// What an attribute of something stands for; what a host does not have is refused.
  func attribute(
    _ name: String, of base: StaticValue, at position: Position, in scope: CheckedModule
  ) -> StaticValue {
    switch base {
    case .absent(let path, let module): return .absent("\(path).\(name)", module: module)
    case .module(let module): return attribute(name, of: module, at: position, in: scope)
    case .host(let value, let path):
      return attribute(name, of: value, path: path, at: position, in: scope)
    case .defined(let owner, let module):
      reach(owner, in: module)
      return .unknown
    case .unknown:
      if let vocabulary, !vocabulary.contains(name), !name.hasPrefix("__") {
        refuse(
          "the attribute .\(name)", at: position, in: scope,
          hint: "No value that omcops offers has an attribute of that name.")
      }
      return .unknown
    }
  }

  private func attribute(
    _ name: String, of module: PythonModule, at position: Position, in scope: CheckedModule
  ) -> StaticValue {
    switch module {
    case is AbsentModule: return .absent("\(module.name).\(name)", module: module.name)
    case let project as ProjectModule:
      if project.outline.names.contains(name) {
        return global(name, in: project.scope)
      }
      if let inner = try? python.importModule("\(module.name).\(name)") { return .module(inner) }
      return .unknown
    case let host as HostModule:
      if host.vocabulary.contains(name) || host.namespace[name] != nil {
        return value(name, of: host)
      }
      if let inner = try? python.importModule("\(module.name).\(name)"),
        !(inner is AbsentModule)
      {
        return .module(inner)
      }
      guard !name.hasPrefix("__") else { return .unknown }
      refuse(
        "\(module.name).\(name)", at: position, in: scope,
        hint: Suggestion.phrase(for: name, among: host.vocabulary)
          .isEmpty
          ? "Use --engine python for this revision."
          : "omcops does not have it\(Suggestion.phrase(for: name, among: host.vocabulary))")
      return .unknown
    default: return .unknown
    }
  }

  private func attribute(
    _ name: String, of value: Value, path: String, at position: Position, in scope: CheckedModule
  ) -> StaticValue {
    guard let cls = value.asClass, cls.isHost else { return .unknown }
    if let found = try? cls.attribute(name, python) {
      return .host(found, path: "\(path).\(name)")
    }
    if !cls.attributeNames.contains(name), !name.hasPrefix("__") {
      refuse("\(path).\(name)", at: position, in: scope, hint: nil)
    }
    return .unknown
  }

  // MARK: Calls

  /// Checks a call of a host function against its parameters.
  func arguments(
    _ arguments: [Argument], to callee: StaticValue, at position: Position, in scope: CheckedModule
  ) {
    guard case .host(let value, let path) = callee, case .object(let object) = value,
      let signature = object.callSignature
    else { return }
    let isClass = object is PythonClass
    if !signature.takesAnyKeyword {
      for case .keyword(let name, _, let place) in arguments
      where !signature.keywordNames.contains(name) {
        refuse(
          "\(path)(\(name)=...)", at: place, in: scope,
          hint: "\(path)() here takes \(signature.keywordNames.joined(separator: ", ")).")
      }
    }
    let positional = arguments.count { if case .positional = $0 { true } else { false } }
    if let limit = signature.positionalLimit, positional > limit - (isClass ? 1 : 0) {
      refuse(
        "\(path)() with \(positional) positional arguments", at: position, in: scope, hint: nil)
    }
  }
}

extension ProjectModule {
  /// The module as the check looks names up in it.
  var scope: CheckedModule {
    CheckedModule(name: name, package: package, file: file ?? name, outline: outline)
  }
}
