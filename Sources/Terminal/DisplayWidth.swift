extension String {
  /// The columns that the text takes on a terminal: wide East Asian characters and emoji take
  /// two, combining marks none. Meant for text that `harmless` has been applied to.
  public var displayWidth: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return reduce(0) { $0 + $1.displayWidth }
  }

  /// The text with everything that could move the cursor, change colours or reorder the line
  /// spelt out: a value from a database must not be able to speak to the terminal.
  public var harmless: String {
    if utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isHarmful {
        result += scalar.spelling
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The text filled with blanks up to a width.
  public func padded(to width: Int, alignRight: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - displayWidth))
    return alignRight ? blanks + self : self + blanks
  }

  /// The text, cut to a width with `…` at its end where it is longer.
  public func truncated(to width: Int) -> String {
    guard displayWidth > width else { return self }
    var result = ""
    var used = 0
    for character in self {
      guard used + character.displayWidth < width else { break }
      used += character.displayWidth
      result.append(character)
    }
    return width > 0 ? result + "…" : ""
  }
}

extension Character {
  /// A grapheme takes the columns of its base, whatever marks and joiners follow.
  fileprivate var displayWidth: Int {
    if let byte = asciiValue { return byte == 0x0A ? 0 : 1 }
    let scalars = unicodeScalars
    guard let base = scalars.first(where: { !$0.takesNoColumn }) else { return 0 }
    // A variation selector asks for the emoji's picture; two regional indicators are a flag.
    if scalars.contains("\u{FE0F}") { return 2 }
    return base.isWide ? 2 : 1
  }
}

extension Unicode.Scalar {
  fileprivate var isHarmful: Bool {
    switch value {
    case 0x00..<0x20, 0x7F..<0xA0: true
    // Line and paragraph separators; marks, embeddings and isolates that reorder the line.
    case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0x061C: true
    // Invisible fillers: byte order mark, interlinear notes, tags.
    case 0xFEFF, 0xFFF9...0xFFFB: true
    default: false
    }
  }

  fileprivate var spelling: String {
    switch value {
    case 0x09: return "\\t"
    case 0x0A: return "\\n"
    case 0x0D: return "\\r"
    default:
      let hex = String(value, radix: 16)
      let width = value < 0x100 ? 2 : 4
      let zeros = String(repeating: "0", count: max(0, width - hex.count))
      return (value < 0x100 ? "\\x" : "\\u") + zeros + hex
    }
  }

  fileprivate var takesNoColumn: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: true
    // The vowels and finals of conjoining Hangul stand in their leading consonant's columns.
    default: (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value)
    }
  }

  /// East Asian Width W or F, or shown as a picture.
  fileprivate var isWide: Bool {
    switch value {
    case 0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60,
      0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1F200...0x1F2FF,
      0x20000...0x3FFFD:
      value != 0x303F
    default: properties.isEmojiPresentation
    }
  }
}
