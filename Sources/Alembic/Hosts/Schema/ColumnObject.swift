public import PythonSubset

/// `sa.Column`: a column of a table, and an expression.
public final class ColumnObject: ExpressionObject {
  /// The column.
  public let column: Column
  /// The object of its type, as the script gave it.
  public var typeObject: TypeObject?
  /// `info=`.
  var info = PythonDict()
  /// `default=` and `onupdate=`, as the script gave them.
  var defaultValue: Value = .null
  var updateValue: Value = .null
  var serverDefaultValue: Value = .null

  init(_ column: Column) {
    self.column = column
    super.init(column.expression)
    column.payload = self
  }

  /// The object of a column: always the same for the same column.
  static func of(_ column: Column) -> ColumnObject {
    if let known = column.payload as? ColumnObject { return known }
    let object = ColumnObject(column)
    if let base = column.origin?.payload as? ColumnObject { object.typeObject = base.typeObject }
    return object
  }

  /// Takes the type and the name as they are now.
  func refresh() { expression = column.expression }

  public override var pythonClass: PythonClass {
    column.table is Table || column.origin == nil && column.isSchemaItem
      ? ColumnReading.cls : ExpressionClasses.columnClause
  }

  public override class var ownMethods: [String] { ["copy", "_copy"] }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": .string(orNone: column.name?.text)
    case "key": .string(column.key)
    case "type":
      .object(typeObject ?? TypeObjects.object(of: column.type, python))
    case "nullable": .bool(column.isNullable)
    case "primary_key": .bool(column.isPrimaryKey)
    case "unique": .bool(column.isUnique)
    case "index": .bool(column.isIndexed)
    case "comment": .string(orNone: column.comment)
    case "table": column.table.map { .object(FromObject.of($0)) } ?? .null
    case "default": defaultValue
    case "onupdate": updateValue
    case "server_default": serverDefaultValue
    case "info": .dict(info)
    case "autoincrement":
      switch column.autoIncrement {
      case .automatic: .string("auto")
      case .ignoringForeignKeys: .string("ignore_fk")
      case .always: .bool(true)
      case .never: .bool(false)
      }
    case "foreign_keys":
      .set(
        try PythonSet(
          column.base.foreignKeys.map { .object(ForeignKeyObject.of($0)) }, python))
    case "copy", "_copy":
      .function("copy", "**kw") { [column] _ in .object(ColumnReading.copy(of: column)) }
    default: try super.attribute(name, python)
    }
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    switch name {
    case "name": column.name = NameObject.name(value)
    case "nullable": column.nullability = try python.truth(value)
    case "primary_key": column.isPrimaryKey = try python.truth(value)
    case "unique": column.isUnique = try python.truth(value)
    case "index": column.isIndexed = try python.truth(value)
    case "comment": column.comment = value.string
    case "key": column.givenKey = value.string
    case "type":
      typeObject = try TypeCoercion.object(value, python)
      column.type = typeObject?.resolved ?? .null
    case "server_default":
      serverDefaultValue = value
      column.serverDefault = try ColumnReading.serverDefault(value, python)
    case "default": defaultValue = value
    case "info": info = value.dict ?? info
    default: return false
    }
    refresh()
    return true
  }

  public override func representation(_ python: Interpreter) throws -> String {
    guard column.isSchemaItem else {
      return "<sqlalchemy.sql.elements.ColumnClause at \(address); \(column.key)>"
    }
    let name = column.name.map { "'\($0.text)'" } ?? "None"
    let type = try typeObject.map { try python.repr(.object($0)) } ?? "NullType()"
    let table = (column.table as? Table).map { ", table=<\($0.name.text)>" } ?? ", table=None"
    let key = column.isPrimaryKey ? ", primary_key=True" : ""
    let nullable = column.isNullable ? "" : ", nullable=False"
    return "Column(\(name), \(type)\(table)\(key)\(nullable))"
  }

  public override func text(_ python: Interpreter) throws -> String {
    let table = (column.table as? Table).map { "\($0.fullName)." } ?? ""
    return table + column.key
  }
}

/// What Core gives a column where a row says nothing: a value, an expression, or a function's.
final class ScriptDefault: ColumnDefault {
  let given: Value
  let type: SQLType
  let python: Interpreter

  init(_ given: Value, _ type: SQLType, _ python: Interpreter) {
    self.given = given
    self.type = type
    self.python = python
  }

  func value() throws -> SQLExpression {
    guard given.object(as: ExpressionObject.self) == nil, python.isCallable(given) else {
      return try Coercion(python).expression(given, as: type)
    }
    let made: Value
    do {
      made = try python.call(given)
    } catch let error as PythonError where error.isA(.typeError) {
      // A function of the execution's context.
      made = try python.call(given, [.null])
    }
    return try Coercion(python).clause(made) ?? Coercion(python).literal(made, as: type)
  }
}
