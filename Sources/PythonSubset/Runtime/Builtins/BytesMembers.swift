internal import OrderedCollections

enum BytesMembers {
  private static func bytes(_ call: Call, _ index: Int = 0) throws -> [UInt8] {
    guard let bytes = call[index].bytes else {
      throw PythonError(
        .typeError, "a bytes-like object is required, not '\(call[index].typeName)'")
    }
    try call.python.tick(bytes: bytes.count)
    return bytes
  }

  static var all: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .sized, .items, .addition]).adding(likeText).adding([
      "__new__": .new("cls, source=..., encoding=..., errors='strict'") { call in
        try SpecialMethods.instance(call, .bytes, .bytes(construct(call)))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "decode": .method("self, encoding='utf-8', errors='strict'") { call in
        .string(try TextEncoding.decode(bytes(call), call.string(1), errors: call.string(2)))
      },
      "hex": .method("self, sep=..., bytes_per_sep=1") { call in
        .string(try hexadecimal(call))
      },
      "fromhex": .classMethod("cls, string, /") { call in
        .bytes(try parseHexadecimal(call.string(1)))
      },
      "join": .method("self, iterable, /") { call in
        var result: [UInt8] = []
        let separator = try bytes(call)
        for (index, item) in try call.python.items(call[1]).enumerated() {
          guard let part = item.bytes else {
            throw PythonError(
              .typeError,
              "sequence item \(index): expected a bytes-like object, \(item.typeName) found")
          }
          if index > 0 { result += separator }
          result += part
          try call.python.charge(part.count + separator.count)
        }
        return .bytes(result)
      },
    ])
  }

  private static var likeText: OrderedDictionary<String, Value> {
    func affix(_ matches: @escaping ([UInt8], [UInt8]) -> Bool) -> Value {
      .method("self, affix, /") { call in
        let whole = try bytes(call)
        return .bool(
          try (call[1].tuple ?? [call[1]]).contains { alternative in
            guard let affix = alternative.bytes else {
              throw PythonError(
                .typeError,
                "\(call.function) first arg must be bytes or a tuple of bytes, "
                  + "not \(alternative.typeName)")
            }
            return matches(whole, affix)
          })
      }
    }
    func mapped(_ map: @escaping (UInt8) -> UInt8) -> Value {
      .method { call in .bytes(try bytes(call).map(map)) }
    }
    func stripper(_ left: Bool, _ right: Bool) -> Value {
      .method("self, chars=None, /") { call in
        let drops: Set<UInt8> = call[1].isNone ? [9, 10, 11, 12, 13, 32] : Set(try bytes(call, 1))
        var rest = try bytes(call)[...]
        if left { rest = rest.drop(while: drops.contains) }
        while right, let last = rest.last, drops.contains(last) { rest.removeLast() }
        return .bytes(Array(rest))
      }
    }
    return [
      "startswith": affix { $0.starts(with: $1) },
      "endswith": affix { $0.reversed().starts(with: $1.reversed()) },
      "upper": mapped { (97...122).contains($0) ? $0 - 32 : $0 },
      "lower": mapped { (65...90).contains($0) ? $0 + 32 : $0 },
      "strip": stripper(true, true), "lstrip": stripper(true, false),
      "rstrip": stripper(false, true),
      "find": .method("self, sub, start=0, /") { call in
        .int(
          ByteSearch.first(
            of: try bytes(call, 1), in: try bytes(call), from: max(0, try call.int(2))) ?? -1)
      },
      "replace": .method("self, old, new, /") { call in
        .bytes(joined(try pieces(call), with: try bytes(call, 2)))
      },
      "split": .method("self, sep, /") { call in
        .list(try pieces(call).map { .bytes($0) })
      },
      "count": .method("self, sub, /") { call in .int(try pieces(call).count - 1) },
    ]
  }

  private static func pieces(_ call: Call) throws -> [[UInt8]] {
    let (whole, part) = (try bytes(call), try bytes(call, 1))
    if part.isEmpty { throw PythonError(.valueError, "empty separator") }
    var pieces: [[UInt8]] = []
    var position = 0
    while let found = ByteSearch.first(of: part, in: whole, from: position) {
      pieces.append(Array(whole[position..<found]))
      position = found + part.count
    }
    return pieces + [Array(whole[position...])]
  }

  private static func joined(_ pieces: [[UInt8]], with separator: [UInt8]) -> [UInt8] {
    Array(pieces.joined(separator: separator))
  }

  private static func construct(_ call: Call) throws -> [UInt8] {
    guard call.isGiven(1) else { return [] }
    if let text = call[1].pythonString {
      guard call.isGiven(2) else {
        throw PythonError(.typeError, "string argument without an encoding")
      }
      return try TextEncoding.encode(text, call.string(2), errors: call.string(3))
    }
    if let bytes = call[1].bytes { return bytes }
    if case .object = call[1],
      let method = try call[1].pythonClass.boundMember("__bytes__", of: call[1], call.python),
      let bytes = try call.python.call(method).bytes
    {
      return bytes
    }
    if let count = call[1].int {
      if count < 0 { throw PythonError(.valueError, "negative count") }
      try call.python.charge(count)
      return Array(repeating: 0, count: count)
    }
    return try call.python.items(call[1]).map { item in
      guard let byte = UInt8(exactly: try call.python.index(item)) else {
        throw PythonError(.valueError, "bytes must be in range(0, 256)")
      }
      return byte
    }
  }

  private static func hexadecimal(_ call: Call) throws -> String {
    let digits = try bytes(call).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    guard call.isGiven(1) else { return digits.joined() }
    let size = try call.int(2)
    guard size != 0 else { return digits.joined() }
    var result = ""
    for (index, pair) in digits.enumerated() {
      let boundary = size > 0 ? (digits.count - index) % size == 0 : index % -size == 0
      if index > 0, boundary { result += try call.string(1) }
      result += pair
    }
    return result
  }

  private static func parseHexadecimal(_ text: String) throws -> [UInt8] {
    let scalars = text.unicodeScalars.filter { !Whitespace.contains($0) }
    var bytes: [UInt8] = []
    var high: Int?
    for (index, scalar) in scalars.enumerated() {
      guard let digit = scalar.digit(radix: 16) else {
        throw PythonError(
          .valueError,
          "non-hexadecimal number found in fromhex() arg at position \(index)")
      }
      if let first = high {
        bytes.append(UInt8(first * 16 + digit))
        high = nil
      } else {
        high = digit
      }
    }
    if high != nil {
      throw PythonError(
        .valueError,
        "non-hexadecimal number found in fromhex() arg at position \(scalars.count)")
    }
    return bytes
  }
}
