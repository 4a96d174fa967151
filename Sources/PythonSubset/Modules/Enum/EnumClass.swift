public import OrderedCollections

/// A class of the `enum` family: what CPython's `EnumType` makes of a class body.
public final class EnumClass: PythonClass {
  /// The members by name, aliases too, in order.
  public private(set) var byName: OrderedDictionary<String, EnumMember> = [:]
  /// The members that are no aliases.
  var canonical: [EnumMember] = []
  /// Combinations of flags that were asked for.
  private var combinations: [Int: EnumMember] = [:]

  var isFlag: Bool { isSubclass(of: .flag) }

  public override var pythonClass: PythonClass { .enumType }

  public override func derive(_ body: ClassBody, _ python: Interpreter) throws -> PythonClass {
    for case let base as EnumClass in body.bases where !base.byName.isEmpty {
      throw PythonError(.typeError, "<enum '\(body.name)'> cannot extend <enum '\(base.name)'>")
    }
    var plain = body
    let ignored = body.members["_ignore_"].map { value in
      Set(
        value.sequence?.compactMap(\.string) ?? value.string?.split { $0 == " " || $0 == "," }
          .map(String.init) ?? [])
    }
    let candidates = body.members.filter { name, value in
      EnumClass.isMember(name, value) && !(ignored?.contains(name) ?? false)
    }
    for name in candidates.keys { plain.members[name] = nil }
    for name in ignored ?? [] { plain.members[name] = nil }
    let cls = try EnumClass(plain)
    cls.takeEnumMethods()
    try cls.add(candidates, python)
    return cls
  }

  /// Whether what a class body binds becomes a member: neither a function or descriptor nor a name
  /// that is dunder, sunder or private.
  private static func isMember(_ name: String, _ value: Value) -> Bool {
    if name.hasPrefix("__") || (name.hasPrefix("_") && name.hasSuffix("_")) { return false }
    guard case .object(let object) = value else { return true }
    switch object {
    case is PythonFunction, is PropertyObject, is StaticMethod, is ClassMethod, is HostFunction:
      return false
    case let instance as PythonInstance:
      return instance.pythonClass.lookup("__get__") == nil
    default: return true
    }
  }

  /// The builtin type that the members are values of besides: `str` of `class C(str, Enum)`.
  private var dataType: PythonClass? {
    let types: [PythonClass] = [.str, .int, .float, .bytes, .tuple]
    return ancestors.first { ancestor in types.contains { $0 === ancestor } }
  }

  /// Gives the class the texts of `Enum` where it would have those of its data type, as
  /// `EnumType.__new__` does; `IntEnum` and `StrEnum` keep the data type's.
  private func takeEnumMethods() {
    guard let dataType, !isSubclass(of: .reprEnum) else { return }
    for name in ["__repr__", "__str__", "__format__"] where members[name] == nil {
      guard let found = lookup(name), let own = dataType.lookup(name), found.isIdentical(to: own)
      else { continue }
      members[name] = PythonClass.enumeration.members[name]
    }
  }

  // MARK: Making members

  public override func bareInstance(payload: Value? = nil) -> PythonInstance {
    EnumMember(self, payload: payload)
  }

  private func add(
    _ candidates: OrderedDictionary<String, Value>, _ python: Interpreter
  ) throws {
    var values: [Value] = []
    for (name, given) in candidates {
      let value = try resolved(given, name, values, python)
      values.append(value)
      let member = try make(value, python)
      member.name = name
      let actual = member.value
      if let known = try canonical.first(where: { try python.equal($0.value, actual) }) {
        byName[name] = known
        members[name] = .object(known)
        continue
      }
      byName[name] = member
      members[name] = .object(member)
      canonical.append(member)
    }
  }

  /// The value of a member, with `auto()` worked out; a tuple may hold it too.
  private func resolved(
    _ given: Value, _ name: String, _ before: [Value], _ python: Interpreter
  ) throws -> Value {
    func resolved(_ value: Value) throws -> Value {
      try value.object(as: AutoValue.self)?.resolve(python) { try next(name, before, python) }
        ?? value
    }
    guard case .tuple(let items) = given else { return try resolved(given) }
    return .tuple(try items.map(resolved))
  }

  private func next(_ name: String, _ before: [Value], _ python: Interpreter) throws -> Value {
    guard let function = lookup("_generate_next_value_") else { return .null }
    let callable = function.object(as: StaticMethod.self)?.function ?? function
    return try python.call(
      callable, [.string(name), .int(1), .int(before.count), .list(before)])
  }

  private func make(_ value: Value, _ python: Interpreter) throws -> EnumMember {
    let arguments = value.tuple.flatMap { dataType === PythonClass.tuple ? nil : $0 } ?? [value]
    let member: EnumMember
    if let new = lookup("__new__"),
      let function = new.object(as: PythonFunction.self)
        ?? new.object(as: StaticMethod.self)?.function.object(as: PythonFunction.self)
    {
      let made = try python.call(.object(function), [.object(self)] + arguments)
      guard let instance = made.object(as: EnumMember.self) else {
        throw PythonError(.typeError, "__new__ of \(self.name) must make a member")
      }
      member = instance
    } else {
      let payload = try dataType.map { try python.call(.object($0), arguments) }
      member = EnumMember(self, payload: payload)
    }
    if let given = member.attributes["_value_"] {
      member.value = given
    } else {
      // The value of a data type that was made of several arguments is what was made.
      member.value = arguments.count > 1 ? member.payload ?? value : member.payload ?? value
    }
    if let initialiser = lookup("__init__"), initialiser.object(as: PythonFunction.self) != nil {
      _ = try python.call(initialiser, [.object(member)] + arguments)
      member.value = member.attributes["_value_"] ?? member.value
    }
    return member
  }

  // MARK: What the class answers

  /// The member of a value: `Color(value)`.
  func member(of value: Value, _ python: Interpreter) throws -> Value {
    if let member = value.object(as: EnumMember.self), member.pythonClass === self { return value }
    if let member = try canonical.first(where: { try python.equal($0.value, value) }) {
      return .object(member)
    }
    if isFlag, let bits = value.int, let member = try combination(bits, python) {
      return .object(member)
    }
    if let hook = lookup("_missing_")?.object(as: ClassMethod.self),
      let bound = try hook.bind(to: nil, class: self, python)
    {
      let found = try python.call(bound, [value])
      if found.object(as: EnumMember.self) != nil { return found }
    }
    throw PythonError(
      .valueError, "\(try python.repr(value)) is not a valid \(qualifier)")
  }

  /// The member for a combination of flags; nil when a bit belongs to no flag.
  func combination(_ bits: Int, _ python: Interpreter) throws -> EnumMember? {
    let all = canonical.compactMap(\.value.int).reduce(0, |)
    let wanted = bits < 0 ? all & bits : bits
    if let member = canonical.first(where: { $0.value.int == wanted }) { return member }
    if let member = combinations[wanted] { return member }
    guard wanted & ~all == 0 || isSubclass(of: .int) else { return nil }
    let member = EnumMember(self, payload: isSubclass(of: .int) ? .int(wanted) : nil)
    member.value = .int(wanted)
    member.name = parts(of: wanted).map(\.name).joined(separator: "|")
    combinations[wanted] = member
    return member
  }

  /// The single flags within a combination.
  func parts(of bits: Int) -> [EnumMember] {
    canonical.filter { member in
      guard let bit = member.value.int, bit > 0, bit & (bit - 1) == 0 else { return false }
      return bits & bit != 0
    }
  }

  public override func call(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    if byName.isEmpty, isHost || arguments.positional.count > 1 {
      return try functional(arguments, python)
    }
    guard let value = arguments.positional.first ?? arguments["value"],
      arguments.positional.count + arguments.keywords.count == 1
    else {
      throw PythonError(
        .typeError, "\(name)() takes one value, \(arguments.positional.count) were given")
    }
    return try member(of: value, python)
  }

  /// `Enum("Color", "RED GREEN")` and its forms.
  private func functional(_ arguments: Arguments, _ python: Interpreter) throws -> Value {
    guard let name = arguments.positional.first?.string,
      let names = arguments.positional.dropFirst().first ?? arguments["names"]
    else { throw PythonError(.typeError, "\(self.name)() needs a name and the members' names") }
    var body = ClassBody(
      name: name, module: python.frame?.module.name ?? "enum", bases: [self], members: [:])
    if let type = arguments["type"]?.asClass { body.bases.insert(type, at: 0) }
    if let text = names.string {
      for part in text.split(whereSeparator: { $0 == "," || $0 == " " }) {
        body.members[String(part)] = .object(AutoValue())
      }
    } else if let dict = names.dict {
      for (key, value) in dict.items { body.members[key.string ?? ""] = value }
    } else {
      for item in try python.items(names) {
        if let name = item.string {
          body.members[name] = .object(AutoValue())
        } else if let pair = item.sequence, pair.count == 2, let name = pair[0].string {
          body.members[name] = pair[1]
        }
      }
    }
    return try python.makeClass(body)
  }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "__members__": .dict(PythonDict(byName.elements.map { ($0.key, .object($0.value)) }))
    case "_member_map_": .dict(PythonDict(byName.elements.map { ($0.key, .object($0.value)) }))
    case "_member_names_": .list(canonical.map { .string($0.name) })
    case "name", "value": byName[name].map { .object($0) }
    default: try super.attribute(name, python)
    }
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    if byName[name] != nil {
      throw PythonError(.attributeError, "cannot reassign member '\(name)'")
    }
    return try super.setAttribute(name, to: value, python)
  }

  public override func truth(_ python: Interpreter) throws -> Bool { true }

  public override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    let listed =
      isFlag
      ? canonical.filter { ($0.value.int ?? 0) > 0 && ($0.value.int ?? 0).nonzeroBitCount == 1 }
      : canonical
    return ClosureIterator("generator", over: listed.map { .object($0) })
  }

  public override func length(_ python: Interpreter) throws -> Int? {
    try iterator(python).map { try python.items(.object($0)).count }
  }

  public override func contains(_ item: Value, _ python: Interpreter) throws -> Bool? {
    if let member = item.object(as: EnumMember.self) { return member.pythonClass === self }
    return try canonical.contains { try python.equal($0.value, item) }
  }

  public override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    guard let name = key.string, let member = byName[name] else {
      throw PythonError(.keyError, arguments: [key])
    }
    return .object(member)
  }

  public override func representation(_ python: Interpreter) throws -> String {
    isSubclass(of: .flag) ? "<flag '\(name)'>" : "<enum '\(name)'>"
  }
}

/// A member of an enumeration.
public final class EnumMember: PythonInstance {
  /// The name: that of the first definition of the value.
  public internal(set) var name = ""
  /// The value.
  public internal(set) var value = Value.null

  /// Whether it is a member by the value of a flag.
  var enumClass: EnumClass? { pythonClass as? EnumClass }

  public override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "_name_": .string(self.name)
    case "_value_": value
    default: try super.attribute(name, python)
    }
  }

  public override func setAttribute(
    _ name: String, to value: Value, _ python: Interpreter
  ) throws -> Bool {
    if name == "name" || name == "value" {
      throw PythonError(
        .attributeError, "<enum 'Enum'> cannot set attribute '\(name)'")
    }
    if name == "_value_" { self.value = value }
    return try super.setAttribute(name, to: value, python)
  }
}

/// `auto()`: a value that the class chooses, or a combination of such values (`RW = R | W`).
///
/// CPython puts the chosen value into the namespace while the body runs; here it is worked out
/// when the class is made, and a combination waits for it.
final class AutoValue: PythonObject {
  private let combination: (op: BinaryOperator, left: Value, right: Value)?
  /// The value that was chosen.
  private var chosen: Value?

  init(_ combination: (op: BinaryOperator, left: Value, right: Value)? = nil) {
    self.combination = combination
  }

  override var typeName: String { "auto" }

  override func binary(
    _ op: BinaryOperator, _ other: Value, reflected: Bool, _ python: Interpreter
  ) throws -> Value? {
    let mine = Value.object(self)
    return .object(AutoValue(reflected ? (op, other, mine) : (op, mine, other)))
  }

  /// The value; `next` chooses it where it is not a combination.
  func resolve(_ python: Interpreter, _ next: () throws -> Value) throws -> Value {
    if let chosen { return chosen }
    func operand(_ value: Value) throws -> Value {
      try value.object(as: AutoValue.self)?.resolve(python, next) ?? value
    }
    let value =
      try combination.map { try python.binary($0.op, operand($0.left), operand($0.right)) }
      ?? next()
    chosen = value
    return value
  }
}
