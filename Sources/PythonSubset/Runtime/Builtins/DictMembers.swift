internal import OrderedCollections

enum DictMembers {
  static func dict(_ call: Call) throws -> PythonDict {
    guard let dict = call[0].dict else { throw call.mismatch(0, "dict") }
    return dict
  }

  static var all: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.sized, .mutableItems, .unhashable]).adding(access).adding([
      "__new__": .new { call in try SpecialMethods.instance(call, .dict, .dict(PythonDict())) },
      "__init__": .method("self, source=(), /, **kwargs") { call in
        try update(call)
        return .null
      },
      "__or__": .method("self, other, /") { call in
        try call.python.builtinBinary(.bitOr, call[0].unwrapped, call[1].unwrapped)
          ?? .notImplemented
      },
      "__ior__": .method("self, other, /") { call in
        try dict(call).update(from: call[1], call.python)
        return call[0]
      },
      "update": .method("self, source=(), /, **kwargs") { call in
        try update(call)
        return .null
      },
      "clear": .method { call in
        try dict(call).removeAll()
        return .null
      },
      "copy": .method { call in .dict(try dict(call).copy()) },
      "keys": .method { call in .object(DictView(try dict(call), .keys)) },
      "values": .method { call in .object(DictView(try dict(call), .values)) },
      "items": .method { call in .object(DictView(try dict(call), .items)) },
      "__reversed__": .method { call in
        .object(ClosureIterator("dict_reversekeyiterator", over: try dict(call).keys.reversed()))
      },
      "fromkeys": .classMethod("cls, iterable, value=None, /") { call in
        let result = try call.python.call(call[0])
        try call.python.iterate(call[1]) { key in
          try call.python.setItem(of: result, key, to: call[2])
        }
        return result
      },
      "__class_getitem__": GenericAlias.member,
    ])
  }

  private static func update(_ call: Call) throws {
    let dict = try dict(call)
    try dict.update(from: call[1], call.python)
    for (name, value) in call.keywords { dict[name] = value }
  }

  private static var access: OrderedDictionary<String, Value> {
    [
      "__getitem__": .method("self, key, /") { call in
        if let value = try dict(call).value(for: call[1], call.python) { return value }
        if case .object = call[0],
          let missing = try call[0].pythonClass.boundMember("__missing__", of: call[0], call.python)
        {
          return try call.python.call(missing, [call[1]])
        }
        throw PythonError(.keyError, arguments: [call[1]])
      },
      "get": .method("self, key, default=None, /") { call in
        try dict(call).value(for: call[1], call.python) ?? call[2]
      },
      "setdefault": .method("self, key, default=None, /") { call in
        let dict = try dict(call)
        if let value = try dict.value(for: call[1], call.python) { return value }
        try dict.set(call[1], to: call[2], call.python)
        return call[2]
      },
      "pop": .method("self, key, default=..., /") { call in
        if let value = try dict(call).remove(call[1], call.python) { return value }
        if call.isGiven(2) { return call[2] }
        throw PythonError(.keyError, arguments: [call[1]])
      },
      "popitem": .method { call in
        let dict = try dict(call)
        guard let (key, value) = dict.items.last else {
          throw PythonError(.keyError, "popitem(): dictionary is empty")
        }
        try dict.remove(key, call.python)
        return .tuple([key, value])
      },
    ]
  }
}

/// `dict.keys()`, `dict.values()` and `dict.items()`: they follow the dictionary.
public final class DictView: PythonObject {
  enum Kind: String {
    case keys, values, items
  }
  private let dict: PythonDict
  private let kind: Kind

  init(_ dict: PythonDict, _ kind: Kind) {
    self.dict = dict
    self.kind = kind
  }

  public override var typeName: String { "dict_\(kind.rawValue)" }

  private var contents: [Value] {
    switch kind {
    case .keys: dict.keys
    case .values: dict.values
    case .items: dict.items.map { .tuple([$0.key, $0.value]) }
    }
  }

  public override func length(_ python: Interpreter) throws -> Int? { dict.count }

  public override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    switch kind {
    case .keys: dict.iterator("dict_keyiterator") { $0.key }
    case .values: dict.iterator("dict_valueiterator") { $0.value }
    case .items: dict.iterator("dict_itemiterator") { .tuple([$0.key, $0.value]) }
    }
  }

  public override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    switch kind {
    case .keys: return try dict.value(for: item, python) != nil
    case .values: return nil
    case .items:
      guard let pair = item.tuple, pair.count == 2,
        let value = try dict.value(for: pair[0], python)
      else { return false }
      return try value.isIdentical(to: pair[1]) || python.equal(value, pair[1])
    }
  }

  public override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    guard kind != .values, [.bitAnd, .bitOr, .bitXor, .subtract].contains(op) else { return nil }
    let mine = try PythonSet(contents, python)
    let others = try PythonSet(python.items(other), python)
    return .set(
      try reflected
        ? SetAlgebra.combine(op, others, mine, python)
        : SetAlgebra.combine(op, mine, others, python))
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard kind != .values else { return nil }
    let others: PythonSet
    if let set = other.set {
      others = set
    } else if let view = other.object(as: DictView.self), view.kind != .values {
      others = try PythonSet(view.contents, python)
    } else {
      return nil
    }
    return try python.builtinCompare(op, .set(PythonSet(contents, python)), .set(others))
  }

  public override class var ownMethods: [String] { ["isdisjoint"] }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "isdisjoint" where kind != .values:
      .function(name, "other, /") { [self] call in
        let mine = try PythonSet(contents, call.python)
        return .bool(
          !(try call.python.items(call[0]).contains { try mine.contains($0, call.python) }))
      }
    case "mapping": .dict(dict)
    default: try super.attribute(name, python)
    }
  }

  public override func representation(_ python: Interpreter) throws -> String {
    try python.guarded(self, "...") { "dict_\(kind.rawValue)(\(try python.repr(.list(contents))))" }
  }
}
