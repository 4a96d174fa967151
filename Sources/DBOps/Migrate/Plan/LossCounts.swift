internal import Postgres

extension MigrationPlan {
  /// Tables up to this size are counted; greater ones are estimated by the planner's numbers.
  private static let countedBytes: Int64 = 64 << 20

  /// Counts the rows and values that would be lost.
  ///
  /// A table that is locked, or that the role may not read, keeps its estimate: to plan must not
  /// wait and must not fail.
  mutating func count(_ connection: Connection) async throws {
    for part in parts.indices {
      for step in parts[part].steps.indices {
        for loss in parts[part].steps[step].losses.indices {
          let found = parts[part].steps[step]
          guard let sql = query(for: found.losses[loss], in: found) else { continue }
          guard let rows = try await countRows(sql, connection) else { continue }
          parts[part].steps[step].losses[loss].rows = rows
          parts[part].steps[step].losses[loss].isCounted = true
        }
        parts[part].steps[step].losses.removeAll {
          $0.isCounted && $0.rows == 0 && $0.loss.kind != .table && $0.loss.kind != .everything
        }
      }
    }
  }

  private func query(for loss: Loss, in step: Step) -> String? {
    guard !loss.isCounted, [.table, .column, .rows, .values].contains(loss.loss.kind),
      let size = step.locks.first(where: { $0.lock.relation == loss.loss.object })?.size,
      let bytes = size.bytes, bytes <= MigrationPlan.countedBytes
    else { return nil }
    let what = loss.loss.column.map { "count(\(quoteIdentifier($0)))" } ?? "count(*)"
    return "SELECT \(what) FROM \(loss.loss.object)"
  }

  private func countRows(_ sql: String, _ connection: Connection) async throws -> Int64? {
    do {
      let results = try await connection.pipeline([
        Statement("SELECT set_config('lock_timeout', '1s', true)"),
        Statement("SELECT set_config('statement_timeout', '5s', true)"),
        Statement(sql),
      ])
      return try results[2].single()
    } catch let error as PostgresError where error.sqlState != nil {
      return nil
    }
  }
}
