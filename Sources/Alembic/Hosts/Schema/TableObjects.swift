internal import OrderedCollections
internal import PythonSubset

/// Reads the arguments of `sa.table`, `sa.column` and `sa.Table`.
enum TableReading {
  /// `sa.table("name", sa.column(...), ...)`.
  static func light(_ call: Call) throws -> FromObject {
    let table = Table(try call.name("name"), schema: try call.optionalName("schema"))
    try bound(call.rest.count)
    for value in call.rest {
      let column = try lightColumn(value, call.python)
      column.table = table
      table.columns.append(column)
      ColumnObject.of(column).refresh()
    }
    return FromObject(table)
  }

  /// PostgreSQL has no table of more than 1600 columns; with its constraints and indexes a script
  /// gives ten times as many items at most.
  private static func bound(_ count: Int) throws {
    guard count <= 16_000 else {
      throw LimitExceeded(.size, "the script gives a table \(count) columns and constraints")
    }
  }

  /// A column given as `sa.column()`, `sa.Column` or a name.
  static func lightColumn(_ value: Value, _ python: Interpreter) throws -> Column {
    if let object = value.object(as: ColumnObject.self) {
      return object.column.table == nil
        ? object.column : ColumnReading.copy(of: object.column).column
    }
    if let name = NameObject.name(value) { return Column(name) }
    if let object = value.object(as: ExpressionObject.self),
      let name = object.expression.resultName
    {
      return Column(name, object.expression.type)
    }
    throw PythonError(SQLAlchemyErrors.argument, "a column is expected, not \(value.typeName)")
  }

  static let signature =
    "cls, name, metadata=..., *args, schema=None, quote=None, quote_schema=None, autoload=None, "
    + "autoload_with=None, autoload_replace=True, keep_existing=False, extend_existing=False, "
    + "resolve_fks=True, include_columns=None, implicit_returning=True, comment=None, info=None, "
    + "listeners=None, prefixes=None, must_exist=False, _extend_on=None, _no_init=True, **kw"

  /// `sa.Table("name", metadata, ...)`: the table that the metadata knows already, or a new one.
  static func table(_ call: Call) throws -> FromObject {
    let python = call.python
    guard let metadata = call["metadata"].object(as: MetaDataObject.self)?.metadata else {
      throw PythonError(
        .typeError, "Table() takes a MetaData as its second argument")
    }
    let name = try call.name("name")
    var schema = try call.optionalName("schema")
    if call["schema"].object(as: SchemaTokenObject.self) != nil { schema = nil }
    let known = metadata.tables[
      Table(name, schema: schema ?? metadata.schema).fullName]
    let extends = try call.truth("extend_existing")
    if let known {
      if try call.truth("keep_existing") || (call.rest.isEmpty && call["autoload_with"].isNone) {
        return FromObject.of(known)
      }
      guard extends || (call.rest.isEmpty && !call["autoload_with"].isNone) else {
        throw PythonError(
          SQLAlchemyErrors.invalidRequest,
          "Table '\(known.fullName)' is already defined for this MetaData instance.  Specify "
            + "'extend_existing=True' to redefine options and columns on an existing Table object.")
      }
    }
    let table = known ?? metadata.makeTable(name, schema: schema)
    let object = FromObject.of(table)
    do {
      let bind = call["autoload_with"]
      if !bind.isNone {
        let only = try call["include_columns"].orNil.map {
          try python.items($0).compactMap(\.string)
        }
        try TableReflection(try ConnectionObject.of(bind, python), python)
          .load(table, only: only, resolvesKeys: try call.truth("resolve_fks"))
      }
      try fill(object, call.rest, python)
      table.comment = try call.optionalString("comment") ?? table.comment
      object.info = call["info"].dict ?? object.info
      if !call["prefixes"].isNone {
        table.prefixes = try call.items("prefixes").map { try python.str($0) }
      }
      table.options = try DialectOptions(call.keywords, on: "Table", python).tableOptions()
    } catch {
      if known == nil { metadata.tables.removeValue(forKey: table.fullName) }
      throw error
    }
    return object
  }

  /// Takes columns first, then constraints and indexes, whatever their order was.
  static func fill(_ object: FromObject, _ items: [Value], _ python: Interpreter) throws {
    guard let table = object.table else { return }
    try translatingErrors {
      var others: [Value] = []
      try bound(items.count)
      for item in items {
        if let column = item.object(as: ColumnObject.self) {
          guard column.column.table == nil || column.column.table === table else {
            throw SchemaError(
              .argument,
              "Column object '\(column.column.key)' already assigned to Table "
                + "'\(column.column.table?.title ?? "")'")
          }
          try table.append(column.column)
          column.refresh()
        } else {
          others.append(item)
        }
      }
      for item in others { try attach(item, to: table, python) }
    }
  }

  static func attach(_ item: Value, to table: Table, _ python: Interpreter) throws {
    switch item.object(as: PythonObject.self) {
    case let constraint as ConstraintObject:
      let own = constraint.constraint.table
      try table.append(
        own == nil || own === table ? constraint.constraint : constraint.constraint.copy())
    case let index as IndexObject:
      try table.append(index.index.table == nil ? index.index : index.index.copy())
    case let column as ColumnObject: try table.append(column.column)
    default:
      if item.isNone { return }
      throw PythonError(
        SQLAlchemyErrors.argument,
        "'SchemaItem' object, such as a 'Column' or a 'Constraint' expected, got "
          + (try python.repr(item)))
    }
  }
}

/// The members of `sa.Table`.
enum TableMethods {
  static var all: OrderedDictionary<String, Value> {
    [
      "__new__": .new(TableReading.signature) { call in .object(try TableReading.table(call)) },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "append_column": .method("self, column, *, replace_existing=False") { call in
        let object: FromObject = try call.receiver()
        try TableReading.fill(object, [call["column"]], call.python)
        return .null
      },
      "append_constraint": .method("self, constraint") { call in
        let object: FromObject = try call.receiver()
        try TableReading.fill(object, [call["constraint"]], call.python)
        return .null
      },
      "create": .method("self, bind, checkfirst=False") { call in
        let object: FromObject = try call.receiver()
        guard let table = object.table else { return .null }
        let connection = try ConnectionObject.of(call["bind"], call.python)
        try MetadataActions(connection).create([table], checkFirst: try call.truth("checkfirst"))
        return .null
      },
      "drop": .method("self, bind, checkfirst=False") { call in
        let object: FromObject = try call.receiver()
        guard let table = object.table else { return .null }
        let connection = try ConnectionObject.of(call["bind"], call.python)
        try MetadataActions(connection).drop([table], checkFirst: try call.truth("checkfirst"))
        return .null
      },
      "exists": .method("self, bind=None") { call in
        let object: FromObject = try call.receiver()
        guard let table = object.table else { return .bool(false) }
        let connection = try ConnectionObject.of(call["bind"], call.python)
        return .bool(try CatalogChecks(connection).hasTable(table.name, table.schema))
      },
      "to_metadata": copying, "tometadata": copying,
    ]
  }

  nonisolated(unsafe) private static let copying = Value.method(
    "self, metadata, schema=..., referred_schema_fn=None, name=None"
  ) { call in
    let object: FromObject = try call.receiver()
    guard let table = object.table,
      let metadata = call["metadata"].object(as: MetaDataObject.self)?.metadata
    else { throw call.mismatch(1, "MetaData") }
    let copy = metadata.makeTable(
      NameObject.name(call["name"]) ?? table.name,
      schema: call.optional("schema").flatMap { NameObject.name($0) } ?? table.schema)
    copy.comment = table.comment
    copy.options = table.options
    try translatingErrors {
      for column in table.columns {
        let own = ColumnReading.copy(of: column).column
        // The table's own constraints follow; those that columns made would come twice.
        own.foreignKeys = []
        own.isUnique = false
        own.isIndexed = false
        try copy.append(own)
        own.isUnique = column.isUnique
        own.isIndexed = column.isIndexed
      }
      for constraint in table.constraints where !constraint.isTypeBound {
        try copy.append(constraint.copy())
      }
      for index in table.indexes { try copy.append(index.copy()) }
    }
    return .object(FromObject.of(copy))
  }
}

/// `sa.schema.BLANK_SCHEMA` and `RETAIN_SCHEMA`.
final class SchemaTokenObject: PythonObject {}
