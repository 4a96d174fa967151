extension RowSet {
  /// The columns that a table of all rows takes when nothing is cut off.
  public var tableWidth: Int { Table(self, width: nil).width }

  /// Every row as lines of `name  value` under a heading with its number; a value's further lines
  /// stand below its first.
  public var expandedText: String {
    let names = columns.map(\.name.harmless)
    let width = names.map(\.displayWidth).max() ?? 0
    var text = ""
    for (number, row) in rows.enumerated() {
      text += "-- \(number + 1) \(String(repeating: "-", count: max(2, width - 2)))\n"
      for (name, cell) in zip(names, row) {
        let value = cell.text ?? nullText
        for (line, part) in value.split(separator: "\n", omittingEmptySubsequences: false)
          .enumerated()
        {
          let label = (line == 0 ? name : "").padded(to: width)
          let shown = String(part).harmless
          text += shown.isEmpty && line == 0 ? name + "\n" : "\(label)  \(shown)\n"
        }
      }
    }
    return text
  }
}
