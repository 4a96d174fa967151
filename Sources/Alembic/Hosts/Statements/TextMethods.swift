internal import OrderedCollections
internal import PythonSubset

/// The methods of `sa.text(...)`.
enum TextMethods {
  static var all: OrderedDictionary<String, Value> {
    [
      "bindparams": .method("self, *binds, **names_to_values") { call in
        let object: ExpressionObject = try call.receiver()
        guard case .text(var clause) = object.expression.node else { return call[0] }
        for value in call.rest {
          guard case .bind(let place)? = value.object(as: ExpressionObject.self)?.expression.node
          else { throw call.mismatch(0, "bindparam()") }
          try require(place.key, in: clause)
          clause.binds[place.key] = place
        }
        for (name, value) in call.keywords {
          try require(name, in: clause)
          let place = BindParameter(name, type: clause.binds[name]?.type ?? .null)
          place.isExpanding = clause.binds[name]?.isExpanding ?? false
          place.value = try BoundParameter(call.python).value(value, of: place)
          clause.binds[name] = place
        }
        return .object(ExpressionObject(SQLExpression(.text(clause))))
      },
      "columns": .method("self, *cols, **types") { call in
        let object: ExpressionObject = try call.receiver()
        guard case .text(var clause) = object.expression.node else { return call[0] }
        clause.columns = try call.rest.map { try TableReading.lightColumn($0, call.python) }
        for (name, type) in call.keywords {
          clause.columns.append(
            Column(SQLName(name), try TypeCoercion.type(type, call.python)))
        }
        return .object(TextualObject(TextualSelect(clause)))
      },
      "text": .property { call in .string(try call.python.str(call[0])) },
      "execution_options": .method("self, **kw") { call in call[0] },
      "options": .method("self, *options") { call in call[0] },
    ]
  }

  private static func require(_ name: String, in clause: TextClause) throws {
    guard clause.names.contains(name) else {
      throw PythonError(
        SQLAlchemyErrors.argument,
        "This text() construct doesn't define a bound parameter named '\(name)'")
    }
  }
}

/// The value that a script gave a place, from which a list can still be made of it.
final class GivenValue {
  let value: Value

  init(_ value: Value) { self.value = value }
}

/// Converts the value of a place: a list where it is one of an `IN`.
struct BoundParameter {
  let python: Interpreter

  init(_ python: Interpreter) { self.python = python }

  func value(_ value: Value, of place: BindParameter) throws -> SQLValue {
    let converter = BoundValue(python)
    guard place.isExpanding else { return try converter.convert(value, as: place.type) }
    return .list(
      try python.items(value).map { item in
        if let parts = item.tuple {
          return .list(try parts.map { try converter.convert($0, as: .null) })
        }
        return try converter.convert(item, as: place.type)
      })
  }
}
