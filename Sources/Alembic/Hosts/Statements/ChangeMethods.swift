internal import OrderedCollections
internal import PythonSubset

/// The methods of `insert()`, `update()` and `delete()`.
enum ChangeMethods {
  private static func changing(
    _ signature: String, _ change: @escaping (ChangeObject, Call) throws -> Void
  ) -> Value {
    .method(signature) { call in
      let object: ChangeObject = try call.receiver()
      return .object(try object.with { (copy: ChangeObject) in try change(copy, call) })
    }
  }

  private static var common: OrderedDictionary<String, Value> {
    [
      "returning": changing("self, *cols, sort_by_parameter_order=False") { change, call in
        change.returning += try SelectReading.items(call.rest, call.python)
        change.returnedEntities += call.rest
      },
      "add_cte": changing("self, *ctes, nest_here=False") { change, call in
        for value in call.rest {
          if let common = value.object(as: FromObject.self)?.source as? CommonTable {
            change.commonTables.append(common)
          }
        }
      },
      "cte": .method("self, name=None, recursive=False, nesting=False") { call in
        let object: ChangeObject = try call.receiver()
        return .object(
          FromObject(
            CommonTable(
              try object.statement([], call.python), name: NameObject.name(call["name"]))))
      },
      "with_hint": .method("self, text, selectable=None, dialect_name='*'") { call in call[0] },
    ]
  }

  private static var filtering: OrderedDictionary<String, Value> {
    let criteria: (ChangeObject, Call) throws -> Void = { change, call in
      change.criteria += try call.rest.map { try Coercion(call.python).condition($0) }
    }
    return [
      "where": changing("self, *whereclause", criteria),
      "filter": changing("self, *criteria", criteria),
      "filter_by": changing("self, **kwargs") { change, call in
        for (name, value) in call.keywords {
          guard let column = change.table.column(name) else {
            throw PythonError(
              SQLAlchemyErrors.invalidRequest, "Entity has no property \"\(name)\"")
          }
          change.criteria.append(
            try Coercion(call.python).comparison(column.expression, .equal, value))
        }
      },
    ]
  }

  private static func values(_ change: ChangeObject, _ call: Call) throws {
    let python = call.python
    if let first = call.rest.first {
      if let dict = first.dict {
        change.merge(try change.assignments(dict, python))
      } else if let rows = first.list?.items {
        for row in rows { change.values.append(try change.row(row, python)) }
      } else {
        change.merge(try change.row(first, python))
      }
    }
    if !call.keywords.isEmpty {
      let dict = PythonDict(call.keywords.map { ($0.name, $0.value) })
      change.merge(try change.assignments(dict, python))
    }
  }

  static var insert: OrderedDictionary<String, Value> {
    let own: OrderedDictionary<String, Value> = [
      "values": changing("self, *args, **kwargs", values),
      "inline": .method("self") { call in call[0] },
      "from_select": changing("self, names, select, include_defaults=True") { change, call in
        guard let insert = change as? InsertObject,
          let query = call["select"].object(as: QueryObject.self)
        else { return }
        insert.columns = try call.items("names").map { name in
          let key = name.string ?? name.object(as: ColumnObject.self)?.column.key ?? ""
          guard let column = insert.table.column(key) else {
            throw PythonError(SQLAlchemyErrors.compile, "Unconsumed column names: \(key)")
          }
          return column
        }
        insert.query = try query.query(call.python)
      },
      "on_conflict_do_nothing": changing(
        "self, constraint=None, index_elements=None, index_where=None"
      ) { change, call in
        (change as? InsertObject)?.conflict = (try ConflictReading.target(call), .nothing)
      },
      "on_conflict_do_update": changing(
        "self, constraint=None, index_elements=None, index_where=None, set_=None, where=None"
      ) { change, call in
        guard let insert = change as? InsertObject else { return }
        insert.conflict = (
          try ConflictReading.target(call), try ConflictReading.update(call, insert.table)
        )
      },
    ]
    return common.merging(own, uniquingKeysWith: { $1 })
  }

  static var update: OrderedDictionary<String, Value> {
    let own: OrderedDictionary<String, Value> = [
      "values": changing("self, *args, **kwargs", values),
      "inline": .method("self") { call in call[0] },
      "ordered_values": changing("self, *args") { change, call in
        (change as? UpdateObject)?.isOrdered = true
        for pair in call.rest {
          guard let pair = pair.sequence, pair.count == 2 else { continue }
          let dict = PythonDict()
          try dict.set(pair[0], to: pair[1], call.python)
          change.merge(try change.assignments(dict, call.python))
        }
      },
    ]
    return common.merging(filtering, uniquingKeysWith: { $1 })
      .merging(own, uniquingKeysWith: { $1 })
  }

  static var delete: OrderedDictionary<String, Value> {
    common.merging(filtering, uniquingKeysWith: { $1 })
  }

  /// `table.insert()` and its kin.
  static var ofTable: OrderedDictionary<String, Value> {
    [
      "insert": .method("self") { call in
        let object: FromObject = try call.receiver()
        return .object(InsertObject(object.source))
      },
      "update": .method("self") { call in
        let object: FromObject = try call.receiver()
        return .object(UpdateObject(object.source))
      },
      "delete": .method("self") { call in
        let object: FromObject = try call.receiver()
        return .object(DeleteObject(object.source))
      },
    ]
  }
}

extension ChangeObject {
  /// Adds values to those of the row that is there.
  func merge(_ new: [(column: Column, value: Value)]) {
    var row = values.first ?? []
    for pair in new {
      row.removeAll { $0.column === pair.column }
      row.append(pair)
    }
    values = [row]
  }

  /// A row given as a dictionary or in the order of the columns.
  func row(_ value: Value, _ python: Interpreter) throws -> [(column: Column, value: Value)] {
    if let dict = value.dict { return try assignments(dict, python) }
    return zip(table.columns, try python.items(value)).map { ($0, $1) }
  }
}

/// Reads `ON CONFLICT`.
enum ConflictReading {
  static func target(_ call: Call) throws -> InsertStatement.ConflictTarget {
    var target = InsertStatement.ConflictTarget()
    let constraint = call["constraint"]
    if let object = constraint.object(as: ConstraintObject.self) {
      target.constraint = object.constraint.name
    } else if let object = constraint.object(as: IndexObject.self) {
      target.elements = object.index.elements
      target.predicate = object.index.options.predicate
    } else {
      target.constraint = NameObject.name(constraint)
    }
    if !call["index_elements"].isNone {
      target.elements = try call.items("index_elements").map {
        try Coercion(call.python).reference($0)
      }
    }
    if !call["index_where"].isNone {
      target.predicate = try Coercion(call.python).sql(call["index_where"])
    }
    return target
  }

  static func update(_ call: Call, _ table: FromClause) throws -> InsertStatement.Conflict {
    let coercion = Coercion(call.python)
    var pairs: [(Value, Value)] = []
    let given = call["set_"]
    if let dict = given.dict {
      pairs = dict.items.map { ($0.key, $0.value) }
    } else if let columns = given.object(as: ColumnCollection.self) {
      for column in try call.python.items(.object(columns)) {
        let key = column.object(as: ColumnObject.self)?.column.key ?? ""
        pairs.append((.string(key), column))
      }
    }
    let assignments = try pairs.map { key, value in
      let name = key.string ?? key.object(as: ColumnObject.self)?.column.key ?? ""
      let column = table.column(name)
      let reference: ColumnReference = column.map { .column($0) } ?? .name(name)
      let stored = try column.map { try coercion.stored(value, in: $0) }
      return (column: reference, value: try stored ?? coercion.expression(value))
    }
    let predicate = call["where"]
    return .update(
      assignments, where: predicate.isNone ? nil : try coercion.sql(predicate))
  }
}
