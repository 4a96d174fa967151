internal import OrderedCollections

/// The module `builtins`.
enum Builtins {
  static func module() -> PythonModule {
    var members: OrderedDictionary<String, (Interpreter) throws -> Value> = [
      "Ellipsis": { _ in .ellipsis }, "NotImplemented": { _ in .notImplemented },
      "__debug__": { _ in .bool(true) },
    ]
    let classes: [PythonClass] = [
      .object, .type, .int, .bool, .float, .str, .bytes, .tuple, .list, .dict, .set, .frozenset,
      .range, .slice, .property, .staticMethodType, .classMethodType, .superType,
    ]
    for cls in classes { members[cls.name] = { _ in .object(cls) } }
    for exception in BuiltinException.allCases {
      members[exception.rawValue] = { _ in .object(exception.pythonClass) }
    }
    for name in ["IOError", "EnvironmentError"] {
      members[name] = { _ in .object(BuiltinException.osError.pythonClass) }
    }
    for group in [functions, conversions, iteration, reflection] {
      for (name, function) in group {
        function.object(as: HostFunction.self)?.name = name
        members[name] = { _ in function }
      }
    }
    for (name, hint) in refused {
      let function = Value.function(name, "*args, **kwargs") { _ in
        throw Unsupported("\(name)()", hint: hint)
      }
      members[name] = { _ in function }
    }
    for (name, hint) in withoutInstances {
      let cls = ClassWithoutInstances(name, hint: hint)
      members[name] = { _ in .object(cls) }
    }
    return HostModule("builtins", members)
  }

  /// What scripts may not do, and what to do instead.
  private static let refused: [(String, String)] = [
    ("open", "A migration reads no files here: put the data into the script."),
    ("exec", "Write the code into the script."), ("eval", "Write the expression into the script."),
    ("compile", "Write the code into the script."),
    ("input", "A migration cannot ask: take the value from the environment."),
    ("breakpoint", "Remove it."), ("help", "Remove it."),
  ]

  /// Classes of which there are no instances here.
  private static let withoutInstances: [(String, String)] = [
    ("memoryview", "Use bytes."), ("bytearray", "Use bytes."),
    ("complex", "Complex numbers are not supported."),
  ]

  private static var functions: OrderedDictionary<String, Value> {
    [
      "print": .staticMethod("*args, sep=None, end=None, file=None, flush=False") { call in
        let separator = try call.optionalString("sep") ?? " "
        let text = try call.rest.map { try call.python.str($0) }.joined(separator: separator)
        let line = text + (try call.optionalString("end") ?? "\n")
        if let file = call["file"].orNil {
          _ = try call.python.callMethod("write", of: file, [.string(line)])
        } else {
          call.python.print(line)
        }
        return .null
      },
      "len": .staticMethod("obj, /") { call in .int(try call.python.length(call[0])) },
      "abs": .staticMethod("x, /") { call in try absolute(call[0], call.python) },
      "divmod": .staticMethod("x, y, /") { call in
        if case .float(let a) = call[0], let b = call[1].double, b != 0 {
          let (quotient, remainder) = Numbers.divided(a, by: b)
          return .tuple([.float(quotient), .float(remainder)])
        }
        return .tuple([
          try call.python.binary(.floorDivide, call[0], call[1]),
          try call.python.binary(.modulo, call[0], call[1]),
        ])
      },
      "pow": .staticMethod("base, exp, mod=None") { call in try power(call) },
      "round": .staticMethod("number, ndigits=None") { call in try rounded(call) },
      "hash": .staticMethod("obj, /") { call in .int(try call.python.hash(call[0])) },
      "id": .staticMethod("obj, /") { call in .int(identity(call[0])) },
      "sum": .staticMethod("iterable, /, start=0") { call in
        if call[1].string != nil {
          throw PythonError(
            .typeError, "sum() can't sum strings [use ''.join(seq) instead]")
        }
        var total = call[1]
        try call.python.iterate(call[0]) { total = try call.python.binary(.add, total, $0) }
        return total
      },
      "min": .staticMethod("*args, key=None, default=...") { call in try extreme(call, .less) },
      "max": .staticMethod("*args, key=None, default=...") { call in try extreme(call, .greater) },
      "__import__": .staticMethod("name, globals=None, locals=None, fromlist=(), level=0") { call in
        let module = try call.python.importModule(call.string("name"))
        if try call.truth("fromlist") { return .object(module) }
        let top = module.name.split(separator: ".").first.map(String.init) ?? module.name
        return .object(try call.python.importModule(top))
      },
    ]
  }

  static func absolute(_ value: Value, _ python: Interpreter) throws -> Value {
    switch value.unwrapped {
    case .float(let number): return .float(number.magnitude)
    case .object:
      if let method = try value.pythonClass.boundMember("__abs__", of: value, python) {
        return try python.call(method)
      }
      throw PythonError(.typeError, "bad operand type for abs(): '\(value.typeName)'")
    default:
      guard let number = Numbers.Operand(value.unwrapped)?.big else {
        throw PythonError(.typeError, "bad operand type for abs(): '\(value.typeName)'")
      }
      return number.isNegative ? number.negated.value : number.value
    }
  }

  private static func power(_ call: Call) throws -> Value {
    guard let modulus = call[2].orNil else {
      return try call.python.binary(.power, call[0], call[1])
    }
    guard var base = Numbers.Operand(call[0].unwrapped)?.big,
      let exponent = Numbers.Operand(call[1].unwrapped)?.big,
      let divisor = Numbers.Operand(modulus.unwrapped)?.big
    else {
      throw PythonError(
        .typeError, "pow() 3rd argument not allowed unless all arguments are integers")
    }
    if divisor.digits.isEmpty { throw PythonError(.valueError, "pow() 3rd argument cannot be 0") }
    if exponent.isNegative { throw Unsupported("pow() with a negative exponent and a modulus") }
    var result = BigInteger(1).floorDivided(by: divisor).remainder
    base = base.floorDivided(by: divisor).remainder
    for bit in 0..<exponent.bitWidth {
      try call.python.tick(1 + divisor.digits.count * divisor.digits.count / 8)
      if exponent.digits[bit / 32] >> (bit % 32) & 1 == 1 {
        result = (result * base).floorDivided(by: divisor).remainder
      }
      base = (base * base).floorDivided(by: divisor).remainder
    }
    return result.value
  }

  private static func rounded(_ call: Call) throws -> Value {
    let value = call[0].unwrapped
    switch value {
    case .float(let number):
      guard let places = call[1].orNil else {
        return try IntegerText.truncated(number.rounded(.toNearestOrEven))
      }
      return .float(FloatText.rounded(number, places: try call.python.index(places)))
    case .int, .big, .bool:
      let number = Numbers.Operand(value)?.big ?? BigInteger(0)
      guard let places = call[1].orNil else { return number.value }
      let digits = try call.python.index(places)
      if digits >= 0 { return number.value }
      if -digits > 4300 { return .int(0) }
      return try roundedToTens(number, -digits, call.python)
    default:
      guard let method = try value.pythonClass.boundMember("__round__", of: value, call.python)
      else {
        throw PythonError(
          .typeError, "type \(value.typeName) doesn't define __round__ method")
      }
      return try call.python.call(method, call[1].orNil.map { [$0] } ?? [])
    }
  }

  private static func roundedToTens(
    _ number: BigInteger, _ places: Int, _ python: Interpreter
  ) throws -> Value {
    let unit = try python.binary(.power, .int(10), .int(places))
    guard let unit = Numbers.Operand(unit)?.big else { return .int(0) }
    let (quotient, remainder) = number.floorDivided(by: unit)
    let twice = remainder + remainder
    let isOdd = (quotient.digits.first ?? 0) & 1 == 1
    let up = unit < twice || (unit == twice && isOdd)
    return ((up ? quotient + BigInteger(1) : quotient) * unit).value
  }

  private static func identity(_ value: Value) -> Int {
    switch value {
    case .object(let object): ObjectIdentifier(object).hashValue & .max
    case .list(let list): ObjectIdentifier(list).hashValue & .max
    case .dict(let dict): ObjectIdentifier(dict).hashValue & .max
    case .set(let set): ObjectIdentifier(set).hashValue & .max
    case .str(let text): text.hashValue & .max
    case .int(let number): number & .max
    default: value.typeName.hashValue & .max
    }
  }

  private static func extreme(_ call: Call, _ op: ComparisonOperator) throws -> Value {
    let python = call.python
    guard let first = call.rest.first else {
      throw PythonError(
        .typeError, "\(call.function) expected at least 1 argument, got 0")
    }
    let items = try call.rest.count == 1 ? python.items(first) : call.rest
    if items.isEmpty, let value = call.optional("default") { return value }
    guard var best = items.first else {
      throw PythonError(.valueError, "\(call.function)() arg is an empty sequence")
    }
    let key = call["key"].orNil
    func keyed(_ item: Value) throws -> Value {
      try key.map { try python.call($0, [item]) } ?? item
    }
    var bestKey = try keyed(best)
    for item in items.dropFirst() {
      try python.tick()
      let itemKey = try keyed(item)
      if try python.truth(python.compare(op, itemKey, bestKey)) {
        (best, bestKey) = (item, itemKey)
      }
    }
    return best
  }
}

/// A builtin class that scripts may ask about (`isinstance(value, memoryview)`) but make no
/// instances of.
final class ClassWithoutInstances: PythonClass {
  convenience init(_ name: String, hint: String) {
    self.init(
      host: name, module: "builtins",
      members: [
        "__new__": .new("cls, *args, **kwargs") { _ in throw Unsupported("\(name)()", hint: hint) }
      ])
  }

  override func isInstance(_ value: Value, _ python: Interpreter) throws -> Bool {
    // What the driver gives as a memoryview is bytes here: one cannot be told from the other.
    if name == "memoryview", value.bytes != nil {
      throw Unsupported("isinstance() of bytes and memoryview", hint: "Ask for bytes.")
    }
    return try super.isInstance(value, python)
  }
}
