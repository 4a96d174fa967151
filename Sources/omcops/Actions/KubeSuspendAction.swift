internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.suspend`: whether CronJobs start Jobs.
struct KubeSuspendAction: KubeStateAction {
  let cluster: RunCluster

  let name = "kube.suspend"
  let effect = Effect.write
  let parameters = [
    KubeParameters.namespace, ActionParameter("selector", .string),
    ActionParameter("cron-jobs", .array(.string)), ActionParameter("suspend", .bool),
    ActionParameter("to", .any), ActionParameter("empty", .string),
  ]
  static let states = Shape.array(
    .object(["object": .string, "namespace": .optional(.string), "suspended": .bool]))
  let result = Shape.object(["before": states, "after": states])

  typealias Goal = (object: ObjectReference, isSuspended: Bool)

  func state(of goal: Goal, _ client: KubeClient) async throws -> Value {
    goal.object.value("suspended", .bool(try await client.isSuspended(goal.object)))
  }

  func reach(_ goals: [Goal], _ call: ActionCall, _ client: KubeClient) async throws {
    for (object, isSuspended) in goals { try await client.suspend(object, isSuspended) }
  }

  func isReached(_ goal: Goal, _ call: ActionCall, _ client: KubeClient) async throws -> Bool {
    try await client.isSuspended(goal.object) == goal.isSuspended
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    if let to = with["to"] {
      return KubeParameters.commands(backTo: to) { object, state in
        let isSuspended = state["suspended"]?.bool ?? false
        return "omcops kube \(isSuspended ? "suspend" : "resume") \(object)"
      }
    }
    let verb = with["suspend"] == .bool(false) ? "resume" : "suspend"
    let names = (with["cron-jobs"]?.array ?? []).compactMap(\.text).map { " " + shellQuoted($0) }
    return "omcops kube \(verb)\(names.joined()) \(KubeParameters.words(with))"
  }

  func goals(_ call: ActionCall) async throws -> [Goal] {
    let session = try cluster.session(for: call)
    try call.refuse("selector", "cron-jobs", "suspend", beside: "to")
    if let empty = call.with["empty"]?.string, empty != "ok" {
      throw ActionError(.other, "empty is \"\(empty)\"; it can only be ok, or left out")
    }
    if let to = call.with["to"] {
      return try await goals(backTo: to) { entry in
        guard let isSuspended = entry["suspended"]?.bool else { return nil }
        return (try await ObjectReference(entry, with: session.client), isSuspended)
      }
    }
    let isSuspended = call.with["suspend"]?.bool ?? true
    // batch/v1 has them since 1.21, batch/v1beta1 had them to 1.24: the server knows.
    let resource = try await session.client.resource(named: "cronjobs")
    let names = (call.with["cron-jobs"]?.array ?? []).compactMap(\.string).map { name in
      name.split(separator: "/").last.map(String.init) ?? name
    }
    if let selector = call.with["selector"]?.string, names.isEmpty {
      let found = try await session.client.list(
        ObjectQuery(resource, namespace: session.namespace, labelSelector: selector)
      ).items
      if found.isEmpty, call.with["empty"]?.string != "ok" {
        throw NothingMatches(what: "cronjob", selector: selector, place: session.namespace)
      }
      return found.map { (ObjectReference(resource, $0.name, in: $0.namespace), isSuspended) }
    }
    guard !names.isEmpty, call.with["selector"] == nil else {
      throw ActionError(
        .other, "kube.suspend needs either selector or cron-jobs: which CronJobs are meant")
    }
    return names.map { (ObjectReference(resource, $0, in: session.namespace), isSuspended) }
  }
}
