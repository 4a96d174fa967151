extension Interpreter {
  /// `bool(value)`.
  public func truth(_ value: Value) throws -> Bool {
    switch value {
    case .null: false
    case .ellipsis, .notImplemented, .big: true
    case .bool(let flag): flag
    case .int(let number): number != 0
    case .float(let number): number != 0
    case .str(let text): !text.isEmpty
    case .bytes(let bytes): !bytes.isEmpty
    case .tuple(let items): !items.isEmpty
    case .list(let list): !list.items.isEmpty
    case .dict(let dict): !dict.isEmpty
    case .set(let set): set.count != 0
    case .object(let object): try object.truth(self)
    }
  }

  /// `bool(a == b)`.
  public func equal(_ a: Value, _ b: Value) throws -> Bool {
    switch (a, b) {
    case (.str(let a), .str(let b)): try same(a, b)
    case (.int(let a), .int(let b)): a == b
    default: try truth(compare(.equal, a, b))
    }
  }

  @inline(__always)
  private func same(_ a: PythonString, _ b: PythonString) throws -> Bool {
    try tick(bytes: min(a.string.utf8.count, b.string.utf8.count))
    return a == b
  }

  /// `a op b`; `is` and `in` too.
  public func compare(_ op: ComparisonOperator, _ a: Value, _ b: Value) throws -> Value {
    switch op {
    case .is, .isNot:
      let same = a.isIdentical(to: b)
      if !same, let absent = AbsentObject.first(of: a, b) { throw absent.refusal }
      return .bool(same == (op == .is))
    case .in: return .bool(try contains(b, a))
    case .notIn: return .bool(!(try contains(b, a)))
    default: break
    }
    if let result = try builtinCompare(op, a, b) { return result }
    if let result = try objectCompare(op, a, b) { return result }
    switch op {
    case .equal: return .bool(a.isIdentical(to: b))
    case .notEqual: return .bool(!a.isIdentical(to: b))
    default:
      throw PythonError(
        .typeError,
        "'\(op.symbol)' not supported between instances of '\(a.typeName)' and '\(b.typeName)'")
    }
  }

  /// Asks the operands that are objects, a subclass on the right before its base on the left.
  private func objectCompare(
    _ op: ComparisonOperator, _ a: Value, _ b: Value
  ) throws -> Value? {
    func left() throws -> Value? {
      guard case .object(let object) = a else { return nil }
      return try nested { try object.compare(op, b, self) }
    }
    func right() throws -> Value? {
      guard case .object(let object) = b else { return nil }
      return try nested { try object.compare(op.exchanged, a, self) }
    }
    if case .object(let object) = b, object is PythonInstance {
      let (mine, other) = (a.pythonClass, object.pythonClass)
      if mine !== other, other.isSubclass(of: mine) { return try right() ?? left() }
    }
    return try left() ?? right()
  }

  /// Compares builtin values; nil when they are of types that do not know one another.
  func builtinCompare(_ op: ComparisonOperator, _ a: Value, _ b: Value) throws -> Value? {
    if let order = Numbers.order(a, b) { return .bool(order.satisfies(op)) }
    switch (a, b) {
    case (.str(let a), .str(let b)):
      if op == .equal { return .bool(try same(a, b)) }
      try tick(bytes: min(a.string.utf8.count, b.string.utf8.count))
      return .bool(Ordering(a == b ? 0 : a < b ? -1 : 1).satisfies(op))
    case (.bytes(let a), .bytes(let b)):
      try tick(bytes: min(a.count, b.count))
      return .bool(
        Ordering(a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1).satisfies(op))
    case (.tuple(let a), .tuple(let b)): return try nested { try compareItems(op, a, b) }
    case (.list(let a), .list(let b)): return try nested { try compareItems(op, a.items, b.items) }
    case (.dict(let a), .dict(let b)):
      guard op == .equal || op == .notEqual else { return nil }
      return .bool(try nested { try sameEntries(a, b) } == (op == .equal))
    case (.set(let a), .set(let b)): return .bool(try compareSets(op, a, b))
    default: return Numbers.isNaN(a, b) ? .bool(op == .notEqual) : nil
    }
  }

  private func compareItems(
    _ op: ComparisonOperator, _ a: [Value], _ b: [Value]
  ) throws -> Value {
    if op == .equal || op == .notEqual, a.count != b.count { return .bool(op == .notEqual) }
    for (x, y) in zip(a, b) {
      try tick()
      if try x.isIdentical(to: y) || equal(x, y) { continue }
      return op == .equal || op == .notEqual ? .bool(op == .notEqual) : try compare(op, x, y)
    }
    return .bool(Ordering(a.count - b.count).satisfies(op))
  }

  private func sameEntries(_ a: PythonDict, _ b: PythonDict) throws -> Bool {
    guard a.count == b.count else { return false }
    for (key, value) in a.items {
      try tick()
      guard let other = try b.value(for: key, self) else { return false }
      if !(try value.isIdentical(to: other) || equal(value, other)) { return false }
    }
    return true
  }

  private func compareSets(
    _ op: ComparisonOperator, _ a: PythonSet, _ b: PythonSet
  ) throws -> Bool {
    func within(_ a: PythonSet, _ b: PythonSet) throws -> Bool {
      try a.count <= b.count && a.items.allSatisfy { try b.contains($0, self) }
    }
    return switch op {
    case .equal: try a.count == b.count && within(a, b)
    case .notEqual: !(try a.count == b.count && within(a, b))
    case .less: try a.count < b.count && within(a, b)
    case .lessOrEqual: try within(a, b)
    case .greater: try b.count < a.count && within(b, a)
    default: try within(b, a)
    }
  }

  /// `hash(value)`; throws `TypeError` for what has none. Equal values have equal hashes.
  public func hash(_ value: Value) throws -> Int {
    switch value {
    case .null: return 0x6E6F_6E65
    case .ellipsis: return 0x656C_6C69
    case .notImplemented: return 0x6E6F_7469
    case .bool(let flag): return flag ? 1 : 0
    case .int(let number): return Numbers.hash(number)
    case .big(let number): return Numbers.hash(number)
    case .float(let number): return Numbers.hash(number)
    case .str(let text):
      try tick(bytes: text.string.utf8.count)
      return HashTable.hash(of: text)
    case .bytes(let bytes):
      try tick(bytes: bytes.count)
      return bytes.hashValue
    case .tuple(let items):
      return try nested {
        try tick(items.count)
        return try items.reduce(0x345678) { ($0 ^ (try hash($1))) &* 1_000_003 &+ items.count }
      }
    case .set(let set) where set.isFrozen:
      try tick(set.count)
      return set.table.liveEntries.reduce(1_927_868_237) { $0 ^ ($1.hash &* 3_644_798_167) }
    case .list, .dict, .set:
      throw PythonError(.typeError, "unhashable type: '\(value.typeName)'")
    case .object(let object): return try nested { try object.hash(self) }
    }
  }
}

/// Less, equal or greater.
struct Ordering {
  private let sign: Int

  init(_ difference: Int) { sign = difference.signum() }

  func satisfies(_ op: ComparisonOperator) -> Bool {
    switch op {
    case .equal: sign == 0
    case .notEqual: sign != 0
    case .less: sign < 0
    case .lessOrEqual: sign <= 0
    case .greater: sign > 0
    case .greaterOrEqual: sign >= 0
    default: false
    }
  }
}
