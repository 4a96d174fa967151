internal import OrderedCollections
internal import PythonSubset

/// How the instances of a declarative class and the rows of its table belong together.
final class Mapper {
  /// The class.
  unowned let cls: DeclarativeClass
  /// The table.
  let table: Table
  /// The columns by the names of attributes, which may differ from those of the columns.
  var columns: OrderedDictionary<String, Column> = [:]
  /// The relationships by the names of attributes.
  var relationships: OrderedDictionary<String, Relationship> = [:]
  /// The functions that look at a value before it is taken, by the names of attributes.
  var validators: [String: Value] = [:]
  /// The mapper of the class that this one shares its table with, in single-table inheritance.
  let base: Mapper?
  /// The column that tells which class a row is of.
  var discriminator: Column?
  /// What stands in that column for this class.
  var identity: Value?

  init(_ cls: DeclarativeClass, table: Table, base: Mapper?) {
    self.cls = cls
    self.table = table
    self.base = base
  }

  /// The attributes that form the key, in the order of the table.
  var keys: [(name: String, column: Column)] {
    columns.filter { $0.value.isPrimaryKey }.map { ($0.key, $0.value) }
  }

  /// The attribute of a column.
  func attribute(of column: Column) -> String? {
    columns.first { $0.value === column }?.key
  }

  /// Whether the instances of a mapper are instances of this one's class.
  func includes(_ other: Mapper) -> Bool {
    var next: Mapper? = other
    while let mapper = next {
      if mapper === self { return true }
      next = mapper.base
    }
    return false
  }

  /// The top of the inheritance: rows of one table are of one identity, whatever the class.
  var root: Mapper { base?.root ?? self }

  /// The expression of a key's equality with values.
  func isKey(_ values: [Value], _ python: Interpreter) throws -> [SQLExpression] {
    try zip(keys, values).map { key, value in
      try Coercion(python).comparison(key.column.expression, .equal, value)
    }
  }

  /// The condition by which rows of other classes in the same table are left out.
  func inheritanceCondition(_ python: Interpreter) throws -> SQLExpression? {
    guard base != nil, let discriminator = root.discriminator else { return nil }
    let identities = cls.registry.mappers.filter(includes).compactMap(\.identity)
    return try Coercion(python).membership(
      discriminator.expression, .list(identities), isNegated: false)
  }

  /// The mapper of a row, which the discriminator may say.
  func mapper(ofRow values: [String: Value], _ python: Interpreter) throws -> Mapper {
    guard let discriminator = root.discriminator, let name = root.attribute(of: discriminator),
      let value = values[name]
    else { return self }
    for mapper in cls.registry.mappers where root.includes(mapper) {
      if let identity = mapper.identity, try python.equal(identity, value) { return mapper }
    }
    return self
  }
}

/// What the classes of one declarative base share.
final class DeclarativeRegistry {
  /// The tables.
  let metadata: MetaDataObject
  /// What annotations mean, as a script says it.
  var annotationTypes: PythonDict?
  /// The mappers, in the order of their classes.
  var mappers: [Mapper] = []

  init(_ metadata: MetaDataObject) { self.metadata = metadata }

  /// The mapper of a class that is named; the last one of a name that is there twice.
  func mapper(named name: String) throws -> Mapper {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    guard let mapper = mappers.last(where: { $0.cls.name == last }) else {
      throw PythonError(
        SQLAlchemyErrors.invalidRequest,
        "expression '\(name)' failed to locate a name ('\(name)')")
    }
    return mapper
  }
}
