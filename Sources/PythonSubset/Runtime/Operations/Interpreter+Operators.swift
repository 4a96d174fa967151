extension Interpreter {
  /// `a op b`.
  public func binary(_ op: BinaryOperator, _ a: Value, _ b: Value) throws -> Value {
    if let result = try builtinBinary(op, a, b) { return result }
    if let result = try objectBinary(op, a, b) { return result }
    throw unsupportedOperands(op, a, b)
  }

  /// `a op= b`: the value to assign.
  public func inPlace(_ op: BinaryOperator, _ a: Value, _ b: Value) throws -> Value {
    switch (op, a) {
    case (.add, .list(let list)):
      let new = try items(b)
      try charge(new.count * 16)
      list.items += new
      return a
    case (.multiply, .list(let list)):
      if let count = try optionalIndex(b)?.int {
        list.items = try Repetition.repeated(list.items, count, self)
        return a
      }
    case (.bitOr, .dict(let dict)):
      try dict.update(from: b, self)
      return a
    case (.bitOr, .set(let set)), (.bitAnd, .set(let set)), (.subtract, .set(let set)),
      (.bitXor, .set(let set)):
      if !set.isFrozen, let other = b.set {
        set.table = try SetAlgebra.combine(op, set, other, self).table
        return a
      }
    case (_, .object(let object)):
      let result = try nested { try object.inPlace(op, b, self) }
      if let result {
        if case .notImplemented = result { break }
        return result
      }
    default: break
    }
    if let result = try builtinBinary(op, a, b) { return result }
    if let result = try objectBinary(op, a, b) { return result }
    throw unsupportedOperands(op, a, b, suffix: "=")
  }

  private func unsupportedOperands(
    _ op: BinaryOperator, _ a: Value, _ b: Value, suffix: String = ""
  ) -> PythonError {
    switch (op, a) {
    case (.add, .str):
      return PythonError(
        .typeError, "can only concatenate str (not \"\(b.typeName)\") to str")
    case (.add, .list):
      return PythonError(
        .typeError, "can only concatenate list (not \"\(b.typeName)\") to list")
    case (.add, .tuple):
      return PythonError(
        .typeError, "can only concatenate tuple (not \"\(b.typeName)\") to tuple")
    case (.add, .bytes): return PythonError(.typeError, "can't concat \(b.typeName) to bytes")
    case (.multiply, .str), (.multiply, .list), (.multiply, .tuple), (.multiply, .bytes):
      return PythonError(
        .typeError, "can't multiply sequence by non-int of type '\(b.typeName)'")
    default: break
    }
    let symbol = op == .power && suffix.isEmpty ? "** or pow()" : op.symbol + suffix
    return PythonError(
      .typeError,
      "unsupported operand type(s) for \(symbol): '\(a.typeName)' and '\(b.typeName)'")
  }

  private func objectBinary(_ op: BinaryOperator, _ a: Value, _ b: Value) throws -> Value? {
    func answer(_ result: Value?) -> Value? {
      if case .notImplemented = result { nil } else { result }
    }
    func left() throws -> Value? {
      guard case .object(let object) = a else { return nil }
      return answer(try nested { try object.binary(op, b, reflected: false, self) })
    }
    func right() throws -> Value? {
      guard case .object(let object) = b else { return nil }
      return answer(try nested { try object.binary(op, a, reflected: true, self) })
    }
    if case .object(let object) = b, object is PythonInstance {
      let (mine, other) = (a.pythonClass, object.pythonClass)
      // A subclass goes first where it has a method of its own for the reflected operator.
      if mine !== other, other.isSubclass(of: mine), let method = other.lookup(op.reflectedMethod),
        !(mine.lookup(op.reflectedMethod)?.isIdentical(to: method) ?? false)
      {
        return try right() ?? left()
      }
    }
    return try left() ?? right()
  }

  /// `a op b` of builtin values; nil when they don't know one another.
  func builtinBinary(_ op: BinaryOperator, _ a: Value, _ b: Value) throws -> Value? {
    if let result = try Numbers.binary(op, a, b, self) { return result }
    switch (op, a, b) {
    case (.add, .str(let a), .str(let b)):
      try charge(a.string.utf8.count + b.string.utf8.count)
      return .string(a.string + b.string)
    case (.add, .list(let a), .list(let b)):
      try charge((a.items.count + b.items.count) * 16)
      return .list(a.items + b.items)
    case (.add, .tuple(let a), .tuple(let b)):
      try charge((a.count + b.count) * 16)
      return try tuple(a + b)
    case (.add, .bytes(let a), .bytes(let b)):
      try charge(a.count + b.count)
      return .bytes(a + b)
    case (.multiply, _, _): return try repeated(a, b) ?? repeated(b, a)
    case (.modulo, .str(let format), _):
      return .string(try PercentFormat.format(format.string, b, self))
    case (.modulo, .bytes, _): throw Unsupported("% formatting of bytes")
    case (.bitOr, .dict(let a), .dict(let b)):
      let merged = a.copy()
      try merged.update(from: .dict(b), self)
      return .dict(merged)
    case (_, .set(let a), .set(let b)):
      switch op {
      case .bitOr, .bitAnd, .subtract, .bitXor:
        return .set(try SetAlgebra.combine(op, a, b, self))
      default: return nil
      }
    case (.bitOr, .null, .object(let cls as PythonClass)):
      return .object(UnionType([.null, .object(cls)]))
    default: return nil
    }
  }

  private func repeated(_ sequence: Value, _ count: Value) throws -> Value? {
    switch sequence {
    case .str, .list, .tuple, .bytes: break
    default: return nil
    }
    guard let count = try clampedIndex(count) else { return nil }
    switch sequence {
    case .str(let text):
      try charge(text.string.utf8.count.clampedProduct(max(0, count)))
      return .string(String(repeating: text.string, count: max(0, count)))
    case .list(let list): return .list(try Repetition.repeated(list.items, count, self))
    case .tuple(let items): return .tuple(try Repetition.repeated(items, count, self))
    case .bytes(let bytes): return .bytes(try Repetition.repeated(bytes, count, self))
    default: return nil
    }
  }

  /// `op value`.
  public func unary(_ op: UnaryOperator, _ value: Value) throws -> Value {
    if op == .not { return .bool(!(try truth(value))) }
    if let result = Numbers.unary(op, value) { return result }
    if case .object(let object) = value, let result = try object.unary(op, self) { return result }
    throw PythonError(
      .typeError, "bad operand type for unary \(op.symbol): '\(value.typeName)'")
  }

  /// The integer that a value stands for as an index (`__index__`); nil when it is none.
  func optionalIndex(_ value: Value) throws -> Value? {
    switch value {
    case .int, .big: value
    case .bool(let flag): .int(flag ? 1 : 0)
    case .object(let object): try object.index(self)
    default: nil
    }
  }

  /// The machine-word integer that a value stands for; throws `TypeError` or `OverflowError`.
  public func index(_ value: Value) throws -> Int {
    guard let number = try optionalIndex(value) else {
      throw PythonError(
        .typeError, "'\(value.typeName)' object cannot be interpreted as an integer")
    }
    guard let word = number.int else {
      throw PythonError(
        .overflowError, "Python int too large to convert to C ssize_t")
    }
    return word
  }

  /// As ``index(_:)``, but nil for what is no integer, and with the nearest word for a larger one.
  func clampedIndex(_ value: Value) throws -> Int? {
    switch try optionalIndex(value) {
    case .int(let number): number
    case .big(let number): number.isNegative ? .min : .max
    default: nil
    }
  }
}

enum Repetition {
  static func repeated<Item>(
    _ items: [Item], _ count: Int, _ python: Interpreter
  ) throws -> [Item] {
    guard count > 0, !items.isEmpty else { return [] }
    let total = items.count.clampedProduct(count)
    try python.charge(total.clampedProduct(MemoryLayout<Item>.stride))
    var result: [Item] = []
    result.reserveCapacity(total)
    for _ in 0..<count { result += items }
    return result
  }
}

extension Int {
  /// The product, or the greatest integer where it does not fit.
  func clampedProduct(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}
