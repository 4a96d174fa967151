internal import OrderedCollections
internal import PythonSubset

/// What every type object can do.
enum TypeMethods {
  static var all: OrderedDictionary<String, Value> {
    var all = methods
    for (name, read) in facts { all[name] = .object(TypeFact(name, read)) }
    return all
  }

  private static var methods: OrderedDictionary<String, Value> {
    [
      "with_variant": .method("self, type_, *dialect_names") { call in
        let object: TypeObject = try call.receiver()
        let variant = try TypeCoercion.object(call["type_"], call.python)
        let copy = self.copy(object)
        for name in call.rest { copy.variants[try call.python.str(name)] = variant }
        return .object(copy)
      },
      "copy": .method("self, **kw") { call in .object(copy(try call.receiver())) },
      "adapt": .method("self, cls, **kw") { call in
        let object: TypeObject = try call.receiver()
        guard let cls = call[1].asClass else { throw call.mismatch(1, "a type") }
        let copy = TypeObject(cls)
        adopt(object, by: copy)
        return .object(copy)
      },
      "compile": .method("self, dialect=None") { call in
        let object: TypeObject = try call.receiver()
        if call["dialect"].isNone { return .string(try object.text(call.python)) }
        return try translatingErrors { .string(try TypeCompiler.text(object.resolved)) }
      },
      "dialect_impl": .method("self, dialect") { call in call[0] },
      "evaluates_none": .method("self") { call in call[0] },
      "as_generic": .method("self, allow_nulltype=False") { call in
        let object: TypeObject = try call.receiver()
        let generic = TypeObject(TypeClasses.named(TypeGenerics.name(of: object.type)))
        adopt(object, by: generic)
        generic.shownArguments = TypeRepresentation.arguments(of: object.type)
        return .object(generic)
      },
      "coerce_compared_value": .method("self, op, value") { call in call[0] },
      "create": .method("self, bind, checkfirst=False, **kw") { call in
        let object: TypeObject = try call.receiver()
        let connection = try ConnectionObject.of(call["bind"], call.python)
        try NamedTypeActions.create(
          object.resolved, connection, checkFirst: try call.python.truth(call["checkfirst"]))
        return .null
      },
      "drop": .method("self, bind, checkfirst=False, **kw") { call in
        let object: TypeObject = try call.receiver()
        let connection = try ConnectionObject.of(call["bind"], call.python)
        try NamedTypeActions.drop(
          object.resolved, connection, checkFirst: try call.python.truth(call["checkfirst"]))
        return .null
      },
    ]
  }

  /// Another object of the same class and content.
  static func copy(_ object: TypeObject) -> TypeObject {
    let copy = TypeObject(object.pythonClass)
    adopt(object, by: copy)
    copy.shownArguments = object.shownArguments
    return copy
  }

  private static func adopt(_ object: TypeObject, by copy: TypeObject) {
    copy.type = object.type
    copy.variants = object.variants
    copy.enumeration = object.enumeration
    copy.item = object.item
    copy.python = object.python
    copy.attributes = object.attributes
  }

  private static func fact(_ read: @escaping TypeFact.Reader) -> TypeFact.Reader { read }

  private static var facts: OrderedDictionary<String, TypeFact.Reader> {
    [
      "length": fact { object in
        switch object.type {
        case .string(let text): .int(orNone: text.length)
        case .binary(let binary): .int(orNone: binary.length)
        case .bit(let length, _): .int(orNone: length)
        case .enumeration(let enumeration): .int(enumeration.textLength)
        default: nil
        }
      },
      "collation": fact { object in
        if case .string(let text) = object.type { .string(orNone: text.collation) } else { nil }
      },
      "precision": fact { object in
        switch object.type {
        case .numeric(let number): .int(orNone: number.precision)
        case .float(let number): .int(orNone: number.precision)
        case .timestamp(let stamp): .int(orNone: stamp.precision)
        case .time(_, let precision), .interval(_, let precision): .int(orNone: precision)
        default: nil
        }
      },
      "scale": fact { object in
        if case .numeric(let number) = object.type { .int(orNone: number.scale) } else { nil }
      },
      "asdecimal": fact { object in
        switch object.type {
        case .numeric(let number): .bool(number.asDecimal)
        case .float(let number): .bool(number.asDecimal)
        default: nil
        }
      },
      "timezone": fact { object in
        switch object.type {
        case .timestamp(let stamp): .bool(stamp.timezone)
        case .time(let timezone, _): .bool(timezone)
        default: nil
        }
      },
      "as_uuid": fact { object in
        if case .uuid(let uuid) = object.type { .bool(uuid.asUUID) } else { nil }
      },
      "none_as_null": fact { object in
        if case .json(let json) = object.type { .bool(json.noneAsNull) } else { nil }
      },
      "item_type": fact { object in object.item.map { .object($0) } },
      "dimensions": fact { object in
        if case .array(let array) = object.type { .int(orNone: array.dimensions) } else { nil }
      },
      "enums": fact { object in
        guard case .enumeration(let enumeration) = object.type else { return nil }
        return .list(enumeration.labels.map { .string($0) })
      },
      "enum_class": fact { object in
        guard case .enumeration = object.type else { return nil }
        return object.enumeration.map { .object($0.cls) } ?? .null
      },
      "native_enum": fact { object in
        if case .enumeration(let enumeration) = object.type {
          .bool(enumeration.isNative)
        } else {
          nil
        }
      },
      "name": fact { object in
        switch object.type {
        case .enumeration(let enumeration): .string(orNone: enumeration.name?.text)
        case .domain(let domain): .string(domain.name.text)
        default: nil
        }
      },
      "schema": fact { object in
        switch object.type {
        case .enumeration(let enumeration): .string(orNone: enumeration.schema?.text)
        case .domain(let domain): .string(orNone: domain.schema?.text)
        default: nil
        }
      },
      "python_type": fact { object in TypeGenerics.pythonType(of: object.type) },
      "_type_affinity": fact { object in
        .object(TypeClasses.named(TypeGenerics.name(of: object.type)))
      },
    ]
  }
}

/// What is common to types of one kind.
enum TypeGenerics {
  /// The generic class of a type.
  static func name(of type: SQLType) -> String {
    switch type {
    case .string(let text): text.keyword == "TEXT" || text.keyword == "CITEXT" ? "Text" : "String"
    case .integer(.small): "SmallInteger"
    case .integer(.big): "BigInteger"
    case .integer: "Integer"
    case .numeric: "Numeric"
    case .float(let float): float.keyword.hasPrefix("DOUBLE") ? "Double" : "Float"
    case .boolean: "Boolean"
    case .date: "Date"
    case .time: "Time"
    case .timestamp: "DateTime"
    case .interval: "Interval"
    case .binary: "LargeBinary"
    case .uuid: "Uuid"
    case .json: "JSON"
    case .array: "ARRAY"
    case .enumeration: "Enum"
    default: "NullType"
    }
  }

  /// The Python class of the values.
  static func pythonType(of type: SQLType) -> Value? {
    switch type {
    case .string, .enumeration: .object(PythonClass.str)
    case .integer: .object(PythonClass.int)
    case .float: .object(PythonClass.float)
    case .boolean: .object(PythonClass.bool)
    case .binary: .object(PythonClass.bytes)
    case .json, .hstore: .object(PythonClass.dict)
    case .array: .object(PythonClass.list)
    default: nil
    }
  }
}
