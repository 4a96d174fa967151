internal import OrderedCollections
internal import PythonSubset

/// `with op.batch_alter_table(...) as batch:` - directives on one table that are kept and sent at
/// the end of the block, after whatever else the block ran.
final class BatchObject: PythonObject {
  private let run: ScriptRun
  private let table: Value
  private let schema: Value
  private var queue: [(name: String, arguments: Arguments)] = []

  init(_ run: ScriptRun, table: Value, schema: Value) {
    self.run = run
    self.table = table
    self.schema = schema
  }

  nonisolated(unsafe) static let cls = PythonClass(
    host: "BatchOperations", module: "alembic.operations.base", members: methods)

  override var pythonClass: PythonClass { BatchObject.cls }

  override func enter(_ python: Interpreter) throws -> Value? { .object(self) }

  override func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool {
    if error != nil { return false }
    let queued = queue
    queue = []
    for entry in queued {
      let method = try python.get(entry.name, of: .object(run.operationsObject))
      _ = try python.call(method, entry.arguments)
    }
    return false
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if name == "impl" { return .object(self) }
    guard BatchObject.ownMethods.contains(name) else { return try super.attribute(name, python) }
    return try python.attribute(of: .object(run.operationsObject), name)
  }

  /// Those of `op` that are not about a table.
  override class var ownMethods: [String] {
    ["f", "get_bind", "get_context", "execute", "inline_literal", "invoke"]
  }

  /// Keeps a directive with the table in its place among the arguments.
  private func keep(_ name: String, _ arguments: Arguments, tableAt place: Int, schema: String) {
    var arguments = arguments
    arguments.positional.insert(table, at: min(place, arguments.positional.count))
    if !self.schema.isNone { arguments.keywords.append((schema, self.schema)) }
    queue.append((name, arguments))
  }

  /// A directive of a batch: its own parameters, and where the table's name goes among those of
  /// the directive it stands for.
  private static func queued(
    _ name: String, _ signature: String, positional: [String], keywords: [String] = [],
    tableAt place: Int, schema: String = "schema", takesRest: Bool = false
  ) -> Value {
    .method("self, " + signature) { call in
      let batch: BatchObject = try call.receiver()
      var arguments = Arguments(positional.map { call[$0] })
      if takesRest { arguments.positional += call.rest }
      for keyword in keywords {
        if let value = call.optional(keyword) { arguments.keywords.append((keyword, value)) }
      }
      arguments.keywords += call.keywords
      batch.keep(name, arguments, tableAt: place, schema: schema)
      return .null
    }
  }

  private static var methods: OrderedDictionary<String, Value> {
    [
      "add_column": queued(
        "add_column",
        "column, *, insert_before=None, insert_after=None, if_not_exists=..., "
          + "inline_references=..., inline_primary_key=...",
        positional: ["column"],
        keywords: ["if_not_exists", "inline_references", "inline_primary_key"], tableAt: 0),
      "drop_column": queued(
        "drop_column", "column_name, *, if_exists=..., **kw", positional: ["column_name"],
        keywords: ["if_exists"], tableAt: 0),
      "alter_column": queued(
        "alter_column",
        "column_name, *, nullable=..., comment=..., server_default=..., new_column_name=..., "
          + "type_=..., existing_type=..., existing_server_default=..., existing_nullable=..., "
          + "existing_comment=..., insert_before=None, insert_after=None, autoincrement=..., "
          + "existing_autoincrement=..., postgresql_using=..., **kw",
        positional: ["column_name"],
        keywords: [
          "nullable", "comment", "server_default", "new_column_name", "type_", "existing_type",
          "existing_server_default", "existing_nullable", "existing_comment", "postgresql_using",
        ], tableAt: 0),
      "create_index": queued(
        "create_index", "index_name, columns, *, unique=..., if_not_exists=..., **kw",
        positional: ["index_name", "columns"], keywords: ["unique", "if_not_exists"], tableAt: 1),
      "drop_index": queued(
        "drop_index", "index_name, *, if_exists=..., **kw", positional: ["index_name"],
        keywords: ["if_exists"], tableAt: 1),
      "create_unique_constraint": queued(
        "create_unique_constraint", "constraint_name, columns, **kw",
        positional: ["constraint_name", "columns"], tableAt: 1),
      "create_primary_key": queued(
        "create_primary_key", "constraint_name, columns",
        positional: ["constraint_name", "columns"], tableAt: 1),
      "create_check_constraint": queued(
        "create_check_constraint", "constraint_name, condition, **kw",
        positional: ["constraint_name", "condition"], tableAt: 1),
      "create_exclude_constraint": queued(
        "create_exclude_constraint", "constraint_name, *elements, **kw",
        positional: ["constraint_name"], tableAt: 1, takesRest: true),
      "create_foreign_key": queued(
        "create_foreign_key",
        "constraint_name, referent_table, local_cols, remote_cols, *, referent_schema=..., "
          + "onupdate=..., ondelete=..., deferrable=..., initially=..., match=..., **dialect_kw",
        positional: ["constraint_name", "referent_table", "local_cols", "remote_cols"],
        keywords: [
          "referent_schema", "onupdate", "ondelete", "deferrable", "initially", "match",
        ], tableAt: 1, schema: "source_schema"),
      "drop_constraint": queued(
        "drop_constraint", "constraint_name, type_=None, *, if_exists=...",
        positional: ["constraint_name"], keywords: ["type_", "if_exists"], tableAt: 1),
      "create_table_comment": queued(
        "create_table_comment", "comment, *, existing_comment=None", positional: ["comment"],
        tableAt: 0),
      "drop_table_comment": queued(
        "drop_table_comment", "*, existing_comment=None", positional: [], tableAt: 0),
    ]
  }
}
