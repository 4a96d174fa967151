internal import DBOps
internal import JSON
internal import OrderedCollections
internal import Terminal

/// What a comparison found, for people and for programs.
struct ComparisonText {
  let report: ComparisonReport
  let style: Style

  // MARK: For people

  /// A paragraph for each difference; nothing where there is none.
  var readable: String {
    var text = ""
    for difference in report.definitions {
      let words = "\(difference.change.rawValue): \(difference.object.kind.lowercased()) "
      text += style.bold((words + difference.object.identity).harmless) + "\n"
      for line in difference.lines { text += coloured(line) }
    }
    for table in report.tables { text += readable(table) }
    for other in report.others {
      text += style.bold("\(other.kind.rawValue): \(other.object)".harmless) + "\n"
      text += other.expected.map { coloured("- \($0)") } ?? ""
      text += other.actual.map { coloured("+ \($0)") } ?? ""
    }
    return text
  }

  private func readable(_ table: TableDifference) -> String {
    if let columns = table.columns {
      return style.bold("columns: \(table.table)".harmless) + "\n"
        + coloured("- \(columns.expected.joined(separator: ", "))")
        + coloured("+ \(columns.actual.joined(separator: ", "))")
    }
    guard let expected = table.expected, let actual = table.actual else { return "" }
    var text = style.bold("rows: \(table.table)".harmless) + "\n"
    if expected.rows == actual.rows {
      text += "  \(expected.rows) rows on both sides, with other contents\n"
    } else {
      text += coloured("- \(expected.rows) rows") + coloured("+ \(actual.rows) rows")
    }
    guard let keys = table.keys else { return text }
    let name = keys.columns.joined(separator: ", ")
    for (found, mark, word) in [
      (keys.missing, "-", "missing"), (keys.extra, "+", "extra"), (keys.changed, "~", "changed"),
    ] where found.count > 0 {
      let least = keys.isComplete ? "" : "at least "
      let rest = found.count > found.examples.count ? ", ..." : ""
      let list = found.examples.map { "(\($0))" }.joined(separator: " ")
      text += coloured("\(mark) \(least)\(found.count) \(word), by \(name): \(list)\(rest)")
    }
    return text
  }

  private func coloured(_ line: String) -> String {
    let text = "  " + line.harmless
    if line.hasPrefix("- ") { return style.red(text) + "\n" }
    if line.hasPrefix("+ ") { return style.green(text) + "\n" }
    return text + "\n"
  }

  /// One line that says what was compared.
  var summary: String {
    var parts: [String] = []
    if report.comparedObjects > 0 { parts.append("\(report.comparedObjects) objects") }
    if report.comparedTables > 0 {
      parts.append(
        "\(report.comparedRows) rows of \(report.comparedTables) "
          + (report.comparedTables == 1 ? "table" : "tables"))
    }
    if report.comparedLargeObjects > 0 {
      parts.append(
        "\(report.comparedLargeObjects) large object\(report.comparedLargeObjects == 1 ? "" : "s")")
    }
    let what = parts.isEmpty ? "nothing to compare" : parts.joined(separator: ", ")
    if report.isEqual { return "no differences: \(what)" }
    return "\(report.count) difference\(report.count == 1 ? "" : "s") in \(what); "
      + "- is what ought to be, + is what is there"
  }

  // MARK: For programs

  /// The whole, also where nothing differs.
  var json: JSON {
    [
      "equal": .bool(report.isEqual), "objects": JSON(report.comparedObjects),
      "tables": JSON(report.comparedTables), "rows": .int(report.comparedRows),
      "large-objects": JSON(report.comparedLargeObjects),
      "differences": [
        "definitions": .array(report.definitions.map(json)),
        "tables": .array(report.tables.map(json)), "other": .array(report.others.map(json)),
      ],
      "notes": .array(report.notes.map(JSON.string)),
    ]
  }

  private func json(_ difference: DefinitionDifference) -> JSON {
    [
      "change": .string(difference.change.rawValue), "kind": .string(difference.object.kind),
      "schema": JSON(difference.object.schema), "name": .string(difference.object.name),
      "expected": JSON(difference.expected), "actual": JSON(difference.actual),
    ]
  }

  private func json(_ table: TableDifference) -> JSON {
    var members: OrderedDictionary<String, JSON> = ["table": .string(table.table)]
    members["expected"] = table.expected.map(json)
    members["actual"] = table.actual.map(json)
    if let columns = table.columns {
      members["expected-columns"] = .array(columns.expected.map(JSON.string))
      members["actual-columns"] = .array(columns.actual.map(JSON.string))
    }
    if let keys = table.keys {
      members["keys"] = [
        "columns": .array(keys.columns.map(JSON.string)), "complete": .bool(keys.isComplete),
        "missing": json(keys.missing), "extra": json(keys.extra), "changed": json(keys.changed),
      ]
    }
    return .object(members)
  }

  private func json(_ content: TableContent) -> JSON {
    ["rows": .int(content.rows), "hash": .string(content.hash.description)]
  }

  private func json(_ found: DifferingKeys.Found) -> JSON {
    ["count": JSON(found.count), "first": .array(found.examples.map(JSON.string))]
  }

  private func json(_ difference: Difference) -> JSON {
    [
      "kind": .string(difference.kind.rawValue), "object": .string(difference.object),
      "expected": JSON(difference.expected), "actual": JSON(difference.actual),
    ]
  }
}
