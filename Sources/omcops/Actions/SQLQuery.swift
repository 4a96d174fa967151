internal import DBOps
internal import JSON
internal import OrderedCollections
internal import Postgres
internal import Quantities
internal import Runbooks
internal import Synchronization

/// `sql.query`: reads rows in a read-only transaction.
struct SQLQuery: Action {
  let target: RunTarget

  let name = "sql.query"
  let effect = Effect.read
  let parameters = [
    ActionParameter("query", .string, isRequired: true, allowsExpressions: false),
    ActionParameter("params", .array(.any)),
    ActionParameter("identifiers", .map(.any)),
    ActionParameter("database", .string),
    ActionParameter("host", .string),
    ActionParameter("role", .string),
    ActionParameter("max-rows", .number),
    ActionParameter("timeout", .duration),
  ]
  let result = Shape.object([
    "rows": .array(.map(.any)), "row-count": .number, "truncated": .bool,
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let sql = try SQLIdentifiers.apply(
      call.with["identifiers"], to: call.with["query"]?.string ?? "")
    let parameters = (call.with["params"]?.array ?? []).map(SQLValue.parameter)
    let limit = Int(call.with["max-rows"]?.int ?? 1000)
    let server = try target.server(for: call)
    return try await actionErrors {
      let rows = RowLimit(limit)
      try await server.withConnection { connection in
        try await connection.transaction(TransactionOptions(isReadOnly: true)) { connection in
          try await SQLSession.prepare(connection, call, statementTimeout: .seconds(30))
          try await rows.read(sql, parameters, over: connection)
        }
      }
      return ActionOutcome(result: rows.value)
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    SQLSession.command(with["query"]?.string ?? "", with)
  }
}

/// What `sql.query` and `sql.exec` set up alike.
enum SQLSession {
  static func prepare(
    _ connection: Connection, _ call: ActionCall, statementTimeout: Duration?
  ) async throws {
    func milliseconds(_ key: String, _ fallback: Duration?) -> Int64 {
      if case .duration(let duration)? = call.with[key] { return duration.milliseconds }
      return fallback?.milliseconds ?? 0
    }
    var settings = [
      "SET statement_timeout = \(milliseconds("timeout", statementTimeout))",
      "SET lock_timeout = \(milliseconds("lock-timeout", .seconds(5)))",
      // Intervals are read in this form.
      "SET intervalstyle = 'postgres'",
    ]
    if let role = call.with["role"]?.string {
      settings.append("SET ROLE \(quoteIdentifier(role))")
    }
    try await connection.execute(settings.joined(separator: "; "))
  }

  static func command(
    _ sql: String, _ with: OrderedDictionary<String, Value>, writes: Bool = false
  ) -> String {
    var words = ["omcops db query"]
    if writes { words.append("--write --reason 'by hand'") }
    if let database = with["database"]?.string {
      words.append("--url dbname=\(shellQuoted(database))")
    }
    for (index, value) in (with["params"]?.array ?? []).enumerated() {
      words.append("-p " + shellQuoted("\(index + 1)=\(plain(value))"))
    }
    let text = (try? SQLIdentifiers.apply(with["identifiers"], to: sql)) ?? sql
    words.append(
      "-c " + shellQuoted(text.split(whereSeparator: \.isNewline).joined(separator: "\n")))
    return words.joined(separator: " ")
  }

  private static func plain(_ value: Value) -> String { value.string ?? JSON(value).text() }
}

/// Keeps the first rows of a result and counts on.
private final class RowLimit: Sendable {
  private struct State {
    var rows: [Value] = []
    var isTruncated = false
  }

  /// Enough was read.
  private struct Enough: Error {}

  private let limit: Int
  private let state = Mutex(State())

  init(_ limit: Int) { self.limit = limit }

  var value: Value {
    state.withLock { state in
      [
        "rows": .array(state.rows), "row-count": .int(Int64(state.rows.count)),
        "truncated": .bool(state.isTruncated),
      ]
    }
  }

  func read(_ sql: String, _ parameters: [SQLValue?], over connection: Connection) async throws {
    do {
      try await connection.stream(sql, parameters) { row in
        try state.withLock { state in
          guard state.rows.count < limit else {
            state.isTruncated = true
            throw Enough()
          }
          state.rows.append(Value(row))
        }
      }
    } catch is Enough {
      // The transaction is read-only: there is nothing to lose in rolling it back.
      try await connection.execute("ROLLBACK; BEGIN READ ONLY")
    }
  }
}
