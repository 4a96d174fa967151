internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import Terminal

/// `omcops db drop`.
struct DBDrop: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Drop a database that is not live.",
    discussion: discussion(
      """
      Asks for the database's name to be typed. The live databases of the configuration and those \
      of the server itself are never dropped.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @Argument(help: "The database to drop.")
  var name: String

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let target = try database.resolve(context)
    let configuration = try database.configuration(context)
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName("db drop"))
    let drop = DatabaseDrop(
      name: name,
      liveNames: liveNames(
        beside: target, in: configuration, variables: context.environment))
    guard let entry = try await drop.entry(on: server) else {
      throw DBError(.databaseMissing, "there is no database \"\(name)\" to drop")
    }
    if plan { return output.emit(record(entry, endedSessions: nil), to: context) }
    if !drop.liveNames.contains(name) {
      try confirmation.require(name, for: "drop database \"\(name)\" on \(target.name)", context)
    }
    let outcome = try await drop.run(on: server)
    output.emit(record(entry, endedSessions: outcome.endedSessions), to: context)
  }

  private func record(_ entry: DatabaseEntry, endedSessions: Int?) -> Record {
    var record = Record()
    record.add("database", .string(entry.name))
    record.add("comment", JSON(entry.comment))
    if let endedSessions { record.add("ended-sessions", JSON(endedSessions)) }
    return record
  }
}
