internal import OrderedCollections

extension Builtins {
  static var conversions: OrderedDictionary<String, Value> {
    [
      "repr": .staticMethod("obj, /") { call in .string(try call.python.repr(call[0])) },
      "ascii": .staticMethod("obj, /") { call in .string(try call.python.ascii(call[0])) },
      "format": .staticMethod("value, format_spec='', /") { call in
        .string(try call.python.format(call[0], call.string(1)))
      },
      "chr": .staticMethod("i, /") { call in
        let code = try call.int(0)
        guard (0...0x10FFFF).contains(code) else {
          throw PythonError(.valueError, "chr() arg not in range(0x110000)")
        }
        guard let scalar = Unicode.Scalar(UInt32(code)) else {
          throw Unsupported("a string with the lone surrogate \(code)")
        }
        return .string(String(scalar))
      },
      "ord": .staticMethod("c, /") { call in
        if let bytes = call[0].bytes, bytes.count == 1 { return .int(Int(bytes[0])) }
        guard let text = call[0].pythonString else {
          throw PythonError(
            .typeError, "ord() expected string of length 1, but \(call[0].typeName) found")
        }
        guard text.count == 1 else {
          throw PythonError(
            .typeError,
            "ord() expected a character, but string of length \(text.count) found")
        }
        return .int(Int(text[0].value))
      },
      "hex": radix(16, "0x"), "oct": radix(8, "0o"), "bin": radix(2, "0b"),
    ]
  }

  private static func radix(_ radix: Int, _ prefix: String) -> Value {
    .staticMethod("number, /") { call in
      guard let value = try call.python.optionalIndex(call[0]),
        let number = Numbers.Operand(value)?.big
      else {
        throw PythonError(
          .typeError, "'\(call[0].typeName)' object cannot be interpreted as an integer")
      }
      let digits = BigInteger(isNegative: false, digits: number.digits).text(radix: radix)
      return .string((number.isNegative ? "-" : "") + prefix + digits)
    }
  }

  static var iteration: OrderedDictionary<String, Value> {
    [
      "iter": .staticMethod("obj, sentinel=..., /") { call in
        guard let sentinel = call.optional("sentinel") else {
          return .object(try call.python.iterator(of: call[0]))
        }
        let function = call[0]
        return .object(
          ClosureIterator("callable_iterator") { python in
            try python.tick()
            let value = try python.call(function)
            return try python.equal(value, sentinel) ? nil : value
          })
      },
      "next": .staticMethod("iterator, default=..., /") { call in
        let iterator: PythonIterator
        if let given = call[0].object(as: PythonIterator.self) {
          iterator = given
        } else if case .object(let object) = call[0],
          try object.attribute("__next__", call.python) != nil,
          let made = try object.iterator(call.python)
        {
          iterator = made
        } else {
          throw PythonError(.typeError, "'\(call[0].typeName)' object is not an iterator")
        }
        if let value = try iterator.next(call.python) { return value }
        if let value = call.optional("default") { return value }
        let result = (iterator as? Generator)?.result.orNil
        throw PythonError(.stopIteration, arguments: result.map { [$0] } ?? [])
      },
      "enumerate": .staticMethod("iterable, start=0") { call in
        let source = try call.python.iterator(of: call[0])
        var index = try call.int("start")
        return .object(
          ClosureIterator("enumerate") { python in
            guard let item = try source.next(python) else { return nil }
            defer { index += 1 }
            return .tuple([.int(index), item])
          })
      },
      "zip": .staticMethod("*iterables, strict=False") { call in try zipped(call) },
      "map": .staticMethod("function, /, *iterables") { call in
        if call.rest.isEmpty {
          throw PythonError(.typeError, "map() must have at least two arguments.")
        }
        let function = call[0]
        let sources = try call.rest.map { try call.python.iterator(of: $0) }
        return .object(
          ClosureIterator("map") { python in
            var arguments: [Value] = []
            for source in sources {
              guard let item = try source.next(python) else { return nil }
              arguments.append(item)
            }
            return try python.call(function, arguments)
          })
      },
      "filter": .staticMethod("function, iterable, /") { call in
        let function = call[0].orNil
        let source = try call.python.iterator(of: call[1])
        return .object(
          ClosureIterator("filter") { python in
            while let item = try source.next(python) {
              try python.tick()
              if try python.truth(function.map { try python.call($0, [item]) } ?? item) {
                return item
              }
            }
            return nil
          })
      },
      "reversed": .staticMethod("sequence, /") { call in try reversed(call) },
      "sorted": .staticMethod("iterable, /, *, key=None, reverse=False") { call in
        .list(
          try Sorting.sorted(
            call.python.items(call[0]), key: call["key"].orNil, isReversed: call.truth("reverse"),
            call.python))
      },
      "any": .staticMethod("iterable, /") { call in
        let iterator = try call.python.iterator(of: call[0])
        while let item = try iterator.next(call.python) {
          try call.python.tick()
          if try call.python.truth(item) { return .bool(true) }
        }
        return .bool(false)
      },
      "all": .staticMethod("iterable, /") { call in
        let iterator = try call.python.iterator(of: call[0])
        while let item = try iterator.next(call.python) {
          try call.python.tick()
          if !(try call.python.truth(item)) { return .bool(false) }
        }
        return .bool(true)
      },
      "aiter": .staticMethod("iterable, /") { call in
        .object(try call.python.iterator(of: call[0], isAsync: true))
      },
    ]
  }

  private static func zipped(_ call: Call) throws -> Value {
    let sources = try call.rest.map { try call.python.iterator(of: $0) }
    let isStrict = try call.truth("strict")
    return .object(
      ClosureIterator("zip") { python in
        var items: [Value] = []
        for (index, source) in sources.enumerated() {
          guard let item = try source.next(python) else {
            guard isStrict else { return nil }
            if index > 0 {
              throw PythonError(
                .valueError,
                "zip() argument \(index + 1) is shorter than argument\(index == 1 ? "" : "s") "
                  + (index == 1 ? "1" : "1-\(index)"))
            }
            for (other, source) in sources.enumerated().dropFirst()
            where try source.next(python) != nil {
              throw PythonError(
                .valueError,
                "zip() argument \(other + 1) is longer than argument\(other == 1 ? "" : "s") "
                  + (other == 1 ? "1" : "1-\(other)"))
            }
            return nil
          }
          items.append(item)
        }
        return sources.isEmpty ? nil : .tuple(items)
      })
  }

  private static func reversed(_ call: Call) throws -> Value {
    let python = call.python
    if case .object(let object) = call[0] {
      if let method = try object.pythonClass.boundMember("__reversed__", of: call[0], python) {
        return try python.call(method)
      }
      if let range = object as? PythonRange {
        var index = range.count
        return .object(
          ClosureIterator("range_iterator") { _ in
            if index == 0 { return nil }
            index -= 1
            return .int(range.value(at: index))
          })
      }
      if object is DictView {
        return .object(ClosureIterator("reversed", over: try python.items(call[0]).reversed()))
      }
      guard let count = try object.length(python),
        try object.attribute("__getitem__", python) != nil
      else {
        throw PythonError(.typeError, "'\(call[0].typeName)' object is not reversible")
      }
      var index = count
      let sequence = call[0]
      return .object(
        ClosureIterator("reversed") { python in
          if index == 0 { return nil }
          index -= 1
          return try python.item(of: sequence, .int(index))
        })
    }
    switch call[0] {
    case .list, .tuple, .str, .bytes, .dict:
      return .object(ClosureIterator("reversed", over: try python.items(call[0]).reversed()))
    default:
      throw PythonError(.typeError, "'\(call[0].typeName)' object is not reversible")
    }
  }

  static var reflection: OrderedDictionary<String, Value> {
    [
      "isinstance": .staticMethod("obj, class_or_tuple, /") { call in
        .bool(try call.python.isInstance(call[0], call[1]))
      },
      "issubclass": .staticMethod("cls, class_or_tuple, /") { call in
        .bool(try call.python.isSubclass(call[0], call[1]))
      },
      "callable": .staticMethod("obj, /") { call in .bool(call.python.isCallable(call[0])) },
      "getattr": .staticMethod("object, name, default=..., /") { call in
        let name = try call.string(1)
        guard let value = call.optional("default") else {
          return try call.python.get(name, of: call[0])
        }
        return try call.python.optionalAttribute(of: call[0], name) ?? value
      },
      "setattr": .staticMethod("obj, name, value, /") { call in
        try call.python.setAttribute(of: call[0], call.string(1), to: call[2])
        return .null
      },
      "delattr": .staticMethod("obj, name, /") { call in
        try call.python.deleteAttribute(of: call[0], call.string(1))
        return .null
      },
      "hasattr": .staticMethod("obj, name, /") { call in
        .bool(try call.python.optionalAttribute(of: call[0], call.string(1)) != nil)
      },
      "vars": .staticMethod("object, /") { call in
        guard let dict = try call.python.optionalAttribute(of: call[0], "__dict__") else {
          throw PythonError(.typeError, "vars() argument must have __dict__ attribute")
        }
        return dict
      },
      "dir": .staticMethod("object=..., /") { call in
        guard call.isGiven(0) else {
          let frame = call.python.frame
          let names = frame.map { Array($0.module.namespace.keys) } ?? []
          return .list(names.sorted().map { .string($0) })
        }
        return .list(directory(call[0]).map { .string($0) })
      },
      "globals": .staticMethod("") { call in
        guard let module = call.python.frame?.module else { return .dict(PythonDict()) }
        try (module as? ProjectModule)?.defineFunctions(call.python)
        return .dict(module.dictionary)
      },
      "locals": .staticMethod("") { call in throw Unsupported("locals() under another name") },
    ]
  }

  static func directory(_ value: Value) -> [String] {
    let names: [String] =
      if case .object(let object) = value {
        object.attributeNames
      } else {
        value.pythonClass.memberNames
      }
    return Set(names).sorted { PythonString($0) < PythonString($1) }
  }
}
