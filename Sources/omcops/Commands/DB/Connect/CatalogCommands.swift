internal import DBOps
internal import Diagnostics
internal import Postgres
internal import Terminal

extension ConnectShell {
  /// `\dt` and its like, and `\d NAME`.
  func list(_ command: String, _ argument: String) async throws {
    let isDetailed = command.hasSuffix("+")
    let name = isDetailed ? String(command.dropLast()) : command
    if name == "d", !argument.isEmpty {
      return try await describe(argument, isDetailed: isDetailed)
    }
    guard let query = CatalogListing.query(for: name, isDetailed: isDetailed) else {
      throw ShellCommandError(message: "there is no command \\\(command)", hint: "\\? lists them")
    }
    try await show(Statement(query, try ConnectShell.parameters(argument)))
  }

  /// `\sf NAME`: the source of functions.
  func showDefinitions(_ argument: String) async throws {
    guard !argument.isEmpty else {
      throw ShellCommandError(message: "\\sf needs the name of a function", hint: "\\df lists them")
    }
    let found = try await ask(
      Statement(CatalogListing.definitions, try ConnectShell.parameters(argument)))
    guard !found.rows.isEmpty else {
      throw ShellCommandError(
        message: "there is no function \(argument)", hint: "\\df lists them")
    }
    Pager(context: context).show(found.rows.compactMap { $0[0] }.joined(separator: "\n"))
  }

  /// `\d NAME`: all about the relations that a pattern matches.
  private func describe(_ argument: String, isDetailed: Bool) async throws {
    let found = try await ask(
      Statement(RelationDescription.found, try ConnectShell.parameters(argument)))
    if found.rows.isEmpty { throw try await unknown(argument) }
    var text = ""
    for row in found.rows {
      let oid = SQLValue(row["oid"] ?? "")
      text += "\(row["kind"] ?? "") \(row["name"] ?? "")\n"
      let columns = try await ask(
        Statement(RelationDescription.columns(isDetailed: isDetailed), [oid]))
      text += RowSet(columns).text(as: .table)
      let parts = try await ask(Statement(RelationDescription.parts, [oid]))
      text += ConnectShell.text(of: parts) + "\n"
    }
    Pager(context: context).show(String(text.dropLast()))
  }

  /// Each heading once, what stands under it moved in.
  private static func text(of parts: QueryResult) -> String {
    var heading: String?
    var text = ""
    for part in parts.rows {
      if part["heading"] != heading { text += "\(part["heading"] ?? "")\n" }
      heading = part["heading"]
      let lines = (part["line"] ?? "").split(separator: "\n", omittingEmptySubsequences: false)
      for line in lines { text += "  " + String(line).harmless + "\n" }
    }
    return text
  }

  /// The parameters of a listing's query for a pattern by psql's rules: name and schema. None means
  /// all, and `app.` all that is in `app`.
  private static func parameters(_ pattern: String) throws -> [SQLValue?] {
    if pattern.isEmpty { return [nil, nil] }
    let (schema, name) = try ObjectPattern(
      pattern.hasSuffix(".") ? pattern + "*" : pattern, of: .relation
    ).expressions
    return [SQLValue(name), schema.map { SQLValue($0) }]
  }

  private func unknown(_ argument: String) async throws -> ShellCommandError {
    let known = try await ask(Statement(RelationDescription.known))
    let phrase = Suggestion.phrase(for: argument, among: known.rows.compactMap { $0[0] })
    return ShellCommandError(
      message: "there is no relation \(argument)\(phrase)", hint: "\\d lists them")
  }
}
