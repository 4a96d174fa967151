public import PythonSubset

/// The modules of SQLAlchemy and Alembic that revisions import, for one run.
///
/// Other parts of the host (the ORM, libraries of types) add theirs by ``add(_:)``.
public final class AlembicModules: Importer {
  private var makers: [String: ModuleMaker] = [:]
  private var made: [String: PythonModule] = [:]

  /// Offers the modules to the scripts of a run.
  public init(_ run: ScriptRun) {
    let own = AlembicModules.alembic(run) + CoreModules.all + DialectModules.all
    for maker in own + LibraryModules.all { makers[maker.name] = maker }
    LibraryModules.register(with: run)
  }

  /// Offers one more module, in place of one of the same name.
  public func add(_ module: PythonModule) { made[module.name] = module }

  /// The names of all modules that are offered.
  public var names: [String] { Set(makers.keys).union(made.keys).sorted() }

  /// The module of a dotted name; nil for one that is not offered.
  public func module(_ name: String, _ python: Interpreter) throws -> PythonModule? {
    if let module = made[name] { return module }
    let module = makers[name]?.make(inside(name))
    made[name] = module
    return module
  }

  /// The last names of the modules in a package.
  private func inside(_ package: String) -> [String] {
    names.filter { $0.hasPrefix(package + ".") }
      .map { String($0.dropFirst(package.count + 1)) }
      .filter { !$0.contains(".") }
  }

  private static func alembic(_ run: ScriptRun) -> [ModuleMaker] {
    let base: MemberTable = [
      "Operations": { _ in .object(run.operationsClass) },
      "BatchOperations": { _ in .object(BatchObject.cls) },
      "MigrateOperation": { _ in .object(MigrateOperationClass.cls) },
      "MigrationContext": { _ in .object(MigrationContextObject.cls) },
      "CommandError": { _ in .object(SQLAlchemyErrors.command) },
    ]
    return [
      ModuleMaker(
        "alembic", base),
      ModuleMaker("alembic.op") { OperationsModule(run) },
      ModuleMaker("alembic.context", environment(run)),
      ModuleMaker("alembic.operations", base),
      ModuleMaker("alembic.operations.base", base), ModuleMaker("alembic.operations.ops", base),
      ModuleMaker("alembic.runtime", base),
      ModuleMaker("alembic.runtime.migration", base), ModuleMaker("alembic.migration", base),
      ModuleMaker("alembic.util", base), ModuleMaker("alembic.util.exc", base),
    ]
  }

  private static func environment(_ run: ScriptRun) -> MemberTable {
    let environment = EnvironmentObject(run)
    return MemberTable(Array(EnvironmentObject.cls.members.keys) + ["config"]) { name, python in
      try python.get(name, of: .object(environment))
    }
  }
}

/// `alembic.op`: the directives, and those that scripts register.
final class OperationsModule: HostModule {
  private let run: ScriptRun

  init(_ run: ScriptRun) {
    self.run = run
    super.init(
      "alembic.op",
      MemberTable(Array(OperationMethods.all.keys)) { name, python in
        try python.get(name, of: .object(run.operationsObject))
      })
  }

  /// With what packages and scripts have registered until now.
  override var vocabulary: [String] {
    super.vocabulary + run.registered.directives.keys.sorted()
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
