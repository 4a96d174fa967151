internal import PythonSubset
internal import Text

/// `relationship(...)`, before the class that it leads to is known.
final class RelationshipObject: PythonObject {
  private(set) var target: Value
  let options: [String: Value]
  private(set) var isManyByAnnotation: Bool?

  init(_ target: Value, _ options: [String: Value]) {
    self.target = target
    self.options = options
  }

  static let signature =
    "argument=None, secondary=None, *, uselist=None, collection_class=None, primaryjoin=None, "
    + "secondaryjoin=None, back_populates=None, order_by=None, backref=None, overlaps=None, "
    + "post_update=False, cascade='save-update, merge', viewonly=False, lazy='select', "
    + "passive_deletes=False, passive_updates=True, active_history=False, "
    + "enable_typechecks=True, foreign_keys=None, remote_side=None, join_depth=None, "
    + "single_parent=False, innerjoin=False, distinct_target_key=None, doc=None, info=None, "
    + "omit_join=None, sync_backref=None, init=True, repr=True, default=None, "
    + "default_factory=None, compare=True, kw_only=False, hash=None, query_class=None"

  static func read(_ call: Call) throws -> Value {
    let names = [
      "secondary", "uselist", "primaryjoin", "secondaryjoin", "back_populates", "order_by",
      "backref", "cascade", "viewonly", "passive_deletes", "foreign_keys", "remote_side",
    ]
    let options = names.map { ($0, call[$0]) }
    return .object(RelationshipObject(call["argument"], Dictionary(uniqueKeysWithValues: options)))
  }

  /// Takes the class from `Mapped[...]` where the call does not name it.
  func complete(_ annotation: Value?) throws {
    guard let alias = annotation?.object(as: MappedAlias.self) else { return }
    let (named, isMany) = RelationshipObject.read(alias.argument)
    isManyByAnnotation = isMany
    if target.isNone { target = named }
  }

  /// `List["Line"]`, `Optional[Line]`, `"list[Line]"`, `Line`: the class or its name, and whether
  /// there are many.
  private static func read(_ annotation: Value) -> (Value, isMany: Bool) {
    if let text = annotation.string { return parse(text) }
    if let union = annotation.object(as: UnionType.self) {
      let named = union.alternatives.first { $0.asClass !== PythonClass.noneType }
      return read(named ?? .null)
    }
    // Of a dictionary's key and value the value is the class.
    if let collection = annotation.object(as: GenericAlias.self) {
      return (read(collection.arguments.last ?? .null).0, true)
    }
    return (annotation, false)
  }

  /// `"list['Line']"`, `"Line | None"` and the like: the class's name and whether there are many.
  static func parse(_ text: String) -> (Value, Bool) {
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    let containers: Set = ["list", "List", "set", "Set", "Sequence", "Iterable", "tuple"]
    let others: Set = ["Optional", "None", "Union", "typing"]
    let isMany = words.contains { containers.contains(String($0)) }
    let name = words.last { !containers.contains(String($0)) && !others.contains(String($0)) }
    return (name.map { .string(String($0)) } ?? .null, isMany)
  }
}

/// A relationship of a mapped class.
final class Relationship {
  /// Which side holds the reference.
  enum Direction {
    case manyToOne
    case oneToMany
    case manyToMany(Table)
  }

  /// What is known once the other class is.
  struct Resolution {
    let target: Mapper
    let direction: Direction
    /// Columns of this class's table and those that go with them: the other's, or the middle's.
    let pairs: [(own: Column, other: Column)]
    /// Columns of the table in the middle and the other's.
    let far: [(middle: Column, other: Column)]
  }

  let name: String
  private unowned let mapper: Mapper
  private let declared: RelationshipObject
  private var resolution: Resolution?

  init(_ name: String, _ declared: RelationshipObject, in mapper: Mapper) {
    self.name = name
    self.declared = declared
    self.mapper = mapper
  }

  /// Where the classes that texts name are found.
  var declaringRegistry: DeclarativeRegistry { mapper.cls.registry }

  private func option(_ name: String) -> Value { declared.options[name] ?? .null }

  /// Whether deleting an instance deletes what it leads to.
  var deletesTargets: Bool {
    let cascade = option("cascade").string ?? ""
    return cascade.contains(text: "all") || cascade.contains(text: "delete")
  }
  /// Whether what is no longer led to is deleted.
  var deletesOrphans: Bool { option("cascade").string?.contains(text: "delete-orphan") ?? false }
  /// Whether the server looks after the rows that refer to a deleted one.
  var leavesDeletesToServer: Bool {
    !option("passive_deletes").isNone && option("passive_deletes").bool != false
  }
  /// The order of a list.
  var order: Value { option("order_by") }
  /// Whether changes here are written.
  var isReadOnly: Bool { option("viewonly").bool ?? false }

  /// Whether it is a list.
  var isMany: Bool {
    get throws {
      if let given = option("uselist").bool { return given }
      switch try resolved().direction {
      case .manyToOne: return false
      case .manyToMany: return true
      case .oneToMany: return declared.isManyByAnnotation ?? true
      }
    }
  }

  /// The relationship of the other class that mirrors this one.
  func opposite(_ target: Mapper) -> Relationship? {
    if let name = option("back_populates").string { return target.relationships[name] }
    if let name = option("backref").string { return backReference(name, target) }
    if let object = option("backref").object(as: BackReference.self) {
      return backReference(object.name, target)
    }
    return nil
  }

  private func backReference(_ name: String, _ target: Mapper) -> Relationship? {
    if let known = target.relationships[name] { return known }
    var options: [String: Value] = ["back_populates": .string(self.name)]
    for key in ["secondary", "primaryjoin", "foreign_keys"] { options[key] = option(key) }
    let object = RelationshipObject(.object(mapper.cls), options)
    let made = Relationship(name, object, in: target)
    target.relationships[name] = made
    return made
  }
}

extension Relationship {
  /// Finds the other class and the columns in between.
  func resolved() throws -> Resolution {
    if let resolution { return resolution }
    let target = try findTarget()
    let made: Resolution
    if let middle = try table(option("secondary")) {
      made = Resolution(
        target: target, direction: .manyToMany(middle),
        pairs: references(from: middle, to: mapper.table).map { ($0.other, $0.own) },
        far: references(from: middle, to: target.table).map { ($0.own, $0.other) })
    } else {
      made = try direct(target)
    }
    guard !made.pairs.isEmpty else {
      throw PythonError(
        SQLAlchemyErrors.noForeignKeys,
        "Could not determine join condition between parent/child tables on relationship "
          + "\(mapper.cls.name).\(name) - there are no foreign keys linking these tables.")
    }
    resolution = made
    _ = opposite(target)
    return made
  }

  private func direct(_ target: Mapper) throws -> Resolution {
    let outward = try pairs(from: mapper.table, to: target.table)
    let inward = try pairs(from: target.table, to: mapper.table)
    let isSelf = target.table === mapper.table
    if !outward.isEmpty, !isSelf || leadsUp {
      return Resolution(target: target, direction: .manyToOne, pairs: outward, far: [])
    }
    return Resolution(
      target: target, direction: .oneToMany, pairs: inward.map { ($0.other, $0.own) }, far: [])
  }

  /// Of a table that refers to itself: whether the other side is the one that is referred to.
  private var leadsUp: Bool {
    let remote = option("remote_side")
    let columns = columnNames(remote)
    return columns.contains { name in
      mapper.keys.contains { $0.name == name || $0.column.key == name }
    }
  }

  /// The references between two tables, those that are named where there are several.
  private func pairs(from own: Table, to other: Table) throws -> [(own: Column, other: Column)] {
    let found = references(from: own, to: other)
    if let joined = joinPairs(from: own, to: other), !joined.isEmpty { return joined }
    return found
  }

  /// The columns that `primaryjoin` sets equal, where there is no foreign key to find them by.
  private func joinPairs(from own: Table, to other: Table) -> [(own: Column, other: Column)]? {
    guard let condition = option("primaryjoin").object(as: ExpressionObject.self)?.expression,
      case .binary(let left, .equal, let right, _) = condition.node,
      case .column(let a) = left.node, case .column(let b) = right.node
    else { return nil }
    for (first, second) in [(a, b), (b, a)] where first.table === own && second.table === other {
      return second.isPrimaryKey ? [(first, second)] : []
    }
    return nil
  }

  /// The columns of each foreign key between two tables; of several keys the one that is named,
  /// or the first.
  private func references(from own: Table, to other: Table) -> [(own: Column, other: Column)] {
    var groups: [(key: ObjectIdentifier, pairs: [(own: Column, other: Column)])] = []
    for column in own.columns {
      for key in column.foreignKeys where key.target.tableName == other.fullName {
        let name = key.target.column ?? column.key
        guard let target = other.columns.first(where: { $0.name?.text == name }) else { continue }
        let identity = key.constraint.map { ObjectIdentifier($0) } ?? ObjectIdentifier(key)
        if let index = groups.firstIndex(where: { $0.key == identity }) {
          groups[index].pairs.append((column, target))
        } else {
          groups.append((identity, [(column, target)]))
        }
      }
    }
    let named = columnNames(option("foreign_keys"))
    let chosen = groups.first { group in
      named.isEmpty || group.pairs.contains { named.contains($0.own.key) }
    }
    return chosen?.pairs ?? []
  }

  /// The names of columns given as columns, texts, or lists of them.
  private func columnNames(_ value: Value) -> [String] {
    (value.sequence ?? [value]).compactMap { item in
      item.object(as: ColumnObject.self)?.column.key
        ?? item.string?.split(separator: ".").last.map { String($0.filter { $0 != "]" }) }
    }
  }

  private func table(_ value: Value) throws -> Table? {
    if let table = value.object(as: FromObject.self)?.table { return table }
    guard let name = value.string else { return nil }
    return mapper.cls.registry.metadata.metadata.tables[name]
  }

  private func findTarget() throws -> Mapper {
    if let cls = declared.target.asClass as? DeclarativeClass, let found = cls.mapper {
      return found
    }
    if let name = declared.target.string {
      return try mapper.cls.registry.mapper(named: RelationshipObject.parse(name).0.string ?? name)
    }
    throw PythonError(
      SQLAlchemyErrors.argument,
      "relationship '\(mapper.cls.name).\(name)' expects a class or a mapper argument")
  }
}

/// `backref("name", ...)`.
final class BackReference: PythonObject {
  let name: String
  init(_ name: String) { self.name = name }
}
