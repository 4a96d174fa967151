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
      of the server itself are never dropped. What a restore into the name left half done goes too.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @Argument(help: "The database to drop.")
  var name: String

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let target = try await database.resolve(context)
    let configuration = try database.configuration(context)
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName("db drop"))
    let drop = DatabaseDrop(
      name: name,
      liveNames: try await LiveDatabases(configuration: configuration, context: context)
        .names(beside: target))
    let entry = try await drop.entry(on: server)
    let hasLeftover = try await drop.hasLeftover(on: server)
    if entry == nil, !hasLeftover {
      throw DBError(.databaseMissing, "there is no database \"\(name)\" to drop")
    }
    if plan { return output.emit(record(entry, hasLeftover, endedSessions: nil), to: context) }
    if !drop.liveNames.contains(name) {
      try confirmation.given.require(
        name, for: "drop database \"\(name)\" on \(target.name)", context)
    }
    let outcome = try await drop.run(on: server)
    if try await drop.hasLeftover(on: server) {
      throw DBError(
        .locked, "a restore into \"\(name)\" is running and was left alone",
        hint: "stop it first, or wait for it to end")
    }
    output.emit(record(entry, hasLeftover, endedSessions: outcome.endedSessions), to: context)
  }

  private func record(
    _ entry: DatabaseEntry?, _ hasLeftover: Bool, endedSessions: Int?
  ) -> Record {
    var record = Record()
    record.add("database", .string(name))
    record.add("exists", .bool(entry != nil))
    record.add("unfinished-restore", .bool(hasLeftover))
    record.add("comment", JSON(entry?.comment))
    if let endedSessions { record.add("ended-sessions", JSON(endedSessions)) }
    return record
  }
}
