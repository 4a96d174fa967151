internal import Postgres
internal import Synchronization
internal import SystemPackage

/// Runs a script in an empty database: every statement commits itself, the first error ends it.
struct ScriptRun: Sendable {
  let options: Restore.Options
  let survey: ScriptSurvey
  let treatment: RoleTreatment
  /// The database to fill.
  let database: String

  private var file: String { options.path.string }

  /// What was done.
  struct Tally: Sendable {
    var statements = 0
    var rows: Int64 = 0
    var notes: [String] = []
  }

  /// Does it; throws `ScriptError` with the line of what went wrong.
  func run(_ meter: ProgressMeter) async throws -> Tally {
    let connection = try await Connection.open(
      options.server.with(database: database), applicationName: options.applicationName)
    do {
      try await prepare(connection)
      let tally = try await run(connection, meter)
      if options.analyze {
        try await connection.execute("RESET ALL")
        let checks = RestoreChecks(manifest: nil, analyze: true)
        for item in try await checks.items(connection) {
          try await checks.analyze(item, connection)
        }
      }
      await connection.close()
      return tally
    } catch {
      await connection.close()
      throw error
    }
  }

  private func prepare(_ connection: Connection) async throws {
    var settings = [
      "SET default_transaction_read_only = off", "SET statement_timeout = 0",
      // The commit that ends the restore makes everything before it durable.
      "SET synchronous_commit = off", "SET client_min_messages = warning",
    ]
    // A killed restore must not keep the server busy building an index for nobody.
    if connection.info.serverVersion >= 140000 {
      settings.append("SET client_connection_check_interval = '2s'")
    }
    try await connection.execute(settings.joined(separator: "; "))
  }

  private func run(_ connection: Connection, _ meter: ProgressMeter) async throws -> Tally {
    let script = SharedScript(try ScriptReader(options.path))
    var tally = Tally()
    let position = ReadingPosition()
    while let piece = try script.next() {
      meter.add(bytes: position.advance(to: script.bytesRead))
      switch piece {
      case .comment: break
      case .command(let command): try await follow(command, script, connection)
      case .statement(let statement):
        tally.statements += 1
        try await run(statement, script, connection, &tally, meter, position)
        try await checkQuoting(script, connection, statement)
      }
    }
    guard tally.statements == survey.statements else {
      throw script.error("the file was changed while it was restored")
    }
    guard await connection.state == .idle else {
      throw script.error(
        "the file ends inside a transaction, so that what it did since BEGIN would be lost",
        hint: "the file lacks its COMMIT: it is cut, or was not written to its end")
    }
    return tally
  }

  private func follow(
    _ command: ScriptCommand, _ script: SharedScript, _ connection: Connection
  ) async throws {
    switch command.name {
    case "connect", "c":
      // The script takes it that it has a new session now.
      try await connection.execute("RESET ALL")
      try await prepare(connection)
      script.hasPlainBackslashes = true
    case "set":
      let words = command.words
      if let name = words.first, !ScriptCommand.displayVariables.contains(name) {
        script.set(name, words.dropFirst().joined())
      }
    case "unset": script.set(command.words.first ?? "", nil)
    default: break
    }
  }

  // MARK: Statements

  private func run(
    _ statement: ScriptStatement, _ script: SharedScript, _ connection: Connection,
    _ tally: inout Tally, _ meter: ProgressMeter, _ position: ReadingPosition
  ) async throws {
    if !options.keepsLabels, statement.isLabel { return }
    switch ScriptPurpose(statement) {
    case .rows(let isPlain):
      tally.rows += try await load(statement, isPlain: isPlain, script, connection, meter, position)
    case .creation, .removal, .databaseSetting: break
    case .roles(let form):
      let text = statement.text ?? ""
      let absent = treatment.leftOut(in: text, form).sorted()
      if !absent.isEmpty {
        let roles = absent.map { "\"\($0)\"" }.joined(separator: ", ")
        tally.notes.append("\(file):\(statement.line): left out: rights of \(roles)")
      }
      if form == .owner, treatment.leavesOwner(in: text) {
        tally.notes.append(
          "\(file):\(statement.line): left out: only a superuser may be the owner: \(text)")
      }
      guard let treated = treatment.text(text, form) else { return }
      try await execute(
        ScriptStatement(bytes: Array(treated.utf8), line: statement.line), connection)
    case .setting(let name, _) where isUnknown(name, connection):
      tally.notes.append("\(file):\(statement.line): left out: SET \(name) is of a newer server")
    case .contents, .cluster, .setting:
      let results = try await execute(statement, connection)
      if statement.verb == "insert" {
        tally.rows += results.reduce(0) { $0 + $1.affectedRows }
      }
      if case .setting(let name, let value) = ScriptPurpose(statement),
        name == "standard_conforming_strings"
      {
        script.hasPlainBackslashes = !["off", "false", "no", "0"].contains(value.lowercased())
      }
    }
  }

  /// pg_dump 17 sets what servers know since 17 only, whatever server it dumps.
  private func isUnknown(_ setting: String, _ connection: Connection) -> Bool {
    setting == "transaction_timeout" && connection.info.serverVersion < 170000
  }

  @discardableResult
  private func execute(
    _ statement: ScriptStatement, _ connection: Connection
  ) async throws -> [QueryResult] {
    do {
      return try await connection.execute(bytes: statement.bytes)
    } catch let error as PostgresError where error.kind == .server {
      throw ScriptError(error, in: statement, of: file)
    }
  }

  private func load(
    _ statement: ScriptStatement, isPlain: Bool, _ script: SharedScript, _ connection: Connection,
    _ meter: ProgressMeter, _ position: ReadingPosition
  ) async throws -> Int64 {
    // The rest of the statement's line belongs to nobody.
    try script.endLine()
    let first = script.line
    let rows: Int64
    do {
      rows = try await connection.copyIn(bytes: statement.bytes) { put in
        let hasMore = try script.nextRows(put)
        meter.add(bytes: position.advance(to: script.bytesRead))
        return hasMore
      }
    } catch let error as PostgresError where error.kind == .server {
      throw ScriptError(error, inRowsOf: statement, at: first, of: file)
    }
    let lines = Int64(script.line - first - 1)
    guard !isPlain || rows == lines else {
      throw script.error("\(rows) rows came to the table; the file has \(lines)")
    }
    return rows
  }

  /// Where quotes end was decided by what the file's own SET says; anything else would have cut
  /// statements in the wrong place.
  private func checkQuoting(
    _ script: SharedScript, _ connection: Connection, _ statement: ScriptStatement
  ) async throws {
    let isPlain = await connection.reportedSetting("standard_conforming_strings") != "off"
    guard isPlain != script.hasPlainBackslashes else { return }
    throw script.error(
      "the session's standard_conforming_strings has changed by other means than SET",
      line: statement.line)
  }
}

/// A script that the connection's thread reads rows from as well.
private final class SharedScript: Sendable {
  private let reader: Mutex<ScriptReader>

  init(_ reader: ScriptReader) { self.reader = Mutex(reader) }

  var line: Int { reader.withLock { $0.line } }
  var bytesRead: Int64 { reader.withLock { $0.bytesRead } }
  var hasPlainBackslashes: Bool {
    get { reader.withLock { $0.hasPlainBackslashes } }
    set { reader.withLock { $0.hasPlainBackslashes = newValue } }
  }

  func next() throws -> ScriptReader.Piece? { try reader.withLock { try $0.next() } }

  func endLine() throws { try reader.withLock { try $0.endLine() } }

  func nextRows(_ put: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
    try reader.withLock { try $0.nextRows(put) }
  }

  func set(_ name: String, _ value: String?) { reader.withLock { $0.variables[name] = value } }

  func error(_ message: String, line: Int? = nil, hint: String? = nil) -> ScriptError {
    reader.withLock { $0.error(message, line: line, hint: hint) }
  }
}
