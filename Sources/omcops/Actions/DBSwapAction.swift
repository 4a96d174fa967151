internal import DBOps
internal import OrderedCollections
internal import Runbooks

/// `db.swap`: puts a database in the place of the live one, in one transaction.
struct DBSwapAction: Action {
  let target: RunTarget

  let name = "db.swap"
  let effect = Effect.destroy
  let parameters = [
    ActionParameter("live", .string, isRequired: true),
    ActionParameter("incoming", .string, isRequired: true),
    ActionParameter("keep-as", .string, isRequired: true),
    ActionParameter("mark", .string),
  ]
  let result = Shape.object([
    "live": .string, "kept-as": .string, "mark": .string, "ended-sessions": .number,
  ])

  /// Which of the three names exist, and their comments: the mark tells who is who.
  func observe(_ call: ActionCall) async throws -> Value {
    let swap = swap(call)
    let server = try target.server(for: call)
    return try await actionErrors {
      let state = try await swap.state(on: server)
      return [
        "live": .string(swap.live), "exists": .array(state.map { .string($0.name) }),
        "marks": .object(
          OrderedDictionary(
            state.map { ($0.name, Value($0.comment)) }, uniquingKeysWith: { $1 })),
      ]
    }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let swap = swap(call)
    let server = try target.server(for: call)
    return try await actionErrors(writes: true) {
      let outcome = try await swap.run(on: server)
      return ActionOutcome(result: result(of: swap, endedSessions: outcome.endedSessions))
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    let swap = swap(call)
    let server = try target.server(for: call)
    return try await actionErrors {
      swap.isDone(try await swap.state(on: server))
        ? .there(result(of: swap, endedSessions: 0)) : .absent
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    func word(_ key: String) -> String { shellQuoted(with[key]?.string ?? "") }
    var command = "omcops db swap \(word("incoming")) --live \(word("live"))"
    command += " --keep-as \(word("keep-as"))"
    return with["mark"] == nil ? command : command + " --mark \(word("mark"))"
  }

  private func swap(_ call: ActionCall) -> DatabaseSwap {
    DatabaseSwap(
      live: call.with["live"]?.string ?? "", incoming: call.with["incoming"]?.string ?? "",
      keepAs: call.with["keep-as"]?.string ?? "",
      mark: call.with["mark"]?.string ?? "omcops \(call.run.id)")
  }

  private func result(of swap: DatabaseSwap, endedSessions: Int) -> Value {
    [
      "live": .string(swap.live), "kept-as": .string(swap.keepAs), "mark": .string(swap.mark),
      "ended-sessions": .int(Int64(endedSessions)),
    ]
  }
}
