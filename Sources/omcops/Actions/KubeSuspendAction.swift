internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.suspend`: whether CronJobs start Jobs.
struct KubeSuspendAction: Action {
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

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await states(of: try await wanted(call)) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let wanted = try await wanted(call)
      let client = try cluster.session().client
      let before = try await states(of: wanted)
      for (object, isSuspended) in wanted {
        try await client.suspend(object, isSuspended)
      }
      return ActionOutcome(
        result: [
          "before": call.before == .null ? before : call.before,
          "after": try await states(of: wanted),
        ])
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let wanted = try await wanted(call)
      let now = try await states(of: wanted)
      let isThere = zip(wanted, now.array ?? []).allSatisfy {
        $1["suspended"]?.bool == $0.isSuspended
      }
      guard isThere else { return .absent }
      return .there(["before": call.before == .null ? now : call.before, "after": now])
    }
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

  private func wanted(
    _ call: ActionCall
  ) async throws -> [(object: ObjectReference, isSuspended: Bool)] {
    let session = try cluster.session(for: call)
    try call.refuse("selector", "cron-jobs", beside: "to")
    if let empty = call.with["empty"]?.string, empty != "ok" {
      throw ActionError(.other, "empty is \"\(empty)\"; it can only be ok, or left out")
    }
    if let to = call.with["to"] {
      guard let entries = to.array, call.with["suspend"] == nil else {
        throw ActionError(
          .other, "\"to\" is the \"before\" of another kube.suspend, without suspend")
      }
      var wanted: [(object: ObjectReference, isSuspended: Bool)] = []
      for entry in entries {
        guard let isSuspended = entry["suspended"]?.bool else {
          throw ActionError(.other, "an element of \"to\" does not say whether it was suspended")
        }
        wanted.append((try await ObjectReference(entry, with: session.client), isSuspended))
      }
      return wanted
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

  private func states(
    of wanted: [(object: ObjectReference, isSuspended: Bool)]
  ) async throws -> Value {
    let client = try cluster.session().client
    var states: [Value] = []
    for (object, _) in wanted {
      states.append(
        object.value("suspended", .bool(try await client.isSuspended(object))))
    }
    return .array(states)
  }
}
