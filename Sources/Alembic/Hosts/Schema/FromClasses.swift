internal import OrderedCollections
internal import PythonSubset

/// The classes of sources of rows, with the methods that make queries of them.
enum FromClasses {
  nonisolated(unsafe) static let from = PythonClass(
    host: "FromClause", module: "sqlalchemy.sql.selectable", members: FromMethods.all)
  nonisolated(unsafe) static let lightTable = PythonClass(
    host: "TableClause", module: "sqlalchemy.sql.selectable", bases: [from],
    members: ChangeMethods.ofTable.merging(
      [
        "__new__": .new("cls, name, *columns, schema=None, **kw") { call in
          .object(try TableReading.light(call))
        },
        "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      ], uniquingKeysWith: { $1 }))
  nonisolated(unsafe) static let table = PythonClass(
    host: "Table", module: "sqlalchemy.sql.schema", bases: [lightTable, SchemaItems.item],
    members: TableMethods.all)
  nonisolated(unsafe) static let alias = make("Alias")
  nonisolated(unsafe) static let subquery = make("Subquery")
  nonisolated(unsafe) static let commonTable = PythonClass(
    host: "CTE", module: "sqlalchemy.sql.selectable", bases: [from],
    members: [
      "union": combining("UNION"), "union_all": combining("UNION ALL"),
    ])
  nonisolated(unsafe) static let join = make("Join")
  nonisolated(unsafe) static let values = PythonClass(
    host: "Values", module: "sqlalchemy.sql.selectable", bases: [from],
    members: [
      "__new__": .new("cls, *columns, name=None, literal_binds=False") { call in
        let columns = try call.rest.map { try TableReading.lightColumn($0, call.python) }
        return .object(
          FromObject(ValuesClause(columns: columns, name: NameObject.name(call["name"]))))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "data": .method("self, values") { call in
        let object: FromObject = try call.receiver()
        guard let values = object.source as? ValuesClause else { return call[0] }
        let rows = try call.items("values").map { row in
          try zip(call.python.items(row), values.columns).map {
            try Coercion(call.python).expression($0, as: $1.type)
          }
        }
        let bases = values.columns.compactMap(\.origin)
        return .object(
          FromObject(ValuesClause(columns: bases, rows: values.rows + rows, name: values.name)))
      },
    ])

  private static func make(_ name: String) -> PythonClass {
    PythonClass(host: name, module: "sqlalchemy.sql.selectable", bases: [from])
  }

  /// The second half of a recursive query.
  private static func combining(_ keyword: String) -> Value {
    .method("self, *other") { call in
      let object: FromObject = try call.receiver()
      guard let common = object.source as? CommonTable,
        let first = common.query as? any QueryExpression
      else { return call[0] }
      let others = try call.rest.map { value -> any QueryExpression in
        guard let query = value.object(as: QueryObject.self) else {
          throw PythonError(SQLAlchemyErrors.argument, "a query is expected")
        }
        return try query.query(call.python)
      }
      // The query refers to the name; it is the same source as before, with more in it.
      common.query = CompoundSelect(keyword, [first] + others)
      return call[0]
    }
  }
}

/// What every source of rows can do.
enum FromMethods {
  static var all: OrderedDictionary<String, Value> {
    [
      "alias": .method("self, name=None, flat=False") { call in
        let object: FromObject = try call.receiver()
        return .object(FromObject(Alias(object.source, name: NameObject.name(call["name"]))))
      },
      "lateral": .method("self, name=None") { call in
        let object: FromObject = try call.receiver()
        return .object(
          FromObject(
            Alias(object.source, name: NameObject.name(call["name"]), isLateral: true)))
      },
      "select": .method("self") { call in
        let object: FromObject = try call.receiver()
        var select = SelectStatement()
        select.items = object.source.columns.map { SelectItem($0.expression) }
        select.sources = [object.source]
        return .object(SelectObject(select))
      },
      "join": .method("self, right, onclause=None, isouter=False, full=False") { call in
        .object(
          try join(call, isOuter: try call.truth("isouter"), isFull: try call.truth("full")))
      },
      "outerjoin": .method("self, right, onclause=None, full=False") { call in
        .object(try join(call, isOuter: true, isFull: try call.truth("full")))
      },
      "corresponding_column": .method("self, column, require_embedded=False") { call in
        let object: FromObject = try call.receiver()
        let column = call[1].object(as: ColumnObject.self)?.column
        let found = object.source.columns.first { $0.base === column?.base }
        return found.map { .object(ColumnObject.of($0)) } ?? .null
      },
      "is_derived_from": .method("self, fromclause") { call in
        .bool(call[0].isIdentical(to: call[1]))
      },
    ]
  }

  private static func join(_ call: Call, isOuter: Bool, isFull: Bool) throws -> FromObject {
    let left: FromObject = try call.receiver()
    let right = try SourceReading.source(call["right"], call.python)
    let on = call["onclause"]
    let condition =
      on.isNone
      ? try translatingErrors { try Join.condition(between: left.source, and: right) }
      : try Coercion(call.python).expression(on)
    return FromObject(
      Join(left.source, right, on: condition, isOuter: isOuter, isFull: isFull))
  }
}

/// Reads what scripts give where a source of rows is taken.
enum SourceReading {
  static func source(_ value: Value, _ python: Interpreter) throws -> FromClause {
    if let object = value.object(as: FromObject.self) { return object.source }
    if let query = value.object(as: QueryObject.self) {
      return Subquery(try query.query(python), name: nil)
    }
    if let entity = try value.entity(python) { return entity.source }
    if let name = try python.optionalAttribute(of: value, "__table__"),
      let object = name.object(as: FromObject.self)
    {
      return object.source
    }
    if let text = value.object(as: ExpressionObject.self),
      case .text(let clause) = text.expression.node
    {
      return Table(SQLName(try SQLCompiler().text(clause), quote: false))
    }
    throw PythonError(
      SQLAlchemyErrors.argument,
      "FROM expression, such as a Table or alias() object expected, got \(try python.repr(value)).")
  }
}
