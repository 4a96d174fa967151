internal import DBOps
internal import OrderedCollections
internal import Runbooks

/// `db.info`: what the server says about itself and the database.
struct DBInfoAction: Action {
  let target: RunTarget

  let name = "db.info"
  let effect = Effect.read
  let parameters = [ActionParameter("database", .string), ActionParameter("host", .string)]
  let result = Shape.object([
    "database": .string, "server-version": .string, "server-major": .number,
    "in-recovery": .bool, "system-identifier": .string, "size-bytes": .optional(.number),
    "free-bytes": .optional(.number),
    "connections": .array(
      .object([
        "pid": .number, "user": .optional(.string), "application": .optional(.string),
        "address": .optional(.string), "state": .optional(.string),
        "since": .optional(.timestamp),
      ])),
    "max-connections": .number, "owner": .string, "allows-connections": .bool,
    "comment": .optional(.string), "alembic-revision": .optional(.string),
    "backup-store-free-bytes": .optional(.number),
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let server = try target.server(for: call)
    let backups = try target.chosen().environment.backups?.value
    return try await actionErrors {
      let info = try await DatabaseInfo.read(
        server.settings, applicationName: server.applicationName)
      return ActionOutcome(result: value(of: info, backups: backups))
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops db info" + (with["database"]?.string.map { " --url dbname=\(shellQuoted($0))" } ?? "")
  }

  private func value(of info: DatabaseInfo, backups: String?) -> Value {
    [
      "database": .string(info.database), "server-version": .string(info.serverVersion),
      "server-major": .int(Int64(info.serverMajor)), "in-recovery": .bool(info.isInRecovery),
      "system-identifier": .string(info.systemIdentifier), "size-bytes": Value(info.sizeBytes),
      "free-bytes": Value(info.freeBytes), "connections": .array(info.connections.map(value)),
      "max-connections": .int(Int64(info.maxConnections)), "owner": .string(info.owner),
      "allows-connections": .bool(info.allowsConnections), "comment": Value(info.comment),
      "alembic-revision": Value(info.alembicRevision),
      "backup-store-free-bytes": Value(backups.flatMap(DatabaseInfo.freeBytes)),
    ]
  }

  private func value(of client: ClientConnection) -> Value {
    [
      "pid": .int(Int64(client.pid)), "user": Value(client.user),
      "application": Value(client.application), "address": Value(client.address),
      "state": Value(client.state), "since": client.since.map(Value.timestamp) ?? .null,
    ]
  }
}
