internal import Diagnostics
internal import PythonSubset

/// The header of a revision script: what its top level assigns to the names that Alembic looks at.
///
/// Alembic runs the module to learn them. Here they are read, which needs that they are written as
/// literals, or by names of literals; a header that is computed is refused by its place.
struct PythonHeader {
  private let module: Module
  private let constants: ModuleConstants
  private var places: [String: (Expression, Position)] = [:]

  static let names = ["revision", "down_revision", "branch_labels", "depends_on"]

  /// Finds the assignments of a module.
  init(_ module: Module) throws(ProjectError) {
    self.module = module
    constants = ModuleConstants(module.body)
    for statement in module.body {
      switch statement.kind {
      case .assign(let targets, let value):
        for target in targets {
          if case .name(let name) = target.kind {
            places[name] = (value, statement.position)
          } else {
            try refuse(PythonHeader.boundNames(target), statement.position)
          }
        }
      case .annotate(let target, _, let value?, _):
        if case .name(let name) = target.kind { places[name] = (value, statement.position) }
      default: try refuse(PythonHeader.boundNames(statement), statement.position)
      }
    }
  }

  /// The revision that a file describes, as reading all of it would tell it, where that can be seen
  /// without reading what the file defines; nil where it cannot.
  static func revision(headOf source: [UInt8], path: String) -> Revision? {
    if let plain = PlainHeader.revision(headOf: source, path: path) { return plain }
    // Whatever is wrong, reading the whole tells it.
    guard
      let head = Module.parse(headOf: source, file: path, unlessRestSays: names),
      let header = try? PythonHeader(head), header.standsForItself
    else { return nil }
    return try? header.revision(path: path)
  }

  /// Whether no name that is bound elsewhere is part of the header.
  private var standsForItself: Bool {
    func readsName(_ expression: Expression) -> Bool {
      if case .name = expression.kind { return true }
      return expression.children.contains(where: readsName)
    }
    return !PythonHeader.names.contains { name in places[name].map { readsName($0.0) } ?? false }
  }

  /// The revision that the header describes.
  ///
  /// - Parameter path: the file, which gives the identifier where the header has none and the name
  ///   is one of Alembic 0.1.
  func revision(path: String) throws -> Revision {
    let id = try id(path: path)
    let down = try names("down_revision")
    guard let down else {
      throw ProjectError(
        "\(path): the variable down_revision is missing",
        hint: "write down_revision = None for the first revision of a branch")
    }
    return Revision(
      id: id, downRevisions: down, dependencies: try names("depends_on") ?? [],
      branchLabels: try names("branch_labels") ?? [],
      longDoc: (module.documentation ?? "").stripped, path: path)
  }

  private func id(path: String) throws -> String {
    if let (expression, position) = places["revision"] {
      guard let id = constants.literal(expression)?.string else {
        throw computed("revision", position)
      }
      return id
    }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let stem = file.prefix { $0.isASCII && ($0.isNumber || ("a"..."f").contains($0)) }
    if !stem.isEmpty, file.dropFirst(stem.count) == ".py" { return String(stem) }
    throw ProjectError(
      "Could not determine revision id from filename \(file). Be sure the 'revision' variable is "
        + "declared inside the script",
      hint: "a module that is no revision does not belong into the version locations (\(path))")
  }

  private func names(_ name: String) throws(ProjectError) -> [String]? {
    guard let (expression, position) = places[name] else { return nil }
    guard let names = constants.literal(expression)?.names else { throw computed(name, position) }
    return names
  }

  private func computed(_ name: String, _ position: Position) -> ProjectError {
    ProjectError(
      "\(module.location(of: position)): \(name) is computed, and a header is read, not run",
      hint: "write the identifier itself as text, or use --engine python", status: .refused)
  }

  private func refuse(_ bound: [String], _ position: Position) throws(ProjectError) {
    for name in bound where PythonHeader.names.contains(name) { throw computed(name, position) }
  }

  // MARK: - Names bound in other ways

  private static func boundNames(_ target: Target) -> [String] {
    switch target.kind {
    case .name(let name): [name]
    case .tuple(let items), .list(let items): items.flatMap(boundNames)
    case .starred(let inner): boundNames(inner)
    case .attribute, .subscript: []
    }
  }

  private static func boundNames(_ body: [Statement]) -> [String] { body.flatMap(boundNames) }

  private static func boundNames(_ statement: Statement) -> [String] {
    switch statement.kind {
    case .assign(let targets, _): targets.flatMap(boundNames)
    case .annotate(let target, _, .some, _), .augment(let target, _, _): boundNames(target)
    case .delete(let targets): targets.flatMap(boundNames)
    case .import(let modules): modules.map { $0.alias ?? $0.path[0] }
    case .importFrom(let statement):
      if case .listed(let names) = statement.names {
        names.map { $0.alias ?? $0.name }
      } else {
        []
      }
    case .if(let branches, let otherwise):
      branches.flatMap { boundNames($0.body) } + boundNames(otherwise)
    case .while(_, let body, let otherwise): boundNames(body + otherwise)
    case .for(let loop): boundNames(loop.target) + boundNames(loop.body + loop.otherwise)
    case .with(let items, let body, _):
      items.compactMap(\.target).flatMap(boundNames) + boundNames(body)
    case .try(let statement):
      boundNames(statement.body + statement.otherwise + statement.finally)
        + statement.handlers.flatMap { boundNames($0.body) }
    case .match(_, let cases): cases.flatMap { boundNames($0.body) }
    case .function(let definition): [definition.name]
    case .class(let definition): [definition.name]
    default: []
    }
  }
}
