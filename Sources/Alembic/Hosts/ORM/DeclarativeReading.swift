internal import OrderedCollections
internal import PythonSubset

/// Reads the body of a declarative class: which names are columns and relationships, what the
/// table is called, and what mixins add.
struct DeclarativeReading {
  private var body: ClassBody
  private let registry: DeclarativeRegistry
  private let python: Interpreter
  private var columns: OrderedDictionary<String, Column> = [:]
  private var relationships: OrderedDictionary<String, RelationshipObject> = [:]
  private var validators: [String: Value] = [:]
  private var declared: [(name: String, attribute: DeclaredAttribute)] = []

  init(_ body: ClassBody, _ registry: DeclarativeRegistry, _ python: Interpreter) {
    self.body = body
    self.registry = registry
    self.python = python
  }

  /// Takes what is mapped out of the body; the rest is the class's as usual. An abstract class keeps
  /// it all for those that derive from it, as a mixin does.
  mutating func collect() throws -> ClassBody {
    if try isAbstract() { return body }
    var rest = body
    for name in DeclarativeReading.order(of: body.members.keys, body.annotations) {
      guard let value = body.members[name] else {
        try takeAnnotation(name, body.annotations)
        continue
      }
      if try take(name, value, isMixin: false) { rest.members.removeValue(forKey: name) }
    }
    for mixin in mixins() {
      for name in DeclarativeReading.order(of: mixin.members.keys, mixin.annotations)
      where columns[name] == nil && relationships[name] == nil && body.members[name] == nil {
        guard let value = mixin.members[name] else {
          try takeAnnotation(name, mixin.annotations)
          continue
        }
        _ = try take(name, value, isMixin: true)
      }
    }
    return rest
  }

  /// The names of members and of annotations as the table's columns follow one another: each in its
  /// own order and met where both have a name, annotations without a value before members without
  /// an annotation.
  private static func order(
    of members: some Sequence<String>, _ annotations: [ClassAnnotation]
  ) -> [String] {
    var shared = Set(members).intersection(annotations.map(\.name))
    var (current, other) = (Array(members)[...], annotations.map(\.name)[...])
    var merged: [String] = []
    while let name = current.popFirst() {
      // The other one goes on up to where it has this name too.
      if shared.remove(name) != nil { swap(&current, &other) } else { merged.append(name) }
    }
    return merged + other
  }

  /// The classes above it that are not mapped themselves, nearest first. What a mapped class has from
  /// those above it, its table has already.
  private func mixins() -> [PythonClass] {
    let mapped = body.bases.flatMap(\.mro).filter { ($0 as? DeclarativeClass)?.mapper != nil }
    let taken = Set(mapped.flatMap(\.mro).map(ObjectIdentifier.init))
    let above = OrderedSet(body.bases.flatMap(\.mro).map(ObjectIdentifier.init))
    var byIdentity: [ObjectIdentifier: PythonClass] = [:]
    for cls in body.bases.flatMap(\.mro) { byIdentity[ObjectIdentifier(cls)] = cls }
    return above.compactMap { byIdentity[$0] }.filter { cls in
      !cls.isHost && !taken.contains(ObjectIdentifier(cls))
    }
  }

  private mutating func take(_ name: String, _ value: Value, isMixin: Bool) throws -> Bool {
    switch value.object(as: PythonObject.self) {
    case let object as ColumnObject:
      add(name, isMixin ? ColumnReading.copy(of: object.column) : object)
    case let object as MappedColumn:
      try object.complete(annotation(of: name), registry, python)
      add(name, isMixin ? ColumnReading.copy(of: object.column.column) : object.column)
    case let object as RelationshipObject:
      try object.complete(annotation(of: name))
      relationships[name] = object
    case let object as DeclaredAttribute:
      declared.append((name, object))
      return !name.hasPrefix("__")
    case let object as ValidatorFunction:
      for field in object.names { validators[field] = object.function }
      return false
    default: return false
    }
    return true
  }

  private mutating func add(_ name: String, _ object: ColumnObject) {
    if object.column.name == nil { object.column.name = SQLName(name) }
    object.refresh()
    columns[name] = object.column
  }

  private func annotation(of name: String) throws -> Value? {
    for cls in [body.annotations] + mixins().map(\.annotations) {
      if let found = cls.first(where: { $0.name == name }) { return try found.value() }
    }
    return nil
  }

  /// `name: Mapped[int]` without a value is a column too.
  private mutating func takeAnnotation(
    _ name: String, _ annotations: [ClassAnnotation]
  ) throws {
    guard columns[name] == nil, let annotation = annotations.first(where: { $0.name == name }),
      let value = try unlessRaised(annotation.value), value.object(as: MappedAlias.self) != nil
    else { return }
    let column = MappedColumn(ColumnObject(Column(nil, .null)), nullable: nil)
    column.column.column.isSchemaItem = true
    try column.complete(value, registry, python)
    add(name, column.column)
  }

  /// Makes the table and the mapper; nil for an abstract class.
  mutating func map(_ cls: DeclarativeClass) throws -> Mapper? {
    if try isAbstract() { return nil }
    let base = body.bases.lazy.flatMap(\.mro).compactMap { ($0 as? DeclarativeClass)?.mapper }.first
    try evaluateDeclared(cls)
    let mapper: Mapper
    if let given = body.members["__table__"]?.object(as: FromObject.self)?.table {
      mapper = Mapper(cls, table: given, base: base)
      takeColumns(of: given, mapper)
    } else if let name = try value("__tablename__", of: cls)?.string, isOwnTable(name, base) {
      guard base == nil else {
        throw Unsupported(
          "a class with a table of its own that derives from another mapped class",
          hint: "Give the migration's classes no common mapped base, or use Core.")
      }
      mapper = Mapper(cls, table: try table(named: name, cls), base: nil)
      mapper.columns = columns
    } else if let base {
      guard !columns.values.contains(where: \.isPrimaryKey) else {
        throw Unsupported(
          "a class with a primary key of its own that derives from another mapped class",
          hint: "Give the migration's classes no common mapped base, or use Core.")
      }
      mapper = Mapper(cls, table: base.table, base: base)
      for (name, column) in columns { try append(name, column, to: base) }
      mapper.columns = base.columns
    } else {
      return nil
    }
    try finish(mapper, cls)
    return mapper
  }

  private func isAbstract() throws -> Bool {
    try body.members["__abstract__"].map { try python.truth($0) } ?? false
  }

  private func isOwnTable(_ name: String, _ base: Mapper?) -> Bool {
    base == nil || (body.members["__tablename__"] != nil && base?.table.name.text != name)
  }

  private func append(_ name: String, _ column: Column, to base: Mapper) throws {
    try translatingErrors { try base.table.append(column) }
    ColumnObject.of(column).refresh()
    base.columns[name] = column
  }

  private func takeColumns(of table: Table, _ mapper: Mapper) {
    for column in table.columns {
      let renamed = columns.first { $0.value === column }?.key
      mapper.columns[renamed ?? column.key] = column
    }
  }

  private mutating func evaluateDeclared(_ cls: DeclarativeClass) throws {
    for (name, attribute) in declared where !name.hasPrefix("__") {
      let value = try python.call(attribute.function, [.object(cls)])
      _ = try take(name, value, isMixin: false)
    }
  }

  /// The value of a dunder attribute, which may be declared by a function.
  private func value(_ name: String, of cls: DeclarativeClass) throws -> Value? {
    guard let found = cls.lookup(name) else { return nil }
    if let attribute = found.object(as: DeclaredAttribute.self) {
      return try python.call(attribute.function, [.object(cls)])
    }
    return found
  }

  private func table(named name: String, _ cls: DeclarativeClass) throws -> Table {
    var items: [Value] = columns.values.map { .object(ColumnObject.of($0)) }
    var options: [(name: String, value: Value)] = []
    if let given = try value("__table_args__", of: cls) {
      var parts = given.sequence ?? [given]
      if let last = parts.last?.dict {
        options = last.items.compactMap { key, value in key.string.map { ($0, value) } }
        parts.removeLast()
      }
      items += parts.filter { !$0.isNone }
    }
    let made = try python.call(
      .object(FromClasses.table),
      Arguments([.string(name), .object(registry.metadata)] + items, keywords: options))
    guard let table = made.object(as: FromObject.self)?.table else {
      throw Unsupported("the table of class \(cls.name)")
    }
    return table
  }

  private func finish(_ mapper: Mapper, _ cls: DeclarativeClass) throws {
    mapper.validators = validators.merging(mapper.base?.validators ?? [:]) { own, _ in own }
    mapper.relationships = mapper.base?.relationships ?? [:]
    for (name, relationship) in relationships {
      mapper.relationships[name] = Relationship(name, relationship, in: mapper)
    }
    if let options = try value("__mapper_args__", of: cls)?.dict {
      for (key, value) in options.items {
        switch key.string {
        case "polymorphic_identity": mapper.identity = value
        case "polymorphic_on":
          mapper.discriminator =
            value.object(as: ColumnObject.self)?.column ?? value.string.flatMap { columns[$0] }
        case "eager_defaults", "confirm_deleted_rows", "batch", "always_refresh": break
        case "primary_key":
          for column in try python.items(value) {
            column.object(as: ColumnObject.self)?.column.isPrimaryKey = true
          }
        default: throw Unsupported("\(key.string ?? "?") in __mapper_args__ of \(cls.name)")
        }
      }
    }
    guard !mapper.keys.isEmpty else {
      throw PythonError(
        SQLAlchemyErrors.argument,
        "Mapper Mapper[\(cls.name)(\(mapper.table.name.text))] could not assemble any primary key "
          + "columns for mapped table '\(mapper.table.name.text)'")
    }
  }
}
