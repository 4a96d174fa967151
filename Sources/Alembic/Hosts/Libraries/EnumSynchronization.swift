internal import OrderedCollections
internal import PythonSubset
internal import Text

/// `op.sync_enum_values` of alembic_postgresql_enum: an enum type gets other values. The old type
/// is renamed, a new one made, the columns go over to it, and the old one is dropped.
enum EnumSynchronization {
  /// A column of the type, with its default.
  private struct Reference {
    var table: String
    var column: String
    var isArray: Bool
    var defaultValue: String?
  }

  /// The class that the directive is registered with.
  nonisolated(unsafe) static let operation = PythonClass(
    host: "SyncEnumValuesOp", module: "alembic_postgresql_enum.operations.sync_enum_values",
    members: [
      "sync_enum_values": .classMethod(
        "cls, operations, enum_schema, enum_name, new_values, affected_columns, "
          + "enum_values_to_rename=(), indexes_to_recreate=None"
      ) { call in
        try run(call)
        return .null
      }
    ])

  private static func run(_ call: Call) throws {
    guard let run = call["operations"].object(as: OperationsObject.self)?.run else {
      throw call.mismatch(1, "Operations")
    }
    let schema = try call.string("enum_schema")
    let name = try call.string("enum_name")
    let type = "\"\(schema)\".\"\(name)\""
    let old = "\"\(schema)\".\"\(name)_old\""
    let renamed = try call.items("enum_values_to_rename").compactMap { pair -> (String, String)? in
      guard let pair = pair.sequence, pair.count == 2 else { return nil }
      return (try call.python.str(pair[0]), try call.python.str(pair[1]))
    }
    let values = try call.items("new_values").map { LiteralWriter.quoted(try call.python.str($0)) }
    let indexes = call["indexes_to_recreate"].isNone ? [] : try call.items("indexes_to_recreate")
    func send(_ sql: String) throws { try run.operations.send(sql) }

    try translatingErrors {
      try send("ALTER TYPE \(type) RENAME TO \"\(name)_old\"")
      try send("CREATE TYPE \(type) AS ENUM(\(values.joined(separator: ", ")))")
      try createOperators(schema, type, old, renamed, send)
      for index in indexes {
        try send("DROP INDEX IF EXISTS \(quoted(try text("name", index, call.python)))")
      }
      for value in try call.items("affected_columns") {
        let reference = try reference(value, schema, run, call.python)
        try convert(reference, schema, name, type, renamed, send)
      }
      for symbol in operators.map(\.symbol) {
        try send("DROP OPERATOR IF EXISTS \"\(schema)\".\(symbol) (\(type), \(old))")
      }
      for function in operators.map(\.function) {
        try send(
          "DROP FUNCTION \"\(schema)\".\(function)(new_enum_val \(type), old_enum_val \(old))")
      }
      try send("DROP TYPE \(old)")
      for index in indexes { try send(try text("definition", index, call.python)) }
    }
  }

  private static let operators = [
    (symbol: "!=", function: "new_old_not_equals"), (symbol: "=", function: "new_old_equals"),
  ]

  /// Indexes and checks compare old values with new ones while columns go over.
  private static func createOperators(
    _ schema: String, _ type: String, _ old: String, _ renamed: [(String, String)],
    _ send: (String) throws -> Void
  ) throws {
    for (symbol, function) in operators {
      let arms = renamed.map { "WHEN old_enum_val::text = '\($0.0)' THEN '\($0.1)'" }
      let other =
        arms.isEmpty
        ? "old_enum_val::text"
        : "CASE \(arms.joined(separator: " ")) ELSE old_enum_val::text END"
      try send(
        "CREATE FUNCTION \"\(schema)\".\(function)(new_enum_val \(type), old_enum_val \(old)) "
          + "RETURNS boolean AS $$\n                SELECT new_enum_val::text \(symbol) "
          + "\(other);\n            $$ "
          + "LANGUAGE SQL IMMUTABLE")
      try send(
        "CREATE OPERATOR \"\(schema)\".\(symbol) (leftarg = \(type), rightarg = \(old), "
          + "procedure = \"\(schema)\".\(function))")
    }
  }

  private static func convert(
    _ reference: Reference, _ schema: String, _ name: String, _ type: String,
    _ renamed: [(String, String)], _ send: (String) throws -> Void
  ) throws {
    let alter = "ALTER TABLE \(reference.table) ALTER COLUMN \(reference.column)"
    if reference.defaultValue != nil { try send("\(alter) DROP DEFAULT") }
    if reference.isArray {
      var cast = "\(reference.column)::text[]"
      for (old, new) in renamed { cast = "array_replace(\(cast), '\(old)', '\(new)')" }
      try send("\(alter) TYPE \(type)[] USING \(cast)::\(type)[]")
    } else if renamed.isEmpty {
      try send("\(alter) TYPE \(type) USING \(reference.column)::text::\(type)")
    } else {
      let arms = renamed.map {
        "WHEN \(reference.column)::text = '\($0.0)' THEN '\($0.1)'::\(type)"
      }
      try send(
        "\(alter) TYPE \(type) USING CASE \(arms.joined(separator: " ")) "
          + "ELSE \(reference.column)::text::\(type) END")
    }
    if let value = reference.defaultValue {
      try send(
        "\(alter) SET DEFAULT \(adapted(value, to: "\(schema).\(name)", renamed))")
    }
  }

  /// A default as one of the new type, its value renamed with the others.
  private static func adapted(
    _ value: String, to type: String, _ renamed: [(String, String)]
  ) -> String {
    var text = value
    for (old, new) in renamed {
      text = text.replacing(text: "'\(old)'", with: "'\(new)'")
        .replacing(text: "\"\(old)\"", with: "\"\(new)\"")
    }
    if text.hasPrefix("ARRAY[") {
      var pieces = text.split(around: "::").map(String.init)
      for index in pieces.indices.dropFirst() {
        let rest = pieces[index].drop { $0 == "." || $0 == "_" || $0.isLetter || $0.isNumber }
        pieces[index] = type + rest
      }
      return pieces.joined(separator: "::")
    }
    let plain = text.split(around: "::").map(String.init)[0]
    return text.hasSuffix("[]") ? "\(plain)::\(type)[]" : "\(plain)::\(type)"
  }

  private static func reference(
    _ value: Value, _ schema: String, _ run: ScriptRun, _ python: Interpreter
  ) throws -> Reference {
    if let pair = value.tuple, pair.count >= 2 {
      let table = try python.str(pair[0])
      let column = try python.str(pair[1])
      return Reference(
        table: "\"\(schema)\".\"\(table)\"", column: "\"\(column)\"",
        isArray: pair.count > 2 ? try isArray(pair[2], python) : false,
        defaultValue: try columnDefault(schema, table, column, run, python))
    }
    guard let object = value.object(as: TableReference.self) else {
      throw PythonError(.valueError, "Affected columns must contain tuples or TableReferences")
    }
    return Reference(
      table: object.qualifiedTable(schema), column: "\"\(object.column)\"",
      isArray: object.isArray, defaultValue: object.defaultValue)
  }

  fileprivate static func isArray(_ value: Value, _ python: Interpreter) throws -> Bool {
    try value.string == "ARRAY" || python.str(value).hasSuffix("ARRAY")
  }

  private static func columnDefault(
    _ schema: String, _ table: String, _ column: String, _ run: ScriptRun, _ python: Interpreter
  ) throws -> String? {
    guard !run.settings.isOffline else { return nil }
    let result = try ConnectionObject.of(run.bind(python), python).query(
      "SELECT column_default FROM information_schema.columns WHERE table_schema = "
        + "\(LiteralWriter.quoted(schema)) AND table_name = \(LiteralWriter.quoted(table)) AND "
        + "column_name = \(LiteralWriter.quoted(column))")
    return result.rows.first?.first ?? nil
  }

  private static func text(_ name: String, _ index: Value, _ python: Interpreter) throws -> String {
    try python.str(python.get(name, of: index))
  }

  private static func quoted(_ name: String) -> String {
    name.split(separator: ".").map { "\"\($0.filter { $0 != "\"" })\"" }.joined(separator: ".")
  }
}

/// `alembic_postgresql_enum.TableReference`.
final class TableReference: PythonObject {
  private let schema: String?
  private let table: String
  let column: String
  let isArray: Bool
  let defaultValue: String?

  private init(_ call: Call) throws {
    schema = try call.optionalString("table_schema")
    table = try call.string("table_name")
    column = try call.string("column_name")
    isArray = try EnumSynchronization.isArray(call["column_type"], call.python)
    defaultValue = try call.optionalString("existing_server_default")
    super.init()
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "TableReference", module: "alembic_postgresql_enum",
    members: [
      "__new__": .new(
        "cls, table_name, column_name, table_schema=None, column_type='COMMON', "
          + "existing_server_default=None"
      ) { call in .object(try TableReference(call)) },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
    ])

  override var pythonClass: PythonClass { TableReference.cls }

  func qualifiedTable(_ enumSchema: String) -> String {
    "\"\(schema ?? enumSchema)\".\"\(table)\""
  }
}

/// `alembic_postgresql_enum.ColumnType`.
final class ColumnTypeNamespace: PythonObject {
  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    name == "ARRAY" || name == "COMMON" ? .string(name) : try super.attribute(name, python)
  }
  override var attributeNames: [String] { ["ARRAY", "COMMON"] }
}
