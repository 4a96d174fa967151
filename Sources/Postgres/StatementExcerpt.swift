internal import CPostgres

/// Shows the place of an error in a statement: the line, and a caret under the character.
enum StatementExcerpt {
  private static let widest = 76

  /// Two lines of equal prefix, or none when `position` is not inside `sql`.
  ///
  /// The server counts characters of the statement from 1, which are Unicode scalars here.
  ///
  /// - Parameter firstLine: the number of the statement's first line.
  static func lines(of sql: String, at position: Int, firstLine: Int = 1) -> [String] {
    let scalars = Array(sql.unicodeScalars)
    guard position >= 1, position <= scalars.count + 1 else { return [] }
    let place = position - 1
    let start = scalars[..<place].lastIndex(of: "\n").map { $0 + 1 } ?? 0
    let end = scalars[place...].firstIndex { $0 == "\n" || $0 == "\r" } ?? scalars.count
    let number = firstLine + scalars[..<start].count { $0 == "\n" }

    let line = scalars[start..<max(place, end)].map { $0 == "\t" || $0 == "\r" ? " " : $0 }
    let window = visible(of: line, around: place - start)
    let label = "LINE \(number): " + (window.lowerBound > 0 ? "..." : "")
    let text = string(line[window]) + (window.upperBound < line.count ? "..." : "")
    let indent = label.count + line[window.lowerBound..<(place - start)].map(width).reduce(0, +)
    return [label + text, String(repeating: " ", count: indent) + "^"]
  }

  /// The part of a long line that is shown, as near the place as it can be.
  private static func visible(of line: [Unicode.Scalar], around place: Int) -> Range<Int> {
    guard line.map(width).reduce(0, +) > widest else { return 0..<line.count }
    var range = min(place, line.count)..<min(place, line.count)
    var used = 0
    while used < widest {
      let before = used
      if range.lowerBound > 0,
        place - range.lowerBound < widest / 2 || range.upperBound == line.count
      {
        range = (range.lowerBound - 1)..<range.upperBound
        used += width(line[range.lowerBound])
      }
      if range.upperBound < line.count {
        used += width(line[range.upperBound])
        range = range.lowerBound..<(range.upperBound + 1)
      }
      if used == before { break }
    }
    return range
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }

  private static let utf8 = pg_char_to_encoding("UTF8")

  /// The columns that a terminal gives a scalar, by libpq's own tables.
  private static func width(_ scalar: Unicode.Scalar) -> Int {
    if scalar.isASCII { return 1 }
    var bytes = Array(UTF8.encode(scalar) ?? .init()).map { CChar(bitPattern: $0) }
    bytes.append(0)
    return max(0, Int(PQdsplen(bytes, utf8)))
  }
}
