internal import OrderedCollections
internal import PythonSubset

/// Alembic's directives as functions of Python: each reads its arguments and hands them on.
enum OperationMethods {
  typealias Members = OrderedDictionary<String, Value>

  static var all: Members {
    tables.merging(columns, uniquingKeysWith: { $1 })
      .merging(constraints, uniquingKeysWith: { $1 })
      .merging(indexes, uniquingKeysWith: { $1 })
      .merging(others, uniquingKeysWith: { $1 })
  }

  /// A directive: the signature and what it does with the run.
  private static func directive(
    _ signature: String, _ body: @escaping (ScriptRun, Call) throws -> Value?
  ) -> Value {
    .method("self, " + signature) { call in
      let object: OperationsObject = try call.receiver()
      return try translatingErrors { try body(object.run, call) ?? .null }
    }
  }

  private static var tables: Members {
    [
      "create_table": directive(
        "table_name, *columns, if_not_exists=None, schema=None, comment=None, prefixes=None, "
          + "info=None, listeners=None, quote=None, quote_schema=None, implicit_returning=True, "
          + "extend_existing=False, keep_existing=False, sqlite_autoincrement=None, "
          + "_constraints_included=False, **kw"
      ) { run, call in
        let table = run.operations.makeTable(
          try call.quotedName("table_name"), schema: try call.optionalName("schema"))
        let object = FromObject.of(table)
        let items = call.rest.map { item -> Value in
          guard let column = item.object(as: ColumnObject.self), column.column.table != nil else {
            return item
          }
          return .object(ColumnReading.copy(of: column.column))
        }
        try TableReading.fill(object, items, call.python)
        table.comment = try call.optionalString("comment")
        table.options = try DialectOptions(call, on: "Table").tableOptions()
        object.info = call["info"].dict ?? object.info
        if !call["prefixes"].isNone {
          table.prefixes = try call.items("prefixes").map { try call.python.str($0) }
        }
        try run.operations.create(table, ifNotExists: try call.truth("if_not_exists"))
        return .object(object)
      },
      "drop_table": directive("table_name, *, schema=None, if_exists=None, **kw") { run, call in
        _ = try DialectOptions(call, on: "Table")
        let table = run.operations.makeTable(
          try call.name("table_name"), schema: try call.optionalName("schema"))
        try run.operations.drop(table, ifExists: try call.truth("if_exists"))
        return nil
      },
      "rename_table": directive("old_table_name, new_table_name, *, schema=None") { run, call in
        try run.operations.rename(
          try call.name("old_table_name"), schema: try call.optionalName("schema"),
          to: try call.name("new_table_name"))
        return nil
      },
      "create_table_comment": directive(
        "table_name, comment, *, existing_comment=None, schema=None"
      ) { run, call in
        try run.operations.comment(
          onTable: try call.name("table_name"), schema: try call.optionalName("schema"),
          try call.optionalString("comment"))
        return nil
      },
      "drop_table_comment": directive(
        "table_name, *, existing_comment=None, schema=None"
      ) { run, call in
        try run.operations.comment(
          onTable: try call.name("table_name"), schema: try call.optionalName("schema"), nil)
        return nil
      },
    ]
  }

  private static var columns: Members {
    [
      "add_column": directive(
        "table_name, column, *, schema=None, if_not_exists=None, inline_references=None, "
          + "inline_primary_key=None"
      ) { run, call in
        let object: ColumnObject = try call.object(2)
        let column =
          object.column.table == nil ? object.column : ColumnReading.copy(of: object.column).column
        var options = SchemaOperations.AddColumn()
        options.ifNotExists = try call.truth("if_not_exists")
        options.inlinesReferences = try call.truth("inline_references")
        options.inlinesPrimaryKey = try call.truth("inline_primary_key")
        try run.operations.add(
          column, toTable: try call.name("table_name"), schema: try call.optionalName("schema"),
          options: options)
        return nil
      },
      "drop_column": directive(
        "table_name, column_name, *, schema=None, if_exists=None, mssql_drop_check=None, "
          + "mssql_drop_default=None, mssql_drop_foreign_key=None, **kw"
      ) { run, call in
        try run.operations.dropColumn(
          try call.name("column_name"), ofTable: try call.name("table_name"),
          schema: try call.optionalName("schema"), ifExists: try call.truth("if_exists"))
        return nil
      },
      "alter_column": directive(
        "table_name, column_name, *, nullable=None, comment=False, server_default=False, "
          + "new_column_name=None, type_=None, existing_type=None, existing_server_default=False, "
          + "existing_nullable=None, existing_comment=None, schema=None, autoincrement=None, "
          + "existing_autoincrement=None, postgresql_using=None, **kw"
      ) { run, call in
        try run.operations.alter(
          try call.name("column_name"), ofTable: try call.name("table_name"),
          schema: try call.optionalName("schema"), try AlterColumn(call))
        return nil
      },
    ]
  }

  private static func add(_ run: ScriptRun, _ constraint: Constraint, _ call: Call, table: String)
    throws
  {
    let table = run.operations.makeTable(
      try call.name(table), schema: try call.optionalName("schema"))
    if let list = constraint as? ColumnListConstraint { try declare(list.references, in: table) }
    try table.append(constraint)
    try run.operations.add(constraint)
  }

  /// Columns without types, for constraints and indexes over names.
  private static func declare(_ references: [ColumnReference], in table: Table) throws {
    for case .name(let name) in references where table.column(name) == nil {
      try table.append(Column(SQLName(name)))
    }
  }

  private static func names(_ call: Call, _ parameter: String) throws -> [ColumnReference] {
    let value = call[parameter]
    if let name = value.string { return name.map { .name(String($0)) } }
    return try call.items(parameter).map { .name(try call.python.str($0)) }
  }

  private static var constraints: Members {
    [
      "create_primary_key": directive(
        "constraint_name, table_name, columns, *, schema=None"
      ) { run, call in
        let key = PrimaryKeyConstraint(
          try names(call, "columns"), name: try call.optionalName("constraint_name"))
        try add(run, key, call, table: "table_name")
        return nil
      },
      "create_unique_constraint": directive(
        "constraint_name, table_name, columns, *, schema=None, deferrable=None, initially=None, "
          + "info=None, comment=None, **kw"
      ) { run, call in
        let unique = UniqueConstraint(
          try names(call, "columns"), name: try call.optionalName("constraint_name"))
        unique.isDeferrable = call["deferrable"].bool
        unique.initially = try call.optionalString("initially")
        try DialectOptions(call, on: "UniqueConstraint").apply(to: unique)
        try add(run, unique, call, table: "table_name")
        return nil
      },
      "create_check_constraint": directive(
        "constraint_name, table_name, condition, *, schema=None, deferrable=None, initially=None, "
          + "info=None, comment=None, **kw"
      ) { run, call in
        let check = CheckConstraint(
          try Coercion(call.python).sql(call["condition"]),
          name: try call.optionalName("constraint_name"))
        check.isDeferrable = call["deferrable"].bool
        check.initially = try call.optionalString("initially")
        check.isNotValid = try DialectOptions(call, on: "CheckConstraint").isNotValid
        try add(run, check, call, table: "table_name")
        return nil
      },
      "create_exclude_constraint": directive(
        "constraint_name, table_name, *elements, schema=None, using='gist', where=None, "
          + "deferrable=None, initially=None, ops=None, **kw"
      ) { run, call in
        let exclude = try ConstraintClasses.exclude(
          call, name: call.optionalName("constraint_name"))
        try add(run, exclude, call, table: "table_name")
        return nil
      },
      "create_foreign_key": directive(
        "constraint_name, source_table, referent_table, local_cols, remote_cols, *, onupdate=None, "
          + "ondelete=None, deferrable=None, initially=None, match=None, source_schema=None, "
          + "referent_schema=None, use_alter=None, info=None, comment=None, schema=None, **dialect_kw"
      ) { run, call in
        var actions = ForeignKeyActions()
        actions.onDelete = try call.optionalString("ondelete")
        actions.onUpdate = try call.optionalString("onupdate")
        actions.match = try call.optionalString("match")
        actions.isDeferrable = call["deferrable"].bool
        actions.initially = try call.optionalString("initially")
        let schema = try call.optionalString("referent_schema")
        let referent = try call.string("referent_table")
        let targets = try call.items("remote_cols").map {
          ForeignKeyTarget(schema: schema, table: referent, column: try call.python.str($0))
        }
        let key = ForeignKeyConstraint(
          try names(call, "local_cols"), targets: targets,
          name: try call.optionalName("constraint_name"), actions: actions)
        key.isNotValid = try DialectOptions(call, on: "ForeignKeyConstraint").isNotValid
        let table = run.operations.makeTable(
          try call.name("source_table"), schema: try call.optionalName("source_schema"))
        try declare(key.references, in: table)
        try table.append(key)
        try run.operations.add(key)
        return nil
      },
      "drop_constraint": directive(
        "constraint_name, table_name, type_=None, *, schema=None, if_exists=None"
      ) { run, call in
        let table = run.operations.makeTable(
          try call.name("table_name"), schema: try call.optionalName("schema"))
        let constraint = try DroppedConstraint.make(
          try call.optionalName("constraint_name"), type: try call.optionalString("type_"))
        if call["type_"].isNone {
          constraint.table = table
        } else {
          try table.append(constraint)
        }
        try run.operations.drop(constraint, ifExists: try call.truth("if_exists"))
        return nil
      },
    ]
  }

  private static var indexes: Members {
    [
      "create_index": directive(
        "index_name, table_name, columns, *, schema=None, unique=False, if_not_exists=None, "
          + "quote=None, info=None, **kw"
      ) { run, call in
        let table = run.operations.makeTable(
          try call.name("table_name"), schema: try call.optionalName("schema"))
        let elements = try call.items("columns").map { value in
          try Coercion(call.python).reference(value).detached
        }
        try declare(elements, in: table)
        let index = Index(
          try call.optionalName("index_name"), elements, isUnique: try call.truth("unique"),
          options: try DialectOptions(call, on: "Index").indexOptions())
        try table.append(index)
        try run.operations.create(index, ifNotExists: try call.truth("if_not_exists"))
        return nil
      },
      "drop_index": directive(
        "index_name, table_name=None, *, schema=None, if_exists=None, **kw"
      ) { run, call in
        let index = Index(
          try call.optionalName("index_name"), [],
          options: try DialectOptions(call, on: "Index").indexOptions())
        let table = run.operations.makeTable(
          try call.optionalName("table_name") ?? "no_table",
          schema: try call.optionalName("schema"))
        try table.append(index)
        try run.operations.drop(index, ifExists: try call.truth("if_exists"))
        return nil
      },
    ]
  }

  private static var others: Members {
    [
      "execute": directive("sqltext, *, execution_options=None") { run, call in
        try run.execute(call["sqltext"], call.python)
        return nil
      },
      "bulk_insert": directive("table, rows, *, multiinsert=True") { run, call in
        guard let table = call["table"].object(as: FromObject.self) else {
          throw PythonError(.typeError, "List of dictionaries expected")
        }
        try BulkInsert(run, call.python).insert(
          try call.items("rows"), into: table.source, isTogether: try call.truth("multiinsert"))
        return nil
      },
      "f": .method("self, name") { call in
        .object(NameObject(.final(try call.string("name"))))
      },
      "inline_literal": .method("self, value, type_=None") { call in
        let type = try TypeCoercion.type(call["type_"], call.python)
        let value = try BoundValue(call.python).convert(call["value"], as: type)
        return .object(
          ExpressionObject(
            SQLExpression(
              .inlineLiteral(value), type: Coercion.type(of: call["value"], or: type))))
      },
      "get_bind": directive("") { run, call in try run.bind(call.python) },
      "get_context": directive("") { run, _ in .object(MigrationContextObject(run)) },
      "batch_alter_table": directive(
        "table_name, schema=None, recreate='auto', partial_reordering=None, copy_from=None, "
          + "table_args=(), table_kwargs=None, reflect_args=(), reflect_kwargs=None, "
          + "naming_convention=None"
      ) { run, call in
        guard try call.optionalString("recreate") != "always" else {
          throw Unsupported("batch_alter_table() with recreate='always'")
        }
        return .object(
          BatchObject(run, table: call["table_name"], schema: call["schema"]))
      },
      "invoke": .method("self, operation") { call in
        let object: OperationsObject = try call.receiver()
        return try object.invoke(call["operation"], call.python)
      },
      "run_async": directive("async_function, *args, **kw_args") { run, call in
        let coroutine = try call.python.call(
          call["async_function"],
          Arguments([try run.bind(call.python)] + call.rest, keywords: call.keywords))
        guard case .object(let awaitable) = coroutine,
          let result = try awaitable.awaitResult(call.python)
        else { throw PythonError(.typeError, "object is not awaitable") }
        return result
      },
    ]
  }
}

extension ColumnReference {
  /// The reference without the table that a column belongs to.
  fileprivate var detached: ColumnReference {
    if case .column(let column) = self { return .name(column.name?.text ?? column.key) }
    return self
  }
}

extension Call {
  /// A table's name with what `quote=` says.
  func quotedName(_ parameter: String) throws -> SQLName {
    var name = try name(parameter)
    if let quote = self["quote"].bool { name.quote = quote }
    return name
  }
}

/// The constraint that `drop_constraint` names, of the kind that its convention may wrap.
enum DroppedConstraint {
  static func make(_ name: SQLName?, type: String?) throws -> Constraint {
    switch type {
    case nil: return CheckConstraint(SQLExpression(.null), name: name)
    case "check": return CheckConstraint(SQLExpression(.constant(true)), name: name)
    case "unique": return UniqueConstraint([], name: name)
    case "primary": return PrimaryKeyConstraint([], name: name)
    case "foreignkey": return ForeignKeyConstraint([], targets: [], name: name)
    case let type?:
      throw PythonError(
        .typeError,
        "'type' can be one of 'check', 'foreignkey', 'primary', 'unique', None, not '\(type)'")
    }
  }
}
