internal import OrderedCollections

// The builtin classes. All are immutable once made (see PythonClass), which is what makes sharing
// them between threads safe.
extension PythonClass {
  private static func builtin(
    _ name: String, bases: [PythonClass] = [.object],
    _ members: OrderedDictionary<String, Value> = [:]
  ) -> PythonClass {
    PythonClass(host: name, module: "builtins", bases: bases, members: members)
  }

  /// `object`.
  nonisolated(unsafe) public static let object = PythonClass(
    host: "object", module: "builtins", bases: [], members: ObjectMembers.all)
  /// `type`.
  nonisolated(unsafe) public static let type = builtin("type", TypeMembers.all)
  /// `type(None)`.
  nonisolated(unsafe) public static let noneType = builtin("NoneType", NoneMembers.all)
  /// `type(...)`.
  nonisolated(unsafe) public static let ellipsisType = builtin("ellipsis")
  /// `type(NotImplemented)`.
  nonisolated(unsafe) public static let notImplementedType = builtin("NotImplementedType")
  /// `int`.
  nonisolated(unsafe) public static let int = builtin("int", NumberMembers.int)
  /// `bool`.
  nonisolated(unsafe) public static let bool = builtin("bool", bases: [.int], NumberMembers.bool)
  /// `float`.
  nonisolated(unsafe) public static let float = builtin("float", NumberMembers.float)
  /// `str`.
  nonisolated(unsafe) public static let str = builtin("str", StringMembers.all)
  /// `bytes`.
  nonisolated(unsafe) public static let bytes = builtin("bytes", BytesMembers.all)
  /// `tuple`.
  nonisolated(unsafe) public static let tuple = builtin("tuple", TupleMembers.all)
  /// `list`.
  nonisolated(unsafe) public static let list = builtin("list", ListMembers.all)
  /// `dict`.
  nonisolated(unsafe) public static let dict = builtin("dict", DictMembers.all)
  /// `set`.
  nonisolated(unsafe) public static let set = builtin("set", SetMembers.mutable)
  /// `frozenset`.
  nonisolated(unsafe) public static let frozenset = builtin("frozenset", SetMembers.frozen)
  /// `range`.
  nonisolated(unsafe) public static let range = builtin("range", RangeMembers.range)
  /// `slice`.
  nonisolated(unsafe) public static let slice = builtin("slice", RangeMembers.slice)
  /// `property`.
  nonisolated(unsafe) public static let property = builtin("property", DescriptorMembers.property)
  /// `staticmethod`.
  nonisolated(unsafe) public static let staticMethodType = builtin(
    "staticmethod", DescriptorMembers.staticMethod)
  /// `classmethod`.
  nonisolated(unsafe) public static let classMethodType = builtin(
    "classmethod", DescriptorMembers.classMethod)
  /// `super`.
  nonisolated(unsafe) static let superType = builtin("super", DescriptorMembers.superType)
  /// The class of functions written in Python.
  nonisolated(unsafe) public static let function = builtin("function")
  /// The class of host functions.
  nonisolated(unsafe) public static let builtinFunction = builtin("builtin_function_or_method")
  /// The class of bound methods.
  nonisolated(unsafe) public static let method = builtin("method")
  /// The class of modules.
  nonisolated(unsafe) public static let module = builtin(
    "module",
    [
      "__new__": .new { call in
        throw Unsupported("making a module with \(call.function)")
      }
    ])
  /// The class of iterators.
  nonisolated(unsafe) public static let iteratorType = builtin("iterator")
  /// The class of generators.
  nonisolated(unsafe) public static let generator = builtin("generator")
  /// The class of what an `async def` function gives.
  nonisolated(unsafe) public static let coroutine = builtin("coroutine")
  /// The class of tracebacks.
  nonisolated(unsafe) static let tracebackType = builtin("traceback")
  /// `types.UnionType`.
  nonisolated(unsafe) public static let unionType = PythonClass(
    host: "UnionType", module: "types")
  /// `types.GenericAlias`.
  nonisolated(unsafe) public static let genericAlias = PythonClass(
    host: "GenericAlias", module: "types")
}
