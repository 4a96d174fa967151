public import PythonSubset

/// `bind.dialect`: PostgreSQL's, with what it knows of the server.
public final class DialectObject: PythonObject {
  // Has no connection, so that nothing in it changes.
  nonisolated(unsafe) static let shared = DialectObject(nil)
  private weak var connection: ConnectionObject?
  private var version: Value?
  private var schema: Value?

  /// The dialect of a connection; without one it knows of no server, as SQLAlchemy's does before
  /// it has connected.
  init(_ connection: ConnectionObject?) { self.connection = connection }

  nonisolated(unsafe) static let base = PythonClass(
    host: "PGDialect", module: "sqlalchemy.dialects.postgresql.base")

  nonisolated(unsafe) static let cls = PythonClass(
    host: "PGDialect_psycopg2", module: "sqlalchemy.dialects.postgresql.psycopg2", bases: [base],
    members: [
      "__new__": .new("cls, **kw") { _ in .object(DialectObject.shared) },
      "type_descriptor": .method("self, typeobj") { call in
        .object(try TypeCoercion.object(call["typeobj"], call.python))
      },
      "has_table": .method("self, connection, table_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasTable(
            SQLName(try call.string("table_name")), call.optionalName("schema")))
      },
      "has_sequence": .method("self, connection, sequence_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasRelation(
            SQLName(try call.string("sequence_name")), call.optionalName("schema"), kinds: "S"))
      },
      "has_type": .method("self, connection, type_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasType(
            SQLName(try call.string("type_name")), call.optionalName("schema")))
      },
      "has_index": .method("self, connection, table_name, index_name, schema=None, **kw") { call in
        let connection = try ConnectionObject.of(call["connection"], call.python)
        return .bool(
          try CatalogChecks(connection).hasRelation(
            SQLName(try call.string("index_name")), call.optionalName("schema"), kinds: "iI"))
      },
    ])

  public override var pythonClass: PythonClass { DialectObject.cls }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": .string("postgresql")
    case "driver": .string("psycopg2")
    case "dialect_description": .string("postgresql+psycopg2")
    case "default_schema_name": try defaultSchema()
    case "max_identifier_length": .int(IdentifierPreparer.maximumLength)
    case "supports_alter", "supports_comments", "supports_native_boolean", "supports_native_uuid",
      "supports_native_enum", "supports_sequences", "supports_schemas", "insert_returning",
      "update_returning", "delete_returning", "supports_identity_columns",
      "supports_native_decimal", "supports_sane_rowcount", "supports_sane_multi_rowcount":
      .bool(true)
    case "identifier_preparer": .object(PreparerObject())
    case "server_version_info": try serverVersion()
    case "paramstyle": .string("pyformat")
    default: try super.attribute(name, python)
    }
  }

  /// Asked for once, as SQLAlchemy does when it connects.
  private func defaultSchema() throws -> Value {
    guard let connection else { return .null }
    if let schema { return schema }
    let name = try connection.query("SELECT pg_catalog.current_schema()").rows.first?.first ?? nil
    let value = Value.string(orNone: name)
    schema = value
    return value
  }

  /// `(15, 4)`, of what the server calls its version.
  private func serverVersion() throws -> Value {
    guard let connection else { return .null }
    if let version { return version }
    let rows = try connection.query("SELECT pg_catalog.current_setting('server_version')").rows
    let text = (rows.first?.first ?? nil) ?? ""
    let numbers = text.prefix { $0 == "." || $0.isASCII && $0.isNumber }
    let value = Value.tuple(numbers.split(separator: ".").compactMap { Int($0) }.map { .int($0) })
    version = value
    return value
  }
}
