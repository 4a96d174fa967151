internal import DBOps
internal import OrderedCollections
internal import Runbooks

/// `db.drop`: drops a database that is not live.
struct DBDropAction: Action {
  let target: RunTarget
  /// The live databases of all environments on this server.
  let liveNames: @Sendable (DatabaseTarget) async throws -> Set<String>

  let name = "db.drop"
  let effect = Effect.destroy
  let parameters = [ActionParameter("database", .string, isRequired: true)]
  let result = Shape.object([
    "database": .string, "existed": .bool, "ended-sessions": .number,
  ])

  func observe(_ call: ActionCall) async throws -> Value {
    let (drop, server) = try await drop(call)
    return try await actionErrors {
      let entry = try await drop.entry(on: server)
      return ["exists": .bool(entry != nil), "mark": Value(entry?.comment)]
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let (drop, server) = try await drop(call)
    return try await actionErrors(writes: true) {
      let outcome = try await drop.run(on: server)
      return ActionOutcome(
        result: [
          "database": .string(drop.name), "existed": .bool(outcome.existed),
          "ended-sessions": .int(Int64(outcome.endedSessions)),
        ])
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    let (drop, server) = try await drop(call)
    return try await actionErrors {
      guard try await drop.isGone(on: server) else { return .absent }
      return .there(["database": .string(drop.name), "existed": false, "ended-sessions": 0])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let name = shellQuoted(with["database"]?.string ?? "")
    return "omcops db drop \(name) --confirm \(name)"
  }

  private func drop(_ call: ActionCall) async throws -> (DatabaseDrop, DatabaseServer) {
    let chosen = try target.chosen()
    let drop = DatabaseDrop(
      name: call.with["database"]?.string ?? "",
      liveNames: try await actionErrors { try await liveNames(chosen) })
    let server = DatabaseServer(
      chosen.settings, applicationName: target.applicationName(of: call.run))
    return (drop, server)
  }
}
