internal import OrderedCollections
internal import PythonSubset

/// The functions of `sqlalchemy` that make expressions.
enum CoreFunctions {
  /// A member of the module.
  static func member(_ name: String, _ python: Interpreter) throws -> Value {
    guard let make = members[name] else {
      throw Unsupported("sqlalchemy.\(name)")
    }
    return try make(python)
  }

  private static func function(
    _ name: String, _ signature: String, _ body: @escaping (Call) throws -> Value
  ) -> (Interpreter) throws -> Value {
    { _ in .function(name, signature) { call in try translatingErrors { try body(call) } } }
  }

  private static func expression(
    _ name: String, _ signature: String,
    _ body: @escaping (Call, Coercion) throws -> SQLExpression
  ) -> (Interpreter) throws -> Value {
    function(name, signature) { call in
      .object(ExpressionObject(try body(call, Coercion(call.python))))
    }
  }

  static var members: MemberTable {
    values.merging(logic, uniquingKeysWith: { $1 })
      .merging(modifiers, uniquingKeysWith: { $1 })
      .merging(shapes, uniquingKeysWith: { $1 })
  }

  private static var values: MemberTable {
    [
      "text": expression("text", "text") { call, _ in
        SQLExpression(.text(TextClause(try call.string("text"))))
      },
      "literal": expression("literal", "value, type_=None, literal_execute=False") {
        call, coercion in
        if let made = try coercion.clause(call["value"]) { return made }
        return try coercion.literal(
          call["value"], as: try TypeCoercion.type(call["type_"], call.python))
      },
      "literal_column": function("literal_column", "text, type_=None") { call in
        let column = Column(
          SQLName(try call.string("text")), try TypeCoercion.type(call["type_"], call.python))
        column.isLiteral = true
        return .object(ColumnObject(column))
      },
      "null": expression("null", "") { _, _ in SQLExpression(.null) },
      "true": expression("true", "") { _, _ in SQLExpression(.constant(true), type: .boolean) },
      "false": expression("false", "") { _, _ in SQLExpression(.constant(false), type: .boolean) },
      "True_": expression("True_", "") { _, _ in SQLExpression(.constant(true), type: .boolean) },
      "False_": expression("False_", "") { _, _ in SQLExpression(.constant(false), type: .boolean)
      },
      "bindparam": expression(
        "bindparam",
        "key, value=..., type_=None, unique=False, required=None, quote=None, callable_=None, "
          + "expanding=False, isoutparam=False, literal_execute=False"
      ) { call, _ in
        let place = BindParameter(
          try call.optionalString("key") ?? "param",
          type: try TypeCoercion.type(call["type_"], call.python),
          isUnique: try call.truth("unique"), isExpanding: try call.truth("expanding"))
        var value = call.optional("value")
        if !call["callable_"].isNone { value = try call.python.call(call["callable_"]) }
        if let value {
          place.payload = GivenValue(value)
          place.value = try BoundParameter(call.python).value(value, of: place)
          if case .null = place.type { place.type = Coercion.type(of: value, or: .null) }
        }
        return SQLExpression(.bind(place), type: place.type)
      },
      "column": function("column", "text, type_=None, is_literal=False, _selectable=None") { call in
        var typeObject: TypeObject?
        if !call["type_"].isNone {
          typeObject = try TypeCoercion.object(call["type_"], call.python)
        }
        let column = Column(try call.name("text"), typeObject?.resolved ?? .null)
        column.isLiteral = try call.truth("is_literal")
        let object = ColumnObject(column)
        object.typeObject = typeObject
        return .object(object)
      },
      "type_coerce": expression("type_coerce", "expression, type_") { call, coercion in
        let type = try TypeCoercion.type(call["type_"], call.python)
        if let made = try coercion.clause(call["expression"]) {
          return SQLExpression(.typeCoerced(made), type: type)
        }
        return try coercion.literal(call["expression"], as: type)
      },
    ]
  }

  private static func junction(_ name: String, isAnd: Bool) -> (Interpreter) throws -> Value {
    expression(name, "*clauses") { call, coercion in
      Coercion.conjunction(
        isAnd: isAnd, try call.rest.map { try coercion.condition($0) })
    }
  }

  private static var logic: MemberTable {
    [
      "and_": junction("and_", isAnd: true), "or_": junction("or_", isAnd: false),
      "not_": expression("not_", "clause") { call, coercion in
        Coercion.negated(try coercion.condition(call["clause"]))
      },
      "between": expression("between", "expr, lower_bound, upper_bound, symmetric=False") {
        call, coercion in
        let value = try coercion.expression(call["expr"])
        return SQLExpression(
          .between(
            value, try coercion.operand(call["lower_bound"], beside: value.type),
            try coercion.operand(call["upper_bound"], beside: value.type), isNegated: false,
            symmetric: try call.truth("symmetric")), type: .boolean)
      },
      "case": expression("case", "*whens, value=None, else_=None") { call, coercion in
        try CaseReading.read(call, coercion)
      },
      "exists": function("exists", "__argument=None, *more") { call in
        var select = SelectStatement()
        let argument = call[0]
        if let query = argument.object(as: QueryObject.self) {
          return .object(
            ExpressionObject(
              SQLExpression(
                .exists(try query.query(call.python), isNegated: false), type: .boolean)))
        }
        if let object = argument.object(as: ExpressionObject.self),
          case .scalarSelect(let query) = object.expression.node
        {
          return .object(
            ExpressionObject(SQLExpression(.exists(query, isNegated: false), type: .boolean)))
        }
        select.items =
          argument.isNone
          ? [SelectItem(SQLExpression(.literalColumn("*")))]
          : try SelectReading.items([argument] + call.rest, call.python)
        return .object(
          ExpressionObject(SQLExpression(.exists(select, isNegated: false), type: .boolean)))
      },
      "any_": expression("any_", "expr") { call, coercion in
        SQLExpression(.quantified("ANY", try coercion.expression(call["expr"])))
      },
      "all_": expression("all_", "expr") { call, coercion in
        SQLExpression(.quantified("ALL", try coercion.expression(call["expr"])))
      },
    ]
  }

  private static func suffix(_ name: String, _ word: String) -> (Interpreter) throws -> Value {
    expression(name, "column") { call, coercion in
      if let text = call["column"].string {
        return SQLExpression(.postfix(SQLExpression(.literalColumn(text)), word))
      }
      let inner = try coercion.expression(call["column"])
      return SQLExpression(.postfix(inner, word), type: inner.type)
    }
  }

  private static var modifiers: MemberTable {
    [
      "asc": suffix("asc", " ASC"), "desc": suffix("desc", " DESC"),
      "nulls_first": suffix("nulls_first", " NULLS FIRST"),
      "nullsfirst": suffix("nullsfirst", " NULLS FIRST"),
      "nulls_last": suffix("nulls_last", " NULLS LAST"),
      "nullslast": suffix("nullslast", " NULLS LAST"),
      "distinct": expression("distinct", "expr") { call, coercion in
        let inner = try coercion.expression(call["expr"])
        return SQLExpression(.unary(prefix: "DISTINCT ", inner, precedence: 5), type: inner.type)
      },
      "cast": expression("cast", "expression, type_") { call, coercion in
        let type = try TypeCoercion.type(call["type_"], call.python)
        return SQLExpression(
          .cast(try coercion.expression(call["expression"], as: type), type), type: type)
      },
      "try_cast": { _ in throw Unsupported("sqlalchemy.try_cast, which PostgreSQL does not have") },
      "collate": expression("collate", "expression, collation") { call, coercion in
        let inner = try coercion.expression(call["expression"])
        return SQLExpression(
          .collated(inner, try call.string("collation")), type: inner.type)
      },
      "extract": expression("extract", "field, expr") { call, coercion in
        SQLExpression(
          .extract(try call.string("field"), try coercion.expression(call["expr"])),
          type: .integer(.regular))
      },
      "label": expression("label", "name, element, type_=None") { call, coercion in
        let inner = try coercion.expression(call["element"])
        return SQLExpression(.label(try call.name("name"), inner), type: inner.type)
      },
      "over": expression(
        "over",
        "element, partition_by=None, order_by=None, range_=None, rows=None, groups=None"
      ) { call, coercion in
        try FunctionMethods.window(try coercion.expression(call["element"]), call, coercion)
      },
      "funcfilter": expression("funcfilter", "func, *criterion") { call, coercion in
        let inner = try coercion.expression(call["func"])
        return SQLExpression(
          .filtered(
            inner,
            Coercion.conjunction(
              isAnd: true, try call.rest.map { try coercion.condition($0) })), type: inner.type)
      },
      "within_group": expression("within_group", "element, *order_by") { call, coercion in
        let inner = try coercion.expression(call["element"])
        return SQLExpression(
          .withinGroup(inner, try call.rest.map { try coercion.expression($0) }),
          type: inner.type)
      },
      "bitwise_not": expression("bitwise_not", "expr") { call, coercion in
        let inner = try coercion.expression(call["expr"])
        return SQLExpression(.unary(prefix: "~", inner, precedence: 8), type: inner.type)
      },
    ]
  }

  private static func compound(_ name: String, _ keyword: String) -> (Interpreter) throws -> Value {
    function(name, "*selects") { call in
      .object(try QueryMethods.combine(keyword, call.rest, call.python))
    }
  }

  private static func change(
    _ name: String, _ make: @escaping (FromClause) -> ChangeObject
  ) -> (Interpreter) throws -> Value {
    function(name, "table") { call in
      .object(make(try SourceReading.source(call["table"], call.python)))
    }
  }

  private static func join(_ name: String, isOuter: Bool) -> (Interpreter) throws -> Value {
    function(name, "left, right, onclause=None, isouter=False, full=False") { call in
      let left = try SourceReading.source(call["left"], call.python)
      return try call.python.callMethod(
        isOuter ? "outerjoin" : "join", of: .object(FromObject.of(left)),
        isOuter
          ? [call["right"], call["onclause"], call["full"]]
          : [call["right"], call["onclause"], call["isouter"], call["full"]])
    }
  }

  private static var shapes: MemberTable {
    [
      "tuple_": expression("tuple_", "*clauses, types=None") { call, coercion in
        let items = try call.rest.map { try coercion.expression($0) }
        return SQLExpression(.tuple(items), type: .tuple(items.map(\.type)))
      },
      "select": function("select", "*entities, **kw") { call in
        guard call.keywords.isEmpty else {
          throw Unsupported("select() with \(call.keywords[0].name)=")
        }
        var select = SelectStatement()
        select.items = try SelectReading.items(call.rest, call.python)
        let object = SelectObject(select)
        object.entities = call.rest
        return .object(object)
      },
      "insert": change("insert") { InsertObject($0) },
      "update": change("update") { UpdateObject($0) },
      "delete": change("delete") { DeleteObject($0) },
      "union": compound("union", "UNION"), "union_all": compound("union_all", "UNION ALL"),
      "intersect": compound("intersect", "INTERSECT"),
      "intersect_all": compound("intersect_all", "INTERSECT ALL"),
      "except_": compound("except_", "EXCEPT"),
      "except_all": compound("except_all", "EXCEPT ALL"),
      "join": join("join", isOuter: false), "outerjoin": join("outerjoin", isOuter: true),
      "alias": function("alias", "selectable, name=None, flat=False") { call in
        try call.python.callMethod("alias", of: call["selectable"], [call["name"]])
      },
      "lateral": function("lateral", "selectable, name=None") { call in
        try call.python.callMethod("lateral", of: call["selectable"], [call["name"]])
      },
      "cte": function("cte", "selectable, name=None, recursive=False") { call in
        try call.python.callMethod(
          "cte", of: call["selectable"], [call["name"], call["recursive"]])
      },
      "table": { _ in .object(FromClasses.lightTable) },
      "values": { _ in .object(FromClasses.values) },
      "func": { _ in .object(FunctionNamespace()) },
      "inspect": function("inspect", "subject, raiseerr=True") { call in
        let connection = try ConnectionObject.of(call["subject"], call.python)
        guard !connection.isMock else {
          throw PythonError(
            SQLAlchemyErrors.noInspection,
            "No inspection system is available for object of type "
              + "<class 'sqlalchemy.engine.mock.MockConnection'>")
        }
        return .object(InspectorObject(connection))
      },
    ]
  }
}

/// Reads `case(...)`.
enum CaseReading {
  static func read(_ call: Call, _ coercion: Coercion) throws -> SQLExpression {
    let subject = call["value"].isNone ? nil : try coercion.expression(call["value"])
    var pairs: [(Value, Value)] = []
    for when in call.rest {
      if let dict = when.dict {
        pairs += dict.items.map { ($0.key, $0.value) }
      } else if let pair = when.tuple, pair.count == 2 {
        pairs.append((pair[0], pair[1]))
      } else {
        throw PythonError(
          SQLAlchemyErrors.argument,
          "The \"whens\" argument to case(), when referring to a sequence of items, is now passed "
            + "as a series of positional elements, rather than as a list. ")
      }
    }
    var type = SQLType.null
    let branches = try pairs.map { condition, result in
      let made = try coercion.expression(result)
      if case .null = type { type = made.type }
      return (
        condition: try subject.map { try coercion.alternative(condition, to: $0.type) }
          ?? coercion.condition(condition), result: made
      )
    }
    let otherwise =
      call["else_"].isNone ? nil : try coercion.alternative(call["else_"], to: type)
    return SQLExpression(
      .cases(.init(subject: subject, branches: branches, otherwise: otherwise)), type: type)
  }
}
