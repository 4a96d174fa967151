internal import OrderedCollections
public import PythonSubset

/// `op.get_context()`.
public final class MigrationContextObject: PythonObject {
  let run: ScriptRun

  init(_ run: ScriptRun) { self.run = run }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "MigrationContext", module: "alembic.runtime.migration",
    members: [
      "autocommit_block": .method("self") { call in
        let object: MigrationContextObject = try call.receiver()
        return .object(AutocommitBlock(object.run))
      },
      "begin_transaction": .method("self, _per_migration=False") { call in
        let object: MigrationContextObject = try call.receiver()
        return .object(NullContext(.object(object)))
      },
      "execute": .method("self, sql, execution_options=None") { call in
        let object: MigrationContextObject = try call.receiver()
        try object.run.execute(call["sql"], call.python)
        return .null
      },
      "get_current_revision": .method("self") { call in
        let object: MigrationContextObject = try call.receiver()
        return .string(orNone: object.run.currentHeads.first)
      },
      "get_current_heads": .method("self") { call in
        let object: MigrationContextObject = try call.receiver()
        return .tuple(object.run.currentHeads.map { .string($0) })
      },
      "configure": .classMethod(
        "cls, connection=None, url=None, dialect_name=None, dialect=None, environment_context=None, "
          + "dialect_opts=None, opts=None"
      ) { _ in throw Unsupported("MigrationContext.configure() in a revision") },
    ])

  public override var pythonClass: PythonClass { MigrationContextObject.cls }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "bind", "connection": return try run.bind(python)
    case "dialect": return .object(run.dialect)
    case "as_sql": return .bool(run.settings.isOffline)
    case "config": return .object(ConfigObject(run))
    case "opts":
      return .dict(PythonDict(run.settings.contextOptions.map { ($0.name, $0.value) }))
    case "environment_context": return .object(EnvironmentObject(run))
    case "impl": return .object(ImplementationObject(run))
    case "version_table": return .string(run.settings.versionTable)
    case "version_table_schema": return .string(orNone: run.settings.versionTableSchema)
    case "script": throw Unsupported("reading the script directory from a revision")
    default: return try super.attribute(name, python)
    }
  }
}

/// `with op.get_context().autocommit_block():` - commits what ran before, runs each statement by
/// itself, and begins a transaction again.
final class AutocommitBlock: PythonObject {
  private let run: ScriptRun

  init(_ run: ScriptRun) { self.run = run }

  override func enter(_ python: Interpreter) throws -> Value? {
    let connection = run.connection
    try translatingErrors { try connection.commit() }
    connection.isAutocommit = true
    return .null
  }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    let connection = run.connection
    connection.isAutocommit = false
    _ = try translatingErrors { try connection.begin() }
    return false
  }
}

/// A `with` block that does nothing at either end.
final class NullContext: PythonObject {
  private let value: Value

  init(_ value: Value) { self.value = value }

  override func enter(_ python: Interpreter) throws -> Value? { value }
  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool { false }
}

/// `op.get_context().impl`.
final class ImplementationObject: PythonObject {
  private let run: ScriptRun

  init(_ run: ScriptRun) { self.run = run }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "PostgresqlImpl", module: "alembic.ddl.postgresql")

  override var pythonClass: PythonClass { ImplementationObject.cls }

  override class var ownMethods: [String] { ["_exec", "execute"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "dialect": .object(run.dialect)
    case "bind", "connection": try run.bind(python)
    case "_exec", "execute":
      .function(name, "construct, *args, **kwargs") { [run] call in
        try run.execute(call["construct"], call.python)
        return .null
      }
    default: try super.attribute(name, python)
    }
  }
}

/// `alembic.context`, as far as revisions ask it.
final class EnvironmentObject: PythonObject {
  let run: ScriptRun

  init(_ run: ScriptRun) { self.run = run }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "EnvironmentContext", module: "alembic.runtime.environment",
    members: [
      "is_offline_mode": .method("self") { call in
        let object: EnvironmentObject = try call.receiver()
        return .bool(object.run.settings.isOffline)
      },
      "is_transactional_ddl": .method("self") { _ in .bool(true) },
      "get_context": .method("self") { call in
        let object: EnvironmentObject = try call.receiver()
        return .object(MigrationContextObject(object.run))
      },
      "get_bind": .method("self") { call in
        let object: EnvironmentObject = try call.receiver()
        return try object.run.bind(call.python)
      },
      "get_x_argument": .method("self, as_dictionary=False") { call in
        let object: EnvironmentObject = try call.receiver()
        let arguments = object.run.settings.arguments
        guard try call.truth("as_dictionary") else {
          return .list(arguments.map { .string($0) })
        }
        return .dict(
          PythonDict(
            arguments.map { argument in
              let parts = argument.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
              return (String(parts[0]), .string(parts.count > 1 ? String(parts[1]) : ""))
            }))
      },
      "get_tag_argument": .method("self") { call in
        let object: EnvironmentObject = try call.receiver()
        return .string(orNone: object.run.settings.tag)
      },
      "execute": .method("self, sql, execution_options=None") { call in
        let object: EnvironmentObject = try call.receiver()
        try object.run.execute(call["sql"], call.python)
        return .null
      },
      "begin_transaction": .method("self") { _ in .object(NullContext(.null)) },
      "get_revision_argument": .method("self") { _ in
        throw Unsupported("context.get_revision_argument() in a revision")
      },
      "get_head_revision": .method("self") { _ in
        throw Unsupported("context.get_head_revision() in a revision")
      },
    ])

  override var pythonClass: PythonClass { EnvironmentObject.cls }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "config": .object(ConfigObject(run))
    default: try super.attribute(name, python)
    }
  }
}
