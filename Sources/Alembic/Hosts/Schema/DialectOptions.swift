internal import PythonSubset

/// The `postgresql_...` keywords of a constructor. Those of other databases are accepted and say
/// nothing, as for SQLAlchemy; those that PostgreSQL's dialect does not know are an error.
struct DialectOptions {
  private let values: [String: Value]
  private let python: Interpreter

  private static let known: [String: Set<String>] = [
    "Index": [
      "using", "where", "ops", "include", "with", "tablespace", "nulls_not_distinct",
      "concurrently",
    ],
    "UniqueConstraint": ["include", "nulls_not_distinct"],
    "PrimaryKeyConstraint": ["include"],
    "CheckConstraint": ["not_valid"],
    "ForeignKeyConstraint": ["not_valid"],
    "ForeignKey": ["not_valid"],
    "Table": [
      "ignore_search_path", "tablespace", "partition_by", "with_oids", "on_commit", "inherits",
      "using", "with",
    ],
  ]

  /// Databases whose keywords may stand beside PostgreSQL's.
  private static let others = [
    "mysql", "mariadb", "sqlite", "oracle", "mssql", "firebird", "sybase",
  ]

  init(_ call: Call, on construct: String) throws {
    try self.init(call.keywords, on: construct, call.python)
  }

  init(
    _ keywords: [(name: String, value: Value)], on construct: String, _ python: Interpreter
  ) throws {
    var values: [String: Value] = [:]
    for (name, value) in keywords {
      if name.hasPrefix("postgresql_") {
        let option = String(name.dropFirst("postgresql_".count))
        guard DialectOptions.known[construct]?.contains(option) == true else {
          throw PythonError(
            SQLAlchemyErrors.argument,
            "Argument '\(name)' is not accepted by dialect 'postgresql' on behalf of "
              + "<class 'sqlalchemy.sql.schema.\(construct)'>")
        }
        values[option] = value
        continue
      }
      let isForeign = DialectOptions.others.contains { name.hasPrefix($0 + "_") }
      guard isForeign || name.contains("_") else {
        throw PythonError(
          .typeError,
          "Additional arguments should be named <dialectname>_<argument>, got '\(name)'")
      }
    }
    self.values = values
    self.python = python
  }

  private func text(_ option: String) throws -> String? {
    guard let value = values[option], !value.isNone else { return nil }
    return try python.str(value)
  }

  private func names(_ option: String) throws -> [String] {
    guard let value = values[option], !value.isNone else { return [] }
    if let text = value.string { return [text] }
    return try python.items(value).map {
      try $0.object(as: ColumnObject.self)?.column.key ?? python.str($0)
    }
  }

  /// `INCLUDE`.
  var include: [String] { get throws { try names("include") } }

  /// `NOT VALID`.
  var isNotValid: Bool {
    get throws { try values["not_valid"].map { try python.truth($0) } ?? false }
  }

  func apply(to unique: UniqueConstraint) throws {
    unique.include = try include
    unique.nullsNotDistinct = values["nulls_not_distinct"]?.bool
  }

  func indexOptions() throws -> IndexOptions {
    var options = IndexOptions()
    options.using = try text("using")
    options.tablespace = try text("tablespace").map { SQLName($0) }
    options.include = try include
    options.nullsNotDistinct = values["nulls_not_distinct"]?.bool
    options.isConcurrent = try values["concurrently"].map { try python.truth($0) } ?? false
    for (key, value) in values["ops"]?.dict?.items ?? [] {
      options.operatorClasses[try python.str(key)] = try python.str(value)
    }
    for (key, value) in values["with"]?.dict?.items ?? [] {
      options.with.append((try python.str(key), try python.str(value)))
    }
    if let predicate = values["where"], !predicate.isNone {
      options.predicate = try Coercion(python).sql(predicate)
    }
    return options
  }

  func tableOptions() throws -> TableOptions {
    var options = TableOptions()
    options.inherits = try names("inherits").map { SQLName($0) }
    options.partitionBy = try text("partition_by")
    options.using = try text("using")
    options.onCommit = try text("on_commit")
    options.tablespace = try text("tablespace").map { SQLName($0) }
    options.withOIDs = values["with_oids"]?.bool
    return options
  }
}
