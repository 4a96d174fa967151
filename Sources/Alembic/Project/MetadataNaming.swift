internal import PythonSubset

/// The names that a project's metadata gives to constraints that have none.
///
/// They change the DDL of every such constraint, so that not knowing them is told apart from there
/// being none.
public enum MetadataNaming: Hashable, Sendable {
  /// No convention.
  case none
  /// Templates by the kind of constraint: `pk`, `fk`, `ck`, `uq`, `ix`.
  case templates([String: String])
  /// It cannot be told by reading the source; why.
  case unknown(String)
}

/// Finds the `naming_convention` of the metadata that `env.py` hands to Alembic.
struct MetadataReader {
  var modules: ProjectModules
  /// Whether the way led to code that is not the project's own.
  private(set) var isForeign = false

  init(modules: ProjectModules) { self.modules = modules }

  /// The convention of the metadata that an expression of a module gives.
  mutating func convention(
    of expression: Expression, in module: ProjectModules.ParsedModule, depth: Int = 0
  ) -> MetadataNaming {
    let place = module.module.location(of: expression.position)
    if depth > 20 { return .unknown("\(place): the metadata refers to itself") }
    switch expression.kind {
    case .none, .list, .tuple: return .none
    case .call(let function, let arguments):
      return convention(ofCall: function, arguments, in: module, depth, at: "\(place)")
    case .name(let name):
      return convention(of: modules.definition(of: name, in: module), depth, at: "\(place)", name)
    case .attribute(let object, "metadata", _):
      if let direct = expression.dottedName.flatMap({ modules.definition(of: $0, in: module) }) {
        return convention(of: direct, depth, at: "\(place)", "metadata")
      }
      return convention(ofOwner: object, in: module, depth, at: "\(place)")
    case .attribute:
      let path = expression.dottedName ?? []
      let found = path.isEmpty ? nil : modules.definition(of: path, in: module)
      return convention(of: found, depth, at: "\(place)", path.joined(separator: "."))
    default: return .unknown("\(place): the metadata is computed")
    }
  }

  private mutating func convention(
    of definition: ProjectModules.Definition?, _ depth: Int, at place: String, _ name: String
  ) -> MetadataNaming {
    switch definition {
    case .expression(let value, let owner)?:
      if let later = assigned(in: owner) { return later }
      return convention(of: value, in: owner, depth: depth + 1)
    case .foreign("sqlmodel.SQLModel")?: return .none
    case .foreign?:
      isForeign = true
      return .unknown("\(place): \(name) is not the project's own")
    default: return .unknown("\(place): \(name) cannot be followed")
    }
  }

  /// `MetaData(...)`, and calls that are handed a metadata: `declarative_base(metadata=...)`.
  private mutating func convention(
    ofCall function: Expression, _ arguments: [Argument],
    in module: ProjectModules.ParsedModule, _ depth: Int, at place: String
  ) -> MetadataNaming {
    let name = function.dottedName?.last ?? ""
    for case .keyword(let keyword, let value, _) in arguments {
      if keyword == "naming_convention" { return templates(value, in: module, at: place) }
      if keyword == "metadata" { return convention(of: value, in: module, depth: depth + 1) }
    }
    let isOpen = arguments.contains { if case .unpackedMapping = $0 { true } else { false } }
    let known = ["MetaData", "declarative_base", "SQLAlchemy", "automap_base", "registry"]
    if known.contains(name), !isOpen { return .none }
    if let path = function.dottedName, case .foreign? = modules.definition(of: path, in: module) {
      isForeign = true
    }
    return .unknown(
      "\(place): the metadata comes from a call of \(name.isEmpty ? "a function" : name)")
  }

  /// `object.metadata`: a declarative base, Flask's `db`, a module.
  private mutating func convention(
    ofOwner object: Expression, in module: ProjectModules.ParsedModule, _ depth: Int,
    at place: String
  ) -> MetadataNaming {
    guard let path = object.dottedName, let found = modules.definition(of: path, in: module) else {
      // It comes from somewhere that may be anybody's.
      isForeign = true
      return .unknown("\(place): the object that holds the metadata cannot be followed")
    }
    switch found {
    case .expression(let value, let owner):
      if let later = assigned(in: owner) { return later }
      return convention(of: value, in: owner, depth: depth + 1)
    case .classDefinition(let definition, let owner):
      return convention(ofClass: definition, in: owner, depth + 1)
    case .foreign(let name) where name.hasSuffix(".SQLModel") || name.hasSuffix(".DeclarativeBase"):
      return assigned(in: module) ?? .none
    case .module(let inner):
      return convention(
        of: modules.definition(of: "metadata", in: inner), depth, at: place, "metadata")
    case .foreign(let name):
      isForeign = true
      return .unknown("\(place): \(name) is not the project's own")
    }
  }

  private mutating func convention(
    ofClass definition: ClassDefinition, in module: ProjectModules.ParsedModule, _ depth: Int
  ) -> MetadataNaming {
    if let later = assigned(in: module) { return later }
    let constants = ModuleConstants(definition.body)
    if let metadata = constants["metadata"] {
      return convention(of: metadata, in: module, depth: depth + 1)
    }
    for case .positional(let base) in definition.arguments {
      guard let name = base.dottedName?.last else { continue }
      if ["DeclarativeBase", "SQLModel", "MappedAsDataclass", "AsyncAttrs", "object"].contains(name)
      {
        continue
      }
      return convention(
        ofOwner: base, in: module, depth + 1, at: "\(module.module.location(of: base.position))")
    }
    return .none
  }

  private mutating func templates(
    _ expression: Expression, in module: ProjectModules.ParsedModule, at place: String
  ) -> MetadataNaming {
    switch modules.literal(expression, in: module) {
    case Literal.none?: return .none
    case .dictionary(let pairs)?:
      var templates: [String: String] = [:]
      for (key, value) in pairs {
        guard let key = key.string, let value = value.string else {
          return .unknown("\(place): the naming convention holds more than texts")
        }
        templates[key] = value
      }
      return templates.isEmpty ? .none : .templates(templates)
    default: return .unknown("\(place): the naming convention is computed")
    }
  }

  /// `SQLModel.metadata.naming_convention = {...}` at the top of a module.
  mutating func assigned(in module: ProjectModules.ParsedModule) -> MetadataNaming? {
    for statement in module.module.body {
      guard case .assign(let targets, let value) = statement.kind else { continue }
      for case .attribute(_, "naming_convention", _) in targets.map(\.kind) {
        return templates(value, in: module, at: "\(module.module.location(of: statement.position))")
      }
    }
    return nil
  }
}
