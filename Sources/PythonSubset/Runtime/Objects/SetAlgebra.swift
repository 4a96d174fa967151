/// Union, intersection and the differences of sets; the result is frozen where the left one is.
enum SetAlgebra {
  static func combine(
    _ op: BinaryOperator, _ a: PythonSet, _ b: PythonSet, _ python: Interpreter
  ) throws -> PythonSet {
    let result = op == .bitOr || op == .bitXor ? a.copy() : PythonSet(isFrozen: a.isFrozen)
    switch op {
    case .bitOr:
      for item in b.items { try result.insert(item, python) }
    case .bitXor:
      for item in b.items where !(try result.remove(item, python)) {
        try result.insert(item, python)
      }
    default:
      for item in a.items where try b.contains(item, python) == (op == .bitAnd) {
        try result.insert(item, python)
      }
    }
    return result
  }
}

extension PythonDict {
  /// Takes the entries of a mapping, or of an iterable of pairs.
  func update(from source: Value, _ python: Interpreter) throws {
    if let dict = source.dict {
      for (key, value) in dict.items { try set(key, to: value, python) }
      return
    }
    if let keys = try python.optionalAttribute(of: source, "keys") {
      try python.iterate(python.call(keys)) { key in
        try set(key, to: python.item(of: source, key), python)
      }
      return
    }
    var index = 0
    try python.iterate(source) { pair in
      let items: [Value]
      do {
        items = try python.items(pair)
      } catch let error as PythonError where error.isA(.typeError) {
        throw PythonError(
          .typeError,
          "cannot convert dictionary update sequence element #\(index) to a sequence")
      }
      guard items.count == 2 else {
        throw PythonError(
          .valueError,
          "dictionary update sequence element #\(index) has length \(items.count); 2 is required")
      }
      try set(items[0], to: items[1], python)
      index += 1
    }
  }
}
