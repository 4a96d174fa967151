/// What a script does with an attribute of a name of the project, or of what attributes of such a
/// name lead to.
struct AttributeUse {
  let name: String
  let base: StaticValue
  /// The arguments of the call; nil where it is read.
  let arguments: [Argument]?
  let position: Position
  let scope: CheckedModule
}

/// Uses of the project's own objects: these are made before the script runs, so that they can be
/// asked whether they support what it does with them.
extension ScriptCheck {
  /// Notes a use.
  func note(
    useOf name: String, of base: StaticValue, calledWith arguments: [Argument]?,
    at position: Position, in scope: CheckedModule
  ) {
    switch base {
    case .defined, .part:
      uses.append(
        AttributeUse(
          name: name, base: base, arguments: arguments, position: position, scope: scope))
    default: break
    }
  }

  /// Refuses the uses that the objects do not support.
  func checkUses() {
    for use in uses {
      settled((), at: use.position, in: use.scope) {
        guard case .object(let object)? = try value(of: use.base) else { return }
        try object.checkUse(of: use.name, calledWith: use.arguments, python)
      }
    }
  }

  /// The value that stands behind a name or its attributes, as far as it is there before the script
  /// runs and as looking at it runs nothing.
  private func value(of base: StaticValue) throws -> Value? {
    switch base {
    case .defined(let name, let module) where module.isScript:
      guard resolving.insert("value \(name)").inserted else { return nil }
      defer { resolving.remove("value \(name)") }
      return try definition(of: name, in: module).flatMap(value)
    case .defined(let name, let module):
      return try python.importModule(module.name).member(name, python)
    case .part(let owner, let module, let path):
      var found = try value(of: .defined(owner, module))
      for name in path {
        guard let cls = found?.asClass else { return nil }
        found = try python.optionalAttribute(of: .object(cls), name)
      }
      return found
    default: return nil
    }
  }

  /// What a name of the script is given, where that is a name or attribute itself.
  private func definition(of name: String, in script: CheckedModule) throws -> StaticValue? {
    let makers = script.outline.makers[name] ?? []
    guard makers.count == 1,
      case .assign(_, let value) = script.outline.units[makers[0]].statement.kind
    else { return nil }
    return try chain(value, in: script)
  }

  private func chain(_ value: Expression, in script: CheckedModule) throws -> StaticValue? {
    switch value.kind {
    case .name(let name): return try global(name, in: script)
    case .attribute(let object, let name, let position):
      return try chain(object, in: script).map {
        attribute(name, of: $0, at: position, in: script)
      }
    default: return nil
    }
  }
}
