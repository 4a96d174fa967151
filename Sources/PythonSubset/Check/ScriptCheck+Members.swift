internal import Diagnostics

extension ScriptCheck {
  /// The module of a name. One that does not exist raises ImportError when the statement runs,
  /// which the script may handle.
  func module(_ name: String, at position: Position, in scope: CheckedModule) -> StaticValue {
    settled(.unknown, at: position, in: scope) { .module(try python.importModule(name)) }
  }

  /// What a lookup gives, or `otherwise` where it raises, which the script may handle. What it meets
  /// that is not supported is a refusal, and a limit that it reaches ends the check.
  func settled<Result>(
    _ otherwise: Result, at position: Position, in scope: CheckedModule,
    _ lookup: () throws -> Result
  ) -> Result {
    do {
      if let result = try unlessRaised(lookup) { return result }
    } catch let refusal as Unsupported {
      note(refusal, at: position, in: scope)
    } catch let failure as SyntaxFailure {
      note(
        Unsupported(
          "importing \(failure.location.file)", at: failure.location, hint: failure.reason),
        at: position, in: scope)
    } catch {
      end(error)
    }
    return otherwise
  }

  /// The module of that name within another.
  func inner(_ name: String, of module: String) throws -> StaticValue {
    guard let inner = try unlessRaised({ try python.importModule("\(module).\(name)") }),
      !(inner is AbsentModule)
    else { return .unknown }
    return .module(inner)
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

  func value(_ name: String, of module: PythonModule) throws -> StaticValue {
    guard let value = try unlessRaised({ try module.attribute(name, python) }) ?? nil else {
      return .unknown
    }
    if let inner = value.object(as: PythonModule.self) { return .module(inner) }
    return .host(value, path: "\(module.name).\(name)")
  }

  /// What an attribute of something stands for; what a host does not have is refused.
  func attribute(
    _ name: String, of base: StaticValue, at position: Position, in scope: CheckedModule,
    onImport: Bool = true
  ) -> StaticValue {
    settled(.unknown, at: position, in: scope) {
      try found(name, of: base, at: position, in: scope, onImport: onImport)
    }
  }

  private func found(
    _ name: String, of base: StaticValue, at position: Position, in scope: CheckedModule,
    onImport: Bool
  ) throws -> StaticValue {
    switch base {
    case .absent(let path, let module): return .absent("\(path).\(name)", module: module)
    case .module(let module):
      return try found(name, of: module, at: position, in: scope, onImport: onImport)
    case .host(let value, let path):
      return try found(name, of: value, path: path, at: position, in: scope)
    case .defined(let owner, let module):
      if case .absent(let path, let absent)? = try classMember(name, of: owner, in: module) {
        return .absent(path, module: absent)
      }
      reach(owner, in: module, onImport: onImport)
      return .part(owner, module, [name])
    case .part(let owner, let module, let path): return .part(owner, module, path + [name])
    case .derived(let owner, let module, let path, let absent):
      reach(owner, in: module, onImport: onImport)
      return try binds(name, owner, in: module)
        ? .unknown : .absent("\(path).\(name)", module: absent)
    case .open: return .open
    case .unknown: return .unknown
    }
  }

  private func found(
    _ name: String, of module: PythonModule, at position: Position, in scope: CheckedModule,
    onImport: Bool
  ) throws -> StaticValue {
    switch module {
    case is AbsentModule: return .absent("\(module.name).\(name)", module: module.name)
    case let project as ProjectModule:
      if project.outline.names.contains(name) {
        return try global(name, in: project.scope)
      }
      return try standIn(name, of: project)
    case let host as HostModule:
      if host.vocabulary.contains(name) || host.namespace[name] != nil {
        return try value(name, of: host)
      }
      if case .module(let inner) = try inner(name, of: module.name) {
        return .module(inner)
      }
      // What a project does on import may be tried and handled there; the run tells.
      guard !name.hasPrefix("__"), scope.isScript || !onImport else { return .unknown }
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

  /// A name that a project's module does not define itself; one of a library that its stand-in does
  /// not have is as absent as a library.
  func standIn(_ name: String, of module: ProjectModule) throws -> StaticValue {
    if let value = try unlessRaised({ try module.member(name, python) }) ?? nil {
      return try value.object(as: PythonModule.self).map { .module($0) }
        ?? starred(name, in: module.scope)
    }
    if let absent = try madeWhenAsked(name, of: module) { return absent }
    if !module.isStandIn,
      let inner = try unlessRaised({ try python.importModule("\(module.name).\(name)") })
    {
      return .module(inner)
    }
    guard module.isStandIn, !name.hasPrefix("__") else { return .unknown }
    return .absent("\(module.name).\(name)", module: module.name)
  }

  /// What a module makes of something absent when its member is asked for (`__getattr__`, PEP 562).
  private func madeWhenAsked(_ name: String, of module: ProjectModule) throws -> StaticValue? {
    guard module.outline.names.contains("__getattr__"), !name.hasPrefix("__") else { return nil }
    // As on import, where it may be handed around.
    python.importing += 1
    defer { python.importing -= 1 }
    let made = try unlessRaised { try module.attribute(name, python) } ?? nil
    return made?.object(as: AbsentObject.self).map { .absent($0.path, module: $0.module) }
  }

  private func found(
    _ name: String, of value: Value, path: String, at position: Position, in scope: CheckedModule
  ) throws -> StaticValue {
    guard let cls = value.asClass, cls.isHost else { return .open }
    if let found = try unlessRaised({ try cls.attribute(name, python) }) ?? nil {
      return .host(found, path: "\(path).\(name)")
    }
    if !cls.attributeNames.contains(name), !name.hasPrefix("__") {
      refuse("\(path).\(name)", at: position, in: scope, hint: nil)
    }
    return .unknown
  }

  /// Whether a class, or a class of the project that it derives from, has an attribute of its own.
  private func binds(_ name: String, _ owner: String, in scope: CheckedModule) throws -> Bool {
    guard name.hasPrefix("__") == false else { return true }
    for index in scope.outline.makers[owner] ?? [] {
      guard case .class(let definition) = scope.outline.units[index].statement.kind else {
        continue
      }
      if LocalNames.bound(in: definition.body).contains(name) { return true }
      for argument in definition.arguments {
        guard case .positional(let base) = argument else { continue }
        switch try head(of: base, in: scope) {
        case .derived(let parent, let module, _, _), .defined(let parent, let module):
          if try binds(name, parent, in: module) { return true }
        default: continue
        }
      }
    }
    return false
  }

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
