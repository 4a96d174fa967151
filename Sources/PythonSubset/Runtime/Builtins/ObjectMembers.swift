internal import OrderedCollections

enum ObjectMembers {
  static var all: OrderedDictionary<String, Value> {
    [
      "__new__": .new { call in
        let cls = try call.cls()
        try refuseExcess(call, cls, made: "__new__", other: "__init__")
        try call.python.refuseAbstract(cls)
        return .object(cls.bareInstance())
      },
      "__init__": .method("self, /, *args, **kwargs") { call in
        try refuseExcess(call, call[0].pythonClass, made: "__init__", other: "__new__")
        return .null
      },
      "__init_subclass__": .classMethod("cls, /, **kwargs") { call in
        if let keyword = call.keywords.first {
          throw PythonError(
            .typeError,
            "\(try call.cls().name).__init_subclass__() takes no keyword arguments "
              + "(got '\(keyword.name)')")
        }
        return .null
      },
      "__eq__": .method("self, other, /") { call in
        call[0].isIdentical(to: call[1]) ? .bool(true) : .notImplemented
      },
      "__ne__": .method("self, other, /") { call in
        call[0].isIdentical(to: call[1]) ? .bool(false) : .notImplemented
      },
      "__hash__": .method { call in
        guard case .object(let object) = call[0] else {
          return .int(try call.python.hash(call[0]))
        }
        return .int(ObjectIdentifier(object).hashValue)
      },
      "__repr__": .method { call in .string(try plainRepresentation(call)) },
      "__str__": .method { call in .string(try call.python.repr(call[0])) },
      "__format__": .method("self, specification, /") { call in
        guard try call.string(1).isEmpty else {
          throw PythonError(
            .typeError, "unsupported format string passed to \(call[0].typeName).__format__")
        }
        return .string(try call.python.str(call[0]))
      },
      "__getattribute__": .method("self, name, /") { call in
        let name = try call.string(1)
        if let instance = call[0].object(as: PythonInstance.self) {
          if let value = try instance.ownAttribute(name, call.python) { return value }
          throw call.python.missingAttribute(name, of: call[0])
        }
        return try call.python.get(name, of: call[0])
      },
      "__setattr__": .method("self, name, value, /") { call in
        let name = try call.string(1)
        let instance = call[0].object(as: PythonInstance.self)
        if let instance, try instance.setOwnAttribute(name, to: call[2], call.python) {
          return .null
        }
        try call.python.setAttribute(of: call[0], name, to: call[2])
        return .null
      },
      "__delattr__": .method("self, name, /") { call in
        let name = try call.string(1)
        let instance = call[0].object(as: PythonInstance.self)
        guard let instance, try instance.deleteOwnAttribute(name, call.python) else {
          throw call.python.missingAttribute(name, of: call[0])
        }
        return .null
      },
      "__dir__": .method { call in
        .list(Builtins.directory(call[0]).map { .string($0) })
      },
      "__reduce__": .method { call in throw Unsupported("pickling") },
    ]
  }

  private static func plainRepresentation(_ call: Call) throws -> String {
    guard case .object(let object) = call[0] else { return try call.python.repr(call[0]) }
    return "<\(object.pythonClass.qualifiedName) object at \(object.address)>"
  }

  /// Arguments that neither `__new__` nor `__init__` of the class takes.
  private static func refuseExcess(
    _ call: Call, _ cls: PythonClass, made: String, other: String
  ) throws {
    if call.rest.isEmpty, call.keywords.isEmpty { return }
    func isDefault(_ name: String) -> Bool {
      cls.lookup(name)?.object(as: HostFunction.self)?.owner === PythonClass.object
    }
    guard isDefault(made) else {
      let takes =
        made == "__new__"
        ? "one argument (the type to instantiate)" : "one argument (the instance to initialize)"
      throw PythonError(.typeError, "object.\(made)() takes exactly \(takes)")
    }
    if isDefault(other) { throw PythonError(.typeError, "\(cls.name)() takes no arguments") }
  }
}

enum TypeMembers {
  static var all: OrderedDictionary<String, Value> {
    [
      "__new__": .new { call in
        let arguments = call.rest
        if arguments.count == 1, call.keywords.isEmpty { return .object(arguments[0].pythonClass) }
        guard arguments.count == 3, let name = arguments[0].string,
          let bases = arguments[1].tuple, let members = arguments[2].dict
        else { throw PythonError(.typeError, "type() takes 1 or 3 arguments") }
        var body = ClassBody(
          name: name, module: call.python.frame?.module.name ?? "builtins",
          bases: try call.python.bases(bases), members: [:], keywords: call.keywords)
        for (key, value) in members.items {
          guard let key = key.string else {
            throw PythonError(.typeError, "type() argument 3 must have str keys")
          }
          if key == "__annotations__", let annotations = value.dict {
            body.annotations = annotations.items.compactMap { key, value in
              key.string.map { ClassAnnotation($0) { value } }
            }
          } else {
            body.members[key] = value
          }
        }
        return try call.python.makeClass(body)
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "mro": .method { call in .list(try call.cls().mro.map { .object($0) }) },
      "__subclasses__": .method { _ in throw Unsupported("__subclasses__()") },
      "__instancecheck__": .method("self, instance, /") { call in
        .bool(try call.python.isInstance(call[1], call[0]))
      },
    ]
  }
}

enum NoneMembers {
  static var all: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls") { _ in .null },
      "__bool__": .method { _ in .bool(false) },
    ]
  }
}

enum DescriptorMembers {
  static var property: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, fget=None, fset=None, fdel=None, doc=None") { call in
        .object(
          PropertyObject(getter: call[1].orNil, setter: call[2].orNil, deleter: call[3].orNil))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
    ]
  }
  static var staticMethod: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, function, /") { call in .object(StaticMethod(call[1])) },
      "__init__": .method("self, /, *args") { _ in .null },
    ]
  }
  static var classMethod: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, function, /") { call in .object(ClassMethod(call[1])) },
      "__init__": .method("self, /, *args") { _ in .null },
    ]
  }
  static var superType: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, type, receiver=None, /") { call in
        guard let start = call[1].asClass else { throw call.mismatch(1, "a type") }
        return .object(try SuperObject(after: start, receiver: call[2]))
      },
      "__init__": .method("self, /, *args") { _ in .null },
    ]
  }
}

enum RangeMembers {
  static var range: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, start, stop=..., step=1, /") { call in
        let first = try call.int(1)
        guard call.isGiven(2) else { return .object(PythonRange(0, first, 1)) }
        let step = try call.int(3)
        if step == 0 { throw PythonError(.valueError, "range() arg 3 must not be zero") }
        return .object(PythonRange(first, try call.int(2), step))
      },
      "__init__": .method("self, /, *args") { _ in .null },
      "__iter__": .method { call in .object(try call.python.iterator(of: call[0])) },
      "__len__": .method { call in .int(try call.python.length(call[0])) },
      "index": .method("self, value, /") { call in
        let range: PythonRange = try call.receiver()
        guard let number = call[1].int, try range.contains(call[1], call.python) == true else {
          throw PythonError(.valueError, "\(try call.python.repr(call[1])) is not in range")
        }
        return .int((number - range.start) / range.step)
      },
      "count": .method("self, value, /") { call in
        .int(try call.python.contains(call[0], call[1]) ? 1 : 0)
      },
    ]
  }
  static var slice: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, start, stop=..., step=None, /") { call in
        .object(
          call.isGiven(2)
            ? PythonSlice(call[1], call[2], call[3]) : PythonSlice(.null, call[1], .null))
      },
      "__init__": .method("self, /, *args") { _ in .null },
    ]
  }
}
