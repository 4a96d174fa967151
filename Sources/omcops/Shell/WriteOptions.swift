internal import ArgumentParser
internal import Diagnostics
internal import Glibc
internal import Postgres

/// Whether a session may change a protected environment.
struct WriteOptions: ParsableArguments {
  @Flag(help: "Allow changes in a protected environment; needs --reason.")
  var write = false

  @Option(help: "Why, for those who look at the server's sessions.")
  var reason: String?

  func validate() throws {
    if write, reason?.isEmpty ?? true {
      throw ValidationError("--write needs --reason: say why")
    }
  }

  var permission: WritePermission { WritePermission(isGiven: write, reason: reason) }

  /// The settings of a session that can change nothing by default where the environment is
  /// protected and nobody has said otherwise.
  func settings(_ target: DatabaseTarget) -> ConnectionSettings { permission.settings(target) }

  /// What the server's administrators see: who, with which command, and why.
  func applicationName(_ command: String, _ context: Context) -> String {
    permission.applicationName(command, context)
  }
}

/// The operator's word that a protected environment may be changed.
struct WritePermission: Sendable {
  /// Whether it was given.
  var isGiven = false
  /// Why.
  var reason: String?

  /// The settings of a session that can change nothing by default where the environment is
  /// protected and nobody has said otherwise.
  func settings(_ target: DatabaseTarget) -> ConnectionSettings {
    guard target.isProtected, !isGiven else { return target.settings }
    var settings = target.settings
    let options = settings["options"] ?? getenv("PGOPTIONS").map { String(cString: $0) } ?? ""
    settings["options"] = (options + " -c default_transaction_read_only=on")
    return settings
  }

  /// What the server's administrators see: who, with which command, and why.
  func applicationName(_ command: String, _ context: Context) -> String {
    let name = context.applicationName(command)
    return String((reason.map { "\(name): \($0)" } ?? name).prefix(63))
  }
}
