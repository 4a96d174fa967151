internal import OrderedCollections
internal import PythonSubset

/// The class above tables, columns and constraints.
enum SchemaItems {
  nonisolated(unsafe) static let item = PythonClass(
    host: "SchemaItem", module: "sqlalchemy.sql.schema")
  nonisolated(unsafe) static let constraint = PythonClass(
    host: "Constraint", module: "sqlalchemy.sql.schema", bases: [item],
    members: [
      "__new__": .new { call in throw Unsupported("a Constraint of no kind") }
    ])
}

/// A constraint, as Python sees it.
final class ConstraintObject: PythonObject {
  let constraint: Constraint
  /// `info=`.
  var info = PythonDict()

  init(_ constraint: Constraint) { self.constraint = constraint }

  override var pythonClass: PythonClass {
    switch constraint {
    case is PrimaryKeyConstraint: ConstraintClasses.primaryKey
    case is ForeignKeyConstraint: ConstraintClasses.foreignKey
    case is UniqueConstraint: ConstraintClasses.unique
    case is CheckConstraint: ConstraintClasses.check
    case is ExcludeConstraint: ConstraintClasses.exclude
    default: SchemaItems.constraint
    }
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": return .string(orNone: constraint.name?.text)
    case "table": return constraint.table.map { .object(FromObject.of($0)) } ?? .null
    case "columns", "c":
      return .object(ColumnCollection(constraint.namedColumns))
    case "column_keys": return .list(constraint.namedColumns.map { .string($0.key) })
    case "deferrable": return constraint.isDeferrable.map { .bool($0) } ?? .null
    case "initially": return .string(orNone: constraint.initially)
    case "info": return .dict(info)
    case "sqltext":
      guard let check = constraint as? CheckConstraint else { return nil }
      return .object(ExpressionObject(check.condition))
    default: break
    }
    if let key = constraint as? ForeignKeyConstraint {
      switch name {
      case "ondelete": return .string(orNone: key.onDelete)
      case "onupdate": return .string(orNone: key.onUpdate)
      case "match": return .string(orNone: key.match)
      case "elements":
        return .list(
          key.columns.flatMap(\.foreignKeys).filter { $0.constraint === key }
            .map { .object(ForeignKeyObject.of($0)) })
      default: break
      }
    }
    return try super.attribute(name, python)
  }

  override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    guard name == "name" else { return false }
    constraint.name = NameObject.name(value)
    return true
  }

  /// Iterates over the columns.
  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator(
      "list_iterator", over: constraint.namedColumns.map { .object(ColumnObject.of($0)) })
  }

  override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    constraint.namedColumns.contains { column in
      item.string == column.key || item.object(as: ColumnObject.self)?.column === column
    }
  }

  override func length(_ python: Interpreter) throws -> Int? { constraint.namedColumns.count }
}

/// `sa.ForeignKey`.
final class ForeignKeyObject: PythonObject {
  let key: ForeignKey

  init(_ key: ForeignKey) { self.key = key }

  static func of(_ key: ForeignKey) -> ForeignKeyObject {
    ForeignKeyObject(key)
  }

  override var pythonClass: PythonClass { ConstraintClasses.foreignKeyItem }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    let target = key.target
    switch name {
    case "target_fullname", "_colspec", "_get_colspec":
      return .string(target.tableName + (target.column.map { ".\($0)" } ?? ""))
    case "ondelete": return .string(orNone: key.constraint?.onDelete ?? key.actions.onDelete)
    case "onupdate": return .string(orNone: key.constraint?.onUpdate ?? key.actions.onUpdate)
    case "name": return .string(orNone: key.constraint?.name?.text ?? key.name?.text)
    case "parent": return key.parent.map { .object(ColumnObject.of($0)) } ?? .null
    case "constraint": return key.constraint.map { .object(ConstraintObject($0)) } ?? .null
    case "column":
      guard let table = key.parent?.table as? Table,
        let other = table.metadata?.tables[target.tableName],
        let column = other.column(target.column ?? key.parent?.key ?? "")
      else {
        throw PythonError(
          SQLAlchemyErrors.noReferencedTable,
          "Foreign key associated with column '\(key.parent?.key ?? "")' could not find table "
            + "'\(target.tableName)' with which to generate a foreign key to target column "
            + "'\(target.column ?? "")'")
      }
      return .object(ColumnObject.of(column))
    default: return try super.attribute(name, python)
    }
  }

  override func hash(_ python: Interpreter) throws -> Int { ObjectIdentifier(key).hashValue }

  override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual, let other = other.object(as: ForeignKeyObject.self)
    else { return nil }
    return .bool((other.key === key) == (op == .equal))
  }

  override func representation(_ python: Interpreter) throws -> String {
    "ForeignKey('\(key.target.tableName).\(key.target.column ?? "")')"
  }
}

/// `sa.Index`.
final class IndexObject: PythonObject {
  let index: Index

  init(_ index: Index) { self.index = index }

  override var pythonClass: PythonClass { ConstraintClasses.index }

  override class var ownMethods: [String] { ["create", "drop"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": .string(orNone: index.name?.text)
    case "unique": .bool(index.isUnique)
    case "columns": .object(ColumnCollection(index.columns))
    case "expressions": .list(index.columns.map { .object(ColumnObject.of($0)) })
    case "table": index.table.map { .object(FromObject.of($0)) } ?? .null
    case "create":
      .function("create", "bind, checkfirst=False") { [index] call in
        let connection = try ConnectionObject.of(call["bind"], call.python)
        if try call.truth("checkfirst"), !connection.isMock,
          try CatalogChecks(connection).hasIndex(index)
        {
          return .null
        }
        try connection.run(try IndexWriter.create(index))
        return .null
      }
    case "drop":
      .function("drop", "bind, checkfirst=False") { [index] call in
        let connection = try ConnectionObject.of(call["bind"], call.python)
        if try call.truth("checkfirst"), !connection.isMock,
          try !CatalogChecks(connection).hasIndex(index)
        {
          return .null
        }
        guard let name = index.name else { return .null }
        try connection.run(try IndexWriter.drop(name, schema: index.table?.schema))
        return .null
      }
    default: try super.attribute(name, python)
    }
  }
}

/// `sa.Identity`.
final class IdentityObject: PythonObject {
  let identity: Identity

  init(_ identity: Identity) { self.identity = identity }

  override var pythonClass: PythonClass { ConstraintClasses.identity }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "always": .bool(identity.isAlways)
    case "start": .int(orNone: identity.options.start.map { Int($0) })
    case "increment": .int(orNone: identity.options.increment.map { Int($0) })
    default: try super.attribute(name, python)
    }
  }
}

/// `sa.Computed`.
final class ComputedObject: PythonObject {
  let computed: Computed

  init(_ computed: Computed) { self.computed = computed }

  override var pythonClass: PythonClass { ConstraintClasses.computed }
}

/// `sa.FetchedValue`.
final class FetchedValueObject: PythonObject {
  override var pythonClass: PythonClass { ConstraintClasses.fetched }
}

/// `sa.DefaultClause`.
final class DefaultClauseObject: PythonObject {
  let argument: Value

  init(_ argument: Value) { self.argument = argument }

  override var pythonClass: PythonClass { ConstraintClasses.defaultClause }

  override class var ownMethods: [String] { ["arg"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "arg" ? argument : try super.attribute(name, python)
  }
}

/// `sa.Sequence`.
final class SequenceObject: PythonObject {
  let sequence: DatabaseSequence

  init(_ sequence: DatabaseSequence) { self.sequence = sequence }

  override var pythonClass: PythonClass { ConstraintClasses.sequence }

  /// `nextval('name')`, the name quoted as it is in SQL.
  var nextValue: String { "nextval(\(LiteralWriter.quoted(sequence.sql)))" }

  override class var ownMethods: [String] { ["next_value", "create", "drop"] }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": .string(sequence.name.text)
    case "schema": .string(orNone: sequence.schema?.text)
    case "next_value":
      .function("next_value") { [nextValue] _ in
        .object(
          ExpressionObject(SQLExpression(.literalColumn(nextValue), type: .integer(.regular))))
      }
    case "create":
      .function("create", "bind, checkfirst=True") { [sequence] call in
        let connection = try ConnectionObject.of(call["bind"], call.python)
        if try call.truth("checkfirst"), !connection.isMock,
          try CatalogChecks(connection).hasRelation(sequence.name, sequence.schema, kinds: "S")
        {
          return .null
        }
        try connection.run(try TypeWriter.create(sequence))
        return .null
      }
    case "drop":
      .function("drop", "bind, checkfirst=True") { [sequence] call in
        let connection = try ConnectionObject.of(call["bind"], call.python)
        if try call.truth("checkfirst"), !connection.isMock,
          try !CatalogChecks(connection).hasRelation(sequence.name, sequence.schema, kinds: "S")
        {
          return .null
        }
        try connection.run(TypeWriter.drop(sequence))
        return .null
      }
    default: try super.attribute(name, python)
    }
  }
}
