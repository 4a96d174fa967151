internal import PythonSubset

/// `enum.create(bind)` and `enum.drop(bind)`.
enum NamedTypeActions {
  /// Creates the type unless it is there and that was to be looked at.
  static func create(
    _ type: SQLType, _ connection: ConnectionObject, checkFirst: Bool
  ) throws {
    try act(type, connection) { name, schema, create, _ in
      if checkFirst, !connection.isMock, try CatalogChecks(connection).hasType(name, schema) {
        return nil
      }
      return try create()
    }
  }

  /// Drops the type if it is there, or without looking.
  static func drop(
    _ type: SQLType, _ connection: ConnectionObject, checkFirst: Bool
  ) throws {
    try act(type, connection) { name, schema, _, drop in
      if checkFirst, !connection.isMock, try !CatalogChecks(connection).hasType(name, schema) {
        return nil
      }
      return try drop()
    }
  }

  private typealias Writer = () throws -> String

  private static func act(
    _ type: SQLType, _ connection: ConnectionObject,
    _ choose: (SQLName, SQLName?, Writer, Writer) throws -> String?
  ) throws {
    try translatingErrors {
      switch try type.resolved() {
      case .enumeration(let enumeration):
        guard enumeration.isNative else { return }
        guard let name = enumeration.name else {
          throw SchemaError(.compile, "PostgreSQL Enum type requires a name.")
        }
        let sql = try choose(
          name, enumeration.schema, { try TypeWriter.create(enumeration) },
          { try TypeWriter.drop(enumeration) })
        if let sql { try connection.run(sql) }
      case .domain(let domain):
        let sql = try choose(
          domain.name, domain.schema, { try TypeWriter.create(domain) },
          { TypeWriter.drop(domain) })
        if let sql { try connection.run(sql) }
      case .array(let array): try act(array.item, connection, choose)
      default:
        throw PythonError(
          .attributeError, "a type of this class has no attribute 'create'")
      }
    }
  }
}

/// `metadata.create_all`, `table.create` and their opposites.
struct MetadataActions {
  let connection: ConnectionObject
  private let checks: CatalogChecks

  init(_ connection: ConnectionObject) {
    self.connection = connection
    checks = CatalogChecks(connection)
  }

  /// Creates tables with their types, indexes and comments; those that are there are left out.
  func create(_ tables: [Table], checkFirst: Bool) throws {
    let checkFirst = checkFirst && !connection.isMock
    try translatingErrors {
      let missing = try tables.filter { try !checkFirst || !checks.hasTable($0.name, $0.schema) }
      for table in missing {
        for column in table.columns { try createType(column, of: table) }
        for column in table.columns {
          if let sequence = column.sequence, !sequence.isOptional,
            try connection.isMock || !checks.hasRelation(sequence.name, sequence.schema, kinds: "S")
          {
            try connection.run(try TypeWriter.create(sequence))
          }
        }
        try connection.run(try TableWriter.create(table))
        for index in table.indexes { try connection.run(try IndexWriter.create(index)) }
        if let comment = table.comment {
          try connection.run(
            TypeWriter.comment(onTable: table.name, schema: table.schema, comment))
        }
        for column in table.columns {
          guard let comment = column.comment, let name = column.name else { continue }
          try connection.run(
            TypeWriter.comment(
              onColumn: name, of: table.name, schema: table.schema, comment))
        }
      }
      for table in missing {
        for case let key as ForeignKeyConstraint in table.constraints where key.usesAlter {
          let recorder = RecordingSink()
          try SchemaOperations(sink: recorder).add(key)
          for sql in recorder.statements { try connection.run(sql) }
        }
      }
    }
  }

  private func createType(_ column: Column, of table: Table) throws {
    guard let named = try NamedType(column.type, table), named.createsType else { return }
    try NamedTypeActions.create(named.type, connection, checkFirst: true)
  }

  /// Drops tables and the types that came with them.
  func drop(_ tables: [Table], checkFirst: Bool) throws {
    let checkFirst = checkFirst && !connection.isMock
    try translatingErrors {
      for table in tables where try !checkFirst || checks.hasTable(table.name, table.schema) {
        try connection.run(TableWriter.drop(table))
        for column in table.columns {
          guard let named = try NamedType(column.type, table), named.createsType else { continue }
          try NamedTypeActions.drop(named.type, connection, checkFirst: true)
        }
      }
    }
  }
}

/// An enumeration or domain that a column is of, in an array or not.
private struct NamedType {
  let type: SQLType
  let createsType: Bool

  init?(_ type: SQLType, _ table: Table) throws {
    switch try type.resolved() {
    case .enumeration(let enumeration):
      enumeration.takeSchema(of: table)
      guard enumeration.isNative else { return nil }
      self.type = .enumeration(enumeration)
      createsType = enumeration.createsType
    case .domain(let domain):
      self.type = .domain(domain)
      createsType = domain.createsType
    case .array(let array):
      guard let inner = try NamedType(array.item, table) else { return nil }
      self = inner
    default: return nil
    }
  }
}
