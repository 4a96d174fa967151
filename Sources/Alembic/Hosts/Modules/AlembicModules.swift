internal import OrderedCollections
public import PythonSubset

/// The modules of SQLAlchemy and Alembic that revisions import, for one run.
///
/// Other parts of the host (the ORM, libraries of types) add theirs by ``add(_:)``.
public final class AlembicModules: Importer {
  private let run: ScriptRun
  private var modules: [String: PythonModule] = [:]

  /// Offers the modules to the scripts of a run.
  public init(_ run: ScriptRun) {
    self.run = run
    for module in AlembicModules.alembic(run) + CoreModules.all + DialectModules.all { add(module) }
    for module in LibraryModules.all { add(module) }
    LibraryModules.register(with: run)
  }

  /// Offers one more module, in place of one of the same name.
  public func add(_ module: PythonModule) {
    modules[module.name] = module
    let parts = module.name.split(separator: ".")
    guard let last = parts.last, parts.count > 1 else { return }
    let parent = parts.dropLast().joined(separator: ".")
    modules[parent]?.namespace[String(last)] = .object(module)
  }

  /// The names of all modules that are offered.
  public var names: [String] { modules.keys.sorted() }

  /// The module of a dotted name; nil for one that is not offered.
  public func module(_ name: String, _ python: Interpreter) throws -> PythonModule? {
    modules[name]
  }

  private static func alembic(_ run: ScriptRun) -> [PythonModule] {
    let operations = MemberTable(Array(OperationMethods.all.keys)) { name, python in
      try python.get(name, of: .object(run.operationsObject))
    }
    let names = Array(EnvironmentObject.cls.members.keys) + ["config"]
    let context = MemberTable(names) { name, python in
      try python.get(name, of: .object(EnvironmentObject(run)))
    }
    let op = OperationsModule(run, operations)
    let environment = HostModule("alembic.context", context)
    let base: MemberTable = [
      "Operations": { _ in .object(run.operationsClass) },
      "BatchOperations": { _ in .object(BatchObject.cls) },
      "MigrateOperation": { _ in .object(MigrateOperationClass.cls) },
      "MigrationContext": { _ in .object(MigrationContextObject.cls) },
      "CommandError": { _ in .object(SQLAlchemyErrors.command) },
    ]
    return [
      HostModule(
        "alembic", isPackage: true,
        base.with(MemberTable([op, environment]))),
      op, environment, HostModule("alembic.operations", isPackage: true, base),
      HostModule("alembic.operations.base", base), HostModule("alembic.operations.ops", base),
      HostModule("alembic.runtime", isPackage: true, base),
      HostModule("alembic.runtime.migration", base), HostModule("alembic.migration", base),
      HostModule("alembic.util", isPackage: true, base), HostModule("alembic.util.exc", base),
    ]
  }
}

/// `alembic.op`: the directives, and those that scripts register.
final class OperationsModule: HostModule {
  private let run: ScriptRun

  init(_ run: ScriptRun, _ members: MemberTable) {
    self.run = run
    super.init("alembic.op", members)
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let value = try super.attribute(name, python) { return value }
    return try python.optionalAttribute(of: .object(run.operationsObject), name)
  }
}

/// `alembic.operations.MigrateOperation`, from which scripts derive operations of their own.
enum MigrateOperationClass {
  nonisolated(unsafe) static let cls = PythonClass(
    host: "MigrateOperation", module: "alembic.operations.ops")
}
