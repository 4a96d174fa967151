/// A Python `list`: mutable and shared by reference.
public final class PythonList {
  /// The items.
  public var items: [Value]

  /// Creates a list.
  public init(_ items: [Value] = []) { self.items = items }

  deinit { Disposal.take(&items) }
}

/// A Python `dict`, in insertion order.
///
/// A lookup may call `__hash__` and `__eq__` of a Python class, which is why it takes the
/// interpreter and may throw; for the keys that hosts use, strings, there are shorter ways.
public final class PythonDict {
  var table = HashTable()
  /// Told of every change to a string key: how `__dict__` and `globals()` reach what they stand for.
  var mirror: ((String, Value?) -> Void)?

  /// Creates an empty dictionary.
  public init() {}

  /// Creates a dictionary with string keys.
  public init(_ members: some Sequence<(String, Value)>) {
    for (key, value) in members { self[key] = value }
  }

  deinit { table.dispose() }

  /// The number of entries.
  public var count: Int { table.count }
  /// Whether there are no entries.
  public var isEmpty: Bool { table.count == 0 }
  /// The keys, in order.
  public var keys: [Value] { table.liveEntries.map(\.key) }
  /// The values, in the order of the keys.
  public var values: [Value] { table.liveEntries.map(\.value) }
  /// The entries, in order.
  public var items: [(key: Value, value: Value)] {
    table.liveEntries.map { ($0.key, $0.value) }
  }

  /// The entry of a string key; setting nil removes it.
  public subscript(key: String) -> Value? {
    get { table.find(string: PythonString(key)).map { table.entries[$0].value } }
    set {
      mirror?(key, newValue)
      let text = PythonString(key)
      let found = table.find(string: text)
      if let newValue {
        table.put(.str(text), hash: HashTable.hash(of: text), at: found, value: newValue)
      } else if let found {
        table.remove(at: found)
      }
    }
  }

  /// The value of a key; nil when there is none. Throws `TypeError` for a key without a hash.
  public func value(for key: Value, _ python: Interpreter) throws -> Value? {
    let hash = try python.hash(key)
    return try table.find(key, hash: hash, python).map { table.entries[$0].value }
  }

  /// Sets the value of a key; a new key goes to the end.
  public func set(_ key: Value, to value: Value, _ python: Interpreter) throws {
    let hash = try python.hash(key)
    table.put(key, hash: hash, at: try table.find(key, hash: hash, python), value: value)
    if let mirror, let name = key.string { mirror(name, value) }
    if table.count & 0xFFF == 0 { try python.charge(0x1000 * 48) }
  }

  /// Removes a key and gives its value; nil when it is absent.
  @discardableResult
  public func remove(_ key: Value, _ python: Interpreter) throws -> Value? {
    let hash = try python.hash(key)
    guard let index = try table.find(key, hash: hash, python) else { return nil }
    let value = table.entries[index].value
    table.remove(at: index)
    if let mirror, let name = key.string { mirror(name, nil) }
    return value
  }

  /// Removes all entries.
  public func removeAll() {
    if let mirror { for name in keys.compactMap(\.string) { mirror(name, nil) } }
    table = HashTable()
  }

  /// A dictionary with the same entries.
  public func copy() -> PythonDict {
    let copy = PythonDict()
    copy.table = table
    return copy
  }
}

/// A Python `set` or `frozenset`; iterates in the order of insertion.
public final class PythonSet {
  var table = HashTable()
  /// Whether it is a `frozenset`.
  public let isFrozen: Bool

  /// Creates an empty set.
  public init(isFrozen: Bool = false) { self.isFrozen = isFrozen }

  /// Creates a set of values; throws `TypeError` for one without a hash.
  public convenience init(
    _ items: some Sequence<Value>, isFrozen: Bool = false, _ python: Interpreter
  ) throws {
    self.init(isFrozen: isFrozen)
    for item in items { try insert(item, python) }
  }

  deinit { table.dispose() }

  /// The number of elements.
  public var count: Int { table.count }
  /// The elements.
  public var items: [Value] { table.liveEntries.map(\.key) }

  /// Whether the set has a value.
  public func contains(_ item: Value, _ python: Interpreter) throws -> Bool {
    try table.find(item, hash: python.hash(item), python) != nil
  }

  /// Adds a value.
  public func insert(_ item: Value, _ python: Interpreter) throws {
    let hash = try python.hash(item)
    if try table.find(item, hash: hash, python) == nil {
      table.put(item, hash: hash, at: nil, value: .null)
      if table.count & 0xFFF == 0 { try python.charge(0x1000 * 48) }
    }
  }

  /// Removes a value; false when it was absent.
  @discardableResult
  public func remove(_ item: Value, _ python: Interpreter) throws -> Bool {
    guard let index = try table.find(item, hash: python.hash(item), python) else { return false }
    table.remove(at: index)
    return true
  }

  /// A set with the same elements.
  public func copy(isFrozen: Bool? = nil) -> PythonSet {
    let copy = PythonSet(isFrozen: isFrozen ?? self.isFrozen)
    copy.table = table
    return copy
  }
}
