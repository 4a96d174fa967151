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
      NameObject.quoted, NameObject.conventional, CompiledElements.function,
    ])
  }

  static var engine: MemberTable {
    MemberTable([
      ConnectionClasses.connection, ConnectionClasses.engine, InspectorObject.cls, ResultObject.cls,
      RowObject.cls, MappingObject.cls, TransactionObject.cls, DialectObject.cls,
      FilteredResult.scalars, FilteredResult.mappings,
    ]).with([
      "Result": { _ in .object(ResultObject.cls) },
      // What results were called in SQLAlchemy 1.
      "ResultProxy": { _ in .object(ResultObject.cls) },
      "LegacyCursorResult": { _ in .object(ResultObject.cls) },
      "Dialect": { _ in .object(DialectObject.cls) },
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

  private static var functions: MemberTable {
    let known = ["now", "count", "current_timestamp", "coalesce", "sum", "max", "min", "random"]
    let table: MemberTable = [
      "func": { _ in .object(FunctionNamespace()) },
      "Function": { _ in .object(ExpressionClasses.function) },
      "FunctionElement": { _ in .object(CompiledElements.function) },
    ]
    return table.with(
      MemberTable(known) { name, python in
        try python.get(name, of: .object(FunctionNamespace()))
      })
  }

  private static var sql: [ModuleMaker] {
    let parts = [
      ModuleMaker("sqlalchemy.sql.functions", functions),
      ModuleMaker("sqlalchemy.sql.expression", everything),
      ModuleMaker("sqlalchemy.sql.elements", everything),
      ModuleMaker("sqlalchemy.sql.sqltypes", types),
      ModuleMaker("sqlalchemy.sql.schema", schemaItems),
      ModuleMaker("sqlalchemy.sql.ddl", MemberTable(DDLObject.classes)),
      ModuleMaker("sqlalchemy.sql.selectable", everything),
      ModuleMaker("sqlalchemy.sql.dml", everything),
      ModuleMaker("sqlalchemy.sql.type_api", types), ModuleMaker("sqlalchemy.sql.naming", elements),
    ]
    return [ModuleMaker("sqlalchemy.sql", everything)] + parts
  }

  private static var engines: [ModuleMaker] {
    let parts = ["reflection", "base", "result", "row", "interfaces"].map {
      ModuleMaker("sqlalchemy.engine.\($0)", engine)
    }
    return [ModuleMaker("sqlalchemy.engine", engine)] + parts
  }

  /// The modules of `sqlalchemy` itself.
  static var all: [ModuleMaker] {
    let tokens: MemberTable = ["BLANK_SCHEMA": { _ in .object(SchemaTokenObject()) }]
    return [
      ModuleMaker(
        "sqlalchemy",
        root.with(["inspect": { python in try CoreFunctions.member("inspect", python) }])),
      ModuleMaker(
        "sqlalchemy.schema", schemaItems.with(MemberTable(DDLObject.classes)).with(tokens)),
      ModuleMaker("sqlalchemy.exc", SQLAlchemyErrors.members),
      ModuleMaker("sqlalchemy.types", types),
      ModuleMaker("sqlalchemy.ext.compiler", CompiledElements.compiler),
      ModuleMaker(
        "sqlalchemy.inspection",
        MemberTable(["inspect"]) { _, python in try CoreFunctions.member("inspect", python) }),
    ] + sql + engines
  }
}
