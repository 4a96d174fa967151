internal import OrderedCollections
internal import PythonSubset

/// Reads the arguments of `sa.Column`.
enum ColumnReading {
  static let signature =
    "cls, /, *args, name=None, type_=None, autoincrement='auto', default=..., insert_default=..., "
    + "doc=None, key=None, index=None, unique=None, info=None, nullable=..., onupdate=None, "
    + "primary_key=False, server_default=None, server_onupdate=None, quote=None, system=False, "
    + "comment=None, insert_sentinel=False, sort_order=0, _proxies=None, **dialect_kwargs"

  nonisolated(unsafe) static let cls = PythonClass(
    host: "Column", module: "sqlalchemy.sql.schema",
    bases: [ExpressionClasses.columnClause, SchemaItems.item],
    members: [
      "inherit_cache": .bool(true),
      "__new__": .new(signature) { call in .object(try read(call)) },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
    ])

  static func read(_ call: Call) throws -> ColumnObject {
    let python = call.python
    var arguments = call.rest[...]
    var name = try call.optionalName("name")
    if let first = arguments.first, let given = NameObject.name(first) {
      name = given
      arguments = arguments.dropFirst()
    } else if arguments.first?.isNone == true {
      arguments = arguments.dropFirst()
    }
    var typeObject: TypeObject?
    if let first = arguments.first, TypeCoercion.isType(first) {
      typeObject = try TypeCoercion.object(first, python)
      arguments = arguments.dropFirst()
    } else if !call["type_"].isNone {
      typeObject = try TypeCoercion.object(call["type_"], python)
    }
    if call["quote"].bool != nil { name?.quote = call["quote"].bool }
    let column = Column(name, typeObject?.resolved ?? .null)
    column.isSchemaItem = true
    let object = ColumnObject(column)
    object.typeObject = typeObject
    try readFlags(call, column)
    try readDefaults(call, object)
    for item in arguments { try attach(item, to: object, python) }
    object.refresh()
    return object
  }

  private static func readFlags(_ call: Call, _ column: Column) throws {
    column.givenKey = try call.optionalString("key")
    column.isPrimaryKey = try call.truth("primary_key")
    if let nullable = call.optional("nullable"), !nullable.isNone {
      column.nullability = try call.python.truth(nullable)
    }
    column.isUnique = try call.truth("unique")
    column.isIndexed = try call.truth("index")
    column.comment = try call.optionalString("comment")
    let autoIncrement = call["autoincrement"]
    switch autoIncrement.string {
    case "auto": column.autoIncrement = .automatic
    case "ignore_fk": column.autoIncrement = .ignoringForeignKeys
    default: column.autoIncrement = try call.python.truth(autoIncrement) ? .always : .never
    }
  }

  private static func readDefaults(_ call: Call, _ object: ColumnObject) throws {
    let column = object.column
    let python = call.python
    object.info = call["info"].dict ?? object.info
    object.serverDefaultValue = call["server_default"]
    column.serverDefault = try serverDefault(call["server_default"], python)
    if let value = call.optional("insert_default") ?? call.optional("default") {
      object.defaultValue = value
      if let sequence = value.object(as: SequenceObject.self) {
        column.sequence = sequence.sequence
      } else if !value.isNone {
        column.clientDefault = ScriptDefault(value, column.type, python)
      }
    }
    object.updateValue = call["onupdate"]
    if !call["onupdate"].isNone {
      column.clientUpdate = ScriptDefault(call["onupdate"], column.type, python)
    }
  }

  /// What stands behind `DEFAULT`: a text between apostrophes, or an expression as it is.
  static func serverDefault(_ value: Value, _ python: Interpreter) throws -> ServerDefault? {
    if value.isNone { return nil }
    if let text = value.string { return .literal(text) }
    switch value.object(as: PythonObject.self) {
    case let identity as IdentityObject: return .identity(identity.identity)
    case let computed as ComputedObject: return .computed(computed.computed)
    case let sequence as SequenceObject:
      return .expression(SQLExpression(.literalColumn(sequence.nextValue)))
    case is FetchedValueObject: return .fetched
    case let wrapped as DefaultClauseObject: return try serverDefault(wrapped.argument, python)
    default: break
    }
    guard let expression = try Coercion(python).clause(value) else {
      throw PythonError(
        SQLAlchemyErrors.argument,
        "Argument 'arg' is expected to be one of type '<class 'str'>' or "
          + "'<class 'sqlalchemy.sql.elements.ClauseElement'>' or "
          + "'<class 'sqlalchemy.sql.elements.TextClause'>', got '\(try python.repr(value))'")
    }
    return .expression(expression)
  }

  /// Takes what stands behind the type: references, identities, checks.
  private static func attach(
    _ item: Value, to object: ColumnObject, _ python: Interpreter
  ) throws {
    let column = object.column
    switch item.object(as: PythonObject.self) {
    case let key as ForeignKeyObject:
      key.key.parent = column
      column.foreignKeys.append(key.key)
    case let identity as IdentityObject:
      column.serverDefault = .identity(identity.identity)
      object.serverDefaultValue = item
    case let computed as ComputedObject:
      column.serverDefault = .computed(computed.computed)
      object.serverDefaultValue = item
    case let sequence as SequenceObject: column.sequence = sequence.sequence
    case let constraint as ConstraintObject: column.constraints.append(constraint.constraint)
    case is FetchedValueObject: column.serverDefault = .fetched
    case let wrapped as DefaultClauseObject:
      column.serverDefault = try serverDefault(wrapped.argument, python)
    default:
      throw PythonError(
        SQLAlchemyErrors.argument,
        "'SchemaItem' object, such as a 'Column' or a 'Constraint' expected, got "
          + (try python.repr(item)))
    }
  }

  /// A copy that belongs to no table.
  static func copy(of column: Column) -> ColumnObject {
    let copy = ColumnObject(column.copy())
    copy.column.isSchemaItem = true
    if let original = column.payload as? ColumnObject {
      copy.typeObject = original.typeObject
      copy.info = original.info
      copy.defaultValue = original.defaultValue
      copy.updateValue = original.updateValue
      copy.serverDefaultValue = original.serverDefaultValue
    }
    copy.refresh()
    return copy
  }
}
