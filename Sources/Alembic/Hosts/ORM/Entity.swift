internal import PythonSubset

/// A class in a query, or an alias of one: it stands for all of its columns.
struct Entity {
  /// How its rows become instances.
  let mapper: Mapper
  /// Its table or the alias of it.
  let source: FromClause

  init(_ mapper: Mapper, source: FromClause) {
    self.mapper = mapper
    self.source = source
  }

  /// The columns of its attributes, in order.
  var columns: [(name: String, column: Column)] {
    mapper.columns.compactMap { name, column in
      if source === mapper.table { return (name, column) }
      return source.column(column.key).map { (name, $0) }
    }
  }

  /// The column of an attribute.
  func column(_ name: String) -> Column? { columns.first { $0.name == name }?.column }
}

/// What can stand for a class in a query.
protocol EntityProviding: AnyObject {
  /// The class and where its rows come from.
  func entity(_ python: Interpreter) throws -> Entity
}

extension Value {
  /// The class in a query that the value is; nil for other values.
  func entity(_ python: Interpreter) throws -> Entity? {
    guard case .object(let object) = self else { return nil }
    return try (object as? any EntityProviding)?.entity(python)
  }
}

/// `aliased(Class)`.
final class AliasedClass: PythonObject, EntityProviding {
  private let mapper: Mapper
  private let alias: FromClause

  init(_ mapper: Mapper, _ alias: FromClause) {
    self.mapper = mapper
    self.alias = alias
  }

  func entity(_ python: Interpreter) throws -> Entity { Entity(mapper, source: alias) }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if let column = Entity(mapper, source: alias).column(name) {
      return .object(ColumnObject.of(column))
    }
    if let relationship = mapper.relationships[name] {
      return .object(RelationshipAttribute(relationship, of: mapper))
    }
    return try super.attribute(name, python)
  }

  /// `aliased(element, alias=None, name=None)`.
  static func make(_ call: Call) throws -> Value {
    guard let entity = try call[0].entity(call.python) else {
      return try call.python.callMethod("alias", of: call[0])
    }
    let given = call["alias"].object(as: FromObject.self)?.source
    let name = NameObject.name(call["name"])
    return .object(
      AliasedClass(entity.mapper, given ?? Alias(entity.mapper.table, name: name)))
  }
}

/// A query's list: what each item takes of a row, and what it makes of it.
struct EntityList {
  /// What a row gives for one item.
  enum Part {
    case instance(Entity)
    case value(name: String?)
  }

  private(set) var parts: [Part] = []
  /// The columns to select, as Core takes them.
  private(set) var columns: [Value] = []

  init(_ values: [Value], _ python: Interpreter) throws {
    for value in values {
      if let entity = try value.entity(python) {
        parts.append(.instance(entity))
        columns += entity.columns.map { .object(ColumnObject.of($0.column)) }
      } else if let from = value.object(as: FromObject.self) {
        for column in from.source.columns {
          parts.append(.value(name: column.key))
          columns.append(.object(ColumnObject.of(column)))
        }
      } else {
        let clause = try Coercion(python).clause(value)
        parts.append(.value(name: clause?.resultName?.text))
        columns.append(value)
      }
    }
  }

  /// Whether there is a class among the items.
  var hasEntities: Bool {
    parts.contains { if case .instance = $0 { true } else { false } }
  }

  /// The names of the row's items.
  var names: [String] {
    parts.enumerated().map { index, part in
      switch part {
      case .instance(let entity): entity.mapper.cls.name
      case .value(let name): name ?? "_\(index)"
      }
    }
  }

  /// The items that a row of the server gives.
  func items(of row: [Value], _ session: SessionObject, refresh: Bool) throws -> [Value] {
    var rest = row[...]
    return try parts.map { part in
      guard case .instance(let entity) = part else { return rest.popFirst() ?? .null }
      let names = entity.columns.map(\.name)
      let values = rest.prefix(names.count)
      rest = rest.dropFirst(names.count)
      return try session.instance(
        of: entity.mapper, Dictionary(uniqueKeysWithValues: zip(names, values)), refresh: refresh)
    }
  }
}
