internal import OrderedCollections
internal import PythonSubset
internal import Text

/// The methods that all expressions share.
enum ExpressionMethods {
  typealias Members = OrderedDictionary<String, Value>

  /// What every clause has, `text()` among them.
  static var clause: Members {
    [
      "compile": .method(
        "self, bind=None, dialect=None, compile_kwargs=None, **kw"
      ) { call in .object(CompiledObject(call[0], try call.python.str(call[0]))) },
      "self_group": .method("self, against=None") { call in call[0] },
      "params": .method("self, *args, **kwargs") { call in call[0] },
      "unique_params": .method("self, *args, **kwargs") { call in call[0] },
      "compare": .method("self, other, **kw") { call in .bool(call[0].isIdentical(to: call[1])) },
    ]
  }

  static var all: Members {
    comparisons
      .merging(modifiers, uniquingKeysWith: { $1 })
      .merging(containers, uniquingKeysWith: { $1 })
      .merging(patterns, uniquingKeysWith: { $1 })
      .merging(properties, uniquingKeysWith: { $1 })
  }

  /// A method that makes an expression of the receiver's.
  static func making(
    _ signature: String, _ body: @escaping (SQLExpression, Call, Coercion) throws -> SQLExpression
  ) -> Value {
    .method(signature) { call in
      let object: ExpressionObject = try call.receiver()
      return .object(
        ExpressionObject(try body(object.expression, call, Coercion(call.python))))
    }
  }

  private static func comparing(
    _ op: SQLOperator, _ signature: String = "self, other"
  ) -> Value {
    making(signature) { expression, call, coercion in
      let right = try coercion.operand(call["other"], beside: expression.type)
      return SQLExpression(.binary(expression, op, right, escape: nil), type: .boolean)
    }
  }

  /// `IS` and its kin, whose other side may be one of SQL's own constants.
  private static func identity(_ op: SQLOperator) -> Value {
    making("self, other") { expression, call, coercion in
      let other = call["other"]
      let right: SQLExpression =
        if let flag = other.bool {
          SQLExpression(.constant(flag), type: .boolean)
        } else if other.isNone {
          SQLExpression(.null)
        } else {
          try coercion.operand(other, beside: expression.type)
        }
      return SQLExpression(.binary(expression, op, right, escape: nil), type: .boolean)
    }
  }

  private static func membership(isNegated: Bool) -> Value {
    making("self, other") { expression, call, coercion in
      try coercion.membership(expression, call["other"], isNegated: isNegated)
    }
  }

  private static var comparisons: Members {
    [
      "is_": identity(.isSame), "is_not": identity(.isNotSame), "isnot": identity(.isNotSame),
      "in_": membership(isNegated: false), "not_in": membership(isNegated: true),
      "notin_": membership(isNegated: true), "is_distinct_from": identity(.isDistinct),
      "is_not_distinct_from": identity(.isNotDistinct),
      "isnot_distinct_from": identity(.isNotDistinct),
      "between": making("self, cleft, cright, symmetric=False") { expression, call, coercion in
        SQLExpression(
          .between(
            expression, try coercion.operand(call["cleft"], beside: expression.type),
            try coercion.operand(call["cright"], beside: expression.type), isNegated: false,
            symmetric: try call.truth("symmetric")), type: .boolean)
      },
      "op": custom(isComparison: false), "bool_op": custom(isComparison: true),
      "operate": .method("self, op, *other, **kwargs") { call in
        try call.python.call(call["op"], [call[0]] + call.rest)
      },
      "concat": making("self, other") { expression, call, coercion in
        SQLExpression(
          .binary(
            expression, .concatenate,
            try coercion.operand(call["other"], beside: expression.type), escape: nil),
          type: expression.type)
      },
      "bitwise_and": comparing(.bitAnd), "bitwise_or": comparing(.bitOr),
      "bitwise_xor": comparing(.bitXor),
    ]
  }

  /// `.op("->>")`, which gives a function of the other side.
  private static func custom(isComparison: Bool) -> Value {
    .method(
      "self, opstring, precedence=0, is_comparison=False, return_type=None, python_impl=None"
    ) { call in
      let object: ExpressionObject = try call.receiver()
      let left = object.expression
      let compares = try isComparison || call.truth("is_comparison")
      let op = SQLOperator.custom(
        try call.string("opstring"), precedence: try call.int("precedence"),
        isComparison: compares)
      let given = try TypeCoercion.type(call["return_type"], call.python)
      let type: SQLType =
        if case .null = given { compares ? .boolean : left.type } else { given }
      return .function("op", "other") { call in
        let right = try Coercion(call.python).operand(call[0], beside: left.type)
        return .object(
          ExpressionObject(SQLExpression(.binary(left, op, right, escape: nil), type: type)))
      }
    }
  }

  private static func suffix(_ word: String) -> Value {
    making("self") { expression, _, _ in
      SQLExpression(.postfix(expression, word), type: expression.type)
    }
  }

  private static var modifiers: Members {
    [
      "asc": suffix(" ASC"), "desc": suffix(" DESC"), "nulls_first": suffix(" NULLS FIRST"),
      "nullsfirst": suffix(" NULLS FIRST"), "nulls_last": suffix(" NULLS LAST"),
      "nullslast": suffix(" NULLS LAST"),
      "label": making("self, name=None") { expression, call, _ in
        let name = NameObject.name(call["name"]) ?? SQLName("anon_1")
        return SQLExpression(.label(name, expression), type: expression.type)
      },
      "cast": making("self, type_") { expression, call, coercion in
        let type = try TypeCoercion.type(call["type_"], coercion.python)
        return SQLExpression(.cast(expression, type), type: type)
      },
      "collate": making("self, collation") { expression, call, _ in
        SQLExpression(.collated(expression, try call.string("collation")), type: expression.type)
      },
      "distinct": making("self") { expression, _, _ in
        SQLExpression(
          .unary(prefix: "DISTINCT ", expression, precedence: 5), type: expression.type)
      },
      "any_": making("self") { expression, _, _ in
        SQLExpression(.quantified("ANY", expression), type: expression.elementType)
      },
      "all_": making("self") { expression, _, _ in
        SQLExpression(.quantified("ALL", expression), type: expression.elementType)
      },
      "any": making("self, other, operator=None") { expression, call, coercion in
        SQLExpression(
          .binary(
            try coercion.expression(call["other"], as: expression.elementType), .equal,
            SQLExpression(.quantified("ANY", expression)), escape: nil), type: .boolean)
      },
      "over": FunctionMethods.over, "filter": FunctionMethods.filter,
      "within_group": FunctionMethods.withinGroup,
    ]
  }

  /// Operators of JSON, arrays and hstore.
  private static var containers: Members {
    func op(_ symbol: String, _ type: SQLType = .boolean) -> Value {
      making("self, other, **kwargs") { expression, call, coercion in
        let right = try coercion.operand(call["other"], beside: expression.type)
        return SQLExpression(
          .binary(expression, .custom(symbol, precedence: 5), right, escape: nil), type: type)
      }
    }
    func key(_ symbol: String) -> Value {
      making("self, other") { expression, call, coercion in
        let right = try coercion.expression(call["other"])
        return SQLExpression(
          .binary(expression, .custom(symbol, precedence: 5), right, escape: nil), type: .boolean)
      }
    }
    func converted(_ type: SQLType) -> Value {
      making("self") { expression, _, _ in
        SQLExpression(.cast(try Coercion.astext(expression), type), type: type)
      }
    }
    return [
      "contained_by": op("<@"), "overlap": op("&&"), "overlaps": op("&&"), "has_key": key("?"),
      "has_any": key("?|"), "has_all": key("?&"), "delete_path": key("#-"),
      "path_exists": key("@?"), "path_match": key("@@"), "bool_match": key("@@"),
      "astext": .property { call in
        let object: ExpressionObject = try call.receiver()
        return .object(ExpressionObject(try Coercion.astext(object.expression)))
      },
      "as_string": converted(.string(.init())),
      "as_integer": converted(.integer(.regular)), "as_float": converted(.float(.init())),
      "as_boolean": converted(.boolean),
      "as_json": making("self") { expression, _, _ in expression },
      "as_numeric": making("self, precision, scale, asdecimal=True") { expression, call, _ in
        let type = SQLType.numeric(
          .init(precision: try call.int("precision"), scale: try call.int("scale")))
        return SQLExpression(.cast(try Coercion.astext(expression), type), type: type)
      },
    ]
  }

  private static func like(_ op: SQLOperator) -> Value {
    making("self, other, escape=None") { expression, call, coercion in
      SQLExpression(
        .binary(
          expression, op, try coercion.operand(call["other"], beside: expression.type),
          escape: try call.optionalString("escape")), type: .boolean)
    }
  }

  /// `startswith` and its kin: `LIKE` with `%` at one end or both.
  private static func part(_ before: String, _ after: String, _ op: SQLOperator) -> Value {
    making("self, other, autoescape=False, escape=None") { expression, call, coercion in
      if after == "%", before == "%", expression.isContainer {
        let right = try coercion.operand(call["other"], beside: expression.type)
        return SQLExpression(
          .binary(expression, .custom("@>", precedence: 5), right, escape: nil), type: .boolean)
      }
      var other = call["other"]
      var escape = try call.optionalString("escape")
      if try call.truth("autoescape"), let text = other.string {
        let mark = escape ?? "/"
        escape = mark
        other = .string(
          text.replacing(text: mark, with: mark + mark).replacing(text: "%", with: mark + "%")
            .replacing(text: "_", with: mark + "_"))
      }
      let percent = SQLExpression(.inlineLiteral(.string("%")), type: .string(.init()))
      var pattern = try coercion.expression(other, as: .string(.init()))
      if !before.isEmpty {
        pattern = SQLExpression(.binary(percent, .concatenate, pattern, escape: nil))
      }
      if !after.isEmpty {
        pattern = SQLExpression(.binary(pattern, .concatenate, percent, escape: nil))
      }
      return SQLExpression(.binary(expression, op, pattern, escape: escape), type: .boolean)
    }
  }

  private static var patterns: Members {
    [
      "like": like(.like), "ilike": like(.ilike), "not_like": like(.notLike),
      "notlike": like(.notLike), "not_ilike": like(.notILike), "notilike": like(.notILike),
      "startswith": part("", "%", .like), "endswith": part("%", "", .like),
      "contains": part("%", "%", .like), "istartswith": part("", "%", .ilike),
      "iendswith": part("%", "", .ilike), "icontains": part("%", "%", .ilike),
      "regexp_match": making("self, pattern, flags=None") { expression, call, coercion in
        let op: SQLOperator =
          try call.optionalString("flags") == "i" ? .matchesPatternCaseless : .matchesPattern
        return SQLExpression(
          .binary(expression, op, try coercion.expression(call["pattern"]), escape: nil),
          type: .boolean)
      },
      "regexp_replace": making(
        "self, pattern, replacement, flags=None"
      ) { expression, call, coercion in
        var arguments = [
          expression, try coercion.expression(call["pattern"]),
          try coercion.expression(call["replacement"]),
        ]
        if !call["flags"].isNone { arguments.append(try coercion.expression(call["flags"])) }
        return SQLExpression(
          .function(.init("REGEXP_REPLACE", arguments, labelName: "anon")),
          type: expression.type)
      },
      "match": making("self, other, postgresql_regconfig=None") { expression, call, coercion in
        let query = SQLExpression(
          .function(.init("plainto_tsquery", [try coercion.expression(call["other"])])))
        return SQLExpression(
          .binary(expression, .matchesText, query, escape: nil), type: .boolean)
      },
    ]
  }

  private static var properties: Members {
    [
      "type": .property { call in
        let object: ExpressionObject = try call.receiver()
        return .object(TypeObjects.object(of: object.expression.type, call.python))
      },
      "name": .property { call in
        let object: ExpressionObject = try call.receiver()
        return .string(orNone: object.expression.resultName?.text)
      },
      "key": .property { call in
        let object: ExpressionObject = try call.receiver()
        return .string(orNone: object.expression.resultName?.text)
      },
      "comparator": .property { call in call[0] },
      "expression": .property { call in call[0] },
    ]
  }

  /// What functions have besides.
  static var function: Members { FunctionMethods.all }

  /// What labels have besides.
  static var label: Members {
    [
      "element": .property { call in
        let object: ExpressionObject = try call.receiver()
        guard case .label(_, let inner) = object.expression.node else { return call[0] }
        return .object(ExpressionObject(inner))
      }
    ]
  }
}

/// The type objects of expressions.
enum TypeObjects {
  static func object(of type: SQLType, _ python: Interpreter) -> TypeObject {
    if case .custom(let custom) = type, let script = custom as? ScriptType { return script.object }
    return TypeClasses.reflected(type, python)
  }
}

extension SQLExpression {
  /// The type of an array's elements.
  var elementType: SQLType {
    if case .array(let array) = type { array.item } else { .null }
  }

  /// Whether `contains` means `@>`.
  fileprivate var isContainer: Bool {
    switch type {
    case .json, .array, .hstore, .range: true
    default: false
    }
  }
}
