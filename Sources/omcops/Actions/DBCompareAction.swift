internal import DBOps
internal import OrderedCollections
internal import Runbooks

/// `db.compare`: a database against a backup's manifest, a list of row counts, or both.
struct DBCompareAction: Action {
  let target: RunTarget

  let name = "db.compare"
  let effect = Effect.read
  let parameters = [
    ActionParameter("database", .string),
    ActionParameter("backup", .string),
    ActionParameter("tables", .map(.any)),
  ]
  let result = Shape.object([
    "differences": .array(
      .object([
        "kind": .string, "object": .string, "expected": .optional(.string),
        "actual": .optional(.string),
      ]))
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let server = try target.server(for: call)
    return try await actionErrors {
      let comparison = Comparison(expected: try expectation(call))
      let differences = try await comparison.differences(of: server)
      return ActionOutcome(result: ["differences": .array(differences.map(value))])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let database = with["database"]?.string.map { " --database \(shellQuoted($0))" } ?? ""
    if let backup = with["backup"]?.string {
      return "omcops db compare \(shellQuoted(backup))\(database)"
    }
    // Row counts alone have no command of their own; they come from some backup's manifest.
    return "omcops db compare BACKUP\(database)  # the backup that these row counts are of"
  }

  private func expectation(_ call: ActionCall) throws -> Contents {
    var expected = Contents(tables: [:])
    if let reference = call.with["backup"]?.string {
      expected = Contents(try target.backup(reference).manifest)
    }
    for (name, value) in call.with["tables"]?.object ?? [:] {
      // Row counts alone, or what db.backup.find tells of each table.
      guard let rows = value.int ?? value["rows"]?.int else {
        throw ActionError(.other, "tables.\(name) has no number of rows")
      }
      expected.tables[name, default: Contents.Table(rows: rows)].rows = rows
    }
    return expected
  }

  private func value(_ difference: Difference) -> Value {
    [
      "kind": .string(difference.kind.rawValue), "object": .string(difference.object),
      "expected": Value(difference.expected), "actual": Value(difference.actual),
    ]
  }
}
