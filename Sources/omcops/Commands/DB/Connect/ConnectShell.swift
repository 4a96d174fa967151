internal import Diagnostics
internal import Postgres
internal import Terminal

/// An interactive session: reads lines, runs what they say, shows what comes.
struct ConnectShell {
  /// The session with the server; another one after it was lost.
  var connection: Connection
  let context: Context
  /// Connects once more.
  let reconnect: @Sendable () async throws -> Connection
  /// The environment's name, where the configuration gave one.
  let environment: String?
  let isProtected: Bool
  let isReadOnly: Bool
  let style: Style
  let running = RunningStatement()

  var expansion = Expansion.off
  var isTimed = false
  /// What was typed since the last semicolon.
  var buffer = ""
  /// The last statement that was run, for `\g`, `\watch` and `\e`.
  var lastStatement: String?
  var isEnded = false

  var isInteractive: Bool { context.input.isTerminal && context.output.isTerminal }

  /// Goes on until the end of input or `\q`.
  ///
  /// - Throws: without a terminal, the first failure; at one, only what ends the session.
  mutating func run() async throws {
    if isInteractive {
      try await talk()
    } else {
      while !isEnded, let line = context.input.readLine() { try await take(line + "\n") }
      if !isEnded { try await runBuffer() }
    }
    await farewell()
  }

  private mutating func talk() async throws {
    greet()
    let reader = LineReader(environment: context.environment)
    let running = running
    let interrupts = context.interrupts
    var shell = self
    try await interrupts.handling({ signal in
      // Ctrl-C ends the statement that runs, or the line that is typed, and never the session.
      if signal == .interrupt, running.cancel() { return true }
      LineReader.interrupt()
      return signal == .interrupt
    }) {
      var entry = ""
      while !shell.isEnded {
        switch reader.read(await shell.prompt()) {
        case .end:
          shell.context.error.write("\\q\n")
          shell.isEnded = true
        case .abandoned:
          try Task.checkCancellation()
          shell.context.error.write("^C\n")
          (shell.buffer, entry) = ("", "")
        case .text(let line):
          entry += entry.isEmpty ? line : "\n" + line
          try await shell.answer(line)
          if shell.buffer.isEmpty {
            reader.remember(entry)
            entry = ""
          }
        }
      }
    }
    self = shell
  }

  /// Does what a line says; a failure is shown, and the session goes on.
  private mutating func answer(_ line: String) async throws {
    do {
      try await take(line + "\n")
    } catch {
      try Task.checkCancellation()
      show(error)
      buffer = ""
      if await connection.state == .closed { try await connectAgain() }
    }
  }

  private mutating func connectAgain() async throws {
    do {
      let reconnect = reconnect
      connection = try await running.run { try await reconnect() }
      context.error.write(
        "connected again; the old session's transaction, settings and temporary tables are gone\n")
    } catch {
      show(error)
      throw Ended(status: .failed)
    }
  }

  private func greet() {
    let info = connection.info
    var text = "PostgreSQL \(info.serverVersionText), database \(info.database); \\? for help\n"
    if isProtected {
      let name = environment ?? "this database"
      text +=
        isReadOnly
        ? "\(name) is protected: the session is read-only\n"
        : style.red("\(name) is protected, and the session may write") + "\n"
    }
    context.error.write(text)
  }

  private func farewell() async {
    switch await connection.state {
    case .inTransaction, .inFailedTransaction:
      context.error.write("the open transaction is rolled back\n")
    default: break
    }
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

  /// Takes more input: runs each statement that is whole and each command, keeps the rest.
  ///
  /// - Parameter source: the file that it comes from, for messages.
  mutating func take(_ text: String, from source: String? = nil) async throws {
    var text = buffer + text
    var linesBefore = 0
    while true {
      let script = SQLScript(text, hasCommands: true)
      buffer = ""
      for statement in script.statements {
        do {
          try await run(statement.sql)
        } catch let error as PostgresError {
          throw error.located(in: source, line: linesBefore + statement.line)
        }
      }
      buffer = script.rest == nil && !script.isOpen ? "" : script.remainder
      guard let command = script.command else { return }
      let line = command.prefix { !$0.isNewline }
      try await self.command(String(line))
      let taken = text.utf8.count - command.utf8.count + line.utf8.count
      linesBefore += text.utf8.prefix(taken).count { $0 == UInt8(ascii: "\n") }
      let rest = command.dropFirst(line.count)
      if isEnded || rest.allSatisfy(\.isWhitespace) { return }
      text = buffer + rest
    }
  }

  /// Runs what no semicolon has ended.
  mutating func runBuffer() async throws {
    let rest = SQLScript(buffer).rest
    buffer = ""
    if let rest { try await run(rest.sql) }
  }

  /// Runs one statement and shows its result.
  mutating func run(_ sql: String) async throws {
    lastStatement = sql
    do {
      try await show(Statement(sql))
    } catch var error as PostgresError where error.sqlState == "25006" && isReadOnly {
      error.hint = "the environment is protected; connect with --write --reason to change it"
      throw error
    }
  }

  func show(_ statement: Statement) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    let result = try await ask(statement)
    let elapsed = clock.now - start
    if result.hasRows { display(result) } else { context.error.write(result.commandTag + "\n") }
    if isTimed { context.error.write("time: \(elapsed.readable)\n") }
  }

  /// Runs a statement that Ctrl-C can end.
  func ask(_ statement: Statement) async throws -> QueryResult {
    let connection = connection
    return try await running.run {
      try await connection.query(statement.sql, statement.parameters)
    }
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
