internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Quantities
internal import Terminal

/// `omcops db info`.
struct DBInfo: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Show what the server says about itself and the database.",
    discussion: discussion(exits: [.done, .failed, .usage, .interrupted]))

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let target = try await database.resolve(context)
    let info = try await DatabaseInfo.read(
      target.settings, applicationName: context.applicationName("db info"))
    output.emit(record(of: info, target), to: context)
  }

  private func record(of info: DatabaseInfo, _ target: DatabaseTarget) -> Record {
    func size(_ bytes: Int64?) -> String { bytes.map { ByteCount($0).readable } ?? "unknown" }
    var record = Record()
    if let name = target.environment.name?.value { record.add("environment", .string(name)) }
    record.add("protected", .bool(target.isProtected))
    record.add("database", .string(info.database))
    record.add("owner", .string(info.owner))
    record.add("comment", JSON(info.comment))
    record.add("server-version", .string(info.serverVersion))
    record.add("server-major", JSON(info.serverMajor))
    record.add("in-recovery", .bool(info.isInRecovery))
    record.add("system-identifier", .string(info.systemIdentifier))
    record.add("size-bytes", JSON(info.sizeBytes), text: size(info.sizeBytes))
    record.add("free-bytes", JSON(info.freeBytes), text: size(info.freeBytes))
    let room = target.environment.backups.flatMap { DatabaseInfo.freeBytes(at: $0.value) }
    record.add("backup-store-free-bytes", JSON(room), text: size(room))
    record.add("alembic-revision", JSON(info.alembicRevision))
    record.add("allows-connections", .bool(info.allowsConnections))
    record.add(
      "connections", .array(info.connections.map(json)),
      text: "\(info.connections.count) of \(info.maxConnections)"
        + info.connections.prefix(10).map { "; \($0.summary)" }.joined())
    record.add("max-connections", JSON(info.maxConnections))
    return record
  }

  private func json(_ client: ClientConnection) -> JSON {
    [
      "pid": JSON(client.pid), "user": JSON(client.user),
      "application": JSON(client.application), "address": JSON(client.address),
      "state": JSON(client.state), "since": JSON(client.since?.rfc3339()),
    ]
  }
}
