internal import OrderedCollections
internal import PythonSubset

extension ORMQuery {
  nonisolated(unsafe) static let cls = PythonClass(
    host: "Query", module: "sqlalchemy.orm.query",
    members: building.merging(results, uniquingKeysWith: { $1 })
      .merging(changes, uniquingKeysWith: { $1 }))

  private static func query(_ call: Call) throws -> ORMQuery { try call.receiver() }

  /// A method that is the one of `select()`.
  private static func passed(_ name: String) -> Value {
    .method("self, *args, **kwargs") { call in
      .object(
        try query(call).calling(
          name, Arguments(call.rest, keywords: call.keywords), call.python))
    }
  }

  private static var building: OrderedDictionary<String, Value> {
    [
      "filter": passed("where"), "where": passed("where"), "order_by": passed("order_by"),
      "group_by": passed("group_by"), "having": passed("having"), "limit": passed("limit"),
      "offset": passed("offset"), "distinct": passed("distinct"), "slice": passed("slice"),
      "select_from": passed("select_from"), "with_for_update": passed("with_for_update"),
      "correlate": passed("correlate"), "prefix_with": passed("prefix_with"),
      "join": passed("join"), "outerjoin": passed("outerjoin"),
      "filter_by": .method("self, **kwargs") { call in
        let query = try query(call)
        let entity = try query.entities.lazy.compactMap { try $0.entity(call.python) }.first
        var criteria: [Value] = []
        for (name, value) in call.keywords {
          guard let column = entity?.column(name) else {
            throw PythonError(
              SQLAlchemyErrors.invalidRequest,
              "Entity namespace for \"\(entity?.mapper.table.name.text ?? "?")\" has no property "
                + "\"\(name)\"")
          }
          criteria.append(
            .object(
              ExpressionObject(
                try Coercion(call.python).comparison(column.expression, .equal, value))))
        }
        return .object(try query.calling("where", Arguments(criteria), call.python))
      },
      "with_entities": .method("self, *entities") { call in
        .object(try query(call).with(call.rest, call.python))
      },
      "add_columns": .method("self, *column") { call in
        let query = try query(call)
        return .object(try query.with(query.entities + call.rest, call.python))
      },
      "add_entity": .method("self, entity, alias=None") { call in
        let query = try query(call)
        return .object(try query.with(query.entities + [call["entity"]], call.python))
      },
      "populate_existing": .method { call in .object(try query(call).refreshing()) },
      "options": unchanged("self, *args"), "yield_per": unchanged("self, count"),
      "execution_options": unchanged("self, **kwargs"),
      "enable_eagerloads": unchanged("self, value"), "autoflush": unchanged("self, setting"),
      "enable_assertions": unchanged("self, value"), "with_labels": unchanged("self"),
      "subquery": .method("self, name=None, with_labels=False, reduce_columns=False") { call in
        try call.python.callMethod("subquery", of: .object(query(call).select), [call["name"]])
      },
      "cte": .method("self, name=None, recursive=False, nesting=False") { call in
        try call.python.callMethod(
          "cte", of: .object(query(call).select), [call["name"], call["recursive"]])
      },
      "scalar_subquery": .method { call in
        try call.python.callMethod("scalar_subquery", of: .object(query(call).select))
      },
      "as_scalar": .method { call in
        try call.python.callMethod("scalar_subquery", of: .object(query(call).select))
      },
      "exists": .method { call in
        try call.python.callMethod("exists", of: .object(query(call).select))
      },
      "statement": .property { call in .object(try query(call).select) },
      "whereclause": .property { call in
        try call.python.get("whereclause", of: .object(query(call).select))
      },
      "session": .property { call in .object(try query(call).session) },
    ]
  }

  private static func unchanged(_ signature: String) -> Value { .method(signature) { $0[0] } }

  private static var results: OrderedDictionary<String, Value> {
    [
      "all": .method { call in .list(try query(call).all(call.python)) },
      "first": .method { call in
        let limited = try query(call).calling("limit", Arguments([.int(1)]), call.python)
        return try limited.all(call.python).first ?? .null
      },
      "one": .method { call in try only(call, isRequired: true) },
      "one_or_none": .method { call in try only(call, isRequired: false) },
      "scalar": .method { call in
        let rows = try query(call).all(call.python)
        if rows.count > 1 { throw multiple }
        return rows.first.map { $0.object(as: RowObject.self)?.values.first ?? $0 } ?? .null
      },
      "count": .method { call in
        let inner = try call.python.callMethod("subquery", of: .object(query(call).select))
        var select = SelectStatement()
        select.items = [SelectItem(SQLExpression(.text(TextClause("count(*)"))))]
        select.sources = [try SourceReading.source(inner, call.python)]
        try query(call).session.autoflush()
        return try query(call).session.rows(SelectObject(select)).first?.first ?? .int(0)
      },
      "get": .method("self, ident") { call in
        let query = try query(call)
        let mapper = try query.changedMapper(call.python)
        return try query.session.get(mapper, SessionMethods.key(call["ident"], mapper))
          .map { .object($0) } ?? .null
      },
    ]
  }

  private static var multiple: PythonError {
    PythonError(
      SQLAlchemyErrors.multipleResults, "Multiple rows were found when exactly one was required")
  }

  private static func only(_ call: Call, isRequired: Bool) throws -> Value {
    let rows = try query(call).all(call.python)
    if rows.count > 1 { throw multiple }
    if let row = rows.first { return row }
    if !isRequired { return .null }
    throw PythonError(SQLAlchemyErrors.noResult, "No row was found when one was required")
  }

  private static var changes: OrderedDictionary<String, Value> {
    [
      "update": .method("self, values, synchronize_session='auto', update_args=None") { call in
        let query = try query(call)
        let mapper = try query.changedMapper(call.python)
        let statement = UpdateObject(mapper.table)
        statement.criteria = query.select.select.criteria
        let pairs = try (call["values"].dict?.items ?? []).map { key, value in
          (column: try column(key, mapper, call.python), value: value)
        }
        statement.values = [pairs]
        return try change(query, statement, call.python)
      },
      "delete": .method("self, synchronize_session='auto', delete_args=None") { call in
        let query = try query(call)
        let statement = DeleteObject(try query.changedMapper(call.python).table)
        statement.criteria = query.select.select.criteria
        return try change(query, statement, call.python)
      },
    ]
  }

  private static func column(
    _ key: Value, _ mapper: Mapper, _ python: Interpreter
  ) throws -> Column {
    if let name = key.string, let column = mapper.columns[name] { return column }
    if let column = key.object(as: ColumnObject.self)?.column { return column }
    throw PythonError(
      SQLAlchemyErrors.invalidRequest, "Attribute \(try python.str(key)) is not mapped")
  }

  private static func change(
    _ query: ORMQuery, _ statement: ChangeObject, _ python: Interpreter
  ) throws -> Value {
    try query.session.autoflush()
    let result = try Execution(query.session.connection(), python).run(.object(statement), .null)
    query.session.expireAll()
    return .int(result.object(as: ResultObject.self)?.rowCount ?? 0)
  }
}
