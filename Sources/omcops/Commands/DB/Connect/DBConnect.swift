internal import ArgumentParser
internal import Diagnostics
internal import Postgres
internal import Terminal

/// `omcops db connect`.
struct DBConnect: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect", abstract: "Open an interactive session with a database.",
    discussion: discussion(
      """
      Statements run when a semicolon ends them; \\? lists the other commands. Without a terminal \
      the statements come from standard input, up to the first that fails. A protected \
      environment is read-only unless --write and --reason say otherwise.
      """, exits: [.done, .failed, .usage, .interrupted]))

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var writing: WriteOptions

  @Flag(help: "Hand the connection to psql; the password goes by its environment.")
  var psql = false

  func run(_ context: Context) async throws {
    let target = try await database.resolve(context)
    let settings = writing.settings(target)
    let applicationName = writing.applicationName("db connect", context)
    if psql {
      if target.isProtected, !writing.write {
        context.error.write("\(target.name) is protected: the session is read-only\n")
      }
      let handover = PsqlHandover(
        program: target.tools["psql"] ?? "psql", settings: settings,
        applicationName: applicationName)
      // A tunnel ends with this process, which has to stay then.
      if settings.detour != nil { return try await handover.run(context) }
      throw handover.exec()
    }
    let open: @Sendable () async throws -> Connection = {
      try await Connection.open(settings, applicationName: applicationName) { notice in
        context.error.write(notice.text)
      }
    }
    var shell = ConnectShell(
      connection: try await open(), context: context, reconnect: open,
      environment: target.environment.name?.value, isProtected: target.isProtected,
      isReadOnly: target.isProtected && !writing.write,
      style: database.global.style(context))
    try await shell.run()
    await shell.connection.close()
  }
}

extension Notice {
  /// As a terminal shows it: what the server says, its detail and its hint.
  var text: String {
    var lines = ["\(severity): \(message)"]
    if let detail { lines.append("  detail: \(detail)") }
    if let hint { lines.append("hint: \(hint)") }
    return lines.joined(separator: "\n") + "\n"
  }
}
