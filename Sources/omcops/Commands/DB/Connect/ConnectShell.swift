internal import Diagnostics
internal import Postgres
internal import Quantities
internal import Terminal

/// An interactive session: reads lines, runs what they say, shows what comes.
struct ConnectShell {
  let connection: Connection
  let context: Context
  /// The environment's name, where the configuration gave one.
  let environment: String?
  let isProtected: Bool
  let isReadOnly: Bool
  let style: Style
  let running = RunningStatement()

  var isExpanded = false
  var isTimed = false
  /// What was typed since the last semicolon.
  var buffer = ""
  /// The last statement that was run, for `\watch` and `\e`.
  var lastStatement: String?
  var isEnded = false

  var isInteractive: Bool { context.input.isTerminal && context.output.isTerminal }

  /// Goes on until the end of input or `\q`.
  ///
  /// - Throws: without a terminal, the first failure; at one, only the loss of the connection.
  mutating func run() async throws {
    guard isInteractive else {
      while !isEnded, let line = context.input.readLine() { try await take(line) }
      try await runRest()
      return
    }
    greet()
    let reader = LineReader(environment: context.environment)
    let running = running
    let id = context.interrupts
    var shell = self
    try await id.handling({ signal in
      // Ctrl-C ends the statement that runs, and never the session.
      guard signal == .interrupt else { return false }
      running.cancel()
      return true
    }) {
      while !shell.isEnded, let line = reader.read(await shell.prompt()) {
        let before = shell.lastStatement
        do {
          try await shell.take(line)
        } catch {
          shell.show(error)
          shell.buffer = ""
          if await shell.connection.state == .closed { throw Ended(status: .failed) }
        }
        if line.hasPrefix("\\") { reader.remember(line) }
        if let statement = shell.lastStatement, statement != before || !line.isEmpty,
          shell.buffer.isEmpty, !line.hasPrefix("\\")
        {
          reader.remember(statement + ";")
        }
      }
    }
    self = shell
  }

  private func greet() {
    let info = connection.info
    var text = "PostgreSQL \(info.serverVersionText), database \(info.database); \\? for help\n"
    if isProtected {
      text +=
        isReadOnly
        ? "\(environment ?? "this database") is protected: the session is read-only\n"
        : style.red("\(environment ?? "this database") is protected, and the session may write")
          + "\n"
    }
    context.error.write(text)
  }

  /// Where the session is and in what state, red where care is due.
  private func prompt() async -> String {
    let place = (environment.map { "\($0):" } ?? "") + connection.info.database
    let mark =
      switch await connection.state {
      case .inTransaction: "*"
      case .inFailedTransaction: "!"
      default: ""
      }
    let text = "\(place)\(buffer.isEmpty ? "=" : "-")\(mark)> "
    // The marks tell libedit what takes no room on the line.
    return isProtected && style.isColoured ? "\u{1}\u{1B}[31m\u{2}\(text)\u{1}\u{1B}[0m\u{2}" : text
  }

  /// Takes one line of input.
  mutating func take(_ line: String) async throws {
    if line.hasPrefix("\\"), !SQLScript(buffer).isOpen { return try await command(line) }
    if buffer.isEmpty, line.allSatisfy(\.isWhitespace) { return }
    buffer += line + "\n"
    let script = SQLScript(buffer)
    if script.isOpen { return }
    buffer = script.rest.map { $0.sql + "\n" } ?? ""
    for statement in script.statements { try await run(statement.sql) }
  }

  /// Runs what no semicolon ended, at the end of input.
  private mutating func runRest() async throws {
    if let rest = SQLScript(buffer).rest, !isEnded { try await run(rest.sql) }
    buffer = ""
  }

  /// Runs one statement and shows its result.
  mutating func run(_ sql: String) async throws {
    lastStatement = sql
    try await show(Statement(sql))
  }

  func show(_ statement: Statement) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let connection = connection
    let result = try await running.run {
      try await connection.query(statement.sql, statement.parameters)
    }
    let elapsed = clock.now - start
    if result.hasRows { page(result) } else { context.error.write(result.commandTag + "\n") }
    if isTimed { context.error.write("time: \(elapsed.readable)\n") }
  }

  private func page(_ result: QueryResult) {
    let rows = RowSet(result)
    var text = ""
    if isExpanded {
      for row in result.rows {
        var record = Record()
        for (index, column) in result.columns.enumerated() {
          record.add(column.name, .null, text: row[index] ?? "")
        }
        text += "-- \(row.number)\n" + record.text(as: .table)
      }
    } else {
      text = rows.text(as: .table)
    }
    if isInteractive {
      text += "(\(result.rows.count) \(result.rows.count == 1 ? "row" : "rows"))\n"
    }
    Pager(context: context).show(text)
  }

  /// Shows an error as the command line does, and goes on.
  private func show(_ error: any Error) {
    guard let failure = error as? any Failure else {
      return context.error.write(error is CancellationError ? "cancelled\n" : "\(error)\n")
    }
    var text = style.red("error:") + " \(failure.message)\n"
    for line in failure.details { text += "  \(line)\n" }
    if let hint = failure.hint { text += "hint: \(hint)\n" }
    context.error.write(text)
  }
}
