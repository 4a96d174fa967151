internal import OrderedCollections
internal import PythonSubset

/// `sqlalchemy` and its modules but for the dialects and the ORM.
enum CoreModules {
  static var types: MemberTable {
    var members = MemberTable(TypeClasses.genericNames) { name, _ in
      .object(TypeClasses.generic(name))
    }
    members["INT"] = { _ in .object(TypeClasses.named("INTEGER")) }
    members["NULLTYPE"] = { python in try python.call(.object(TypeClasses.named("NullType"))) }
    members["STRINGTYPE"] = { python in try python.call(.object(TypeClasses.named("String"))) }
    return members
  }

  static var schemaItems: MemberTable {
    MemberTable([
      ColumnReading.cls, FromClasses.table, MetaDataObject.cls, ConstraintClasses.primaryKey,
      ConstraintClasses.foreignKey, ConstraintClasses.foreignKeyItem, ConstraintClasses.unique,
      ConstraintClasses.check, ConstraintClasses.index, ConstraintClasses.identity,
      ConstraintClasses.computed, ConstraintClasses.sequence, ConstraintClasses.fetched,
      ConstraintClasses.defaultClause, SchemaItems.constraint, SchemaItems.item, DDLObject.ddl,
    ])
  }

  static var elements: MemberTable {
    MemberTable([
      ExpressionClasses.clause, ExpressionClasses.element, ExpressionClasses.columnClause,
      ExpressionClasses.binary, ExpressionClasses.booleans, ExpressionClasses.bind,
      ExpressionClasses.function, ExpressionClasses.label, ExpressionClasses.cast,
      ExpressionClasses.caseExpression, ExpressionClasses.unary, ExpressionClasses.null,
      ExpressionClasses.over, ExpressionClasses.exists, ExpressionClasses.scalarSelect,
      ExpressionClasses.text, FromClasses.from, FromClasses.lightTable, FromClasses.alias,
      FromClasses.subquery, FromClasses.commonTable, FromClasses.join, FromClasses.values,
      QueryClasses.executable, QueryClasses.query, QueryClasses.select, QueryClasses.compound,
      QueryClasses.textual, QueryClasses.insert, QueryClasses.update, QueryClasses.delete,
      NameObject.quoted, NameObject.conventional,
    ])
  }

  static var engine: MemberTable {
    MemberTable([
      ConnectionClasses.connection, ConnectionClasses.engine, InspectorObject.cls, ResultObject.cls,
      RowObject.cls, MappingObject.cls, TransactionObject.cls, DialectObject.cls,
      FilteredResult.scalars, FilteredResult.mappings,
    ]).with([
      "Result": { _ in .object(ResultObject.cls) },
      "create_engine": { _ in
        .function("create_engine", "url, **kwargs") { _ in
          throw Unsupported("create_engine() in a revision")
        }
      },
    ])
  }

  private static var root: MemberTable {
    var members = CoreFunctions.members
    for part in [types, schemaItems, elements, engine] {
      members.merge(part, uniquingKeysWith: { $1 })
    }
    members["__version__"] = { _ in .string("2.0.58") }
    return members
  }

  private static var everything: MemberTable { CoreFunctions.members.with(elements) }

  private static var functions: HostModule {
    let known = ["now", "count", "current_timestamp", "coalesce", "sum", "max", "min", "random"]
    let table: MemberTable = [
      "func": { _ in .object(FunctionNamespace()) },
      "Function": { _ in .object(ExpressionClasses.function) },
    ]
    return HostModule(
      "sqlalchemy.sql.functions",
      table.with(
        MemberTable(known) { name, python in
          try python.get(name, of: .object(FunctionNamespace()))
        }))
  }

  private static var sql: [HostModule] {
    let parts = [
      functions, HostModule("sqlalchemy.sql.expression", everything),
      HostModule("sqlalchemy.sql.elements", everything),
      HostModule("sqlalchemy.sql.sqltypes", types),
      HostModule("sqlalchemy.sql.schema", schemaItems),
      HostModule("sqlalchemy.sql.ddl", MemberTable(DDLObject.classes)),
      HostModule("sqlalchemy.sql.selectable", everything),
      HostModule("sqlalchemy.sql.dml", everything),
      HostModule("sqlalchemy.sql.type_api", types), HostModule("sqlalchemy.sql.naming", elements),
    ]
    return [
      HostModule("sqlalchemy.sql", isPackage: true, everything.with(MemberTable(parts)))
    ] + parts
  }

  private static var engines: [HostModule] {
    let parts = [
      HostModule("sqlalchemy.engine.reflection", engine),
      HostModule("sqlalchemy.engine.base", engine),
      HostModule("sqlalchemy.engine.result", engine), HostModule("sqlalchemy.engine.row", engine),
      HostModule("sqlalchemy.engine.interfaces", engine),
    ]
    return [HostModule("sqlalchemy.engine", isPackage: true, engine.with(MemberTable(parts)))]
      + parts
  }

  static var all: [PythonModule] {
    let tokens: MemberTable = ["BLANK_SCHEMA": { _ in .object(SchemaTokenObject()) }]
    let parts = [
      HostModule(
        "sqlalchemy.schema", schemaItems.with(MemberTable(DDLObject.classes)).with(tokens)),
      HostModule("sqlalchemy.exc", SQLAlchemyErrors.members),
      HostModule("sqlalchemy.types", types),
      HostModule(
        "sqlalchemy.inspection",
        MemberTable(["inspect"]) { _, python in try CoreFunctions.member("inspect", python) }),
    ]
    let packages = sql + engines
    let root = HostModule(
      "sqlalchemy", isPackage: true,
      root.with(MemberTable(parts)).with(MemberTable([packages[0]]))
        .with(MemberTable(engines.prefix(1).map { $0 })))
    return [root] + parts + packages
  }
}
