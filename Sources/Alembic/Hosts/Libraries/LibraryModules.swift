internal import PythonSubset

/// The packages beside SQLAlchemy and Alembic of which revisions can use something.
enum LibraryModules {
  /// All of them, packages before what they hold.
  static var all: [ModuleMaker] {
    orm + sqlmodel + utilities + users
      + [
        ModuleMaker("fastapi_utils", [:]),
        ModuleMaker("fastapi_utils.guid_type", MemberTable(LibraryTypes.fastapiUtils)),
        ModuleMaker("citext", MemberTable([LibraryTypes.citext])),
        ModuleMaker("pgvector", [:]),
        ModuleMaker("pgvector.sqlalchemy", MemberTable(LibraryTypes.pgvector)),
        ModuleMaker("numpy", NumericLibrary.members),
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

  private static var orm: [ModuleMaker] {
    [
      ModuleMaker("sqlalchemy.orm", ORMModule.orm),
      ModuleMaker("sqlalchemy.orm.session", ORMModule.orm),
      ModuleMaker("sqlalchemy.orm.query", ORMModule.orm),
      ModuleMaker("sqlalchemy.orm.decl_api", ORMModule.orm),
      ModuleMaker("sqlalchemy.orm.exc", ORMModule.exceptions),
      ModuleMaker("sqlalchemy.orm.attributes", ORMModule.attributes),
      ModuleMaker("sqlalchemy.ext", [:]),
      ModuleMaker("sqlalchemy.ext.declarative", ORMModule.declarative),
      ModuleMaker("sqlalchemy.ext.hybrid", ORMModule.hybrid),
      ModuleMaker("sqlalchemy.ext.mutable", ORMModule.mutable),
    ]
  }

  private static var sqlmodel: [ModuleMaker] {
    let types = MemberTable(LibraryTypes.sqlmodel)
    let session: MemberTable = [
      "Session": { _ in .object(SessionClasses.session) },
      "col": { _ in .function("col", "column_expression") { $0[0] } },
    ]
    let core = CoreFunctions.members.with(CoreModules.types).with(CoreModules.schemaItems)
    return [
      ModuleMaker("sqlmodel", core.with(types).with(session)),
      ModuleMaker("sqlmodel.sql", [:]),
      ModuleMaker(
        "sqlmodel.sql.sqltypes",
        types.with(["types": { python in .object(try python.importModule("sqlalchemy.types")) }])),
    ]
  }

  private static var utilities: [ModuleMaker] {
    let classes = LibraryTypes.utilities
    let all = MemberTable(classes.map(\.cls))
    var modules = [
      ModuleMaker("sqlalchemy_utils", all),
      ModuleMaker("sqlalchemy_utils.types", all),
      ModuleMaker("sqlalchemy_utils.types.encrypted", [:]),
    ]
    for name in Set(classes.map(\.module)).sorted() {
      let own = classes.filter { $0.module == name }.map(\.cls)
      modules.append(ModuleMaker("sqlalchemy_utils.types.\(name)", MemberTable(own)))
    }
    // What encrypts is named where a type is made.
    let encryption = "sqlalchemy_utils.types.encrypted.encrypted_type"
    let own = classes.filter { $0.module == "encrypted.encrypted_type" }.map(\.cls)
    modules.append(ModuleMaker(encryption, MemberTable(own + LibraryTypes.engines)))
    return modules
  }

  private static var users: [ModuleMaker] {
    let types = MemberTable(LibraryTypes.fastapiUsers)
    return [
      ModuleMaker("fastapi_users_db_sqlalchemy", types),
      ModuleMaker("fastapi_users_db_sqlalchemy.generics", types),
      ModuleMaker("fastapi_users_db_sqlalchemy.guid", types),
    ]
  }

  private static var enumSynchronization: [ModuleMaker] {
    let members: MemberTable = [
      "TableReference": { _ in .object(TableReference.cls) },
      "ColumnType": { _ in .object(ColumnTypeNamespace()) },
    ]
    return [
      ModuleMaker("alembic_postgresql_enum", members),
      ModuleMaker("alembic_postgresql_enum.get_enum_data", members),
    ]
  }

  private static var entities: [ModuleMaker] {
    let names = [
      "PGFunction": "pg_function", "PGView": "pg_view",
      "PGMaterializedView": "pg_materialized_view", "PGTrigger": "pg_trigger",
      "PGPolicy": "pg_policy", "PGExtension": "pg_extension",
    ]
    return [ModuleMaker("alembic_utils", [:])]
      + ReplaceableEntity.classes.map { cls in
        ModuleMaker("alembic_utils.\(names[cls.name] ?? cls.name)", MemberTable([cls]))
      }
  }
}
