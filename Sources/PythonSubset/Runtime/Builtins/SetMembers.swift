internal import OrderedCollections

enum SetMembers {
  private static func set(_ call: Call) throws -> PythonSet {
    guard let set = call[0].set else { throw call.mismatch(0, "set") }
    return set
  }

  private static func other(_ value: Value, _ python: Interpreter) throws -> PythonSet {
    try value.set ?? PythonSet(python.items(value), python)
  }

  static var frozen: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .sized, .sets]).adding(common).adding([
      "__new__": .new("cls, iterable=(), /") { call in
        try SpecialMethods.instance(
          call, .frozenset,
          .set(PythonSet(call.python.items(call[1]), isFrozen: true, call.python)))
      },
      "__init__": .method("self, /, *args") { _ in .null },
    ])
  }

  static var mutable: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .sized, .sets, .unhashable]).adding(common).adding(changes)
      .adding([
        "__new__": .new { call in try SpecialMethods.instance(call, .set, .set(PythonSet())) },
        "__init__": .method("self, iterable=(), /") { call in
          try set(call).table = PythonSet(call.python.items(call[1]), call.python).table
          return .null
        },
      ])
  }

  private static var common: OrderedDictionary<String, Value> {
    func combining(_ op: BinaryOperator) -> Value {
      .method("self, /, *others") { call in
        var result = try set(call).copy()
        for item in call.rest {
          result = try SetAlgebra.combine(op, result, other(item, call.python), call.python)
        }
        return .set(result)
      }
    }
    func comparing(_ op: ComparisonOperator) -> Value {
      .method("self, other, /") { call in
        try call.python.builtinCompare(
          op, .set(set(call)), .set(other(call[1], call.python))) ?? .notImplemented
      }
    }
    return [
      "union": combining(.bitOr), "intersection": combining(.bitAnd),
      "difference": combining(.subtract),
      "symmetric_difference": .method("self, other, /") { call in
        .set(try SetAlgebra.combine(.bitXor, set(call), other(call[1], call.python), call.python))
      },
      "issubset": comparing(.lessOrEqual), "issuperset": comparing(.greaterOrEqual),
      "isdisjoint": .method("self, other, /") { call in
        let mine = try set(call)
        return .bool(
          !(try call.python.items(call[1]).contains { try mine.contains($0, call.python) }))
      },
      "copy": .method { call in .set(try set(call).copy()) },
      "__class_getitem__": GenericAlias.member,
    ]
  }

  private static var changes: OrderedDictionary<String, Value> {
    func updating(_ op: BinaryOperator) -> Value {
      .method("self, /, *others") { call in
        let set = try set(call)
        for item in call.rest {
          set.table =
            try SetAlgebra.combine(op, set, other(item, call.python), call.python).table
        }
        return .null
      }
    }
    return [
      "add": .method("self, element, /") { call in
        try set(call).insert(call[1], call.python)
        return .null
      },
      "discard": .method("self, element, /") { call in
        try set(call).remove(call[1], call.python)
        return .null
      },
      "remove": .method("self, element, /") { call in
        if try set(call).remove(call[1], call.python) { return .null }
        throw PythonError(.keyError, arguments: [call[1]])
      },
      "pop": .method { call in
        let set = try set(call)
        guard let item = set.items.first else {
          throw PythonError(.keyError, "pop from an empty set")
        }
        try set.remove(item, call.python)
        return item
      },
      "clear": .method { call in
        try set(call).table = HashTable()
        return .null
      },
      "update": updating(.bitOr), "intersection_update": updating(.bitAnd),
      "difference_update": updating(.subtract),
      "symmetric_difference_update": updating(.bitXor),
    ]
  }
}
