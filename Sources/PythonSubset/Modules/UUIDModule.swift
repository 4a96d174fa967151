internal import Digest
internal import OrderedCollections

/// `uuid.UUID`.
public final class UUIDObject: PythonInstance {
  /// The sixteen bytes, in network order.
  public let bytes: [UInt8]

  init(_ bytes: [UInt8], of cls: PythonClass = UUIDModule.uuid) {
    self.bytes = bytes
    super.init(cls)
  }

  /// The lower-case text with hyphens.
  public var text: String {
    let hex = UUIDModule.hex(bytes)
    let cuts = [0, 8, 12, 16, 20, 32]
    return zip(cuts, cuts.dropFirst()).map { hex.dropFirst($0).prefix($1 - $0) }
      .joined(separator: "-")
  }

  public override func text(_ python: Interpreter) throws -> String { text }
  public override func hash(_ python: Interpreter) throws -> Int { bytes.hashValue }
  public override func truth(_ python: Interpreter) throws -> Bool { true }

  public override func representation(_ python: Interpreter) throws -> String {
    "\(pythonClass.name)('\(text)')"
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard let other = other.object(as: UUIDObject.self) else { return nil }
    let before = bytes.lexicographicallyPrecedes(other.bytes)
    return .bool(Ordering(bytes == other.bytes ? 0 : before ? -1 : 1).satisfies(op))
  }
}

/// `uuid`.
public enum UUIDModule {
  // Immutable once made (see PythonClass).
  /// `UUID`.
  nonisolated(unsafe) public static let uuid = PythonClass(
    host: "UUID", module: "uuid", members: members)

  static func make(_ surroundings: ScriptSurroundings) -> HostModule {
    .describing("uuid") { table in
      table.type(uuid, as: "UUID")
      table.function("uuid4") { _ in
        .object(UUIDObject(versioned(surroundings.randomBytes(16), 4)))
      }
      table.function("uuid1", "node=None, clock_seq=None") { call in
        let ticks = UInt64(surroundings.now()) * 10 + 0x01B2_1DD2_1381_4000
        let random = surroundings.randomBytes(8)
        let node = call[0].int.map { UInt64($0) }
        var bytes = big(
          UInt64(ticks & 0xFFFF_FFFF) << 32
            | (ticks >> 32 & 0xFFFF) << 16 | ticks >> 48 & 0xFFF)
        let clock = Int(random[0]) << 8 | Int(random[1])
        let sequence = call[1].int ?? clock
        bytes += [UInt8(sequence >> 8 & 0x3F), UInt8(sequence & 0xFF)]
        // A random node has the multicast bit, so that it meets no network card's.
        let unknown: [UInt8] = [random[2] | 1] + random[3..<8]
        bytes += node.map { Array(big($0).suffix(6)) } ?? unknown
        return .object(UUIDObject(versioned(bytes, 1)))
      }
      for (name, version) in [("uuid3", 3), ("uuid5", 5)] {
        table.function(name, "namespace, name") { call in
          let space = try call.object(0, as: UUIDObject.self)
          let name = try call[1].bytes ?? Array(call.string(1).utf8)
          let digest =
            version == 5
            ? MessageDigest.sha1.digest(space.bytes + name)
            : MessageDigest.md5.digest(space.bytes + name)
          return .object(UUIDObject(versioned(Array(digest.prefix(16)), version)))
        }
      }
      for (name, last) in [
        ("NAMESPACE_DNS", UInt8(0x10)), ("NAMESPACE_URL", 0x11), ("NAMESPACE_OID", 0x12),
        ("NAMESPACE_X500", 0x14),
      ] {
        table.value(name) {
          .object(
            UUIDObject([
              0x6B, 0xA7, 0xB8, last, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4,
              0x30, 0xC8,
            ]))
        }
      }
      table.function("getnode") { _ in
        throw Unsupported("uuid.getnode()")
      }
    }
  }

  static func hex(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func big(_ number: UInt64) -> [UInt8] {
    stride(from: 56, through: 0, by: -8).map { UInt8(number >> UInt64($0) & 0xFF) }
  }

  private static func versioned(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
    var bytes = bytes
    bytes[6] = bytes[6] & 0x0F | UInt8(version << 4)
    bytes[8] = bytes[8] & 0x3F | 0x80
    return bytes
  }

  private static func self_(_ call: Call) throws -> UUIDObject { try call.receiver() }

  /// The bytes that a text in one of the usual forms stands for.
  static func parse(_ text: String) -> [UInt8]? {
    var plain = text
    for prefix in ["urn:", "uuid:"] where plain.hasPrefix(prefix) {
      plain.removeFirst(prefix.count)
    }
    let digits = plain.filter { !"{}-".contains($0) }
    guard digits.utf8.count == 32 else { return nil }
    let values = digits.compactMap(\.hexDigitValue)
    guard values.count == 32 else { return nil }
    return stride(from: 0, to: 32, by: 2).map { UInt8(values[$0] << 4 | values[$0 + 1]) }
  }

  private static func integer(_ bytes: some Sequence<UInt8>) -> Value {
    let digits = hex(bytes)
    return BigInteger(digits, radix: 16)?.value ?? 0
  }

  private static var members: OrderedDictionary<String, Value> {
    func part(_ range: Range<Int>) -> Value {
      .property { integer(try self_($0).bytes[range]) }
    }
    return [
      "__new__": .new(
        "cls, hex=None, bytes=None, bytes_le=None, fields=None, int=None, version=None, *, is_safe=None"
      ) { call in
        .object(UUIDObject(try made(call), of: try call.cls()))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "hex": .property { .string(hex(try self_($0).bytes)) },
      "bytes": .property { .bytes(try self_($0).bytes) },
      "int": .property { integer(try self_($0).bytes) },
      "__int__": .method { integer(try self_($0).bytes) },
      "urn": .property { .string("urn:uuid:" + (try self_($0).text)) },
      "version": .property { call in
        let bytes = try self_(call).bytes
        return bytes[8] & 0xC0 == 0x80 ? .int(Int(bytes[6] >> 4)) : .null
      },
      "variant": .property { call in
        let byte = try self_(call).bytes[8]
        if byte & 0x80 == 0 { return "reserved for NCS compatibility" }
        if byte & 0x40 == 0 { return "specified in RFC 4122" }
        return byte & 0x20 == 0
          ? "reserved for Microsoft compatibility" : "reserved for future definition"
      },
      "time_low": part(0..<4), "time_mid": part(4..<6), "time_hi_version": part(6..<8),
      "clock_seq_hi_variant": part(8..<9), "clock_seq_low": part(9..<10), "node": part(10..<16),
    ]
  }

  private static func made(_ call: Call) throws -> [UInt8] {
    let given = ["hex", "bytes", "bytes_le", "fields", "int"].filter { !call[$0].isNone }
    guard given.count == 1, let form = given.first else {
      throw PythonError(
        .typeError, "one of the hex, bytes, bytes_le, fields, or int arguments must be given")
    }
    var bytes: [UInt8]
    switch form {
    case "hex":
      guard let text = call[1].string else {
        throw PythonError(
          .attributeError, "'\(call[1].typeName)' object has no attribute 'replace'")
      }
      guard let parsed = parse(text) else {
        throw PythonError(.valueError, "badly formed hexadecimal UUID string")
      }
      bytes = parsed
    case "bytes", "bytes_le":
      guard let raw = call[form].bytes, raw.count == 16 else {
        throw PythonError(.valueError, "\(form) is not a 16-char string")
      }
      bytes = form == "bytes" ? raw : [3, 2, 1, 0, 5, 4, 7, 6].map { raw[$0] } + raw[8...]
    case "int":
      let text = try call.python.format(call["int"], "032x")
      guard let parsed = parse(text) else {
        throw PythonError(.valueError, "int is out of range (need a 128-bit value)")
      }
      bytes = parsed
    default: throw Unsupported("uuid.UUID(fields=...)")
    }
    if let version = try call.optionalInt("version") {
      guard (1...5).contains(version) else {
        throw PythonError(.valueError, "illegal version number")
      }
      bytes = versioned(bytes, version)
    }
    return bytes
  }
}
