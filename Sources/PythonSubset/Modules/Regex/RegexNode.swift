/// A regular expression of Python's `re`, as a tree.
indirect enum RegexNode {
  case empty
  case character(UInt32)
  /// `.`
  case any
  case set(RegexSet)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  case group(Int, RegexNode)
  /// `(?i:...)`
  case flagged(RegexFlags, RegexNode)
  case repetition(RegexNode, minimum: Int, maximum: Int?, RegexGreed)
  case assertion(RegexAssertion)
  case look(RegexNode, isBehind: Bool, isNegative: Bool)
  case reference(Int)
  case conditional(group: Int, RegexNode, RegexNode)
  case atomic(RegexNode)
}

enum RegexGreed { case greedy, lazy, possessive }

enum RegexAssertion {
  case lineStart, lineEnd, start, end, boundary, notBoundary
}

/// The flags of `re`, with CPython's numbers.
struct RegexFlags: OptionSet {
  var rawValue: Int
  static let ignoreCase = RegexFlags(rawValue: 2)
  static let locale = RegexFlags(rawValue: 4)
  static let multiline = RegexFlags(rawValue: 8)
  static let dotAll = RegexFlags(rawValue: 16)
  static let unicode = RegexFlags(rawValue: 32)
  static let verbose = RegexFlags(rawValue: 64)
  static let debug = RegexFlags(rawValue: 128)
  static let ascii = RegexFlags(rawValue: 256)
}

/// `\d`, `\w`, `\s`.
enum RegexClass {
  case digit, word, space

  func contains(_ value: UInt32, isASCII: Bool) -> Bool {
    if value < 0x80 {
      switch self {
      case .digit: return (48...57).contains(value)
      case .word:
        return (48...57).contains(value) || (65...90).contains(value) || (97...122).contains(value)
          || value == 95
      case .space:
        return value == 32 || (9...13).contains(value) || (28...31).contains(value) && !isASCII
      }
    }
    guard !isASCII, let scalar = Unicode.Scalar(value) else { return false }
    let properties = scalar.properties
    switch self {
    case .digit: return properties.generalCategory == .decimalNumber
    case .word:
      return properties.isAlphabetic && isLetter(properties) || properties.numericType != nil
    case .space: return properties.isWhitespace
    }
  }

  /// `str.isalpha`.
  private func isLetter(_ properties: Unicode.Scalar.Properties) -> Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}

/// `[...]`, and `\d` and its like outside of brackets.
struct RegexSet {
  var ranges: [ClosedRange<UInt32>] = []
  var classes: [(kind: RegexClass, isNegative: Bool)] = []
  var isNegative = false

  func contains(_ value: UInt32, _ flags: RegexFlags) -> Bool {
    var found = has(value, flags)
    if !found, flags.contains(.ignoreCase) {
      found = RegexCase.variants(of: value, isASCII: flags.contains(.ascii)).contains {
        has($0, flags)
      }
    }
    return found != isNegative
  }

  private func has(_ value: UInt32, _ flags: RegexFlags) -> Bool {
    ranges.contains { $0.contains(value) }
      || classes.contains {
        $0.kind.contains(value, isASCII: flags.contains(.ascii)) != $0.isNegative
      }
  }
}

/// Which characters are the same but for their case.
enum RegexCase {
  static func folded(_ value: UInt32, isASCII: Bool) -> UInt32 {
    if value < 0x80 { return (65...90).contains(value) ? value + 32 : value }
    guard !isASCII, let scalar = Unicode.Scalar(value) else { return value }
    let lower = scalar.properties.lowercaseMapping.unicodeScalars
    return lower.count == 1 ? lower.first?.value ?? value : value
  }

  static func variants(of value: UInt32, isASCII: Bool) -> [UInt32] {
    if value < 0x80 {
      if (65...90).contains(value) { return [value + 32] }
      if (97...122).contains(value) { return [value - 32] }
      return []
    }
    guard !isASCII, let scalar = Unicode.Scalar(value) else { return [] }
    return [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap {
      let mapped = $0.unicodeScalars
      return mapped.count == 1 ? mapped.first?.value : nil
    }
  }

  static func equal(_ a: UInt32, _ b: UInt32, isASCII: Bool) -> Bool {
    if a == b { return true }
    return folded(a, isASCII: isASCII) == folded(b, isASCII: isASCII)
      || variants(of: a, isASCII: isASCII).contains(b)
  }
}
