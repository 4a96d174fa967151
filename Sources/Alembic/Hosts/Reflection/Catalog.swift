internal import JSON
internal import PythonSubset

/// What an inspector has been told: SQLAlchemy's answers stay as they were first given, until
/// `clear_cache()`.
final class CatalogMemory {
  var answers: [String: [[String?]]] = [:]
}

/// Asks the server's catalogs for what SQLAlchemy's inspector tells.
struct Catalog {
  let connection: ConnectionObject
  /// What was answered before; nil where each question is asked anew.
  private let memory: CatalogMemory?

  init(_ connection: ConnectionObject, remembering memory: CatalogMemory? = nil) {
    self.connection = connection
    self.memory = memory
  }

  /// The rows of a query, as text.
  func rows(_ sql: String) throws -> [[String?]] {
    guard !connection.isMock else {
      throw PythonError(.attributeError, "'MockConnection' object has no attribute 'cursor'")
    }
    if let known = memory?.answers[sql] { return known }
    let rows = try connection.query(sql).rows
    memory?.answers[sql] = rows
    return rows
  }

  /// The first column of a query.
  func list(_ sql: String) throws -> [String] { try rows(sql).compactMap { $0.first ?? nil } }

  /// A condition that finds relations by schema; those on the search path where it is nil.
  static func namespace(_ schema: String?) -> String {
    guard let schema else {
      return "pg_catalog.pg_table_is_visible(c.oid) AND n.nspname != 'pg_catalog'"
    }
    return "n.nspname = \(LiteralWriter.quoted(schema))"
  }

  private func relations(_ kinds: String, _ schema: String?) throws -> [String] {
    let letters = kinds.map { "'\($0)'" }.joined(separator: ", ")
    return try list(
      "SELECT c.relname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n "
        + "ON n.oid = c.relnamespace WHERE c.relkind IN (\(letters)) AND c.relpersistence != 't' "
        + "AND \(Catalog.namespace(schema)) ORDER BY c.oid")
  }

  func tableNames(schema: String?) throws -> [String] { try relations("rp", schema) }
  func viewNames(schema: String?) throws -> [String] { try relations("v", schema) }
  func materializedViewNames(schema: String?) throws -> [String] { try relations("m", schema) }
  func foreignTableNames(schema: String?) throws -> [String] { try relations("f", schema) }
  func sequenceNames(schema: String?) throws -> [String] { try relations("S", schema) }

  func schemaNames() throws -> [String] {
    try list(
      "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' ORDER BY nspname"
    )
  }

  func defaultSchema() throws -> String {
    try list("SELECT pg_catalog.current_schema()").first ?? "public"
  }

  /// The OID of a table, view or other relation with columns; throws where there is none.
  func tableOID(_ name: String, schema: String?) throws -> String {
    let found = try list(
      "SELECT c.oid FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = "
        + "c.relnamespace WHERE c.relname = \(LiteralWriter.quoted(name)) AND c.relkind IN "
        + "('r', 'v', 'm', 'f', 'p') AND "
        + (schema == nil ? "pg_catalog.pg_table_is_visible(c.oid)" : Catalog.namespace(schema)))
    guard let oid = found.first else {
      // Only what is there is remembered.
      memory?.answers = memory?.answers.filter { !$0.value.isEmpty } ?? [:]
      throw PythonError(
        SQLAlchemyErrors.noSuchTable, schema.map { "\($0).\(name)" } ?? name)
    }
    return oid
  }

  /// Values of a JSON array of texts; nil inside is NULL.
  static func texts(_ json: String?) throws -> [String?] {
    guard let json else { return [] }
    return try JSON(parsing: json).array?.map(\.string) ?? []
  }
}

/// Whether things are there, for `checkfirst`.
struct CatalogChecks {
  let catalog: Catalog

  init(_ connection: ConnectionObject) { catalog = Catalog(connection) }

  init(_ catalog: Catalog) { self.catalog = catalog }

  func hasTable(_ name: SQLName, _ schema: SQLName?) throws -> Bool {
    try hasRelation(name, schema, kinds: "rvmfp")
  }

  /// Whether there is a relation of one of the kinds that `pg_class.relkind` has letters for.
  func hasRelation(_ name: SQLName, _ schema: SQLName?, kinds: String) throws -> Bool {
    let letters = kinds.map { "'\($0)'" }.joined(separator: ", ")
    let place =
      schema.map { "n.nspname = \(LiteralWriter.quoted($0.text))" }
      ?? "pg_catalog.pg_table_is_visible(c.oid)"
    return try !catalog.list(
      "SELECT 1 FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = "
        + "c.relnamespace WHERE c.relname = \(LiteralWriter.quoted(name.text)) AND c.relkind IN "
        + "(\(letters)) AND \(place)"
    ).isEmpty
  }

  func hasIndex(_ index: Index) throws -> Bool {
    guard let name = index.name else { return false }
    return try hasRelation(name, index.table?.schema, kinds: "iI")
  }

  func hasType(_ name: SQLName, _ schema: SQLName?) throws -> Bool {
    let place =
      schema.map { "n.nspname = \(LiteralWriter.quoted($0.text))" }
      ?? "pg_catalog.pg_type_is_visible(t.oid)"
    return try !catalog.list(
      "SELECT 1 FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = "
        + "t.typnamespace WHERE t.typname = \(LiteralWriter.quoted(name.text)) AND \(place)"
    ).isEmpty
  }

  func hasSchema(_ name: String) throws -> Bool {
    try !catalog.list(
      "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = \(LiteralWriter.quoted(name))"
    ).isEmpty
  }
}
