internal import PythonSubset

/// `op.bulk_insert`.
struct BulkInsert {
  let run: ScriptRun
  let python: Interpreter

  init(_ run: ScriptRun, _ python: Interpreter) {
    self.run = run
    self.python = python
  }

  /// Inserts rows; in a script each in a statement of its own.
  func insert(_ rows: [Value], into table: FromClause, isTogether: Bool) throws {
    for row in rows where row.dict == nil {
      throw PythonError(.typeError, "List of dictionaries expected")
    }
    if rows.isEmpty { return }
    let insert = InsertObject(table)
    if run.settings.isOffline || !isTogether {
      for row in rows {
        guard let dict = row.dict else { continue }
        try python.tick()
        let single = try insert.with { (copy: InsertObject) in
          copy.values = [try copy.assignments(dict, python)]
        }
        try run.execute(.object(single), python)
      }
      return
    }
    guard let connection = try run.bind(python).object(as: ConnectionObject.self) else { return }
    _ = try Execution(connection, python).run(.object(insert), .list(rows))
  }
}
