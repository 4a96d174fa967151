internal import OrderedCollections

// Immutable once made (see PythonClass).
extension PythonClass {
  /// `enum.EnumType`.
  nonisolated(unsafe) static let enumType = PythonClass(
    host: "EnumType", module: "enum", bases: [.type])
  /// `enum.Enum`.
  nonisolated(unsafe) public static let enumeration: PythonClass = EnumClass(
    host: "Enum", module: "enum", members: EnumMembers.all)
  /// `enum.ReprEnum`: enumerations with the texts of their data type.
  nonisolated(unsafe) static let reprEnum: PythonClass = EnumClass(
    host: "ReprEnum", module: "enum", bases: [.enumeration])
  /// `enum.IntEnum`.
  nonisolated(unsafe) static let intEnum: PythonClass = EnumClass(
    host: "IntEnum", module: "enum", bases: [.int, .reprEnum], members: EnumMembers.int)
  /// `enum.StrEnum`.
  nonisolated(unsafe) static let strEnum: PythonClass = EnumClass(
    host: "StrEnum", module: "enum", bases: [.str, .reprEnum], members: EnumMembers.str)
  /// `enum.Flag`.
  nonisolated(unsafe) static let flag: PythonClass = EnumClass(
    host: "Flag", module: "enum", bases: [.enumeration], members: EnumMembers.flag)
  /// `enum.IntFlag`.
  nonisolated(unsafe) static let intFlag: PythonClass = EnumClass(
    host: "IntFlag", module: "enum", bases: [.int, .reprEnum, .flag],
    members: EnumMembers.int.merging(EnumMembers.flagOperators) { $1 })
}

/// `enum`.
enum EnumModule {
  static func make() -> HostModule {
    HostModule(
      "enum",
      [
        "Enum": { _ in .object(PythonClass.enumeration) },
        "ReprEnum": { _ in .object(PythonClass.reprEnum) },
        "IntEnum": { _ in .object(PythonClass.intEnum) },
        "StrEnum": { _ in .object(PythonClass.strEnum) },
        "Flag": { _ in .object(PythonClass.flag) },
        "IntFlag": { _ in .object(PythonClass.intFlag) },
        "EnumType": { _ in .object(PythonClass.enumType) },
        "EnumMeta": { _ in .object(PythonClass.enumType) },
        "property": { _ in .object(PythonClass.property) },
        "auto": { _ in .function("auto") { _ in .object(AutoValue()) } },
        "unique": { _ in .function("unique", "enumeration", unique) },
      ])
  }

  private static func unique(_ call: Call) throws -> Value {
    let cls: EnumClass = try call.object(0)
    let aliases = cls.byName.filter { $0.key != $0.value.name }
    if aliases.isEmpty { return call[0] }
    let pairs = aliases.map { "\($0.key) -> \($0.value.name)" }.joined(separator: ", ")
    throw PythonError(
      .valueError, "duplicate values found in <enum '\(cls.name)'>: \(pairs)")
  }
}

/// The members of the classes of `enum`.
enum EnumMembers {
  private static func member(_ call: Call) throws -> EnumMember { try call.receiver() }

  static var all: OrderedDictionary<String, Value> {
    [
      "__new__": .new { call in .object(EnumMember(try call.cls())) },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "name": .property { call in .string(try member(call).name) },
      "value": .property { call in try member(call).value },
      "__repr__": .method { call in
        let member = try member(call)
        let value = try call.python.repr(member.value)
        return .string("<\(member.pythonClass.name).\(member.name): \(value)>")
      },
      "__str__": .method { call in .string(try qualified(call)) },
      "__format__": .method("self, specification, /") { call in
        // A subclass with a __str__ of its own is formatted by it.
        .string(try call.python.format(.string(call.python.str(call[0])), call.string(1)))
      },
      "__hash__": .method { call in .int(try call.python.hash(.string(member(call).name))) },
      "__copy__": .method { call in call[0] },
      "__deepcopy__": .method("self, memo=None") { call in call[0] },
      "_generate_next_value_": .staticMethod("name, start, count, last_values") { call in
        let numbers = try call.python.items(call[3]).compactMap(\.int)
        return .int((numbers.max() ?? 0) + 1)
      },
    ]
  }

  private static func qualified(_ call: Call) throws -> String {
    let member = try member(call)
    return "\(member.pythonClass.name).\(member.name)"
  }

  static var int: OrderedDictionary<String, Value> {
    [
      "__str__": .method { call in .string(try call.python.str(member(call).value)) },
      "__repr__": all["__repr__"] ?? .null,
      "__format__": .method("self, specification, /") { call in
        .string(try call.python.format(member(call).value, call.string(1)))
      },
    ]
  }

  static var str: OrderedDictionary<String, Value> {
    int.merging([
      "_generate_next_value_": .staticMethod("name, start, count, last_values") { call in
        .string(try call.string(0).lowercased())
      }
    ]) { $1 }
  }

  static var flag: OrderedDictionary<String, Value> {
    flagOperators
  }

  static var flagOperators: OrderedDictionary<String, Value> {
    func combining(_ combine: @escaping (Int, Int) -> Int) -> Value {
      .method("self, other, /") { call in
        let member = try member(call)
        let other = call[1].object(as: EnumMember.self)
        guard let cls = member.enumClass, let a = member.value.int,
          let b = other.map({ $0.pythonClass === cls ? $0.value.int : nil })
            ?? (cls.isSubclass(of: .int) ? call[1].int : nil)
        else { return .notImplemented }
        return try cls.member(of: .int(combine(a, b)), call.python)
      }
    }
    return [
      "__or__": combining(|), "__and__": combining(&), "__xor__": combining(^),
      "__ror__": combining(|), "__rand__": combining(&), "__rxor__": combining(^),
      "__invert__": .method { call in
        let member = try member(call)
        guard let cls = member.enumClass, let bits = member.value.int else { return .null }
        let all = cls.canonical.compactMap(\.value.int).reduce(0, |)
        return try cls.member(of: .int(all & ~bits), call.python)
      },
      "__contains__": .method("self, other, /") { call in
        guard let bits = try member(call).value.int,
          let other: EnumMember = call[1].object(as: EnumMember.self),
          let wanted = other.value.int
        else { return .bool(false) }
        return .bool(bits & wanted == wanted)
      },
      "__iter__": .method { call in
        let member = try member(call)
        let parts = member.enumClass?.parts(of: member.value.int ?? 0) ?? []
        return .object(ClosureIterator("generator", over: parts.map { .object($0) }))
      },
      "__len__": .method { call in .int((try member(call).value.int ?? 0).nonzeroBitCount) },
      "__bool__": .method { call in .bool(try member(call).value.int != 0) },
      "__repr__": .method { call in
        let member = try member(call)
        let value = try call.python.repr(member.value)
        return .string(
          member.name.isEmpty
            ? "<\(member.pythonClass.name): \(value)>"
            : "<\(member.pythonClass.name).\(member.name): \(value)>")
      },
      "_generate_next_value_": .staticMethod("name, start, count, last_values") { call in
        let numbers = try call.python.items(call[3]).compactMap(\.int)
        guard let greatest = numbers.max(), greatest > 0 else { return .int(1) }
        return .int(1 << (Int.bitWidth - greatest.leadingZeroBitCount))
      },
    ]
  }
}
