internal import OrderedCollections
internal import PythonSubset

/// The classes of constraints, indexes and what stands with columns, with their constructors.
enum ConstraintClasses {
  private static func make(
    _ name: String, _ bases: [PythonClass] = [SchemaItems.item], _ signature: String,
    module: String = "sqlalchemy.sql.schema", _ body: @escaping (Call) throws -> Value
  ) -> PythonClass {
    PythonClass(
      host: name, module: module, bases: bases,
      members: [
        "__new__": .new("cls, " + signature, body),
        "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      ])
  }

  nonisolated(unsafe) static let primaryKey = make(
    "PrimaryKeyConstraint", [SchemaItems.constraint],
    "*columns, name=None, deferrable=None, initially=None, info=None, comment=None, "
      + "_implicit_generated=False, **dialect_kw"
  ) { call in
    let key = PrimaryKeyConstraint(
      try references(call), name: try call.optionalName("name"))
    try frame(key, call)
    key.include = try DialectOptions(call, on: "PrimaryKeyConstraint").include
    return .object(ConstraintObject(key))
  }

  nonisolated(unsafe) static let unique = make(
    "UniqueConstraint", [SchemaItems.constraint],
    "*columns, name=None, deferrable=None, initially=None, info=None, comment=None, "
      + "_autoattach=True, _column_flag=False, **dialect_kw"
  ) { call in
    let unique = UniqueConstraint(try references(call), name: try call.optionalName("name"))
    try frame(unique, call)
    try DialectOptions(call, on: "UniqueConstraint").apply(to: unique)
    return .object(ConstraintObject(unique))
  }

  nonisolated(unsafe) static let check = make(
    "CheckConstraint", [SchemaItems.constraint],
    "sqltext, name=None, deferrable=None, initially=None, table=None, info=None, "
      + "_create_rule=None, _autoattach=True, _type_bound=False, comment=None, **dialect_kw"
  ) { call in
    let check = CheckConstraint(
      try Coercion(call.python).sql(call["sqltext"]), name: try call.optionalName("name"))
    try frame(check, call)
    check.isNotValid = try DialectOptions(call, on: "CheckConstraint").isNotValid
    return .object(ConstraintObject(check))
  }

  nonisolated(unsafe) static let foreignKey = make(
    "ForeignKeyConstraint", [SchemaItems.constraint],
    "columns, refcolumns, name=None, onupdate=None, ondelete=None, deferrable=None, "
      + "initially=None, use_alter=False, link_to_name=False, match=None, table=None, info=None, "
      + "comment=None, **dialect_kw"
  ) { call in
    let columns = try call.items("columns").map { try Coercion(call.python).reference($0) }
    let targets = try call.items("refcolumns").map { try target($0, call.python) }
    guard columns.count == targets.count else {
      throw PythonError(
        SQLAlchemyErrors.argument,
        "ForeignKeyConstraint number of constrained columns must match the number of referenced "
          + "columns.")
    }
    let key = ForeignKeyConstraint(
      columns, targets: targets, name: try call.optionalName("name"), actions: try actions(call),
      usesAlter: try call.truth("use_alter"))
    try frame(key, call)
    key.isNotValid = try DialectOptions(call, on: "ForeignKeyConstraint").isNotValid
    return .object(ConstraintObject(key))
  }

  nonisolated(unsafe) static let foreignKeyItem = make(
    "ForeignKey", [SchemaItems.item],
    "column, _constraint=None, use_alter=False, name=None, onupdate=None, ondelete=None, "
      + "deferrable=None, initially=None, link_to_name=False, match=None, info=None, comment=None, "
      + "_unresolvable=False, **dialect_kw"
  ) { call in
    let key = ForeignKey(
      try target(call["column"], call.python), name: try call.optionalName("name"),
      actions: try actions(call), usesAlter: try call.truth("use_alter"))
    key.isNotValid = try DialectOptions(call, on: "ForeignKey").isNotValid
    return .object(ForeignKeyObject(key))
  }

  nonisolated(unsafe) static let exclude = make(
    "ExcludeConstraint", [SchemaItems.constraint],
    "*elements, name=None, deferrable=None, initially=None, using='gist', where=None, ops=None, "
      + "info=None, **kw", module: "sqlalchemy.dialects.postgresql"
  ) { call in .object(ConstraintObject(try exclude(call, name: call.optionalName("name")))) }

  nonisolated(unsafe) static let index = make(
    "Index", [SchemaItems.item],
    "name, *expressions, unique=False, quote=None, info=None, _table=None, _column_flag=False, "
      + "**dialect_kw"
  ) { call in
    let elements = try call.rest.map { try Coercion(call.python).reference($0) }
    let index = Index(
      try call.optionalName("name"), elements, isUnique: try call.truth("unique"),
      options: try DialectOptions(call, on: "Index").indexOptions())
    // An index over the columns of a table belongs to it at once.
    for case .column(let column) in elements {
      if let table = column.table as? Table, table.metadata != nil {
        try translatingErrors { try table.append(index) }
        break
      }
    }
    return .object(IndexObject(index))
  }

  nonisolated(unsafe) static let identity = make(
    "Identity", [SchemaItems.item],
    "always=False, on_null=None, start=None, increment=None, minvalue=None, maxvalue=None, "
      + "nominvalue=None, nomaxvalue=None, cycle=None, cache=None, order=None, **dialect_kw"
  ) { call in
    .object(
      IdentityObject(
        Identity(isAlways: try call.truth("always"), options: try sequenceOptions(call))))
  }

  nonisolated(unsafe) static let computed = make(
    "Computed", [SchemaItems.item], "sqltext, persisted=None"
  ) { call in
    .object(
      ComputedObject(
        Computed(
          try Coercion(call.python).sql(call["sqltext"]), isPersisted: call["persisted"].bool)))
  }

  nonisolated(unsafe) static let fetched = make(
    "FetchedValue", [SchemaItems.item], "for_update=False"
  ) { _ in .object(FetchedValueObject()) }

  nonisolated(unsafe) static let defaultClause = make(
    "DefaultClause", [fetched], "arg, for_update=False, _reflected=False"
  ) { call in .object(DefaultClauseObject(call["arg"])) }

  nonisolated(unsafe) static let sequence = make(
    "Sequence", [SchemaItems.item],
    "name, start=None, increment=None, minvalue=None, maxvalue=None, nominvalue=None, "
      + "nomaxvalue=None, cycle=None, schema=None, cache=None, order=None, data_type=None, "
      + "optional=False, quote=None, metadata=None, quote_schema=None, for_update=False"
  ) { call in
    let metadata = call["metadata"].object(as: MetaDataObject.self)?.metadata
    let type = call["data_type"]
    return .object(
      SequenceObject(
        DatabaseSequence(
          try call.name("name"), schema: try call.optionalName("schema") ?? metadata?.schema,
          options: try sequenceOptions(call),
          dataType: type.isNone ? nil : try TypeCoercion.type(type, call.python),
          isOptional: try call.truth("optional"), metadata: metadata)))
  }

  // MARK: Parts

  static func exclude(_ call: Call, name: SQLName?) throws -> ExcludeConstraint {
    let coercion = Coercion(call.python)
    let elements = try call.rest.map { element -> ExcludeConstraint.Element in
      guard let pair = element.sequence, pair.count == 2, let op = pair[1].string else {
        throw PythonError(
          SQLAlchemyErrors.argument,
          "an element of an ExcludeConstraint is a column and an operator")
      }
      return .init(try coercion.reference(pair[0]), op)
    }
    var classes: [String: String] = [:]
    for (key, value) in call["ops"].dict?.items ?? [] {
      classes[try call.python.str(key)] = try call.python.str(value)
    }
    let predicate = call["where"]
    let constraint = ExcludeConstraint(
      elements, name: name, using: try call.string("using"),
      predicate: predicate.isNone ? nil : try coercion.sql(predicate), operatorClasses: classes)
    constraint.isDeferrable = call["deferrable"].bool
    constraint.initially = try call.optionalString("initially")
    return constraint
  }

  private static func references(_ call: Call) throws -> [ColumnReference] {
    try call.rest.map { try Coercion(call.python).reference($0) }
  }

  private static func frame(_ constraint: Constraint, _ call: Call) throws {
    constraint.isDeferrable = call["deferrable"].bool
    constraint.initially = try call.optionalString("initially")
    constraint.comment = try call.optionalString("comment")
  }

  private static func actions(_ call: Call) throws -> ForeignKeyActions {
    var actions = ForeignKeyActions()
    actions.onDelete = try call.optionalString("ondelete")
    actions.onUpdate = try call.optionalString("onupdate")
    actions.match = try call.optionalString("match")
    actions.isDeferrable = call["deferrable"].bool
    actions.initially = try call.optionalString("initially")
    return actions
  }

  /// `table.column`, or a column of a table.
  private static func target(_ value: Value, _ python: Interpreter) throws -> ForeignKeyTarget {
    if let text = value.string { return ForeignKeyTarget(parsing: text) }
    guard let expression = try Coercion(python).clause(value),
      case .column(let column) = expression.node, let table = column.base.table as? Table
    else {
      throw PythonError(
        SQLAlchemyErrors.argument, "a foreign key refers to a column, not to \(value.typeName)")
    }
    return ForeignKeyTarget(
      schema: table.schema?.text, table: table.name.text, column: column.base.name?.text)
  }

  private static func sequenceOptions(_ call: Call) throws -> SequenceOptions {
    func number(_ name: String) throws -> Int64? { try call.optionalInt(name).map { Int64($0) } }
    var options = SequenceOptions()
    options.start = try number("start")
    options.increment = try number("increment")
    options.minimum = try number("minvalue")
    options.maximum = try number("maxvalue")
    options.hasNoMinimum = try call.truth("nominvalue")
    options.hasNoMaximum = try call.truth("nomaxvalue")
    options.cache = try number("cache")
    options.cycles = call["cycle"].bool
    return options
  }
}
