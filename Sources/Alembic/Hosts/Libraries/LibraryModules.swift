internal import PythonSubset

/// The packages beside SQLAlchemy and Alembic of which revisions can use something.
enum LibraryModules {
  /// All of them, packages before what they hold.
  static var all: [HostModule] {
    orm + sqlmodel + utilities + users
      + [
        HostModule("fastapi_utils", isPackage: true, [:]),
        HostModule("fastapi_utils.guid_type", MemberTable(LibraryTypes.fastapiUtils)),
        HostModule("pgvector", isPackage: true, [:]),
        HostModule("pgvector.sqlalchemy", MemberTable(LibraryTypes.pgvector)),
        HostModule("numpy", NumericLibrary.members),
      ] + enumSynchronization + entities
  }

  /// What `op` can do beside Alembic's own directives, as these packages register it.
  static func register(with run: ScriptRun) {
    run.registered.directives["sync_enum_values"] = (
      EnumSynchronization.operation, "sync_enum_values"
    )
    for name in ["create_entity", "drop_entity", "replace_entity"] {
      run.registered.directives[name] = (ReplaceableEntity.operations, name)
    }
  }

  private static var orm: [HostModule] {
    [
      HostModule("sqlalchemy.orm", isPackage: true, ORMModule.orm),
      HostModule("sqlalchemy.orm.session", ORMModule.orm),
      HostModule("sqlalchemy.orm.query", ORMModule.orm),
      HostModule("sqlalchemy.orm.decl_api", ORMModule.orm),
      HostModule("sqlalchemy.orm.exc", ORMModule.exceptions),
      HostModule("sqlalchemy.orm.attributes", ORMModule.attributes),
      HostModule("sqlalchemy.ext", isPackage: true, [:]),
      HostModule("sqlalchemy.ext.declarative", isPackage: true, ORMModule.declarative),
      HostModule("sqlalchemy.ext.hybrid", ORMModule.hybrid),
      HostModule("sqlalchemy.ext.mutable", ORMModule.mutable),
    ]
  }

  private static var sqlmodel: [HostModule] {
    let types = MemberTable(LibraryTypes.sqlmodel)
    let session: MemberTable = [
      "Session": { _ in .object(SessionClasses.session) },
      "col": { _ in .function("col", "column_expression") { $0[0] } },
    ]
    let core = CoreFunctions.members.with(CoreModules.types).with(CoreModules.schemaItems)
    return [
      HostModule("sqlmodel", isPackage: true, core.with(types).with(session)),
      HostModule("sqlmodel.sql", isPackage: true, [:]),
      HostModule("sqlmodel.sql.sqltypes", types),
    ]
  }

  private static var utilities: [HostModule] {
    let classes = LibraryTypes.utilities
    let all = MemberTable(classes.map(\.cls))
    var modules = [
      HostModule("sqlalchemy_utils", isPackage: true, all),
      HostModule("sqlalchemy_utils.types", isPackage: true, all),
      HostModule("sqlalchemy_utils.types.encrypted", isPackage: true, [:]),
    ]
    for name in Set(classes.map(\.module)).sorted() {
      let own = classes.filter { $0.module == name }.map(\.cls)
      modules.append(HostModule("sqlalchemy_utils.types.\(name)", MemberTable(own)))
    }
    return modules
  }

  private static var users: [HostModule] {
    let types = MemberTable(LibraryTypes.fastapiUsers)
    return [
      HostModule("fastapi_users_db_sqlalchemy", isPackage: true, types),
      HostModule("fastapi_users_db_sqlalchemy.generics", types),
      HostModule("fastapi_users_db_sqlalchemy.guid", types),
    ]
  }

  private static var enumSynchronization: [HostModule] {
    let members: MemberTable = [
      "TableReference": { _ in .object(TableReference.cls) },
      "ColumnType": { _ in .object(ColumnTypeNamespace()) },
    ]
    return [
      HostModule("alembic_postgresql_enum", isPackage: true, members),
      HostModule("alembic_postgresql_enum.get_enum_data", members),
    ]
  }

  private static var entities: [HostModule] {
    let names = [
      "PGFunction": "pg_function", "PGView": "pg_view",
      "PGMaterializedView": "pg_materialized_view", "PGTrigger": "pg_trigger",
      "PGPolicy": "pg_policy", "PGExtension": "pg_extension",
    ]
    return [HostModule("alembic_utils", isPackage: true, [:])]
      + ReplaceableEntity.classes.map { cls in
        HostModule("alembic_utils.\(names[cls.name] ?? cls.name)", MemberTable([cls]))
      }
  }
}
