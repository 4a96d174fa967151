internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import Quantities
internal import Terminal

/// `omcops db swap`.
struct DBSwap: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "swap", abstract: "Put another database in the place of the live one.",
    discussion: discussion(
      """
      Renames the live database, renames INCOMING to its name and marks it with a comment, in one \
      transaction. Sessions of both databases are ended. The old database is kept and takes no \
      connections; swapping it in again undoes the swap.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @Argument(help: "The database to put in place.")
  var incoming: String

  @Option(help: "The live database; the default is the environment's.")
  var live: String?

  @Option(help: "The name to keep the live one under; the default adds the time.")
  var keepAs: String?

  @Option(help: "The comment that the new live database gets.")
  var mark: String?

  @Option(help: "How long clients may keep the databases in use.")
  var timeout = "30s"

  @Flag(help: "Only show what would be done.")
  var plan = false

  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard Duration(parsing: timeout) != nil else {
      throw ValidationError("--timeout is \(timeout); write it as 30s or 2m")
    }
  }

  func run(_ context: Context) async throws {
    let target = try await database.resolve(context)
    let server = DatabaseServer(
      target.settings, applicationName: context.applicationName("db swap"))
    let swap = try await swap(on: server, context)
    let state = try await swap.state(on: server)
    if plan { return output.emit(record(swap, state, endedSessions: nil), to: context) }
    if target.isProtected, !swap.isDone(state) {
      try confirmation.given.require(
        target.name, for: "replace database \"\(swap.live)\" of \(target.name)", context)
    }
    let outcome = try await swap.run(on: server)
    output.emit(record(swap, state, endedSessions: outcome.endedSessions), to: context)
  }

  private func swap(on server: DatabaseServer, _ context: Context) async throws -> DatabaseSwap {
    let now = Timestamp.now()
    var name = live ?? server.settings["dbname"]
    if name == nil { name = try await server.withConnection { $0.info.database } }
    let live = name ?? ""
    var swap = DatabaseSwap(
      live: live, incoming: incoming,
      keepAs: keepAs ?? "\(live)_before_\(now.compact.lowercased())",
      mark: mark ?? "omcops \(now.rfc3339(fractionDigits: 0)) \(context.user)@\(context.host)")
    swap.deadline = Duration(parsing: timeout) ?? swap.deadline
    return swap
  }

  private func record(
    _ swap: DatabaseSwap, _ state: [DatabaseEntry], endedSessions: Int?
  ) -> Record {
    var record = Record()
    record.add("live", .string(swap.live))
    record.add("incoming", .string(swap.incoming))
    record.add("kept-as", .string(swap.keepAs))
    record.add("mark", .string(swap.mark))
    record.add("done-before", .bool(swap.isDone(state)))
    if let endedSessions { record.add("ended-sessions", JSON(endedSessions)) }
    return record
  }
}
