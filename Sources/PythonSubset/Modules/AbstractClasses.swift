internal import OrderedCollections

/// `collections.abc`: classes whose instances are told by what they can do.
enum AbstractClasses {
  /// A class of the abstract kind; Python classes may derive from it.
  final class Abstract: PythonClass {
    private let test: (Value, Interpreter) throws -> Bool

    init(_ name: String, _ test: @escaping (Value, Interpreter) throws -> Bool) {
      self.test = test
      super.init(
        host: name, module: "collections.abc",
        members: ["__class_getitem__": GenericAlias.member])
    }

    override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
      try PythonClass(body)
    }

    override func isInstance(_ value: Value, _ python: Interpreter) throws -> Bool {
      try value.pythonClass.isSubclass(of: self) || test(value, python)
    }

    override func isSuperclass(of other: PythonClass, _ python: Interpreter) throws -> Bool {
      if other.isSubclass(of: self) { return true }
      throw Unsupported("issubclass() with collections.abc.\(name)")
    }
  }

  static func make() -> HostModule {
    .describing("collections.abc") { table in
      for (name, test) in tests { table.computed(name) { _ in .object(Abstract(name, test)) } }
    }
  }

  private static func isMapping(_ value: Value, _: Interpreter) -> Bool { value.dict != nil }

  private static func isSequence(_ value: Value, _: Interpreter) -> Bool {
    value.sequence != nil || value.string != nil || value.bytes != nil
  }

  private static func isSet(_ value: Value, _: Interpreter) -> Bool { value.set != nil }

  private static func has(_ name: String) -> (Value, Interpreter) throws -> Bool {
    { value, python in try python.optionalAttribute(of: value, name) != nil }
  }

  private static var tests: [(String, (Value, Interpreter) throws -> Bool)] {
    [
      ("Mapping", isMapping), ("MutableMapping", isMapping), ("Sequence", isSequence),
      ("MutableSequence", { value, _ in value.list != nil }), ("Set", isSet),
      ("MutableSet", { value, _ in value.set.map { !$0.isFrozen } ?? false }),
      ("Iterable", has("__iter__")), ("Iterator", has("__next__")), ("Sized", has("__len__")),
      ("Container", has("__contains__")), ("Collection", has("__contains__")),
      ("Callable", { value, python in python.isCallable(value) }),
      ("Hashable", { value, _ in value.list == nil && value.dict == nil && value.set == nil }),
      ("Generator", has("throw")), ("Awaitable", has("__await__")),
      ("Reversible", has("__reversed__")),
      ("KeysView", { value, _ in value.typeName == "dict_keys" }),
      ("ValuesView", { value, _ in value.typeName == "dict_values" }),
      ("ItemsView", { value, _ in value.typeName == "dict_items" }),
      ("Coroutine", has("cr_frame")), ("AsyncIterator", has("__anext__")),
      ("AsyncIterable", has("__aiter__")), ("AsyncGenerator", has("athrow")),
      ("ByteString", { value, _ in value.bytes != nil }),
    ]
  }
}
