internal import OrderedCollections

enum StringMembers {
  static var all: OrderedDictionary<String, Value> {
    SpecialMethods.methods([.order, .sized, .items, .addition, .modulo])
      .adding(construction).adding(searching).adding(cases).adding(cutting).adding(tests)
  }

  static func text(_ call: Call, _ index: Int = 0) throws -> PythonString {
    guard let text = call[index].pythonString else { throw call.mismatch(index, "str") }
    try call.python.tick(bytes: text.string.utf8.count)
    return text
  }

  private static var construction: OrderedDictionary<String, Value> {
    [
      "__new__": .new("cls, object=..., encoding=..., errors=...") { call in
        try SpecialMethods.instance(call, .str, .string(construct(call)))
      },
      "__init__": .method("self, /, *args, **kwargs") { _ in .null },
      "__str__": .method { call in .str(try text(call)) },
      "__format__": .method("self, specification, /") { call in
        // An instance of a subclass is formatted by its own str(), as an enum's is.
        .string(try call.python.format(call[0].unwrapped, call.string(1)))
      },
      "format": .method("self, /, *args, **kwargs") { call in
        let arguments = Arguments(call.rest, keywords: call.keywords)
        return .string(try BraceFormat.format(text(call), arguments, call.python))
      },
      "format_map": .method("self, mapping, /") { call in
        .string(try BraceFormat.format(text(call), mapping: call[1], call.python))
      },
      "join": .method("self, iterable, /", join),
      "encode": .method("self, encoding='utf-8', errors='strict'") { call in
        .bytes(
          try TextEncoding.encode(text(call), call.string(1), errors: call.string(2)))
      },
      "maketrans": .staticMethod("x, y=..., z=..., /", makeTranslation),
      "translate": .method("self, table, /", translate),
    ]
  }

  private static func construct(_ call: Call) throws -> String {
    guard call.isGiven(1) else { return "" }
    if call.isGiven(2) || call.isGiven(3) {
      guard let bytes = call[1].bytes else {
        throw PythonError(
          .typeError, "decoding to str: need a bytes-like object, \(call[1].typeName) found")
      }
      return try TextEncoding.decode(
        bytes, call.isGiven(2) ? call.string(2) : "utf-8",
        errors: call.isGiven(3) ? call.string(3) : "strict")
    }
    return try call.python.str(call[1])
  }

  private static func join(_ call: Call) throws -> Value {
    var parts: [String] = []
    var size = 0
    let separator = try text(call).string
    try call.python.iterate(call[1]) { item in
      guard let part = item.string else {
        throw PythonError(
          .typeError,
          "sequence item \(parts.count): expected str instance, \(item.typeName) found")
      }
      parts.append(part)
      size += part.utf8.count + separator.utf8.count
      if size > call.python.limits.size { try call.python.charge(size) }
    }
    try call.python.charge(size)
    return .string(parts.joined(separator: separator))
  }

  private static func makeTranslation(_ call: Call) throws -> Value {
    let table = PythonDict()
    func key(_ scalar: Unicode.Scalar) -> Value { .int(Int(scalar.value)) }
    if call.isGiven(1) {
      let (from, to) = (try text(call, 0), try text(call, 1))
      guard from.count == to.count else {
        throw PythonError(
          .valueError, "the first two maketrans arguments must have equal length")
      }
      for (a, b) in zip(from.unicodeScalars, to.unicodeScalars) {
        try table.set(key(a), to: key(b), call.python)
      }
      if call.isGiven(2) {
        for scalar in try text(call, 2).unicodeScalars {
          try table.set(key(scalar), to: .null, call.python)
        }
      }
      return .dict(table)
    }
    guard let source = call[0].dict else {
      throw PythonError(
        .typeError, "if you give only one argument to maketrans it must be a dict")
    }
    for (name, value) in source.items {
      if let text = name.pythonString {
        guard text.count == 1 else {
          throw PythonError(
            .valueError, "string keys in translate table must be of length 1")
        }
        try table.set(key(text[0]), to: value, call.python)
      } else {
        try table.set(name, to: value, call.python)
      }
    }
    return .dict(table)
  }

  private static func translate(_ call: Call) throws -> Value {
    var result = String.UnicodeScalarView()
    for scalar in try text(call).unicodeScalars {
      let replacement: Value
      do {
        replacement = try call.python.item(of: call[1], .int(Int(scalar.value)))
      } catch let error as PythonError where error.isA(.lookupError) {
        result.append(scalar)
        continue
      }
      switch replacement {
      case .null: break
      case .int(let code):
        guard let scalar = UInt32(exactly: code).flatMap(Unicode.Scalar.init) else {
          throw PythonError(.valueError, "character mapping must be in range(0x110000)")
        }
        result.append(scalar)
      default:
        guard let text = replacement.string else {
          throw PythonError(
            .typeError, "character mapping must return integer, None or str")
        }
        result.append(contentsOf: text.unicodeScalars)
      }
    }
    return .string(String(result))
  }

  // MARK: Searching

  /// The part, and the bounds of the search, of `find` and its kin.
  private static func search(_ call: Call) throws -> (PythonString, PythonString, Int, Int) {
    let whole = try text(call)
    let slice = PythonSlice(call[2], call[3], .null)
    let (start, stop, _) = try slice.indices(length: whole.count, call.python)
    // A start behind the end finds nothing, not even the empty string.
    if let given = try call.python.clampedIndex(call[2]), given > whole.count {
      return (whole, try text(call, 1), 1, 0)
    }
    return (whole, try text(call, 1), start, stop)
  }

  private static var searching: OrderedDictionary<String, Value> {
    let bounds = "self, sub, start=None, end=None, /"
    func finder(_ isLast: Bool, fails: Bool) -> Value {
      .method(bounds) { call in
        let (whole, part, start, stop) = try search(call)
        let found =
          start > stop
          ? nil
          : isLast
            ? whole.lastIndex(of: part, from: start, to: stop)
            : whole.firstIndex(of: part, from: start, to: stop)
        if found == nil, fails { throw PythonError(.valueError, "substring not found") }
        return .int(found ?? -1)
      }
    }
    func affix(_ matches: @escaping (String, String) -> Bool) -> Value {
      .method("self, affix, start=None, end=None, /") { call in
        let whole = try text(call)
        let (start, stop, _) = try PythonSlice(call[2], call[3], .null)
          .indices(length: whole.count, call.python)
        let alternatives = call[1].tuple ?? [call[1]]
        return .bool(
          try alternatives.contains { alternative in
            guard let affix = alternative.pythonString else {
              throw PythonError(
                .typeError,
                "\(call.function) first arg must be str or a tuple of str, "
                  + "not \(alternative.typeName)")
            }
            guard start <= stop else { return false }
            return matches(whole[start..<stop].string, affix.string)
          })
      }
    }
    return [
      "find": finder(false, fails: false), "rfind": finder(true, fails: false),
      "index": finder(false, fails: true), "rindex": finder(true, fails: true),
      "count": .method(bounds) { call in
        var (whole, part, start, stop) = try search(call)
        if start > stop { return .int(0) }
        if part.isEmpty { return .int(stop - start + 1) }
        var count = 0
        while let found = whole.firstIndex(of: part, from: start, to: stop) {
          try call.python.tick()
          count += 1
          start = found + part.count
        }
        return .int(count)
      },
      "startswith": affix { $0.utf8.starts(with: $1.utf8) },
      "endswith": affix { $0.utf8.reversed().starts(with: $1.utf8.reversed()) },
      "replace": .method("self, old, new, count=-1, /") { call in
        .string(try replaced(call))
      },
    ]
  }

  private static func replaced(_ call: Call) throws -> String {
    let (whole, old, new) = (try text(call), try text(call, 1), try text(call, 2))
    var left = try call.int(3)
    if left < 0 { left = .max }
    var result = ""
    if old.isEmpty {
      try call.python.charge(whole.count * (new.string.utf8.count + 1))
      for (index, scalar) in whole.unicodeScalars.enumerated() {
        if index < left { result += new.string }
        result.unicodeScalars.append(scalar)
      }
      return whole.count < left ? result + new.string : result
    }
    let bytes = whole.utf8
    let part = old.utf8
    var output: [UInt8] = []
    var position = 0
    while left > 0, let found = ByteSearch.first(of: part, in: bytes, from: position) {
      output += bytes[position..<found]
      output += new.string.utf8
      if output.count > call.python.limits.size { try call.python.charge(output.count) }
      position = found + part.count
      left -= 1
    }
    output += bytes[position...]
    try call.python.charge(output.count)
    return String(decoding: output, as: UTF8.self)
  }

  // MARK: Cases

  private static var cases: OrderedDictionary<String, Value> {
    func mapped(_ map: @escaping (PythonString) -> String) -> Value {
      .method { call in .string(map(try text(call))) }
    }
    return [
      "upper": mapped { $0.string.uppercased() },
      "lower": mapped { $0.string.lowercased() },
      "casefold": mapped { text in
        String(
          text.unicodeScalars.map { $0 == "ß" ? "ss" : $0.properties.lowercaseMapping }.joined())
      },
      "capitalize": mapped { text in
        guard !text.isEmpty else { return "" }
        return text[0].properties.titlecaseMapping + text[1..<text.count].string.lowercased()
      },
      "title": mapped { text in
        var isInside = false
        return text.unicodeScalars.map { scalar in
          let isCased = scalar.properties.isCased
          defer { isInside = isCased }
          if !isCased { return String(scalar) }
          return isInside
            ? scalar.properties.lowercaseMapping : scalar.properties.titlecaseMapping
        }.joined()
      },
      "swapcase": mapped { text in
        text.unicodeScalars.map {
          $0.properties.isUppercase
            ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping
        }.joined()
      },
    ]
  }

  private static var tests: OrderedDictionary<String, Value> {
    func all(_ holds: @escaping (Unicode.Scalar) -> Bool) -> Value {
      .method { call in
        let text = try text(call)
        return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(holds))
      }
    }
    func cased(_ wanted: @escaping (Unicode.Scalar.Properties) -> Bool) -> Value {
      .method { call in
        let cased = try text(call).unicodeScalars.filter {
          $0.properties.isUppercase || $0.properties.isLowercase
            || $0.properties.generalCategory == .titlecaseLetter
        }
        return .bool(!cased.isEmpty && cased.allSatisfy { wanted($0.properties) })
      }
    }
    func isLetter(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.properties.generalCategory {
      case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
        true
      default: false
      }
    }
    func isDecimal(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.generalCategory == .decimalNumber
    }
    func isDigit(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit
    }
    return [
      "isalpha": all(isLetter),
      "isdecimal": all(isDecimal),
      "isdigit": all(isDigit),
      "isnumeric": all { $0.properties.numericType != nil },
      "isalnum": all { isLetter($0) || $0.properties.numericType != nil },
      "isspace": all(Whitespace.contains),
      "isupper": cased(\.isUppercase),
      "islower": cased(\.isLowercase),
      "isascii": .method { call in .bool(try text(call).isASCII) },
      "isprintable": .method { call in
        .bool(try text(call).unicodeScalars.allSatisfy(Quoting.isPrintable))
      },
      "isidentifier": .method { call in
        let scalars = try text(call).unicodeScalars
        return .bool(
          !scalars.isEmpty && (scalars[0] == "_" || scalars[0].properties.isXIDStart)
            && scalars.allSatisfy(\.properties.isXIDContinue))
      },
      "istitle": .method { call in
        var (isInside, found) = (false, false)
        for scalar in try text(call).unicodeScalars {
          let properties = scalar.properties
          if properties.isUppercase || properties.generalCategory == .titlecaseLetter {
            if isInside { return .bool(false) }
            (isInside, found) = (true, true)
          } else if properties.isLowercase {
            if !isInside { return .bool(false) }
          } else {
            isInside = false
          }
        }
        return .bool(found)
      },
    ]
  }
}
