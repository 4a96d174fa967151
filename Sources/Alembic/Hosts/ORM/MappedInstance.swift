internal import OrderedCollections
internal import PythonSubset

/// An instance of a mapped class: a row that was loaded, or one that is to be.
final class MappedInstance: PythonInstance {
  /// How it is mapped.
  let mapper: Mapper
  /// The session that it belongs to.
  weak var session: SessionObject?
  /// The key of its row, once the row is there.
  var key: [Value]?
  /// The values that attributes had when the row was last read or written, of those that changed.
  private(set) var committed: [String: Value] = [:]
  /// Attributes whose value was changed in place.
  var touched: Set<String> = []
  /// Whether the row is to be read again before an attribute is used.
  var isExpired = false

  init(_ mapper: Mapper) {
    self.mapper = mapper
    super.init(mapper.cls)
  }

  /// The attributes that changed since the row was read or written.
  var changes: Set<String> {
    touched.union(committed.keys.filter { mapper.columns[$0] != nil })
  }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    if mapper.columns[name] != nil {
      if let value = attributes[name], !isExpired || committed[name] != nil { return value }
      if key != nil, let session { try session.load(self) }
      return attributes[name] ?? .null
    }
    if let relationship = mapper.relationships[name] {
      if let value = attributes[name] { return value }
      let value = try relationship.load(for: self, python)
      attributes[name] = value
      return value
    }
    return try super.attribute(name, python)
  }

  override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    let isMapped = mapper.columns[name] != nil || mapper.relationships[name] != nil
    guard isMapped else { return try super.setAttribute(name, to: value, python) }
    var value = value
    if let validator = mapper.validators[name] {
      value = try python.call(validator, [.object(self), .string(name), value])
    }
    if let relationship = mapper.relationships[name] {
      let old = try attribute(name, python) ?? .null
      note(name, old)
      let new = try relationship.isMany ? Value.list(try python.items(value)) : value
      attributes[name] = new
      try relationship.connect(self, from: old, to: new, python)
    } else {
      note(name, attributes[name] ?? .null)
      attributes[name] = value
    }
    return true
  }

  /// Keeps what an attribute was before its first change.
  func note(_ name: String, _ old: Value) {
    if committed[name] == nil { committed[name] = old }
  }

  /// What a relationship held when it was last read or written.
  func committedValue(of name: String) -> Value? { committed[name] ?? collections[name] }

  /// The members of collections when they were last read or written.
  private var collections: [String: Value] = [:]

  /// Takes a row's values; those that were changed here stay unless everything is read anew.
  func take(_ values: [String: Value], overridingChanges: Bool = false) {
    for (name, value) in values where overridingChanges || committed[name] == nil {
      attributes[name] = value
      if overridingChanges { committed[name] = nil }
    }
    isExpired = false
  }

  /// Remembers the members of a collection as they are in the database.
  func remember(_ name: String, _ members: Value) { collections[name] = members }

  /// What is here is now what the row holds.
  func commit() throws {
    committed = [:]
    touched = []
    for (name, relationship) in mapper.relationships where try relationship.isMany {
      if let list = attributes[name]?.list { collections[name] = .list(list.items) }
    }
  }

  /// Forgets values, to be read again when they are asked for.
  func expire(_ names: [String]? = nil) {
    for name in names ?? Array(mapper.columns.keys) + Array(mapper.relationships.keys) {
      attributes.removeValue(forKey: name)
      committed[name] = nil
      collections[name] = nil
    }
    isExpired = true
  }

  override func representation(_ python: Interpreter) throws -> String {
    if mapper.cls.lookup("__repr__")?.object(as: PythonFunction.self) != nil {
      return try super.representation(python)
    }
    return "<\(mapper.cls.module).\(mapper.cls.qualifier) object at \(address)>"
  }
}
