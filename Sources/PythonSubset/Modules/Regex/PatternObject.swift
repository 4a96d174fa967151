/// A compiled pattern: `re.Pattern`.
public final class PatternObject: PythonObject {
  let source: Value
  let flags: RegexFlags
  let groups: Int
  let names: [(name: String, group: Int)]
  let program: RegexProgram
  let isBytes: Bool

  /// The text of the pattern.
  public var pattern: Value { source }

  init(_ source: Value, flags: RegexFlags) throws {
    self.source = source
    let points: [UInt32]
    switch source.unwrapped {
    case .str(let text):
      points = text.unicodeScalars.map(\.value)
      isBytes = false
    case .bytes(let bytes):
      points = bytes.map { UInt32($0) }
      isBytes = true
    default:
      throw PythonError(.typeError, "first argument must be string or compiled pattern")
    }
    if isBytes, flags.contains(.unicode) {
      throw PythonError(.valueError, "cannot use UNICODE flag with a bytes pattern")
    }
    var parser = RegexParser(
      points, isBytes: isBytes, flags: isBytes ? flags.union(.ascii) : flags)
    do {
      let node = try parser.parse()
      self.flags = parser.flags
      groups = parser.groups
      names = parser.names
      program = RegexCompiler.compile(node, parser.flags)
    } catch let failure as RegexFailure {
      throw ReModule.error(failure, points, source)
    }
  }

  public override var pythonClass: PythonClass { ReModule.patternClass }

  public override func representation(_ python: Interpreter) throws -> String {
    var shown = flags.subtracting(isBytes ? .ascii : .unicode).rawValue
    let named = ReModule.flagNames.filter { shown & $0.1 != 0 }
    for (_, value) in named { shown &= ~value }
    let suffix = named.map { "re." + $0.0 }.joined(separator: "|")
    return "re.compile(\(try python.repr(source))\(suffix.isEmpty ? "" : ", " + suffix))"
  }

  public override func compare(
    _ op: ComparisonOperator, _ other: Value, _ python: Interpreter
  ) throws -> Value? {
    guard op == .equal || op == .notEqual, let other = other.object(as: PatternObject.self) else {
      return nil
    }
    let same = try flags == other.flags && python.equal(source, other.source)
    return .bool(same == (op == .equal))
  }

  public override func hash(_ python: Interpreter) throws -> Int { try python.hash(source) }

  /// A text to be searched.
  struct Subject {
    let value: Value
    let points: [UInt32]

    func slice(_ start: Int, _ end: Int) -> Value {
      switch value.unwrapped {
      case .str(let text): return .str(text[start..<end])
      case .bytes(let bytes): return .bytes(Array(bytes[start..<end]))
      default: return .null
      }
    }
  }

  func subject(_ value: Value) throws -> Subject {
    switch value.unwrapped {
    case .str(let text) where !isBytes:
      return Subject(value: value, points: text.unicodeScalars.map(\.value))
    case .bytes(let bytes) where isBytes:
      return Subject(value: value, points: bytes.map { UInt32($0) })
    case .str: throw PythonError(.typeError, "cannot use a bytes pattern on a string-like object")
    case .bytes: throw PythonError(.typeError, "cannot use a string pattern on a bytes-like object")
    default:
      throw PythonError(
        .typeError, "expected string or bytes-like object, got '\(value.typeName)'")
    }
  }

  enum Anchoring { case anywhere, start, whole }

  /// The first match at or after `start`.
  func find(
    _ subject: Subject, from start: Int, to end: Int, _ anchoring: Anchoring,
    notEmptyAt: Int? = nil, _ python: Interpreter
  ) throws -> MatchObject? {
    guard start <= end else { return nil }
    var matcher = RegexMatcher(text: subject.points, end: end, groups: groups) {
      try python.tick($0)
    }
    for position in start...(anchoring == .anywhere ? end : start) {
      if position & 0xFF == 0 { try python.tick(16) }
      if let stop = try matcher.match(program, from: position, mustEnd: anchoring == .whole) {
        if stop == position, notEmptyAt == position { continue }
        return MatchObject(self, subject, matcher.captures, start: start, end: end)
      }
    }
    return nil
  }

  /// All matches that do not overlap. An empty match may follow a match, as in Python since 3.7.
  func matches(
    _ subject: Subject, from start: Int = 0, to end: Int, _ python: Interpreter,
    _ body: (MatchObject) throws -> Bool
  ) throws {
    var position = start
    var notEmptyAt: Int?
    while let match = try find(
      subject, from: position, to: end, .anywhere, notEmptyAt: notEmptyAt, python)
    {
      guard try body(match) else { return }
      position = match.captures[1]
      // After an empty match only a longer one may begin at the same place.
      notEmptyAt = match.captures[0] == match.captures[1] ? position : nil
      if notEmptyAt == nil { notEmptyAt = -1 }
    }
  }
}

/// What a pattern matched: `re.Match`.
public final class MatchObject: PythonObject {
  let pattern: PatternObject
  let subject: PatternObject.Subject
  let captures: [Int]
  let start: Int
  let end: Int

  init(
    _ pattern: PatternObject, _ subject: PatternObject.Subject, _ captures: [Int], start: Int,
    end: Int
  ) {
    self.pattern = pattern
    self.subject = subject
    self.captures = captures
    self.start = start
    self.end = end
  }

  public override var pythonClass: PythonClass { ReModule.matchClass }

  /// The text of a group; nil where it took no part.
  func text(_ group: Int) -> Value? {
    let (start, end) = (captures[group * 2], captures[group * 2 + 1])
    return start < 0 || end < 0 ? nil : subject.slice(start, end)
  }

  func group(_ key: Value, _ python: Interpreter) throws -> Int {
    if let name = key.string {
      if let group = pattern.names.first(where: { $0.name == name })?.group { return group }
    } else if let number = key.int, (0...pattern.groups).contains(number) {
      return number
    }
    throw PythonError(.indexError, "no such group")
  }

  public override func item(_ key: Value, _ python: Interpreter) throws -> Value? {
    try text(group(key, python)) ?? .null
  }

  public override func representation(_ python: Interpreter) throws -> String {
    "<re.Match object; span=(\(captures[0]), \(captures[1])), "
      + "match=\(try python.repr(text(0) ?? .null))>"
  }

  /// A replacement template with the groups put in.
  func expand(_ template: RegexTemplate) throws -> [Value] {
    template.parts.map { part in
      switch part {
      case .text(let value): value
      case .group(let group):
        text(group) ?? (pattern.isBytes ? .bytes([]) : .string(""))
      }
    }
  }
}

/// The replacement of `sub`: text with `\1` and `\g<name>`.
struct RegexTemplate {
  enum Part {
    case text(Value)
    case group(Int)
  }
  var parts: [Part] = []

  init(_ template: Value, _ pattern: PatternObject) throws {
    let points: [UInt32]
    switch template.unwrapped {
    case .str(let text): points = text.unicodeScalars.map(\.value)
    case .bytes(let bytes): points = bytes.map { UInt32($0) }
    default:
      throw PythonError(
        .typeError, "decoding to str: need a bytes-like object, \(template.typeName) found")
    }
    var parser = RegexParser(points, isBytes: pattern.isBytes, flags: [])
    var text: [UInt32] = []
    func flush(_ parts: inout [Part]) {
      guard !text.isEmpty else { return }
      parts.append(
        .text(
          pattern.isBytes
            ? .bytes(text.map { UInt8(truncatingIfNeeded: $0) })
            : .str(PythonString(scalars: text.compactMap { Unicode.Scalar($0) }))))
      text = []
    }
    do {
      while let value = parser.current {
        let start = parser.index
        parser.index += 1
        guard value == UInt32(UInt8(ascii: "\\")) else {
          text.append(value)
          continue
        }
        if let group = try Self.reference(&parser, start, pattern) {
          flush(&parts)
          parts.append(.group(group))
        } else if parser.current == UInt32(UInt8(ascii: "\\")) {
          parser.index += 1
          text.append(UInt32(UInt8(ascii: "\\")))
        } else if parser.current == UInt32(UInt8(ascii: "b")) {
          parser.index += 1
          text.append(8)
        } else if let letter = parser.current,
          !"abfnrtv01234567".unicodeScalars.contains(where: { $0.value == letter })
        {
          guard !Self.isLetter(letter) else {
            throw parser.failure(
              "bad escape \\\(Unicode.Scalar(letter).map { String($0) } ?? "")", at: start)
          }
          parser.index += 1
          text += [UInt32(UInt8(ascii: "\\")), letter]
        } else {
          text.append(try parser.characterEscape(start))
        }
      }
    } catch let failure as RegexFailure {
      throw ReModule.error(failure, points, template)
    }
    flush(&parts)
  }

  private static func isLetter(_ value: UInt32) -> Bool {
    (65...90).contains(value) || (97...122).contains(value)
  }

  private static func reference(
    _ parser: inout RegexParser, _ start: Int, _ pattern: PatternObject
  ) throws -> Int? {
    if parser.take("g") {
      guard parser.take("<") else { throw parser.failure("missing <") }
      var name = ""
      let begin = parser.index
      while let value = parser.current, value != UInt32(UInt8(ascii: ">")) {
        if let scalar = Unicode.Scalar(value) { name.unicodeScalars.append(scalar) }
        parser.index += 1
      }
      guard parser.take(">") else {
        throw parser.failure("missing >, unterminated name", at: begin)
      }
      if let number = Int(name), number >= 0 {
        guard number <= pattern.groups else {
          throw parser.failure("invalid group reference \(number)", at: begin)
        }
        return number
      }
      guard let group = pattern.names.first(where: { $0.name == name })?.group else {
        if name.isEmpty { throw parser.failure("missing group name", at: begin) }
        throw PythonError(.indexError, "unknown group name '\(name)'")
      }
      return group
    }
    guard let first = parser.current, (49...57).contains(first) else { return nil }
    let (place, points) = (parser.index, parser.pattern)
    let digit = { (offset: Int) -> UInt32? in
      let index = place + offset
      guard index < points.count, (48...57).contains(points[index]) else { return nil }
      return points[index] - 48
    }
    var group = Int(first - 48)
    if let second = digit(1) {
      if group < 4, second < 8, let third = digit(2), third < 8 { return nil }
      group = group * 10 + Int(second)
      parser.index += 1
    }
    parser.index += 1
    guard group <= pattern.groups else {
      throw parser.failure("invalid group reference \(group)", at: start + 1)
    }
    return group
  }
}
