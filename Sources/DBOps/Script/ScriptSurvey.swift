internal import Diagnostics
internal import Postgres
internal import SystemPackage

/// What a script holds and whether it can be restored: read from its first byte to its last before
/// a server is asked for anything.
struct ScriptSurvey: Sendable {
  /// How many statements there are.
  private(set) var statements = 0
  /// How many of them bring rows with them by `COPY`.
  private(set) var tables = 0
  /// How many rows those are; a line each.
  private(set) var rows: Int64 = 0
  /// Whether pg_dump wrote it, by its own word.
  private(set) var isDump = false
  /// Whether pg_dump's last word is there.
  private(set) var isComplete = false
  /// The `CREATE DATABASE`, where the script makes its own.
  private(set) var creation: ScriptStatement?
  /// The name in it.
  private(set) var database: String?
  /// Rights, settings, owner and comment of the database, for when it has its name.
  private(set) var databaseStatements: [String] = []
  /// The encoding that the script says it is in.
  private(set) var encoding: String?
  /// The roles that must be there.
  private(set) var neededRoles: Set<String> = []
  /// The roles whose rights are left out where they are not there.
  private(set) var wantedRoles: Set<String> = []
  /// What is left out, for the operator.
  private(set) var notes: [String] = []

  /// Whether the last statement has its end.
  private var isEnded = true
  private let file: String
  private let treatment: RoleTreatment

  private static let header = "PostgreSQL database dump"
  private static let trailer = "PostgreSQL database dump complete"
  private static let clusterHeader = "PostgreSQL database cluster dump"

  /// Encodings in which a byte that looks like a quote or backslash may be half a character.
  private static let unsafeEncodings: Set<String> = [
    "sjis", "big5", "gbk", "uhc", "gb18030", "johab", "shift_jis_2004",
  ]

  /// Reads a script; throws `ScriptError` with the line of what cannot be restored.
  ///
  /// - Parameter progress: is told how many bytes have been read.
  init(
    of path: FilePath, _ treatment: RoleTreatment, progress: (Int64) -> Void = { _ in }
  ) throws {
    file = path.string
    self.treatment = treatment
    var reader = try ScriptReader(path)
    while let piece = try reader.next() {
      progress(reader.bytesRead)
      switch piece {
      case .comment(let text): try note(text, reader)
      case .command(let command): try follow(command, &reader)
      case .statement(let statement):
        try Task.checkCancellation()
        try take(statement, &reader)
        if case .rows = ScriptPurpose(statement) {
          try countRows(&reader, progress)
        }
      }
    }
    try check(reader)
  }

  private func check(_ reader: ScriptReader) throws {
    if statements == 0 { throw reader.error("the file holds no statement") }
    guard isDump else { return }
    // pg_dump ends each of its statements, also when the file was cut behind its last line.
    guard isEnded else {
      throw reader.error(
        "the file ends within a statement",
        hint: "end the statement with a semicolon if it is yours; else take the dump again")
    }
    if isComplete { return }
    throw reader.error(
      "the dump is cut: pg_dump's last line, \"\(ScriptSurvey.trailer)\", is missing",
      hint: "take the dump again; nothing was restored")
  }

  private mutating func note(_ comment: String, _ reader: ScriptReader) throws {
    switch comment {
    case ScriptSurvey.header: isDump = true
    case ScriptSurvey.trailer: isComplete = true
    case ScriptSurvey.clusterHeader:
      throw ScriptError(
        file: file, line: reader.line,
        reason: "this is a dump of a whole server by pg_dumpall, of which one database is no part",
        hint: "restore it with psql, or dump the one database with pg_dump", status: .refused)
    default: break
    }
  }

  // MARK: Commands

  private mutating func follow(_ command: ScriptCommand, _ reader: inout ScriptReader) throws {
    switch command.name {
    case "restrict", "unrestrict": return
    case "connect", "c": try connect(command)
    case "set": try set(command, &reader)
    case "unset": reader.variables[command.words.first ?? ""] = nil
    default:
      throw refusal(
        command.line, "\\\(command.name) is a command of psql's that is not followed here",
        hint: "restore the file with psql, or take the line out of it")
    }
  }

  /// The script may connect to the database that it makes, and to no other.
  private func connect(_ command: ScriptCommand) throws {
    guard let name = command.connectedDatabase, name == database else {
      throw refusal(
        command.line, "\\\(command.name)\(command.arguments) leads to another database or user",
        hint: "a restore fills one database; split the file, or restore it with psql")
    }
  }

  private func set(_ command: ScriptCommand, _ reader: inout ScriptReader) throws {
    let words = command.words
    guard let name = words.first else { return }
    let value = words.dropFirst().joined()
    if ScriptCommand.effectiveVariables.contains(name) {
      throw refusal(
        command.line, "\\set \(name) changes how psql runs the file, which is not followed here",
        hint: "take the line out: every statement commits itself, and the first error ends all")
    }
    if name == "ON_ERROR_STOP", ["off", "0", "false", "no"].contains(value.lowercased()) {
      throw refusal(
        command.line, "\\set ON_ERROR_STOP \(value) would go on after errors",
        hint: "a restore with errors is none: take the line out")
    }
    if !ScriptCommand.displayVariables.contains(name) { reader.variables[name] = value }
  }

  private func refusal(_ line: Int, _ reason: String, hint: String) -> ScriptError {
    ScriptError(file: file, line: line, reason: reason, hint: hint, status: .refused)
  }

  // MARK: Statements

  private mutating func take(_ statement: ScriptStatement, _ reader: inout ScriptReader) throws {
    statements += 1
    isEnded = statement.isEnded
    switch ScriptPurpose(statement) {
    case .contents, .rows: break
    case .creation(let name):
      guard creation == nil else {
        throw refusal(
          statement.line, "the file makes another database, \"\(name)\"",
          hint: "a restore fills one database; split the file, or restore it with psql")
      }
      (creation, database) = (statement, name)
    case .removal: notes.append("\(file):\(statement.line): left out: DROP DATABASE")
    case .databaseSetting(let name): try setDatabase(name, statement)
    case .roles(let form):
      addRoles(treatment.roles(of: try text(of: statement), form))
    case .cluster(let words):
      throw refusal(
        statement.line, "\(words) changes the whole server, not only the database to make",
        hint: "run it by itself and take it out of the file")
    case .setting(let name, let value):
      if name == "standard_conforming_strings" {
        reader.hasPlainBackslashes = !["off", "false", "no", "0"].contains(value.lowercased())
      }
      if name == "client_encoding" || name == "names" {
        encoding = value
        try checkEncoding(value, statement.line)
      }
    }
  }

  private func checkEncoding(_ name: String, _ line: Int) throws {
    guard ScriptSurvey.unsafeEncodings.contains(name.lowercased()) else { return }
    throw refusal(
      line, "the file is in the encoding \(name), in which quotes cannot be told from letters",
      hint: "dump again with --encoding UTF8")
  }

  private mutating func setDatabase(_ name: String, _ statement: ScriptStatement) throws {
    guard name == database else {
      throw refusal(
        statement.line, "the statement is about another database, \"\(name)\"",
        hint: "a restore changes no other database than the one that it makes")
    }
    let text = try text(of: statement)
    guard let form = ScriptSurvey.form(ofDatabaseStatement: statement) else {
      return databaseStatements.append(text)
    }
    addRoles(treatment.roles(of: text, form))
    databaseStatements.append(text)
  }

  /// How a statement about a database names roles; nil where it names none.
  static func form(ofDatabaseStatement statement: ScriptStatement) -> RoleNames.Form? {
    switch statement.verb {
    case "grant", "revoke": return .rights
    case "alter":
      let tokens = statement.tokens()
      if tokens.count > 1, tokens[1].isKeyword("role") { return .setting }
      return tokens.suffix(3).first?.isKeyword("owner") == true ? .owner : nil
    default: return nil
    }
  }

  private mutating func addRoles(_ roles: (needed: Set<String>, wanted: Set<String>)) {
    neededRoles.formUnion(roles.needed)
    wantedRoles.formUnion(roles.wanted)
  }

  /// Names of roles and databases are looked for in text; elsewhere they would be damaged.
  private func text(of statement: ScriptStatement) throws -> String {
    if let text = statement.text { return text }
    throw refusal(
      statement.line, "the statement names a role or database and is not UTF-8",
      hint: "dump again with --encoding UTF8")
  }

  private mutating func countRows(
    _ reader: inout ScriptReader, _ progress: (Int64) -> Void
  ) throws {
    tables += 1
    try reader.endLine()
    let first = reader.line
    while try reader.nextRows({ _ in }) { progress(reader.bytesRead) }
    // The end mark has a line of its own.
    rows += Int64(reader.line - first - 1)
  }
}
