public import Diagnostics

/// The text that nodes come from, kept so that errors can show it.
public final class YAMLSource: Sendable {
  /// The file as the user named it.
  public let file: String
  /// The bytes as they are on disk.
  public let bytes: [UInt8]
  /// The lines without their ends, as the characters that columns count.
  let lines: [[Unicode.Scalar]]

  init(file: String, bytes: [UInt8], text: String) {
    self.file = file
    self.bytes = bytes
    lines = YAMLSource.split(text)
  }

  /// The line that holds a place, with tabs as spaces, and a caret under the column; empty when
  /// the place is of another file.
  public func excerpt(at location: SourceLocation) -> [String] {
    guard location.file == file, lines.indices.contains(location.line - 1) else { return [] }
    var line = lines[location.line - 1].map { $0 == "\t" ? " " : $0 }
    var column = max(0, location.column - 1)
    let room = 96
    if column > room * 3 / 4 {  // a long line: the part around the place
      let cut = min(column - room / 2, max(0, line.count - 1))
      line = Array(line.dropFirst(cut))
      column -= cut
    }
    let text = String(String.UnicodeScalarView(line.prefix(room)))
    return [text, String(repeating: " ", count: min(column, room)) + "^"]
  }

  /// Splits where YAML 1.1 and libyaml see line breaks, so that line numbers agree with its marks.
  private static func split(_ text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = [[]]
    var afterReturn = false
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n" where afterReturn: break
      case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": lines.append([])
      default: lines[lines.count - 1].append(scalar)
      }
      afterReturn = scalar == "\r"
    }
    return lines
  }
}

/// Walks a scalar's text and its spelling in the file side by side.
///
/// White space is never compared: folding and indentation change it, and nothing that is looked
/// up begins with it.
struct ScalarAlignment {
  private let scalar: YAMLScalar
  private let lines: [[Unicode.Scalar]]
  private var line: Int
  private var column: Int

  init(_ scalar: YAMLScalar, in source: YAMLSource) {
    self.scalar = scalar
    lines = source.lines
    line = scalar.start.line - 1
    column = scalar.start.column - 1
    switch scalar.style {
    case .plain: break
    case .singleQuoted, .doubleQuoted: column += 1
    case .literal, .folded: (line, column) = (line + 1, 0)
    }
  }

  func location(at offset: Int) -> SourceLocation {
    var walk = self
    for (index, character) in scalar.text.unicodeScalars.enumerated() {
      if character.properties.isWhitespace, index != offset {
        walk.pass(whitespace: character)
        continue
      }
      walk.skipWhitespace()
      if index >= offset { break }
      walk.skipCharacter()
    }
    return SourceLocation(
      file: scalar.start.file, line: walk.line + 1, column: walk.column + 1)
  }

  private var current: Unicode.Scalar? {
    guard lines.indices.contains(line), lines[line].indices.contains(column) else { return nil }
    return lines[line][column]
  }

  private mutating func skipWhitespace() {
    while line < lines.count {
      if let character = current {
        if isEscapedBreak {
          (line, column) = (line + 1, 0)
        } else if character.properties.isWhitespace {
          column += 1
        } else {
          return
        }
      } else if line + 1 < lines.count {
        (line, column) = (line + 1, 0)
      } else {
        return
      }
    }
  }

  /// Goes over white space of the text, which the file may spell as an escape; where it folds
  /// lines, the next visible character finds its place by itself.
  private mutating func pass(whitespace: Unicode.Scalar) {
    var ahead = self
    ahead.skipWhitespace()
    if scalar.style == .doubleQuoted, ahead.escape == whitespace {
      ahead.skipCharacter()
      self = ahead
    } else if current?.properties.isWhitespace == true {
      column += 1
    }
  }

  /// The white space that an escape at this place stands for.
  private var escape: Unicode.Scalar? {
    guard current == "\\", lines[line].indices.contains(column + 1) else { return nil }
    func hex(_ width: Int) -> Unicode.Scalar? {
      let digits = lines[line].dropFirst(column + 2).prefix(width)
      return UInt32(String(String.UnicodeScalarView(digits)), radix: 16).flatMap(
        Unicode.Scalar.init)
    }
    switch lines[line][column + 1] {
    case "t", "\t": return "\t"
    case "n": return "\n"
    case "r": return "\r"
    case "v": return "\u{B}"
    case "f": return "\u{C}"
    case " ": return " "
    case "N": return "\u{85}"
    case "_": return "\u{A0}"
    case "L": return "\u{2028}"
    case "P": return "\u{2029}"
    case "x": return hex(2)
    case "u": return hex(4)
    case "U": return hex(8)
    default: return nil
    }
  }

  /// A backslash at the end of a line joins it with the next.
  private var isEscapedBreak: Bool {
    scalar.style == .doubleQuoted && current == "\\" && column == lines[line].count - 1
  }

  private mutating func skipCharacter() {
    let character = current
    column += 1
    switch (scalar.style, character) {
    case (.singleQuoted, "'"): column += 1
    case (.doubleQuoted, "\\"):
      switch current {
      case "x": column += 3
      case "u": column += 5
      case "U": column += 9
      default: column += 1
      }
    default: break
    }
  }
}
