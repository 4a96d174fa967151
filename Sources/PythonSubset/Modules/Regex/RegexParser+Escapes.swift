extension RegexParser {
  /// A backslash and what follows, outside of brackets.
  mutating func escape() throws -> RegexNode {
    let start = index
    index += 1
    guard let value = current, let scalar = Unicode.Scalar(value) else {
      throw failure("bad escape (end of pattern)", at: start)
    }
    switch scalar {
    case "A":
      index += 1
      return .assertion(.start)
    case "Z":
      index += 1
      return .assertion(.end)
    case "b":
      index += 1
      return .assertion(.boundary)
    case "B":
      index += 1
      return .assertion(.notBoundary)
    case "0"..."9":
      if let group = try groupNumber(start) {
        guard group <= groups else {
          throw failure("invalid group reference \(group)", at: start + 1)
        }
        return .reference(group)
      }
    default: break
    }
    if let (kind, isNegative) = Self.characterClass(scalar) {
      index += 1
      return .set(RegexSet(classes: [(kind, isNegative)]))
    }
    return .character(try characterEscape(start))
  }

  /// A reference to a group, or nil for an octal escape.
  private mutating func groupNumber(_ start: Int) throws -> Int? {
    guard let first = current, first != 48 else { return nil }
    let second = index + 1 < pattern.count ? pattern[index + 1] : 0
    let third = index + 2 < pattern.count ? pattern[index + 2] : 0
    guard (48...57).contains(second) else {
      index += 1
      return Int(first) - 48
    }
    let isOctal = { (value: UInt32) in (48...55).contains(value) }
    if isOctal(first), isOctal(second), isOctal(third) { return nil }
    index += 2
    return Int(first - 48) * 10 + Int(second - 48)
  }

  static func characterClass(_ letter: Unicode.Scalar) -> (RegexClass, Bool)? {
    switch letter {
    case "d": (.digit, false)
    case "D": (.digit, true)
    case "w": (.word, false)
    case "W": (.word, true)
    case "s": (.space, false)
    case "S": (.space, true)
    default: nil
    }
  }

  /// An escape that stands for one character; the backslash is behind.
  mutating func characterEscape(_ start: Int) throws -> UInt32 {
    guard let value = current, let scalar = Unicode.Scalar(value) else {
      throw failure("bad escape (end of pattern)", at: start)
    }
    index += 1
    switch scalar {
    case "a": return 7
    case "f": return 12
    case "n": return 10
    case "r": return 13
    case "t": return 9
    case "v": return 11
    case "x": return try hex(2, "x", start)
    case "u" where !isBytes: return try hex(4, "u", start)
    case "U" where !isBytes: return try hex(8, "U", start)
    case "N" where !isBytes: return try named(start)
    case "0"..."7":
      index -= 1
      return try octal(start)
    case "8", "9", "a"..."z", "A"..."Z": throw failure("bad escape \\\(scalar)", at: start)
    default: return value
    }
  }

  private mutating func octal(_ start: Int) throws -> UInt32 {
    var value: UInt32 = 0
    var count = 0
    while count < 3, let digit = current, (48...55).contains(digit) {
      value = value * 8 + digit - 48
      index += 1
      count += 1
    }
    guard value <= 0o377 else {
      throw failure("octal escape value outside of range 0-0o377", at: start)
    }
    return value
  }

  private mutating func hex(_ count: Int, _ letter: String, _ start: Int) throws -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<count {
      guard let digit = current, digit < 128, let scalar = Unicode.Scalar(digit),
        let number = Character(scalar).hexDigitValue
      else { throw failure("incomplete escape \\\(letter)", at: start) }
      value = value << 4 | UInt32(number)
      index += 1
    }
    guard value <= 0x10FFFF else { throw failure("bad escape \\\(letter)", at: start) }
    return value
  }

  private mutating func named(_ start: Int) throws -> UInt32 {
    guard take("{") else { throw failure("missing {", at: index) }
    var name = ""
    while let value = current, value != UInt32(UInt8(ascii: "}")) {
      if let scalar = Unicode.Scalar(value) { name.unicodeScalars.append(scalar) }
      index += 1
    }
    guard take("}") else { throw failure("missing }, unterminated name", at: index) }
    guard let scalar = CharacterNames.scalar(named: name) else {
      throw failure("undefined character name '\(name)'", at: start)
    }
    return scalar.value
  }

  /// `[...]`
  mutating func bracket() throws -> RegexSet {
    let start = index
    index += 1
    var set = RegexSet(isNegative: take("^"))
    var isFirst = true
    while true {
      guard let value = current else { throw failure("unterminated character set", at: start) }
      if value == UInt32(UInt8(ascii: "]")), !isFirst {
        index += 1
        return set
      }
      isFirst = false
      let begin = index
      guard let low = try setItem(&set) else { continue }
      let isRange =
        current == UInt32(UInt8(ascii: "-")) && index + 1 < pattern.count
        && pattern[index + 1] != UInt32(UInt8(ascii: "]"))
      guard isRange else {
        set.ranges.append(low...low)
        continue
      }
      index += 1
      var probe = RegexSet()
      guard let high = try setItem(&probe), low <= high else {
        throw failure("bad character range", at: begin)
      }
      set.ranges.append(low...high)
    }
  }

  /// One character of a set; a class goes into the set and gives nil.
  private mutating func setItem(_ set: inout RegexSet) throws -> UInt32? {
    guard let value = current else { throw failure("unterminated character set") }
    guard value == UInt32(UInt8(ascii: "\\")) else {
      index += 1
      return value
    }
    let start = index
    index += 1
    if let next = current, let scalar = Unicode.Scalar(next) {
      if let (kind, isNegative) = Self.characterClass(scalar) {
        index += 1
        if current == UInt32(UInt8(ascii: "-")), index + 1 < pattern.count,
          pattern[index + 1] != UInt32(UInt8(ascii: "]"))
        {
          throw failure("bad character range \\\(scalar)-", at: start)
        }
        set.classes.append((kind, isNegative))
        return nil
      }
      if scalar == "b" {
        index += 1
        return 8
      }
    }
    return try characterEscape(start)
  }
}
