internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.rollout`: gives workloads another image, starts all their pods anew, or takes the newest
/// revision back; waits until the rollout is finished.
struct KubeRolloutAction: Action {
  let cluster: RunCluster

  let name = "kube.rollout"
  let effect = Effect.write
  let parameters =
    KubeParameters.workloads + [
      ActionParameter("action", .string), ActionParameter("image", .string),
      ActionParameter("container", .optional(.string)), ActionParameter("to-revision", .number),
      ActionParameter("to", .any), ActionParameter("wait", .duration),
      ActionParameter("annotations", .map(.string)),
    ]
  static let states = Shape.array(
    .object([
      "object": .string, "namespace": .optional(.string), "revision": .optional(.number),
      "images": .map(.string),
    ]))
  let result = Shape.object(["before": states, "after": states])

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await states(of: try await wanted(call).map(\.object)) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let client = try cluster.session().client
      let wanted = try await wanted(call)
      // All changes are known before the first one is made.
      var changes: [(ObjectReference, RolloutChange)] = []
      for (object, wish) in wanted {
        changes.append((object, try await wish.change(of: object, client)))
      }
      for (object, change) in changes where change.action != nil {
        _ = try await change.run(with: client, on: object.resource)
      }
      try await wait(for: wanted.map(\.object), call, client)
      return ActionOutcome(
        result: ["before": call.before, "after": try await states(of: wanted.map(\.object))])
    }
  }

  /// An image can be seen; that pods were started anew cannot be told from another's doing.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let client = try cluster.session().client
      let wanted = try await wanted(call)
      for (object, wish) in wanted {
        switch wish {
        case .image, .images: break
        case .restart, .undo: return .unknown
        }
        guard try await wish.change(of: object, client).action == nil else { return .absent }
        let found = try await client.get(object.resource, object.name, in: object.namespace)
        if call.duration("wait") == .zero { continue }
        guard case .finished = try RolloutJudgement(found) else { return .absent }
      }
      return .there(
        ["before": call.before, "after": try await states(of: wanted.map(\.object))])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    if let to = with["to"] { return command(backTo: to) }
    let words = KubeParameters.words(with)
    if let image = with["image"]?.text {
      let container = with["container"]?.text.map { " --container \(shellQuoted($0))" } ?? ""
      return "omcops kube rollout image \(words) --image \(shellQuoted(image))\(container)"
    }
    let revision = with["to-revision"]?.text.map { " --to-revision \($0)" } ?? ""
    return "omcops kube rollout \(with["action"]?.text ?? "restart") \(words)\(revision)"
  }

  private func command(backTo before: Value) -> String {
    KubeParameters.commands(backTo: before) { object, state in
      let images = (state["images"]?.object ?? ["NAME": "IMAGE"]).map { container, image in
        "omcops kube rollout image \(object) --container \(shellQuoted(container)) "
          + "--image \(shellQuoted(image.text ?? ""))"
      }
      return images.joined(separator: "; ")
    }
  }

  /// What shall become of a workload.
  private enum Wish {
    case restart(at: String)
    case undo(to: Int64?)
    case image(String, container: String?, annotations: [String: String])
    case images([(container: String, image: String)])

    func change(of object: ObjectReference, _ client: KubeClient) async throws -> RolloutChange {
      let found = try await client.get(object.resource, object.name, in: object.namespace)
      return switch self {
      case .restart(let time): try .restart(found, at: time)
      case .undo(let number):
        try .undo(found, to: number, of: try await client.revisions(of: found))
      case .image(let image, let container, let annotations):
        try .image(found, image, container: container, annotations: annotations)
      case .images(let images): try .images(found, images)
      }
    }
  }

  /// Each workload and what shall become of it.
  private func wanted(
    _ call: ActionCall
  ) async throws -> [(object: ObjectReference, wish: Wish)] {
    let ways = ["action", "image", "to"].filter { call.with[$0] != nil }
    guard ways.count == 1 else {
      throw ActionError(
        .other, "kube.rollout needs one of action, image and to",
        hint: "action: restart or undo; image: what to deploy; to: the \"before\" of another")
    }
    try call.refuse("target", "deployments", "container", "to-revision", beside: "to")
    try call.refuse("annotations", beside: "to")
    try call.refuse("container", "annotations", beside: "action")
    try call.refuse("to-revision", beside: "image")
    if let to = call.with["to"] { return try await earlier(to) }
    let wish: Wish
    if let image = call.with["image"]?.string {
      let annotations = call.with["annotations"]?.object ?? [:]
      wish = .image(
        image, container: call.with["container"]?.string,
        annotations: annotations.reduce(into: [:]) { $0[$1.key] = $1.value.text })
    } else {
      switch call.with["action"]?.string {
      case "restart" where call.with["to-revision"] != nil:
        throw ActionError(.other, "to-revision goes with action: undo")
      case "restart": wish = .restart(at: Timestamp.now().rfc3339(fractionDigits: 3))
      case "undo": wish = .undo(to: call.with["to-revision"]?.int)
      default:
        throw ActionError(
          .other, "action is \"\(call.with["action"]?.text ?? "")\"; it must be restart or undo")
      }
    }
    return try await cluster.workloads(call).map { ($0, wish) }
  }

  /// The images that an earlier step saw.
  private func earlier(_ to: Value) async throws -> [(object: ObjectReference, wish: Wish)] {
    guard let entries = to.array else {
      throw ActionError(.other, "\"to\" is the \"before\" of another kube.rollout")
    }
    let client = try cluster.session().client
    var wanted: [(object: ObjectReference, wish: Wish)] = []
    for entry in entries {
      let images = (entry["images"]?.object ?? [:]).compactMap { name, image in
        image.string.map { (container: name, image: $0) }
      }
      guard !images.isEmpty else {
        throw ActionError(.other, "an element of \"to\" says no images")
      }
      wanted.append((try await ObjectReference(entry, with: client), .images(images)))
    }
    return wanted
  }

  private func wait(
    for objects: [ObjectReference], _ call: ActionCall, _ client: KubeClient
  ) async throws {
    let patience = call.duration("wait") ?? KubeScaleAction.patience
    guard patience > .zero else { return }
    for object in objects {
      var watch = RolloutWatch(client, object.resource, object.name, in: object.namespace ?? "")
      watch.timeout = patience
      _ = try await watch.run(call.progress)
    }
  }

  private func states(of objects: [ObjectReference]) async throws -> Value {
    let client = try cluster.session().client
    var states: [Value] = []
    for object in objects {
      let found = try await client.get(object.resource, object.name, in: object.namespace)
      let images = RolloutChange.images(of: found).map { ($0.container, Value.string($0.image)) }
      states.append([
        "object": .string("\(object)"), "namespace": Value(object.namespace),
        "revision": Value(try await client.revisions(of: found).last?.number),
        "images": .object(OrderedDictionary(images) { first, _ in first }),
      ])
    }
    return .array(states)
  }
}
