internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube get --watch`: what there is, then each change, until somebody interrupts it.
struct KubeGetWatch {
  let session: KubeSession
  let query: ObjectQuery
  let format: ListFormat
  /// Whether each line says what happened.
  let showsEvents: Bool
  /// A view of the rows of a table.
  let view: ObjectTableView
  let showsManagedFields: Bool

  /// Goes on until it is cancelled.
  func run(_ context: Context) async throws {
    let isTable = format == .table || format == .wide
    var view = view
    if isTable { view.table.columns = try await session.client.columns(of: query) }
    var lines = AlignedLines()
    let _: Never = try await ObjectWatch(session.client, query, asRows: isTable).first { news in
      switch news {
      case .state(let objects):
        if isTable {
          let rows = objects.map { row($0, "ADDED", view) }
          let header = (showsEvents ? ["event"] : []) + view.columns.map(\.name)
          context.output.write(lines.text([header] + rows))
        } else {
          for object in objects { write(object, "ADDED", context) }
        }
      case .changed(let object): show(object, "MODIFIED", isTable, view, &lines, context)
      case .deleted(let object): show(object, "DELETED", isTable, view, &lines, context)
      case .outage(let outage): context.error.write("\("\(outage)".harmless)\n")
      }
      return nil
    }
  }

  private func show(
    _ object: KubeObject, _ event: String, _ isTable: Bool, _ view: ObjectTableView,
    _ lines: inout AlignedLines, _ context: Context
  ) {
    guard isTable else { return write(object, event, context) }
    context.output.write(lines.text([row(object, event, view)]))
  }

  private func row(_ object: KubeObject, _ event: String, _ view: ObjectTableView) -> [String] {
    (showsEvents ? [event] : [])
      + view.row(cells: object.cells, object: object).map { ($0.text ?? "").harmless }
  }

  private func write(_ object: KubeObject, _ event: String, _ context: Context) {
    let shown = showsManagedFields ? object : object.withoutManagedFields
    switch format {
    case .name:
      let name = ObjectReference(query.resource, object.name, in: nil)
      context.output.write((showsEvents ? "\(event) " : "") + "\(name)\n")
    case .yaml:
      let value: JSON = ["type": .string(event), "object": shown.json]
      context.output.write("---\n" + YAMLText.document(showsEvents ? value : shown.json))
    default:
      let value: JSON = ["type": .string(event), "object": shown.json]
      context.output.write((showsEvents ? value : shown.json).text() + "\n")
    }
  }
}

/// Lines whose columns stand below each other, as far as the widths are known when each is written.
struct AlignedLines {
  private var widths: [Int] = []

  /// The lines, each with a newline.
  mutating func text(_ rows: [[String]]) -> String {
    for row in rows {
      for (index, cell) in row.enumerated() {
        if index == widths.count { widths.append(0) }
        widths[index] = max(widths[index], cell.displayWidth)
      }
    }
    return rows.map { row in
      row.enumerated().map { index, cell in
        index == row.count - 1 ? cell : cell.padded(to: widths[index])
      }.joined(separator: "  ") + "\n"
    }.joined()
  }
}
