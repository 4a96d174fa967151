internal import ArgumentParser
internal import Diagnostics
internal import Glibc
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
    let target = try database.resolve(context)
    let settings = writing.settings(target)
    let applicationName = writing.applicationName("db connect", context)
    if psql { throw PsqlHandover.exec(settings, applicationName: applicationName) }
    let connection = try await Connection.open(settings, applicationName: applicationName) {
      context.error.write("\($0.severity): \($0.message)\n")
    }
    var shell = ConnectShell(
      connection: connection, context: context, environment: target.environment.name?.value,
      isProtected: target.isProtected, isReadOnly: target.isProtected && !writing.write,
      style: database.global.style(context))
    try await shell.run()
    await connection.close()
  }
}

/// Turns this process into psql.
enum PsqlHandover {
  /// Returns only when psql cannot be run, with the reason.
  static func exec(_ settings: ConnectionSettings, applicationName: String) -> any Failure {
    // Variables and not arguments: those of a process are for every user to read.
    for (name, value) in settings.environment { setenv(name, value, 1) }
    setenv("PGAPPNAME", applicationName, 1)
    let arguments = [strdup("psql"), nil]
    execvp("psql", arguments)
    return NoPsql(reason: String(cString: strerror(errno)))
  }
}

/// psql is not there.
private struct NoPsql: Failure {
  var reason: String
  var message: String { "cannot run psql: \(reason)" }
  var hint: String? { "install it: apt-get install postgresql-client; or leave --psql out" }
}
