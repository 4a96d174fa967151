internal import OrderedCollections
internal import Text

/// `dataclasses`.
enum DataclassesModule {
  static func make() -> HostModule {
    HostModule(
      "dataclasses",
      [
        "dataclass": { _ in .function("dataclass", "cls=None, /, **options", dataclass) },
        "field": { _ in
          .function(
            "field",
            "*, default=..., default_factory=..., init=True, repr=True, hash=None, compare=True, "
              + "metadata=None, kw_only=..."
          ) { call in .object(try DataField(call)) }
        },
        "fields": { _ in
          .function("fields", "class_or_instance") { call in
            .tuple(try described(call[0]).fields.map { .object($0) })
          }
        },
        "is_dataclass": { _ in
          .function("is_dataclass", "obj") { call in
            .bool(found(in: call[0]) != nil)
          }
        },
        "asdict": { _ in
          .function("asdict", "obj") { call in try converted(call[0], call.python, asDict: true) }
        },
        "astuple": { _ in
          .function("astuple", "obj") { call in try converted(call[0], call.python, asDict: false) }
        },
        "replace": { _ in .function("replace", "obj, /, **changes", replace) },
        "MISSING": { _ in .object(missing) },
        "KW_ONLY": { _ in .object(keywordOnlyMark) },
        "FrozenInstanceError": { _ in .object(frozenInstanceError) },
      ])
  }

  // Immutable once made.
  nonisolated(unsafe) static let missing = PythonClass(
    host: "_MISSING_TYPE", module: "dataclasses")
  nonisolated(unsafe) static let keywordOnlyMark = PythonClass(
    host: "KW_ONLY", module: "dataclasses")
  nonisolated(unsafe) static let frozenInstanceError = PythonClass(
    host: "FrozenInstanceError", module: "dataclasses",
    bases: [BuiltinException.attributeError.pythonClass])

  /// The attribute in which a class keeps its description.
  static let descriptionName = "__dataclass_fields__"

  private static func found(in value: Value) -> DataDescription? {
    let cls = value.asClass ?? value.pythonClass
    return cls.lookup(descriptionName)?.object(as: DataDescription.self)
  }

  static func described(_ value: Value) throws -> DataDescription {
    guard let found = found(in: value) else {
      throw PythonError(
        .typeError, "must be called with a dataclass type or instance")
    }
    return found
  }

  private static func dataclass(_ call: Call) throws -> Value {
    var options = DataOptions()
    for (name, value) in call.keywords {
      let flag = try call.python.truth(value)
      switch name {
      case "init": options.makesInit = flag
      case "repr": options.makesRepr = flag
      case "eq": options.makesEqual = flag
      case "order": options.makesOrder = flag
      case "frozen": options.isFrozen = flag
      case "kw_only": options.isKeywordOnly = flag
      case "unsafe_hash": options.makesHash = flag
      case "match_args", "slots", "weakref_slot": break
      default:
        throw PythonError(
          .typeError, "dataclass() got an unexpected keyword argument '\(name)'")
      }
    }
    let chosen = options
    if let cls = call[0].asClass {
      try DataclassMaker(cls, chosen, call.python).make()
      return call[0]
    }
    return .function("wrap", "cls") { call in
      guard let cls = call[0].asClass else { throw call.mismatch(0, "a class") }
      try DataclassMaker(cls, chosen, call.python).make()
      return call[0]
    }
  }

  private static func converted(
    _ value: Value, _ python: Interpreter, asDict: Bool
  ) throws -> Value {
    let description = try described(value)
    func inner(_ value: Value) throws -> Value {
      try python.nested {
        if value.asClass == nil, found(in: value) != nil {
          return try converted(value, python, asDict: asDict)
        }
        switch value {
        case .list(let list): return .list(try list.items.map(inner))
        case .tuple(let items): return .tuple(try items.map(inner))
        case .dict(let dict):
          let copy = PythonDict()
          for (key, value) in dict.items { try copy.set(inner(key), to: inner(value), python) }
          return .dict(copy)
        default: return value
        }
      }
    }
    let pairs = try description.fields.map {
      ($0.name, try inner(python.get($0.name, of: value)))
    }
    return asDict ? .dict(PythonDict(pairs)) : .tuple(pairs.map(\.1))
  }

  private static func replace(_ call: Call) throws -> Value {
    var keywords = call.keywords
    for field in try described(call[0]).fields where field.isInit {
      if !keywords.contains(where: { $0.name == field.name }) {
        keywords.append((field.name, try call.python.get(field.name, of: call[0])))
      }
    }
    return try call.python.call(
      .object(call[0].pythonClass), Arguments(keywords: keywords))
  }
}

struct DataOptions {
  var makesInit = true, makesRepr = true, makesEqual = true, makesOrder = false
  var isFrozen = false, isKeywordOnly = false, makesHash = false
}

/// The fields of a dataclass.
final class DataDescription: PythonObject {
  let fields: [DataField]

  init(_ fields: [DataField]) { self.fields = fields }

  override func iterator(_ python: Interpreter) throws -> PythonIterator? {
    ClosureIterator("iterator", over: fields.map { .string($0.name) })
  }
}

/// A field of a dataclass: what `field(...)` gives, and what stands for a plain default.
final class DataField: PythonObject {
  var name = ""
  var annotation: ClassAnnotation?
  var value: Value?
  var factory: Value?
  var isInit = true, isRepr = true, isCompared = true
  var isKeywordOnly: Bool?
  private var metadata: Value = .null

  init(default value: Value?) { self.value = value }

  init(_ call: Call) throws {
    value = call.optional("default")
    factory = call.optional("default_factory")
    isInit = try call.truth("init")
    isRepr = try call.truth("repr")
    isCompared = try call.truth("compare")
    isKeywordOnly = try call.optional("kw_only").map { try call.python.truth($0) }
    metadata = call["metadata"]
    if value != nil, factory != nil {
      throw PythonError(.valueError, "cannot specify both default and default_factory")
    }
  }

  override var typeName: String { "Field" }
  var hasDefault: Bool { value != nil || factory != nil }

  override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
    switch name {
    case "name": .string(self.name)
    case "type": try annotation?.value() ?? .null
    case "default": value ?? .object(DataclassesModule.missing)
    case "default_factory": factory ?? .object(DataclassesModule.missing)
    case "init": .bool(isInit)
    case "repr": .bool(isRepr)
    case "compare": .bool(isCompared)
    case "metadata": metadata.isNone ? .dict(PythonDict()) : metadata
    default: try super.attribute(name, python)
    }
  }
}

/// Adds to a class what `@dataclass` adds.
private struct DataclassMaker {
  let cls: PythonClass
  let options: DataOptions
  let python: Interpreter

  init(_ cls: PythonClass, _ options: DataOptions, _ python: Interpreter) {
    self.cls = cls
    self.options = options
    self.python = python
  }

  func make() throws {
    let fields = try allFields()
    cls.members[DataclassesModule.descriptionName] = .object(DataDescription(fields))
    if options.makesInit, cls.members["__init__"] == nil { try addInit(fields) }
    if options.makesRepr, cls.members["__repr__"] == nil { addRepr(fields) }
    let compared = fields.filter(\.isCompared).map(\.name)
    if options.makesEqual, cls.members["__eq__"] == nil {
      add("__eq__", comparison(.equal, compared))
      if !options.isFrozen { cls.members["__hash__"] = .null }
    }
    if options.makesOrder {
      for op in [ComparisonOperator.less, .lessOrEqual, .greater, .greaterOrEqual] {
        if let name = op.method { add(name, comparison(op, compared)) }
      }
    }
    if options.makesHash || (options.isFrozen && options.makesEqual) {
      add(
        "__hash__",
        .method { call in
          .int(try call.python.hash(.tuple(compared.map { try call.python.get($0, of: call[0]) })))
        })
    }
    if options.isFrozen { freeze() }
    if cls.members["__match_args__"] == nil {
      cls.members["__match_args__"] = .tuple(
        fields.filter { $0.isInit && $0.isKeywordOnly != true }.map { .string($0.name) })
    }
  }

  private func add(_ name: String, _ function: Value) {
    function.object(as: HostFunction.self)?.name = name
    cls.members[name] = function
  }

  private func allFields() throws -> [DataField] {
    var fields: OrderedDictionary<String, DataField> = [:]
    for ancestor in cls.ancestors.reversed() {
      let inherited = ancestor.members[DataclassesModule.descriptionName]?
        .object(as: DataDescription.self)
      for field in inherited?.fields ?? [] { fields[field.name] = field }
    }
    var isKeywordOnly = options.isKeywordOnly
    for annotation in cls.annotations {
      let type = try unlessRaised(annotation.value)
      if type?.asClass === DataclassesModule.keywordOnlyMark {
        isKeywordOnly = true
        continue
      }
      if let type, try isClassVariable(type) { continue }
      let given = cls.members[annotation.name]
      let field = given?.object(as: DataField.self) ?? DataField(default: given)
      switch given {
      case .list?, .dict?, .set?:
        throw PythonError(
          .valueError,
          "mutable default \(given.map { "<class '\($0.typeName)'>" } ?? "") for field "
            + "\(annotation.name) is not allowed: use default_factory")
      default: break
      }
      field.name = annotation.name
      field.annotation = annotation
      field.isKeywordOnly = field.isKeywordOnly ?? isKeywordOnly
      cls.members[annotation.name] = field.value
      fields[annotation.name] = field
    }
    return Array(fields.values)
  }

  private func isClassVariable(_ type: Value) throws -> Bool {
    // A type of a package that is not here is only named, never used.
    if type.object(as: AbsentObject.self) != nil { return false }
    return try python.repr(type).hasPrefix("typing.ClassVar")
      || type.string?.contains(text: "ClassVar") == true
  }

  private func addInit(_ fields: [DataField]) throws {
    let positional = fields.filter { $0.isInit && $0.isKeywordOnly != true }
    let keywordOnly = fields.filter { $0.isInit && $0.isKeywordOnly == true }
    for (field, next) in zip(positional, positional.dropFirst())
    where field.hasDefault && !next.hasDefault {
      throw PythonError(
        .typeError, "non-default argument '\(next.name)' follows default argument")
    }
    func declared(_ field: DataField) -> String { field.name + (field.hasDefault ? "=..." : "") }
    var signature = ["self"] + positional.map(declared)
    if !keywordOnly.isEmpty { signature += ["*"] + keywordOnly.map(declared) }
    let taken = positional + keywordOnly
    let name = "\(cls.qualifier).__init__"
    cls.members["__init__"] = .object(
      HostFunction(name, signature.joined(separator: ", "), kind: .method) { call in
        guard let instance = call[0].object(as: PythonInstance.self) else { return .null }
        var given: [String: Value] = [:]
        for (index, field) in taken.enumerated() where call.isGiven(index + 1) {
          given[field.name] = call[index + 1]
        }
        for field in fields {
          let value =
            try given[field.name] ?? field.factory.map { try call.python.call($0) }
            ?? field.value
          if let value {
            _ = try instance.setOwnAttribute(field.name, to: value, call.python)
          }
        }
        _ = try instance.invoke("__post_init__", [], call.python)
        return .null
      })
  }

  private func addRepr(_ fields: [DataField]) {
    let shown = fields.filter(\.isRepr).map(\.name)
    add(
      "__repr__",
      .method { call in
        guard case .object(let object) = call[0] else { return .null }
        return .string(
          try call.python.guarded(object, "...") {
            let parts = try shown.map {
              "\($0)=\(try call.python.repr(call.python.get($0, of: call[0])))"
            }
            return "\(object.pythonClass.qualifier)(\(parts.joined(separator: ", ")))"
          })
      })
  }

  private func comparison(_ op: ComparisonOperator, _ names: [String]) -> Value {
    .method("self, other, /") { call in
      guard call[0].pythonClass === call[1].pythonClass else { return .notImplemented }
      func values(_ value: Value) throws -> Value {
        .tuple(try names.map { try call.python.get($0, of: value) })
      }
      return try call.python.compare(op, values(call[0]), values(call[1]))
    }
  }

  private func freeze() {
    func refusing(_ verb: String, _ signature: String) -> Value {
      .method(signature) { call in
        throw PythonError(
          DataclassesModule.frozenInstanceError, "cannot \(verb) field '\(try call.string(1))'")
      }
    }
    add("__setattr__", refusing("assign to", "self, name, value, /"))
    add("__delattr__", refusing("delete", "self, name, /"))
  }
}
