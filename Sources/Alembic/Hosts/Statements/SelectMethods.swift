internal import OrderedCollections
internal import PythonSubset

/// The methods of `sa.select(...)`.
enum SelectMethods {
  private static func changing(
    _ signature: String, _ change: @escaping (inout SelectStatement, Call) throws -> Void
  ) -> Value {
    .method(signature) { call in
      let object: SelectObject = try call.receiver()
      return .object(try object.with { try change(&$0, call) })
    }
  }

  static var all: OrderedDictionary<String, Value> {
    clauses.merging(sources, uniquingKeysWith: { $1 }).merging(rest, uniquingKeysWith: { $1 })
  }

  private static func criteria(_ select: inout SelectStatement, _ call: Call) throws {
    select.criteria += try call.rest.map { try Coercion(call.python).condition($0) }
  }

  private static var clauses: OrderedDictionary<String, Value> {
    [
      "where": changing("self, *whereclause", criteria),
      "filter": changing("self, *criteria", criteria),
      "filter_by": changing("self, **kwargs") { select, call in
        let from = select.sources.last ?? select.items.first?.expression.sources.first
        for (name, value) in call.keywords {
          guard let column = from?.column(name) else {
            throw PythonError(
              SQLAlchemyErrors.invalidRequest, "Entity has no property \"\(name)\"")
          }
          select.criteria.append(
            try Coercion(call.python).comparison(column.expression, .equal, value))
        }
      },
      "having": changing("self, *having") { select, call in
        select.having += try call.rest.map { try Coercion(call.python).condition($0) }
      },
      "order_by": changing("self, *clauses") { select, call in
        if call.rest.first?.isNone == true {
          select.order = []
        } else {
          select.order += try OrderReading.items(call.rest, call.python)
        }
      },
      "group_by": changing("self, *clauses") { select, call in
        select.grouping += try call.rest.filter { !$0.isNone }.map { value in
          if let name = value.string {
            return SQLExpression(.literalColumn(IdentifierPreparer.quote(name)))
          }
          let expression = try Coercion(call.python).expression(value)
          if case .label(_, let inner) = expression.node { return inner }
          return expression
        }
      },
      "limit": changing("self, limit") { select, call in
        select.limit = call["limit"].isNone ? nil : try Coercion(call.python).expression(call[1])
      },
      "offset": changing("self, offset") { select, call in
        select.offset = call["offset"].isNone ? nil : try Coercion(call.python).expression(call[1])
      },
      "fetch": changing("self, count, with_ties=False, percent=False") { select, call in
        guard try !call.truth("with_ties"), try !call.truth("percent") else {
          throw Unsupported("select().fetch() with ties or percent")
        }
        select.limit = try Coercion(call.python).expression(call["count"])
      },
      "slice": changing("self, start, stop") { select, call in
        let start = try call.int("start")
        select.limit = try Coercion(call.python).literal(.int(try call.int("stop") - start))
        select.offset = try Coercion(call.python).literal(.int(start))
      },
      "distinct": changing("self, *expr") { select, call in
        select.distinct =
          call.rest.isEmpty
          ? .all : .on(try call.rest.map { try Coercion(call.python).expression($0) })
      },
      "with_for_update": changing(
        "self, *, nowait=False, read=False, of=None, skip_locked=False, key_share=False"
      ) { select, call in
        let isShared = try call.truth("read")
        let isKey = try call.truth("key_share")
        select.lock = RowLock(
          strength: isShared
            ? (isKey ? "KEY SHARE" : "SHARE") : (isKey ? "NO KEY UPDATE" : "UPDATE"),
          tables: try lockedTables(call),
          waiting: try call.truth("nowait")
            ? " NOWAIT" : try call.truth("skip_locked") ? " SKIP LOCKED" : "")
      },
    ]
  }

  private static func lockedTables(_ call: Call) throws -> [String] {
    let of = call["of"]
    if of.isNone { return [] }
    return try (of.sequence ?? [of]).map { value in
      if let column = value.object(as: ColumnObject.self)?.column, let table = column.table {
        return SQLCompiler().sourceName(table)
      }
      return SQLCompiler().sourceName(try SourceReading.source(value, call.python))
    }
  }

  private static var sources: OrderedDictionary<String, Value> {
    [
      "select_from": changing("self, *froms") { select, call in
        select.sources += try call.rest.map { try SourceReading.source($0, call.python) }
      },
      "join": changing("self, target, onclause=None, *, isouter=False, full=False") {
        select, call in
        try join(
          &select, call["target"], call["onclause"], isOuter: try call.truth("isouter"),
          isFull: try call.truth("full"), call.python)
      },
      "outerjoin": changing("self, target, onclause=None, *, full=False") { select, call in
        try join(
          &select, call["target"], call["onclause"], isOuter: true,
          isFull: try call.truth("full"), call.python)
      },
      "join_from": changing(
        "self, from_, target, onclause=None, *, isouter=False, full=False"
      ) { select, call in
        select.sources.append(try SourceReading.source(call["from_"], call.python))
        try join(
          &select, call["target"], call["onclause"], isOuter: try call.truth("isouter"),
          isFull: try call.truth("full"), call.python)
      },
      "correlate": changing("self, *fromclauses") { select, call in
        if call.rest.first?.isNone == true {
          select.correlation = .only([])
        } else {
          select.correlation = .only(
            try call.rest.map { try SourceReading.source($0, call.python) })
        }
      },
      "correlate_except": changing("self, *fromclauses") { select, call in
        select.correlation = .except(
          try call.rest.filter { !$0.isNone }
            .map { try SourceReading.source($0, call.python) })
      },
    ]
  }

  /// Joins a target to the source that is there last, or to the one that the list needs.
  private static func join(
    _ select: inout SelectStatement, _ target: Value, _ on: Value, isOuter: Bool, isFull: Bool,
    _ python: Interpreter
  ) throws {
    if let attribute = [on, target].lazy.compactMap({ $0.object(as: RelationshipAttribute.self) })
      .first
    {
      for (source, condition) in try attribute.joins(python) {
        try join(
          &select, .object(FromObject.of(source)), .object(ExpressionObject(condition)),
          isOuter: isOuter, isFull: isFull, python)
      }
      return
    }
    let right = try SourceReading.source(target, python)
    var candidates = select.sources
    if candidates.isEmpty {
      for source in select.items.flatMap(\.expression.sources)
      where source !== right && !candidates.contains(where: { $0 === source }) {
        candidates.append(source)
      }
    }
    let condition = on.isNone ? nil : try Coercion(python).expression(on)
    let left = candidates.last { candidate in
      guard let condition else {
        return (try? Join.condition(between: candidate, and: right)) != nil
      }
      return condition.sources.contains { source in
        candidate.parts.contains { $0 === source } || source === candidate
      }
    }
    guard let left = left ?? candidates.last else {
      throw PythonError(
        SQLAlchemyErrors.invalidRequest,
        "Can't determine which FROM clause to join from, please use select_from()")
    }
    let on = try condition ?? translatingErrors { try Join.condition(between: left, and: right) }
    let joined = Join(left, right, on: on, isOuter: isOuter, isFull: isFull)
    select.sources.removeAll { $0 === left }
    select.sources.append(joined)
  }

  private static var rest: OrderedDictionary<String, Value> {
    [
      "with_only_columns": changing(
        "self, *entities, maintain_column_froms=False"
      ) { select, call in
        if try call.truth("maintain_column_froms") {
          for source in select.items.flatMap(\.expression.sources)
          where !select.sources.contains(where: { $0 === source }) {
            select.sources.append(source)
          }
        }
        select.items = try SelectReading.items(call.rest, call.python)
      },
      "add_columns": changing("self, *entities") { select, call in
        select.items += try SelectReading.items(call.rest, call.python)
      },
      "prefix_with": changing("self, *prefixes, dialect='*'") { select, call in
        select.prefixes += try call.rest.map { try Coercion(call.python).sql($0) }
      },
      "suffix_with": changing("self, *suffixes, dialect='*'") { select, call in
        select.suffixes += try call.rest.map { try Coercion(call.python).sql($0) }
      },
      "add_cte": changing("self, *ctes, nest_here=False") { select, call in
        for value in call.rest {
          if let common = value.object(as: FromObject.self)?.source as? CommonTable {
            select.commonTables.append(common)
          }
        }
      },
      "get_final_froms": .method("self") { call in
        let object: SelectObject = try call.receiver()
        let sources = try SQLCompiler().sources(of: object.select, asSource: false)
        return .list(sources.map { .object(FromObject.of($0)) })
      },
      "whereclause": .property { call in
        let object: SelectObject = try call.receiver()
        if object.select.criteria.isEmpty { return .null }
        return .object(
          ExpressionObject(Coercion.conjunction(isAnd: true, object.select.criteria)))
      },
    ]
  }
}

/// The methods of `union(...)` and its kin.
enum CompoundMethods {
  private static func changing(
    _ signature: String, _ change: @escaping (inout CompoundSelect, Call) throws -> Void
  ) -> Value {
    .method(signature) { call in
      let object: CompoundObject = try call.receiver()
      let copy = CompoundObject(object.compound)
      try change(&copy.compound, call)
      return .object(copy)
    }
  }

  static var all: OrderedDictionary<String, Value> {
    [
      "order_by": changing("self, *clauses") { compound, call in
        compound.order += try OrderReading.items(call.rest, call.python)
      },
      "limit": changing("self, limit") { compound, call in
        compound.limit = try Coercion(call.python).expression(call["limit"])
      },
      "offset": changing("self, offset") { compound, call in
        compound.offset = try Coercion(call.python).expression(call["offset"])
      },
    ]
  }
}

/// Reads the list of a `SELECT`.
enum SelectReading {
  static func items(_ values: [Value], _ python: Interpreter) throws -> [SelectItem] {
    try values.flatMap { value -> [SelectItem] in
      if let entity = try value.entity(python) {
        return entity.columns.map { SelectItem($0.column.expression) }
      }
      if let from = value.object(as: FromObject.self) {
        return from.source.columns.map { SelectItem($0.expression) }
      }
      if let name = value.string {
        throw PythonError(
          SQLAlchemyErrors.argument,
          "Textual column expression '\(name)' should be explicitly declared with text('\(name)'), "
            + "or use column('\(name)') for more specificity")
      }
      if value.list != nil {
        throw PythonError(
          SQLAlchemyErrors.argument,
          "Column expression, FROM clause, or other columns clause element expected, got "
            + "\(try python.repr(value)). Did you mean to say select(*columns)?")
      }
      return [SelectItem(try Coercion(python).expression(value))]
    }
  }
}

/// Reads `ORDER BY`.
enum OrderReading {
  static func items(_ values: [Value], _ python: Interpreter) throws -> [OrderItem] {
    try values.filter { !$0.isNone }.map { value in
      if let name = value.string { return .name(name, suffix: "") }
      let expression = try Coercion(python).expression(value)
      // `desc("name")` speaks of a column of the result.
      if case .postfix(let inner, let suffix) = expression.node,
        case .literalColumn(let name) = inner.node
      {
        return .name(name, suffix: suffix)
      }
      return .expression(expression)
    }
  }
}

extension Coercion {
  /// A condition: an expression, or True and False.
  func condition(_ value: Value) throws -> SQLExpression {
    if let flag = value.bool { return SQLExpression(.constant(flag), type: .boolean) }
    if let text = value.string {
      throw PythonError(
        SQLAlchemyErrors.argument,
        "Textual SQL expression '\(text)' should be explicitly declared as text('\(text)')")
    }
    return try expression(value)
  }
}
