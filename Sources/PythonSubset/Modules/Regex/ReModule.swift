internal import OrderedCollections

/// `re`.
enum ReModule {
  static let flagNames: [(String, Int)] = [
    ("IGNORECASE", 2), ("LOCALE", 4), ("MULTILINE", 8), ("DOTALL", 16), ("UNICODE", 32),
    ("VERBOSE", 64), ("DEBUG", 128), ("ASCII", 256),
  ]

  static func make() -> HostModule {
    .describing("re") { table in
      for (name, value) in flagNames {
        table.value(name) { .int(value) }
      }
      for (letter, value) in [
        ("I", 2), ("L", 4), ("M", 8), ("S", 16), ("U", 32), ("X", 64), ("A", 256),
      ] { table.value(letter) { .int(value) } }
      table.value("NOFLAG") { 0 }
      table.type(patternClass, as: "Pattern")
      table.type(matchClass, as: "Match")
      table.type(errorClass, as: "error")
      table.function("compile", "pattern, flags=0") { .object(try pattern($0)) }
      table.function("purge") { _ in .null }
      table.function("escape", "pattern") { try escape($0) }
      for (name, anchoring) in [
        ("search", PatternObject.Anchoring.anywhere), ("match", .start), ("fullmatch", .whole),
      ] {
        table.function(name, "pattern, string, flags=0") { call in
          let pattern = try pattern(call)
          let subject = try pattern.subject(call[1])
          return value(
            try pattern.find(
              subject, from: 0, to: subject.points.count, anchoring, call.python))
        }
      }
      table.function("findall", "pattern, string, flags=0") { call in
        try findall(pattern(call), call[1], 0, nil, call.python)
      }
      table.function("finditer", "pattern, string, flags=0") { call in
        try finditer(pattern(call), call[1], 0, nil, call.python)
      }
      table.function("split", "pattern, string, maxsplit=0, flags=0") { call in
        try split(pattern(call), call[1], call.int("maxsplit"), call.python)
      }
      table.function("sub", "pattern, repl, string, count=0, flags=0") { call in
        try substitute(pattern(call), call[1], call[2], call.int("count"), call.python).0
      }
      table.function("subn", "pattern, repl, string, count=0, flags=0") { call in
        let (text, count) = try substitute(
          pattern(call), call[1], call[2], call.int("count"), call.python)
        return .tuple([text, .int(count)])
      }
    }
  }

  private static func pattern(_ call: Call) throws -> PatternObject {
    let flags = RegexFlags(rawValue: try call.int("flags"))
    if let compiled = call[0].object(as: PatternObject.self) {
      guard flags.isEmpty else {
        throw PythonError(.valueError, "cannot process flags argument with a compiled pattern")
      }
      return compiled
    }
    return try PatternObject(call[0], flags: flags)
  }

  static func value(_ match: MatchObject?) -> Value { match.map { .object($0) } ?? .null }

  private static func escape(_ call: Call) throws -> Value {
    let special = Set("()[]{}?*+-|^$\\.&~# \t\n\r\u{0B}\u{0C}".unicodeScalars)
    if case .bytes(let bytes) = call[0].unwrapped {
      return .bytes(
        bytes.flatMap { special.contains(Unicode.Scalar($0)) ? [UInt8(ascii: "\\"), $0] : [$0] })
    }
    var result = ""
    for scalar in try call.string(0).unicodeScalars {
      if special.contains(scalar) { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return .string(result)
  }

  // MARK: What functions and methods share

  /// A match as `findall` shows it.
  private static func shown(_ match: MatchObject) -> Value {
    let empty: Value = match.pattern.isBytes ? .bytes([]) : .string("")
    switch match.pattern.groups {
    case 0: return match.text(0) ?? empty
    case 1: return match.text(1) ?? empty
    default: return .tuple((1...match.pattern.groups).map { match.text($0) ?? empty })
    }
  }

  static func bounds(_ subject: PatternObject.Subject, _ start: Int, _ end: Int?) -> (Int, Int) {
    let count = subject.points.count
    return (min(max(0, start), count), min(max(0, end ?? count), count))
  }

  static func findall(
    _ pattern: PatternObject, _ text: Value, _ start: Int, _ end: Int?, _ python: Interpreter
  ) throws -> Value {
    let subject = try pattern.subject(text)
    let (first, last) = bounds(subject, start, end)
    var found: [Value] = []
    try pattern.matches(subject, from: first, to: last, python) {
      found.append(shown($0))
      return true
    }
    return .list(found)
  }

  static func finditer(
    _ pattern: PatternObject, _ text: Value, _ start: Int, _ end: Int?, _ python: Interpreter
  ) throws -> Value {
    let subject = try pattern.subject(text)
    let (first, last) = bounds(subject, start, end)
    var found: [Value] = []
    try pattern.matches(subject, from: first, to: last, python) {
      found.append(.object($0))
      return true
    }
    return .object(ClosureIterator("callable_iterator", over: found))
  }

  static func split(
    _ pattern: PatternObject, _ text: Value, _ limit: Int, _ python: Interpreter
  ) throws -> Value {
    let subject = try pattern.subject(text)
    var parts: [Value] = []
    var position = 0
    var count = 0
    try pattern.matches(subject, to: subject.points.count, python) { match in
      if limit < 0 || limit > 0 && count >= limit { return false }
      parts.append(subject.slice(position, match.captures[0]))
      for group in stride(from: 1, through: pattern.groups, by: 1) {
        parts.append(match.text(group) ?? .null)
      }
      position = match.captures[1]
      count += 1
      return true
    }
    parts.append(subject.slice(position, subject.points.count))
    return .list(parts)
  }

  static func substitute(
    _ pattern: PatternObject, _ replacement: Value, _ text: Value, _ limit: Int,
    _ python: Interpreter
  ) throws -> (Value, Int) {
    let subject = try pattern.subject(text)
    let isFunction = python.isCallable(replacement)
    let template = isFunction ? nil : try RegexTemplate(replacement, pattern)
    var pieces: [Value] = []
    var position = 0
    var count = 0
    try pattern.matches(subject, to: subject.points.count, python) { match in
      if limit > 0, count >= limit { return false }
      pieces.append(subject.slice(position, match.captures[0]))
      if let template {
        pieces += try match.expand(template)
      } else {
        let piece = try python.call(replacement, [.object(match)])
        if !piece.isNone { pieces.append(piece) }
      }
      position = match.captures[1]
      count += 1
      return true
    }
    pieces.append(subject.slice(position, subject.points.count))
    return (try joined(pieces, isBytes: pattern.isBytes, python), count)
  }

  static func joined(_ pieces: [Value], isBytes: Bool, _ python: Interpreter) throws -> Value {
    if isBytes {
      var bytes: [UInt8] = []
      for piece in pieces {
        bytes += piece.bytes ?? []
        if bytes.count > python.limits.size { break }
      }
      try python.charge(bytes.count)
      return .bytes(bytes)
    }
    var text = ""
    for (index, piece) in pieces.enumerated() {
      guard let part = piece.string else {
        throw PythonError(
          .typeError, "sequence item \(index): expected str instance, \(piece.typeName) found")
      }
      text += part
      if text.utf8.count > python.limits.size { break }
    }
    try python.charge(text.utf8.count)
    return .string(text)
  }

  // MARK: re.error

  // Immutable once made (see PythonClass).
  nonisolated(unsafe) static let errorClass = PythonClass(
    host: "error", module: "re", bases: [BuiltinException.exception.pythonClass])

  static func error(_ failure: RegexFailure, _ pattern: [UInt32], _ source: Value) -> PythonError {
    let before = pattern[..<min(failure.position, pattern.count)]
    let line = before.count { $0 == 10 } + 1
    let column = failure.position - (before.lastIndex(of: 10).map { $0 + 1 } ?? 0) + 1
    var message = "\(failure.reason) at position \(failure.position)"
    if pattern.contains(10) { message += " (line \(line), column \(column))" }
    let error = ExceptionObject(errorClass, [.string(message)])
    error.attributes["msg"] = .string(failure.reason)
    error.attributes["pattern"] = source
    error.attributes["pos"] = .int(failure.position)
    error.attributes["lineno"] = .int(line)
    error.attributes["colno"] = .int(column)
    return PythonError(error)
  }
}
