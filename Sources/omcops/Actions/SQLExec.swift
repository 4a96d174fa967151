internal import DBOps
internal import OrderedCollections
internal import Postgres
internal import Quantities
internal import Runbooks

/// `sql.exec`: changes rows or objects, in one transaction unless told otherwise.
struct SQLExec: Action {
  let target: RunTarget

  let name = "sql.exec"
  let effect = Effect.write
  let isObservable = false
  let parameters = [
    ActionParameter("sql", .string, isRequired: true, allowsExpressions: false),
    ActionParameter("params", .array(.any)),
    ActionParameter("identifiers", .map(.any)),
    ActionParameter("database", .string),
    ActionParameter("role", .string),
    ActionParameter("transaction", .bool),
    ActionParameter("lock-timeout", .duration),
    ActionParameter("timeout", .duration),
    ActionParameter("expect-rows", .any),
  ]
  let result = Shape.object(["affected": .number, "command": .string])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let sql = try SQLIdentifiers.apply(
      call.with["identifiers"], to: call.with["sql"]?.string ?? "")
    let parameters = (call.with["params"]?.array ?? []).map(SQLValue.parameter)
    let expectation = try call.with["expect-rows"].map(RowExpectation.init)
    let isTransaction = call.with["transaction"]?.bool ?? true
    if expectation != nil, !isTransaction {
      throw ActionError(
        .other, "expect-rows decides between commit and rollback, so it needs a transaction")
    }
    let server = try target.server(for: call)
    return try await actionErrors(writes: true) {
      try await server.withConnection { connection in
        try await SQLSession.prepare(connection, call, statementTimeout: nil)
        guard isTransaction else {
          return try await execute(sql, parameters, over: connection)
        }
        return try await connection.transaction { connection in
          let outcome = try await execute(sql, parameters, over: connection)
          try expectation?.check(outcome.result["affected"]?.int ?? 0)
          return outcome
        }
      }
    }
  }

  /// Text without parameters may hold several statements; the rows of all of them count.
  private func execute(
    _ sql: String, _ parameters: [SQLValue?], over connection: Connection
  ) async throws -> ActionOutcome {
    let results =
      parameters.isEmpty
      ? try await connection.execute(sql) : [try await connection.query(sql, parameters)]
    let affected = results.filter { !$0.hasRows }.reduce(0) { $0 + $1.affectedRows }
    return ActionOutcome(
      result: ["affected": .int(affected), "command": .string(results.last?.commandTag ?? "")])
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    SQLSession.command(with["sql"]?.string ?? "", with, writes: true)
  }
}

/// How many rows a statement may change: a number, or a comparison such as `>= 1`.
struct RowExpectation {
  private let comparison: String
  private let count: Int64

  init(_ value: Value) throws {
    if let count = value.int {
      (comparison, self.count) = ("==", count)
      return
    }
    let text = value.string ?? ""
    let sign = String(text.prefix { "<>=!".contains($0) })
    let digits = text.dropFirst(sign.count).filter { $0 != " " }
    guard let count = Int64(digits), ["", "==", "!=", "<", "<=", ">", ">="].contains(sign) else {
      throw ActionError(
        .other, "expect-rows is \"\(text)\", which is neither a number nor a comparison",
        hint: "write it as 1 or as \">= 1\"")
    }
    (comparison, self.count) = (sign.isEmpty ? "==" : sign, count)
  }

  func check(_ affected: Int64) throws {
    let holds =
      switch comparison {
      case "!=": affected != count
      case "<": affected < count
      case "<=": affected <= count
      case ">": affected > count
      case ">=": affected >= count
      default: affected == count
      }
    if !holds {
      throw ActionError(
        .assertion,
        "the statement changed \(affected) rows where \(comparison) \(count) were expected; "
          + "it was rolled back")
    }
  }
}
