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
    let body = rowSet.rows.map { $0.map { ($0.text ?? rowSet.nullText).harmless } }
    let widths = fitted(naturalWidths(header, body))
    var text = line(header, widths, isHeader: true)
    text += widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "\n"
    for row in body { text += line(row, widths, isHeader: false) }
    return text
  }

  private func naturalWidths(_ header: [String], _ body: [[String]]) -> [Int] {
    var widths = header.map(\.displayWidth)
    for row in body {
      for (index, text) in row.enumerated() where index < widths.count {
        widths[index] = max(widths[index], text.displayWidth)
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

  private func line(_ cells: [String], _ widths: [Int], isHeader: Bool) -> String {
    var parts: [String] = []
    for (index, text) in cells.enumerated() where index < widths.count {
      let alignRight = rowSet.columns[index].isNumeric && !isHeader
      let shown = text.truncated(to: widths[index])
      let isLast = index == widths.count - 1
      // No blanks at a line's end: the lines are copied into tickets.
      parts.append(
        isLast && !alignRight
          ? shown : shown.padded(to: widths[index], alignRight: alignRight))
    }
    var line = " " + parts.joined(separator: " | ")
    while line.last == " " { line.removeLast() }
    return line + "\n"
  }
}
