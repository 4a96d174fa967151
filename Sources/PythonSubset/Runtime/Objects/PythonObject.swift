/// A Python object that has no case of its own in ``Value``, and the protocol by which a host
/// offers one.
///
/// A host object overrides what it supports and leaves the rest, which then fails as Python does
/// ("'X' object is not callable"). Simple hosts derive from this class and give their attributes in
/// ``attribute(_:_:)``; hosts that Python classes may inherit from derive from ``PythonInstance``
/// and have a ``PythonClass``, in whose members their methods stand.
///
/// Every method gets the interpreter, by which it computes with values: `python.str(value)`,
/// `python.call(function, [argument])`, `python.iterate(value)`. A nil result means "I don't have
/// this": the interpreter then raises the error that CPython would.
open class PythonObject {
  /// Creates an object.
  public init() {}

  /// What `type(self)` gives.
  open var pythonClass: PythonClass { .object }

  /// The name of the class in messages.
  open var typeName: String { pythonClass.name }

  /// The value of an attribute. By default a member of the class, bound to the object.
  open func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    try pythonClass.boundMember(name, of: .object(self), python)
  }

  /// Sets an attribute; false when it cannot be set.
  open func setAttribute(_ name: String, to value: Value, _ python: Interpreter) throws -> Bool {
    false
  }

  /// Deletes an attribute; false when it cannot be deleted or does not exist.
  open func deleteAttribute(_ name: String, _ python: Interpreter) throws -> Bool { false }

  /// The names of the attributes, for `dir()` and for the check of a script before it runs.
  open var attributeNames: [String] { pythonClass.memberNames }

  /// The names that ``attribute(_:_:)`` answers itself, beside those of the class, with something
  /// that can be called: for the check of a script before it runs.
  open class var ownMethods: [String] { [] }

  /// Whether ``attribute(_:_:)`` answers to any name, so that the check cannot tell a wrong one.
  open var answersAnyName: Bool { false }

  /// Throws ``Unsupported`` where the object is known not to support what a script does with an
  /// attribute: reads it, or calls it with `arguments`. The check asks before anything runs.
  open func checkUse(
    of name: String, calledWith arguments: [Argument]?, _ python: Interpreter
  ) throws {}

  /// Calls the object. Throws `TypeError` by default.
  open func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    throw PythonError(.typeError, "'\(typeName)' object is not callable")
  }

  /// Whether the object can be called: `callable()`.
  open var isCallable: Bool { false }

  /// The parameters that a call takes, for the static check; nil when they are not known.
  open var callSignature: Signature? { nil }

  /// `self op other`, or `other op self` when `reflected`. Nil is `NotImplemented`.
  open func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? { nil }

  /// `self op= other`; nil falls back to ``binary(_:_:reflected:_:)``.
  open func inPlace(_ op: BinaryOperator, _ other: Value, _ python: Interpreter) throws -> Value? {
    nil
  }

  /// `+self`, `-self`, `~self`. (`not` asks ``truth(_:)``.)
  open func unary(_ op: UnaryOperator, _ python: Interpreter) throws -> Value? { nil }

  /// `self op other` for the six orderings, which may give any value (a SQL expression, say).
  /// By default equality is identity, and the orderings are not there.
  open func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? { nil }

  /// The hash. By default that of the identity.
  open func hash(_ python: Interpreter) throws -> Int { ObjectIdentifier(self).hashValue }

  /// The truth value. By default `len(self) != 0` where there is a length, else true.
  open func truth(_ python: Interpreter) throws -> Bool {
    if let length = try length(python) { length != 0 } else { true }
  }

  /// `str(self)`. By default ``representation(_:)``.
  open func text(_ python: Interpreter) throws -> String { try representation(python) }

  /// `repr(self)`.
  open func representation(_ python: Interpreter) throws -> String {
    "<\(pythonClass.qualifiedName) object at \(address)>"
  }

  /// `format(self, specification)`. By default `str(self)`, and no specification.
  open func format(_ specification: String, _ python: Interpreter) throws -> String {
    guard specification.isEmpty else {
      throw PythonError(
        .typeError, "unsupported format string passed to \(typeName).__format__")
    }
    return try text(python)
  }

  /// `int(self)` as an index: `__index__`.
  open func index(_ python: Interpreter) throws -> Value? { nil }

  /// An iterator over the object; nil when it is not iterable.
  open func iterator(_ python: Interpreter) throws -> PythonIterator? { nil }

  /// `len(self)`.
  open func length(_ python: Interpreter) throws -> Int? { nil }

  /// `item in self`; nil falls back to iteration.
  open func contains(_ item: Value, _ python: Interpreter) throws -> Bool? { nil }

  /// `self[key]`; nil when the object cannot be subscripted at all. An absent key is a `KeyError`
  /// that the host throws.
  open func item(_ key: Value, _ python: Interpreter) throws -> Value? { nil }

  /// `self[key] = value`; false when items cannot be assigned.
  open func setItem(_ key: Value, to value: Value, _ python: Interpreter) throws -> Bool { false }

  /// `del self[key]`; false when items cannot be deleted.
  open func deleteItem(_ key: Value, _ python: Interpreter) throws -> Bool { false }

  /// `with self`: gives what `as` binds; nil when the object is no context manager.
  open func enter(_ python: Interpreter) throws -> Value? { nil }

  /// The end of a `with` block, with the exception that ended it; true swallows the exception.
  /// Is not called when the script is abandoned (``Unsupported``, ``LimitExceeded``, or an error
  /// of the host that is no Python exception).
  open func exit(_ error: PythonError?, _ python: Interpreter) throws -> Bool { false }

  /// `await self`; nil when the object cannot be awaited.
  open func awaitResult(_ python: Interpreter) throws -> Value? { nil }

  /// Binds the object, found in the class of `instance`, to it: the descriptor protocol. Nil (the
  /// default) leaves it as it is. `instance` is nil when the class itself was asked.
  open func bind(
    to instance: Value?, class owner: PythonClass, _ python: Interpreter
  ) throws -> Value? { nil }

  /// Whether the object, found in a class, goes before the instance's own attribute and takes
  /// assignments: a property.
  open var isDataDescriptor: Bool { false }

  /// Takes an assignment to the attribute of `instance` (nil deletes); false when it is read-only.
  open func bindAssignment(
    of value: Value?, to instance: Value, name: String, _ python: Interpreter
  ) throws -> Bool { false }

  /// The classes that the object stands for among the bases of a class statement
  /// (`__mro_entries__`): `Generic[T]` stands for `Generic`. Nil when it cannot stand there.
  open func classBases(_ python: Interpreter) throws -> [PythonClass]? { nil }

  /// Where the object is, as `repr` writes it.
  public var address: String {
    "0x" + String(UInt(bitPattern: ObjectIdentifier(self).hashValue), radix: 16)
  }
}
