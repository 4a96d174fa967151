public import JSON

extension MigrationPlan {
  /// The plan for programs; its form is described in docs/migrations.md and stays as it is.
  public var json: JSON {
    [
      "database": JSON(database), "server_version": JSON(serverVersion),
      "revisions": .array(parts.map(\.json)), "obstacles": .array(obstacles.map(\.json)),
    ]
  }
}

extension MigrationPlan.Part {
  fileprivate var json: JSON {
    [
      "revision": JSON(revision.id), "message": .string(revision.message),
      "file": JSON(revision.file), "downgrade": .string(revision.downgrade.rawValue),
      "can_be_undone": .bool(canBeUndone), "gaps": .array(revision.gaps.map(JSON.string)),
      "statements": .array(steps.map(\.json)),
    ]
  }
}

extension MigrationPlan.Step {
  fileprivate var json: JSON {
    var outside: String?
    if case .outside(let reason) = effects.transactionUse { outside = reason }
    return [
      "number": .string(number), "sql": .string(statement.sql), "command": .string(command),
      "file": JSON(statement.origin.file), "line": JSON(statement.origin.line.map(Int64.init)),
      "column": JSON(statement.origin.column.map(Int64.init)),
      "transaction": JSON(statement.transaction.map(Int64.init)),
      "locks": .array(locks.map(\.json)), "losses": .array(losses.map(\.json)),
      "held_meanwhile": .array(heldMeanwhile.map(\.json)),
      "creates": .array(effects.created.map { .string("\($0)") }),
      "irreversible": JSON(effects.irreversible), "outside_transaction": JSON(outside),
      "unknown": JSON(effects.unknown),
    ]
  }
}

extension StatementEffects.Lock {
  fileprivate var json: JSON { ["table": .string("\(relation)"), "mode": .string(mode.sql)] }
}

extension MigrationPlan.Lock {
  fileprivate var json: JSON {
    [
      "table": .string("\(lock.relation)"), "mode": .string(lock.mode.sql),
      "blocks_reads": .bool(lock.mode.blocksReads), "blocks_writes": .bool(lock.mode.blocksWrites),
      "bytes": JSON(size?.bytes), "rows": JSON(size?.rows),
      "rows_are_exact": .bool(size?.isCounted ?? false), "keeps_users_waiting": .bool(isDangerous),
      "work": .array(
        work.map { ["kind": .string($0.kind.rawValue), "reason": .string($0.reason)] }),
    ]
  }
}

extension MigrationPlan.Loss {
  fileprivate var json: JSON {
    [
      "kind": .string(loss.kind.rawValue), "object": .string("\(loss.object)"),
      "column": JSON(loss.column), "description": .string(loss.description), "rows": JSON(rows),
      "rows_are_exact": .bool(isCounted),
    ]
  }
}

extension BlockingSession {
  fileprivate var json: JSON {
    [
      "pid": JSON(pid.map(Int64.init)), "user": JSON(user), "application": JSON(application),
      "address": JSON(address), "state": JSON(state),
      "transaction_seconds": transactionSeconds.map(JSON.double) ?? .null,
      "statement": JSON(statement), "table": JSON(lock.map { "\($0.relation)" }),
      "mode": JSON(lock?.mode.sql), "blocks": .array(blocks.map(JSON.string)),
    ]
  }
}
