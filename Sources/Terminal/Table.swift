/// Draws a row set as aligned columns.
struct Table {
  private let rowSet: RowSet
  private let limit: Int?

  init(_ rowSet: RowSet, width: Int?) {
    self.rowSet = rowSet
    limit = width
  }

  var text: String {
    let header = rowSet.columns.map(\.name.harmless)
    let rows = rowSet.rows.map { $0.map(lines(of:)) }
    let body = rows.flatMap(Table.spread)
    let widths = fitted(naturalWidths(header, body))
    var text = line(header.map { Part(text: $0) }, widths, isHeader: true)
    text += widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "\n"
    for row in body { text += line(row, widths, isHeader: false) }
    return text
  }

  /// The columns that the whole takes when nothing is cut off.
  var width: Int {
    let body = rowSet.rows.flatMap { Table.spread($0.map(lines(of:))) }
    return naturalWidths(rowSet.columns.map(\.name.harmless), body).reduce(-1) { $0 + $1 + 3 }
  }

  /// What one line of the table shows of a value.
  private struct Part {
    var text: String
    /// Whether the value goes on in the next line.
    var continues = false
  }

  private func lines(of cell: Cell) -> [Part] {
    let text = cell.text ?? rowSet.nullText
    guard rowSet.showsLines, text.utf8.contains(0x0A) else { return [Part(text: text.harmless)] }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.indices.map {
      Part(text: String(lines[$0]).harmless, continues: $0 < lines.endIndex - 1)
    }
  }

  /// The lines of one row, each with a part of every cell.
  private static func spread(_ cells: [[Part]]) -> [[Part]] {
    (0..<(cells.map(\.count).max() ?? 1)).map { line in
      cells.map { line < $0.count ? $0[line] : Part(text: "") }
    }
  }

  private func naturalWidths(_ header: [String], _ body: [[Part]]) -> [Int] {
    var widths = header.map(\.displayWidth)
    for row in body {
      for (index, part) in row.enumerated() where index < widths.count {
        widths[index] = max(widths[index], part.text.displayWidth)
      }
    }
    return widths
  }

  /// On a terminal the widest columns give way first, down to eight.
  private func fitted(_ natural: [Int]) -> [Int] {
    guard let limit else { return natural }
    var widths = natural
    var excess = widths.reduce(0) { $0 + $1 + 3 } - 1 - limit
    while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }),
      widths[widest] > 8
    {
      let next = widths.filter { $0 < widths[widest] }.max() ?? 8
      let step = min(excess, widths[widest] - max(8, next - 1))
      widths[widest] -= max(1, step)
      excess -= max(1, step)
    }
    return widths
  }

  private func line(_ cells: [Part], _ widths: [Int], isHeader: Bool) -> String {
    var line = ""
    for (index, part) in cells.enumerated() where index < widths.count {
      let alignRight = rowSet.columns[index].isNumeric && !isHeader
      line += index == 0 ? " " : "| "
      line += part.text.truncated(to: widths[index])
        .padded(to: widths[index], alignRight: alignRight)
      line += part.continues ? "+" : " "
    }
    // No blanks at a line's end: the lines are copied into tickets.
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}
