internal import PythonSubset

/// A relationship as an attribute of a class, in queries: `User.orders.any(...)`,
/// `Order.user == user`, `.join(User.orders)`.
final class RelationshipAttribute: PythonObject {
  private let relationship: Relationship
  private let mapper: Mapper

  init(_ relationship: Relationship, of mapper: Mapper) {
    self.relationship = relationship
    self.mapper = mapper
  }

  /// What a join over the relationship joins, in order, and by which condition.
  func joins(_ python: Interpreter) throws -> [(source: FromClause, condition: SQLExpression)] {
    let resolution = try relationship.resolved()
    let near = try resolution.pairs.map { try equality($0.own, $0.other, python) }
    guard case .manyToMany(let middle) = resolution.direction else {
      return [(resolution.target.table, Coercion.conjunction(isAnd: true, near))]
    }
    let far = try resolution.far.map { try equality($0.middle, $0.other, python) }
    return [
      (middle, Coercion.conjunction(isAnd: true, near)),
      (resolution.target.table, Coercion.conjunction(isAnd: true, far)),
    ]
  }

  private func equality(
    _ left: Column, _ right: Column, _ python: Interpreter
  ) throws -> SQLExpression {
    try Coercion(python).comparison(left.expression, .equal, .object(ColumnObject.of(right)))
  }

  /// What joins the two sides.
  private func condition(_ python: Interpreter) throws -> SQLExpression {
    Coercion.conjunction(isAnd: true, try joins(python).map(\.condition))
  }

  /// The sources that come with the condition.
  private func sources(_ python: Interpreter) throws -> [FromClause] {
    try joins(python).map(\.source)
  }

  private func exists(_ call: Call) throws -> Value {
    let python = call.python
    var select = SelectStatement()
    select.items = [SelectItem(SQLExpression(.literalColumn("1")))]
    select.sources = try sources(python)
    select.criteria = [try condition(python)]
    select.criteria += try call.rest.map { try Coercion(python).condition($0) }
    let target = try relationship.resolved().target
    for (name, value) in call.keywords {
      guard let column = target.columns[name] else {
        throw PythonError(
          SQLAlchemyErrors.invalidRequest,
          "Entity namespace for \"\(target.table.name.text)\" has no property \"\(name)\"")
      }
      select.criteria.append(try Coercion(python).comparison(column.expression, .equal, value))
    }
    select.correlation = .only([mapper.table])
    return .object(
      ExpressionObject(SQLExpression(.exists(select, isNegated: false), type: .boolean)))
  }

  override class var ownMethods: [String] { ["any", "has", "is_", "is_not", "isnot", "contains"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "any", "has":
      return .function(name, "*criterion, **kwargs") { [self] call in try exists(call) }
    case "is_", "is_not", "isnot":
      return .function(name, "other") { [self] call in
        try compare(name == "is_" ? .equal : .notEqual, call[0], call.python) ?? .null
      }
    case "contains":
      return .function(name, "other") { [self] call in
        try compare(.equal, call[0], call.python) ?? .null
      }
    case "property": return .object(self)
    case "key": return .string(relationship.name)
    case "mapper": return .object(MapperObject(try relationship.resolved().target))
    default: return try super.attribute(name, python)
    }
  }

  override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual else { return nil }
    let resolution = try relationship.resolved()
    guard case .manyToOne = resolution.direction else {
      throw Unsupported(
        "comparing the relationship \(relationship.name) with an instance",
        hint: "Use any(), has(), or compare the columns.")
    }
    let instance = other.object(as: MappedInstance.self)
    let parts = try resolution.pairs.map { pair -> SQLExpression in
      let name = resolution.target.attribute(of: pair.other) ?? ""
      let value = try instance?.attribute(name, python) ?? .null
      return try Coercion(python).comparison(pair.own.expression, .equal, value)
    }
    let all = Coercion.conjunction(isAnd: true, parts)
    return .object(ExpressionObject(op == .equal ? all : Coercion.negated(all)))
  }
}
