internal import Digest
internal import OrderedCollections

/// Modules of a few functions each.
enum SmallModules {
  static func abc() -> HostModule {
    .describing("abc") { table in
      table.type(abstractBase, as: "ABC")
      table.type(abstractMeta, as: "ABCMeta")
      for name in ["abstractmethod", "abstractproperty"] {
        table.function(name, "funcobj") { call in
          if case .object = call[0] {
            try call.python.setAttribute(of: call[0], "__isabstractmethod__", to: true)
          }
          return call[0]
        }
      }
    }
  }

  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let abstractBase = PythonClass(host: "ABC", module: "abc")
  nonisolated(unsafe) static let abstractMeta = PythonClass(
    host: "ABCMeta", module: "abc", bases: [.type])

  static func bytes(_ call: Call, _ index: Int) throws -> [UInt8] {
    guard let bytes = call[index].bytes else {
      throw PythonError(
        .typeError, "a bytes-like object is required, not '\(call[index].typeName)'")
    }
    return bytes
  }

  static func hashlib() -> HostModule {
    .describing("hashlib") { table in
      for digest in MessageDigest.allCases {
        table.function(digest.rawValue, "string=..., /, *, usedforsecurity=True") { call in
          let first = try call.optional("string").map { _ in try bytes(call, 0) } ?? []
          return .object(HashObject(digest, first))
        }
      }
      table.function("new", "name, data=..., *, usedforsecurity=True") { call in
        let name = try call.string(0).lowercased()
        guard let digest = MessageDigest(rawValue: name) else {
          throw PythonError(.valueError, "unsupported hash type \(name)")
        }
        return .object(
          HashObject(digest, try call.optional("data").map { _ in try bytes(call, 1) } ?? []))
      }
      table.refused("pbkdf2_hmac", "scrypt", in: "hashlib")
    }
  }

  final class HashObject: PythonObject {
    private let digest: MessageDigest
    private var data: [UInt8]

    init(_ digest: MessageDigest, _ data: [UInt8]) {
      self.digest = digest
      self.data = data
    }

    override class var ownMethods: [String] { ["update", "hexdigest", "digest", "copy"] }

    override func attribute(_ name: String, _ python: Interpreter) throws -> Value? {
      switch name {
      case "update":
        return .function(name, "data, /") { [self] call in
          data += try bytes(call, 0)
          try call.python.charge(data.count)
          return .null
        }
      case "hexdigest":
        return .function(name) { [self] _ in .string(UUIDModule.hex(digest.digest(data))) }
      case "digest": return .function(name) { [self] _ in .bytes(digest.digest(data)) }
      case "copy": return .function(name) { [self] _ in .object(HashObject(digest, data)) }
      case "name": return .string(digest.rawValue)
      case "digest_size": return .int(digest.size)
      case "block_size": return .int(digest.blockSize)
      default: return try super.attribute(name, python)
      }
    }
  }

  static func secrets(_ surroundings: ScriptSurroundings) -> HostModule {
    .describing("secrets") { table in
      func count(_ call: Call) throws -> Int {
        let count = try call.optionalInt("nbytes") ?? 32
        guard (0...1 << 20).contains(count) else {
          throw PythonError(.valueError, "negative argument not allowed")
        }
        return count
      }
      table.function("token_bytes", "nbytes=None") {
        .bytes(surroundings.randomBytes(try count($0)))
      }
      table.function("token_hex", "nbytes=None") {
        .string(UUIDModule.hex(surroundings.randomBytes(try count($0))))
      }
      table.function("token_urlsafe", "nbytes=None") { call in
        let bytes = Base64.encode(surroundings.randomBytes(try count(call)))
        let text = bytes.prefix { $0 != UInt8(ascii: "=") }.map { byte in
          byte == UInt8(ascii: "+")
            ? UInt8(ascii: "-") : byte == UInt8(ascii: "/") ? UInt8(ascii: "_") : byte
        }
        return .string(String(decoding: text, as: UTF8.self))
      }
      table.function("randbelow", "exclusive_upper_bound") { call in
        let bound = try call.int(0)
        guard bound > 0 else { throw PythonError(.valueError, "Upper bound must be positive.") }
        return .int(below(bound, surroundings))
      }
      table.function("choice", "seq") { call in
        let items = try call.python.items(call[0])
        guard !items.isEmpty else {
          throw PythonError(.indexError, "Cannot choose from an empty sequence")
        }
        return items[below(items.count, surroundings)]
      }
      table.function("compare_digest", "a, b, /") { .bool(try $0.python.equal($0[0], $0[1])) }
    }
  }

  /// A number below `bound`, each as likely.
  private static func below(_ bound: Int, _ surroundings: ScriptSurroundings) -> Int {
    let limit = UInt64.max - UInt64.max % UInt64(bound)
    while true {
      let number = surroundings.randomBytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      if number < limit { return Int(number % UInt64(bound)) }
    }
  }

  static func warnings(_ surroundings: ScriptSurroundings) -> HostModule {
    .describing("warnings") { table in
      table.function(
        "warn", "message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()"
      ) { call in
        let category = call[1].asClass?.name ?? "UserWarning"
        surroundings.log("\(category): \(try call.python.str(call[0]))")
        return .null
      }
      for name in ["filterwarnings", "simplefilter", "resetwarnings"] {
        table.function(name, "*args, **kwargs") { _ in .null }
      }
      table.function("catch_warnings", "**kwargs") { _ in .object(NoContext()) }
    }
  }

  /// A context manager that does nothing.
  final class NoContext: PythonObject {
    override func enter(_ python: Interpreter) throws -> Value? { Value.list([]) }
  }

  static func types() -> HostModule {
    .describing("types") { table in
      table.type(PythonInstanceClass.namespace, as: "SimpleNamespace")
      table.value("NoneType") { .object(PythonClass.noneType) }
      table.value("FunctionType") { .object(PythonClass.function) }
      table.value("LambdaType") { .object(PythonClass.function) }
      table.value("BuiltinFunctionType") { .object(PythonClass.builtinFunction) }
      table.value("MethodType") { .object(PythonClass.method) }
      table.value("ModuleType") { .object(PythonClass.module) }
      table.value("GeneratorType") { .object(PythonClass.generator) }
      table.value("UnionType") { .object(PythonClass.unionType) }
      table.value("GenericAlias") { .object(PythonClass.genericAlias) }
      table.function("MappingProxyType", "mapping") { $0[0] }
    }
  }

  private enum PythonInstanceClass {
    // Immutable once made (see PythonClass).
    nonisolated(unsafe) static let namespace = PythonClass(
      host: "SimpleNamespace", module: "types",
      members: [
        "__new__": .new { .object(PythonInstance(try $0.cls())) },
        "__init__": .method("self, /, **kwargs") { call in
          let instance: PythonInstance = try call.receiver()
          for (name, value) in call.keywords { instance.attributes[name] = value }
          return .null
        },
        "__repr__": .method { call in
          let instance: PythonInstance = try call.receiver()
          let parts = try instance.attributes.elements.map {
            "\($0.key)=\(try call.python.repr($0.value))"
          }
          return .string("namespace(\(parts.joined(separator: ", ")))")
        },
      ])
  }
}
