internal import OrderedCollections
internal import PythonSubset

/// The classes of statements.
enum QueryClasses {
  nonisolated(unsafe) static let executable = PythonClass(
    host: "Executable", module: "sqlalchemy.sql.base",
    members: [
      "execution_options": .method("self, **kw") { call in call[0] },
      "compile": .method(
        "self, bind=None, dialect=None, compile_kwargs=None, **kw"
      ) { call in .object(CompiledObject(call[0], try call.python.str(call[0]))) },
      "options": .method("self, *options") { call in call[0] },
      "params": .method("self, *args, **kwargs") { call in
        let object: StatementObject = try call.receiver()
        for (name, value) in call.keywords { object.parameters[name] = value }
        return call[0]
      },
    ])
  nonisolated(unsafe) static let query = PythonClass(
    host: "SelectBase", module: "sqlalchemy.sql.selectable", bases: [executable],
    members: QueryMethods.all)
  nonisolated(unsafe) static let select = PythonClass(
    host: "Select", module: "sqlalchemy.sql.selectable", bases: [query],
    members: SelectMethods.all)
  nonisolated(unsafe) static let compound = PythonClass(
    host: "CompoundSelect", module: "sqlalchemy.sql.selectable", bases: [query],
    members: CompoundMethods.all)
  nonisolated(unsafe) static let textual = PythonClass(
    host: "TextualSelect", module: "sqlalchemy.sql.selectable", bases: [query])
  nonisolated(unsafe) static let insert = PythonClass(
    host: "Insert", module: "sqlalchemy.sql.dml", bases: [executable],
    members: ChangeMethods.insert)
  nonisolated(unsafe) static let update = PythonClass(
    host: "Update", module: "sqlalchemy.sql.dml", bases: [executable],
    members: ChangeMethods.update)
  nonisolated(unsafe) static let delete = PythonClass(
    host: "Delete", module: "sqlalchemy.sql.dml", bases: [executable],
    members: ChangeMethods.delete)
}

/// What every query can do.
enum QueryMethods {
  static var all: OrderedDictionary<String, Value> {
    [
      "subquery": .method("self, name=None") { call in
        let object: QueryObject = try call.receiver()
        return .object(
          FromObject(Subquery(try object.query(call.python), name: NameObject.name(call["name"]))))
      },
      "alias": .method("self, name=None, flat=False") { call in
        let object: QueryObject = try call.receiver()
        return .object(
          FromObject(Subquery(try object.query(call.python), name: NameObject.name(call["name"]))))
      },
      "lateral": .method("self, name=None") { call in
        let object: QueryObject = try call.receiver()
        return .object(
          FromObject(
            Subquery(
              try object.query(call.python), name: NameObject.name(call["name"]), isLateral: true)))
      },
      "cte": .method("self, name=None, recursive=False, nesting=False") { call in
        let object: QueryObject = try call.receiver()
        return .object(
          FromObject(
            CommonTable(
              try object.query(call.python), name: NameObject.name(call["name"]),
              isRecursive: try call.truth("recursive"))))
      },
      "scalar_subquery": .method("self") { call in .object(try scalar(call)) },
      "as_scalar": .method("self") { call in .object(try scalar(call)) },
      "label": .method("self, name") { call in
        let expression = try scalar(call).expression
        let name = NameObject.name(call["name"]) ?? SQLName("anon_1")
        return .object(
          ExpressionObject(SQLExpression(.label(name, expression), type: expression.type)))
      },
      "exists": .method("self") { call in
        let object: QueryObject = try call.receiver()
        return .object(
          ExpressionObject(
            SQLExpression(.exists(try object.query(call.python), isNegated: false), type: .boolean))
        )
      },
      "union": combining("UNION"), "union_all": combining("UNION ALL"),
      "intersect": combining("INTERSECT"), "intersect_all": combining("INTERSECT ALL"),
      "except_": combining("EXCEPT"), "except_all": combining("EXCEPT ALL"),
    ]
  }

  private static func scalar(_ call: Call) throws -> ExpressionObject {
    let object: QueryObject = try call.receiver()
    let query = try object.query(call.python)
    return ExpressionObject(
      SQLExpression(
        .scalarSelect(query), type: query.resultColumns.first?.expression.type ?? .null))
  }

  private static func combining(_ keyword: String) -> Value {
    .method("self, *other") { call in
      .object(try combine(keyword, [call[0]] + call.rest, call.python))
    }
  }

  static func combine(
    _ keyword: String, _ values: [Value], _ python: Interpreter
  ) throws -> CompoundObject {
    let queries = try values.map { value -> any QueryExpression in
      guard let query = value.object(as: QueryObject.self) else {
        throw PythonError(SQLAlchemyErrors.argument, "a query is expected, not \(value.typeName)")
      }
      return try query.query(python)
    }
    return CompoundObject(CompoundSelect(keyword, queries))
  }

  /// The methods of `exists(...)`, by which the query inside grows.
  static var exists: OrderedDictionary<String, Value> {
    func changing(
      _ signature: String, _ change: @escaping (inout SelectStatement, Call) throws -> Void
    ) -> Value {
      .method(signature) { call in
        let object: ExpressionObject = try call.receiver()
        guard case .exists(let query, let isNegated) = object.expression.node,
          var select = query as? SelectStatement
        else { return call[0] }
        try change(&select, call)
        return .object(
          ExpressionObject(
            SQLExpression(.exists(select, isNegated: isNegated), type: .boolean)))
      }
    }
    return [
      "where": changing("self, *clauses") { select, call in
        select.criteria += try call.rest.map { try Coercion(call.python).sql($0) }
      },
      "select_from": changing("self, *froms") { select, call in
        select.sources += try call.rest.map { try SourceReading.source($0, call.python) }
      },
      "correlate": changing("self, *fromclauses") { select, call in
        select.correlation = .only(
          try call.rest.map { try SourceReading.source($0, call.python) })
      },
      "select": .method("self") { call in
        let object: ExpressionObject = try call.receiver()
        var select = SelectStatement()
        select.items = [SelectItem(object.expression)]
        return .object(SelectObject(select))
      },
    ]
  }
}
