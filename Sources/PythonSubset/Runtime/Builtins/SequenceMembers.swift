internal import OrderedCollections

enum TupleMembers {
  static var all: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .sized, .items, .addition]).adding([
      "__new__": .new("cls, iterable=(), /") { call in
        try SpecialMethods.instance(call, .tuple, call.python.tuple(call.python.items(call[1])))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "count": .method("self, value, /") { call in
        .int(try occurrences(of: call[1], in: call[0].tuple ?? [], call.python))
      },
      "index": .method("self, value, start=None, stop=None, /") { call in
        .int(try index(call, call[0].tuple ?? [], missing: "tuple.index(x): x not in tuple"))
      },
      "__class_getitem__": GenericAlias.member,
    ])
  }

  static func occurrences(
    of value: Value, in items: [Value], _ python: Interpreter
  ) throws -> Int {
    try items.reduce(0) {
      try python.tick()
      return try $0 + ($1.isIdentical(to: value) || python.equal($1, value) ? 1 : 0)
    }
  }

  static func index(
    _ call: Call, _ items: [Value], missing: @autoclosure () throws -> String
  ) throws -> Int {
    let (start, stop, _) = try PythonSlice(call[2], call[3], .null)
      .indices(length: items.count, call.python)
    for index in start..<max(start, stop) {
      try call.python.tick()
      if try items[index].isIdentical(to: call[1]) || call.python.equal(items[index], call[1]) {
        return index
      }
    }
    throw PythonError(.valueError, try missing())
  }
}

enum ListMembers {
  private static func list(_ call: Call) throws -> PythonList {
    guard let list = call[0].list else { throw call.mismatch(0, "list") }
    return list
  }

  static var all: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .sized, .items, .mutableItems, .addition, .unhashable])
      .adding(changes).adding([
        "__new__": .new { call in try SpecialMethods.instance(call, .list, .list([])) },
        "__init__": .method("self, iterable=(), /") { call in
          try list(call).items = call.python.items(call[1])
          return .null
        },
        "__iadd__": .method("self, other, /") { call in
          try list(call).items += call.python.items(call[1])
          return call[0]
        },
        "__reversed__": .method { call in
          .object(ClosureIterator("list_reverseiterator", over: try list(call).items.reversed()))
        },
        "count": .method("self, value, /") { call in
          .int(try TupleMembers.occurrences(of: call[1], in: list(call).items, call.python))
        },
        "index": .method("self, value, start=None, stop=None, /") { call in
          .int(
            try TupleMembers.index(
              call, list(call).items,
              missing: "\(call.python.repr(call[1])) is not in list"))
        },
        "copy": .method { call in
          let items = try list(call).items
          try call.python.charge(items.count * 16)
          return .list(items)
        },
        "sort": .method("self, *, key=None, reverse=False") { call in
          let list = try list(call)
          list.items = try Sorting.sorted(
            list.items, key: call[1].orNil, isReversed: call.truth("reverse"), call.python)
          return .null
        },
        "reverse": .method { call in
          let list = try list(call)
          try call.python.tick(bytes: list.items.count * 16)
          list.items.reverse()
          return .null
        },
        "__class_getitem__": GenericAlias.member,
      ])
  }

  private static var changes: OrderedDictionary<String, Value> {
    [
      "append": .method("self, object, /") { call in
        let list = try list(call)
        list.items.append(call[1])
        if list.items.count & 0xFFFF == 0 { try call.python.charge(list.items.count * 16) }
        return .null
      },
      "extend": .method("self, iterable, /") { call in
        let items = try call.python.items(call[1])
        try call.python.charge(items.count * 16)
        try list(call).items += items
        return .null
      },
      "insert": .method("self, index, object, /") { call in
        let list = try list(call)
        let index = try call.int(1)
        let position = index < 0 ? max(0, index + list.items.count) : min(index, list.items.count)
        try call.python.tick(bytes: (list.items.count - position) * 16)
        list.items.insert(call[2], at: position)
        return .null
      },
      "pop": .method("self, index=-1, /") { call in
        let list = try list(call)
        if list.items.isEmpty { throw PythonError(.indexError, "pop from empty list") }
        let index = try call.int(1)
        let position = index < 0 ? index + list.items.count : index
        guard list.items.indices.contains(position) else {
          throw PythonError(.indexError, "pop index out of range")
        }
        try call.python.tick(bytes: (list.items.count - position) * 16)
        return list.items.remove(at: position)
      },
      "remove": .method("self, value, /") { call in
        let list = try list(call)
        let index = try list.items.firstIndex {
          try call.python.tick()
          return try $0.isIdentical(to: call[1]) || call.python.equal($0, call[1])
        }
        guard let index, index < list.items.count else {
          throw PythonError(.valueError, "list.remove(x): x not in list")
        }
        try call.python.tick(bytes: (list.items.count - index) * 16)
        list.items.remove(at: index)
        return .null
      },
      "clear": .method { call in
        try list(call).items = []
        return .null
      },
    ]
  }
}

/// Stable sorting by `<`, which may be a method of a Python class.
enum Sorting {
  static func sorted(
    _ items: [Value], key: Value?, isReversed: Bool, _ python: Interpreter
  ) throws -> [Value] {
    let keys = try key.map { key in try items.map { try python.call(key, [$0]) } } ?? items
    var order = Array(isReversed ? items.indices.reversed() : Array(items.indices))
    order = try merged(order[...]) { a, b in
      try python.tick()
      return try python.truth(python.compare(.less, keys[a], keys[b]))
    }
    // Sorted in reverse, equal items keep their order because they went in reversed.
    return (isReversed ? order.reversed() : order).map { items[$0] }
  }

  /// Merge sort: with an order that throws or contradicts itself it still ends.
  private static func merged(
    _ items: ArraySlice<Int>, _ less: (Int, Int) throws -> Bool
  ) throws -> [Int] {
    if items.count < 2 { return Array(items) }
    let middle = items.startIndex + items.count / 2
    let left = try merged(items[..<middle], less)
    let right = try merged(items[middle...], less)
    var result: [Int] = []
    result.reserveCapacity(items.count)
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      if try less(right[j], left[i]) {
        result.append(right[j])
        j += 1
      } else {
        result.append(left[i])
        i += 1
      }
    }
    return result + left[i...] + right[j...]
  }
}
