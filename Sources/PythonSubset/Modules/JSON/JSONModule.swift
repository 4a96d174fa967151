internal import OrderedCollections

/// `json`.
enum JSONModule {
  static func make() -> HostModule {
    .describing("json", isPackage: true) { table in
      table.function("dumps", "obj" + options) { call in .string(try dump(call[0], call)) }
      table.function("dump", "obj, fp" + options) { call in
        try call.python.callMethod("write", of: call[1], [.string(dump(call[0], call))])
      }
      table.function("loads", "s" + hooks) { call in try load(call[0], call) }
      table.function("load", "fp" + hooks) { call in
        try load(call.python.callMethod("read", of: call[0]), call)
      }
      table.type(decodeError, as: "JSONDecodeError")
      table.type(encoder, as: "JSONEncoder")
      table.computed("decoder") { _ in
        .object(HostModule("json.decoder", ["JSONDecodeError": { _ in .object(decodeError) }]))
      }
    }
  }

  private static let options =
    ", *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, "
    + "indent=None, separators=None, default=None, sort_keys=False"
  private static let hooks =
    ", *, cls=None, object_hook=None, parse_float=None, parse_int=None, parse_constant=None, "
    + "object_pairs_hook=None, strict=True"

  private static func load(_ source: Value, _ call: Call) throws -> Value {
    if !call["cls"].isNone { throw Unsupported("json.loads(cls=...)") }
    let text: PythonString
    switch source.unwrapped {
    case .str(let string): text = string
    case .bytes(let bytes): text = PythonString(String(decoding: bytes, as: UTF8.self))
    default:
      throw PythonError(
        .typeError,
        "the JSON object must be str, bytes or bytearray, not \(source.typeName)")
    }
    if text.string.unicodeScalars.first == "\u{FEFF}" {
      throw failure(
        "Unexpected UTF-8 BOM (decode using utf-8-sig)", source, text.unicodeScalars, 0)
    }
    var decoding = JSONDecoding(
      text,
      JSONDecoding.Hooks(
        object: call["object_hook"].orNil, pairs: call["object_pairs_hook"].orNil,
        float: call["parse_float"].orNil, int: call["parse_int"].orNil,
        constant: call["parse_constant"].orNil, isStrict: try call.truth("strict")),
      call.python)
    return try decoding.decode()
  }

  private static func dump(_ value: Value, _ call: Call) throws -> String {
    var encoding = try configured(call)
    if let cls = call["cls"].orNil, cls.asClass !== encoder {
      // A subclass of JSONEncoder: what it changes is `default`.
      if cls.asClass?.lookup("encode")?.object(as: HostFunction.self) == nil
        || cls.asClass?.lookup("iterencode") != nil
      {
        throw Unsupported("json.dumps(cls=...) with an encoder that overrides encode()")
      }
      let instance = try call.python.call(cls)
      encoding.fallback = try call.python.get("default", of: instance)
    }
    return try encoding.encode(value)
  }

  private static func configured(_ call: Call) throws -> JSONEncoding {
    var encoding = JSONEncoding(call.python)
    encoding.skipsKeys = try call.truth("skipkeys")
    encoding.escapesUnicode = try call.truth("ensure_ascii")
    encoding.allowsNaN = try call.truth("allow_nan")
    encoding.sortsKeys = try call.truth("sort_keys")
    encoding.fallback = call["default"].orNil
    switch call["indent"].unwrapped {
    case .null: break
    case .str(let text): encoding.indent = text.string
    default:
      encoding.indent = String(repeating: " ", count: max(0, try call.int("indent")))
    }
    if encoding.indent != nil { encoding.itemSeparator = "," }
    if let separators = call["separators"].sequence {
      guard separators.count == 2, let item = separators[0].string, let key = separators[1].string
      else { throw PythonError(.valueError, "separators must be a pair of strings") }
      encoding.itemSeparator = item
      encoding.keySeparator = key
    }
    return encoding
  }

  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let decodeError = PythonClass(
    host: "JSONDecodeError", module: "json.decoder",
    bases: [BuiltinException.valueError.pythonClass])

  nonisolated(unsafe) static let encoder = PythonClass(
    host: "JSONEncoder", module: "json.encoder",
    members: [
      "__new__": .new { .object(PythonInstance(try $0.cls())) },
      "__init__": .method(
        "self, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, "
          + "sort_keys=False, indent=None, separators=None, default=None"
      ) { call in
        let instance: PythonInstance = try call.receiver()
        instance.attributes["_options"] = .tuple([
          call["skipkeys"], call["ensure_ascii"], call["allow_nan"], call["indent"],
          call["separators"], call["sort_keys"],
        ])
        if let fallback = call["default"].orNil { instance.attributes["default"] = fallback }
        return .null
      },
      "default": .method("self, o") { call in
        throw PythonError(
          .typeError, "Object of type \(call[1].typeName) is not JSON serializable")
      },
      "encode": .method("self, o") { call in
        let instance: PythonInstance = try call.receiver()
        var encoding = JSONEncoding(call.python)
        if let options = instance.attributes["_options"]?.tuple {
          encoding.skipsKeys = try call.python.truth(options[0])
          encoding.escapesUnicode = try call.python.truth(options[1])
          encoding.allowsNaN = try call.python.truth(options[2])
          if let width = options[3].int {
            encoding.indent = String(repeating: " ", count: max(0, width))
          }
          encoding.indent = options[3].string ?? encoding.indent
          if encoding.indent != nil { encoding.itemSeparator = "," }
          if let separators = options[4].sequence, separators.count == 2 {
            encoding.itemSeparator = separators[0].string ?? ", "
            encoding.keySeparator = separators[1].string ?? ": "
          }
          encoding.sortsKeys = try call.python.truth(options[5])
        }
        encoding.fallback = try call.python.get("default", of: call[0])
        return .string(try encoding.encode(call[1]))
      },
    ])

  static func failure(
    _ reason: String, _ source: Value, _ scalars: [Unicode.Scalar], _ position: Int
  ) -> PythonError {
    let before = scalars[..<min(position, scalars.count)]
    let line = before.count { $0 == "\n" } + 1
    let column = position - (before.lastIndex(of: "\n") ?? -1)
    let error = ExceptionObject(
      decodeError, [.string("\(reason): line \(line) column \(column) (char \(position))")])
    error.attributes["msg"] = .string(reason)
    error.attributes["doc"] = source
    error.attributes["pos"] = .int(position)
    error.attributes["lineno"] = .int(line)
    error.attributes["colno"] = .int(column)
    return PythonError(error)
  }
}
