internal import OrderedCollections

/// `typing` and `typing_extensions`: what annotations and class statements take from them.
enum TypingModule {
  /// `Any`, `Optional`, `Literal`...: a form that takes arguments in brackets.
  final class Form: PythonObject {
    let name: String

    init(_ name: String) { self.name = name }

    override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
      let arguments = key.tuple ?? [key]
      switch name {
      case "Optional": return .object(UnionType(arguments + [.null]))
      case "Union": return arguments.count == 1 ? arguments[0] : .object(UnionType(arguments))
      case "Annotated", "ClassVar", "Final", "Required", "NotRequired":
        return .object(GenericAlias(.object(self), arguments))
      default: return .object(GenericAlias(.object(self), arguments))
      }
    }

    override func binary(
      _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
    ) throws -> Value? {
      guard op == .bitOr else { return nil }
      return .object(UnionType(reflected ? [other, .object(self)] : [.object(self), other]))
    }

    override func representation(_ python: Interpreter) throws -> String { "typing.\(name)" }
  }

  // Holds nothing that changes.
  nonisolated(unsafe) private static let union = Form("Union")
  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let generic = PythonClass(
    host: "Generic", module: "typing", members: ["__class_getitem__": GenericAlias.member])
  nonisolated(unsafe) static let protocolClass = PythonClass(
    host: "Protocol", module: "typing", members: ["__class_getitem__": GenericAlias.member])
  nonisolated(unsafe) static let variable = PythonClass(
    host: "TypeVar", module: "typing",
    members: [
      "__new__": .new { .object(TypeVariable(try $0.cls())) },
      "__init__": .method("self, name, /, *constraints, **kwargs") { call in
        let instance: PythonInstance = try call.receiver()
        instance.attributes["__name__"] = call[1]
        return .null
      },
    ])
  /// A type variable, which may stand in unions as a class may.
  final class TypeVariable: PythonInstance {
    override func binary(
      _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
    ) throws -> Value? {
      guard op == .bitOr else { return nil }
      return .object(UnionType(reflected ? [other, .object(self)] : [.object(self), other]))
    }
  }

  nonisolated(unsafe) static let typedDict = TypedDictClass(
    host: "TypedDict", module: "typing",
    members: ["__init_subclass__": .classMethod("cls, *, total=True, closed=None") { _ in .null }])

  /// A class derived from `TypedDict` makes plain dictionaries.
  final class TypedDictClass: PythonClass {
    override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
      try TypedDictClass(body)
    }

    override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
      try python.call(.object(PythonClass.dict), arguments)
    }
  }

  /// A class derived from `NamedTuple` is one of `collections.namedtuple` with more members.
  final class NamedTupleClass: PythonClass {
    override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
      var body = body
      let fields = body.annotations.map(\.name)
      var defaults: [Value] = []
      for field in fields {
        if let value = body.members.removeValue(forKey: field) {
          defaults.append(value)
        } else if !defaults.isEmpty {
          throw PythonError(
            .typeError, "non-default namedtuple field \(field) cannot follow default field")
        }
      }
      let plain = try NamedTupleClass.make(.string(body.name), fields, defaults, python)
      guard let base = plain.asClass else { return try super.derive(body, python) }
      body.bases = [base] + body.bases.filter { $0 !== self }
      return try PythonClass(body)
    }

    override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
      let fields = (arguments.positional.dropFirst().first ?? .list([])).sequence ?? []
      let names = fields.compactMap { $0.sequence?.first?.string }
      return try NamedTupleClass.make(arguments.positional.first ?? .null, names, [], python)
    }

    private static func make(
      _ name: Value, _ fields: [String], _ defaults: [Value], _ python: Interpreter
    ) throws -> Value {
      let module = Value.object(try python.importModule("collections"))
      return try python.call(
        python.get("namedtuple", of: module),
        Arguments(
          [name, .list(fields.map { .string($0) })],
          keywords: [(name: "defaults", value: .tuple(defaults))]))
    }
  }

  nonisolated(unsafe) static let namedTuple = NamedTupleClass(
    host: "NamedTuple", module: "typing",
    members: ["__init_subclass__": .classMethod("cls") { _ in .null }])

  static func make(_ name: String) -> HostModule {
    .describing(name) { table in
      for form in [
        "Any", "Optional", "Union", "Callable", "Literal", "ClassVar", "Final", "Annotated",
        "NoReturn", "Never", "Self", "LiteralString", "TypeAlias", "Concatenate", "Unpack",
        "Required", "NotRequired", "TypeGuard", "ReadOnly",
      ] { table.value(form) { .object(form == "Union" ? union : Form(form)) } }
      let classes: [(String, PythonClass)] = [
        ("List", .list), ("Dict", .dict), ("Set", .set), ("FrozenSet", .frozenset),
        ("Tuple", .tuple), ("Type", .type), ("Text", .str),
      ]
      for (alias, cls) in classes { table.value(alias) { .object(cls) } }
      for abstract in [
        "Sequence", "Iterable", "Iterator", "Mapping", "MutableMapping", "MutableSequence",
        "Generator", "AsyncGenerator", "AsyncIterator", "AsyncIterable", "Awaitable", "Coroutine",
        "Collection", "Container", "Hashable", "Sized", "Reversible", "AbstractSet", "MutableSet",
        "DefaultDict", "OrderedDict", "Counter", "Deque", "ContextManager", "AsyncContextManager",
        "SupportsInt", "SupportsFloat", "SupportsIndex", "IO", "TextIO", "BinaryIO", "Pattern",
        "Match", "ByteString", "ItemsView", "KeysView", "ValuesView", "AnyStr",
      ] { table.value(abstract) { .object(Form(abstract)) } }
      table.value("TYPE_CHECKING") { false }
      table.type(generic, as: "Generic")
      table.type(protocolClass, as: "Protocol")
      table.type(variable, as: "TypeVar")
      table.type(variable, as: "ParamSpec")
      table.type(variable, as: "TypeVarTuple")
      table.type(typedDict, as: "TypedDict")
      table.function("cast", "typ, val") { $0[1] }
      table.function("NewType", "name, tp") { $0[1] }
      for decorator in ["final", "override", "overload", "no_type_check", "runtime_checkable"] {
        table.function(decorator, "func") { $0[0] }
      }
      table.function("get_origin", "tp") { call in
        if call[0].object(as: UnionType.self) != nil { return .object(union) }
        return call[0].object(as: GenericAlias.self)?.origin ?? .null
      }
      table.function("get_args", "tp") { call in
        if let alias = call[0].object(as: GenericAlias.self) { return .tuple(alias.arguments) }
        return .tuple(call[0].object(as: UnionType.self)?.alternatives ?? [])
      }
      table.function("assert_never", "arg, /") { call in
        throw PythonError(.assertionError, "Expected code to be unreachable")
      }
      table.type(namedTuple, as: "NamedTuple")
      table.refused("get_type_hints", in: name)
    }
  }
}
