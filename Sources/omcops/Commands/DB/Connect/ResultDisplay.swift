internal import Postgres
internal import Quantities
internal import Terminal

/// When a row is shown as a line for each value.
enum Expansion: String {
  case off
  case on
  /// Where a table would be wider than the terminal.
  case auto
}

extension ConnectShell {
  /// Shows the rows of a result, a screen at a time where they are many.
  func display(_ result: QueryResult) {
    let rows = RowSet(result)
    var text = isExpanded(rows) ? rows.expandedText : rows.text(as: .table)
    if isInteractive {
      text += "(\(result.rows.count) \(result.rows.count == 1 ? "row" : "rows"))\n"
    }
    Pager(context: context).show(text)
  }

  private func isExpanded(_ rows: RowSet) -> Bool {
    switch expansion {
    case .off: false
    case .on: true
    case .auto: context.output.columns.map { rows.tableWidth > $0 } ?? false
    }
  }
}

extension PostgresError {
  /// The same with the place of the statement in a file.
  func located(in file: String?, line: Int) -> PostgresError {
    guard let file else { return self }
    var error = self
    let place = "statement at \(file):\(line)"
    error.context = context.map { "\($0)\n\(place)" } ?? place
    return error
  }
}
