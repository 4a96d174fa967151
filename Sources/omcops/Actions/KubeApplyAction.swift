internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks

/// `kube.apply`: objects as the file describes them, by server-side apply.
struct KubeApplyAction: Action {
  let cluster: RunCluster

  let name = "kube.apply"
  let effect = Effect.write
  let parameters = [
    ActionParameter("manifest", .any, isRequired: true), KubeParameters.namespace,
    ActionParameter("force-conflicts", .bool),
  ]
  let result = Shape.object(["before": .any, "after": .any, "changes": .array(.string)])

  /// What the server says would become of each object: a dry run.
  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { .array(try await plan(call).steps.map(value)) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let (applier, steps) = try await plan(call)
      var after: [Value] = []
      try await applier.run(steps) { _, object in after.append(Value(object)) }
      return ActionOutcome(
        result: [
          "before": call.before, "after": .array(after),
          "changes": .array(steps.flatMap(changes).map { .string($0) }),
        ])
    }
  }

  /// There when a dry run would change nothing.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let steps = try await plan(call).steps
      guard steps.allSatisfy({ $0.action == .none }) else { return .absent }
      return .there(["before": call.before, "after": .null, "changes": []])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let json = with["manifest"].map { JSON($0).text() } ?? ""
    return "omcops kube apply -f -\(KubeParameters.words(with)) <<< \(shellQuoted(json))"
  }

  private func plan(_ call: ActionCall) async throws -> (applier: Applier, steps: [Applier.Step]) {
    let session = try cluster.session(for: call)
    let applier = Applier(
      session.client, namespace: session.namespace,
      isForced: call.with["force-conflicts"]?.bool ?? false)
    let given = call.with["manifest"] ?? .null
    let bytes =
      given.string.map { Array($0.utf8) }
      ?? Array(
        (given.array.map { ["apiVersion": "v1", "kind": "List", "items": JSON(.array($0))] }
          ?? JSON(given)).text().utf8)
    return (applier, try await applier.plan(try Manifest.read(bytes, file: "manifest")))
  }

  private func value(_ step: Applier.Step) -> Value {
    [
      "object": .string("\(step.reference)"), "namespace": Value(step.reference.namespace),
      "action": .string(step.action.rawValue),
      "changes": .array(changes(step).map { .string($0) }),
    ]
  }

  private func changes(_ step: Applier.Step) -> [String] {
    step.changes.map { "\(step.reference) \($0.text)" }
  }
}

/// `kube.delete`: takes objects away and waits until they are gone.
struct KubeDeleteAction: Action {
  let cluster: RunCluster

  let name = "kube.delete"
  let effect = Effect.destroy
  let parameters = KubeParameters.objects + [ActionParameter("wait", .duration)]
  let result = Shape.object(["before": .array(.string), "after": .array(.string)])

  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { try await names(call) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let (session, objects) = try objects(call)
      let resource = try await objects.resource()
      let found = try await objects.read()
      for object in found {
        do {
          try await session.client.delete(
            resource, object.name, in: object.namespace, uid: object.uid)
        } catch let error as KubeError where error.code == .notFound {
          continue  // gone meanwhile, which is what is wanted
        }
      }
      let uids = Set(found.map(\.uid))
      let wait = call.duration("wait") ?? KubeScaleAction.patience
      if wait > .zero {
        let isGone = try await call.poll(for: wait) { () -> Bool? in
          try await objects.read().contains { uids.contains($0.uid) } ? nil : true
        }
        guard isGone != nil else {
          throw KubeError(
            .timedOut,
            "\(resource.plural) are still there after \(wait.canonical): "
              + found.map(\.name).joined(separator: ", "))
        }
      }
      return ActionOutcome(result: ["before": call.before, "after": try await names(call)])
    }
  }

  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let now = try await names(call)
      return now == [] ? .there(["before": call.before, "after": now]) : .absent
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube delete \(KubeParameters.words(with))"
  }

  private func objects(_ call: ActionCall) throws -> (KubeSession, KubeObjects) {
    guard call.with["name"] != nil || call.with["selector"] != nil else {
      throw ActionError(.other, "kube.delete needs name or selector: it never takes all of a kind")
    }
    let session = try cluster.session(for: call)
    return (session, KubeObjects(session: session, with: call.with))
  }

  private func names(_ call: ActionCall) async throws -> Value {
    .array(try await objects(call).1.read().map { .string("\($0.kind.lowercased())/\($0.name)") })
  }
}

/// `kube.exec`: a command in a container.
struct KubeExecAction: Action {
  let cluster: RunCluster

  let name = "kube.exec"
  let effect = Effect.write
  let parameters = [
    ActionParameter("target", .string, isRequired: true), KubeParameters.namespace,
    ActionParameter("container", .string),
    ActionParameter("command", .array(.string), isRequired: true),
  ]
  let result = Shape.object(["exit-code": .number, "stdout": .string, "stderr": .string])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let session = try cluster.session(for: call)
    let command = (call.with["command"]?.array ?? []).compactMap(\.string)
    guard !command.isEmpty else { throw ActionError(.other, "command is empty") }
    return try await kubeErrors(writes: true) {
      let target = PodTarget(session: session, word: call.with["target"]?.string ?? "")
      let pod = try await target.pod()
      let request = ExecRequest(
        pod: pod.object.name, namespace: pod.object.namespace ?? session.namespace,
        container: try PodChoice.container(
          of: pod.object, named: call.with["container"]?.string ?? pod.container),
        command: command)
      var (output, errors): ([UInt8], [UInt8]) = ([], [])
      let exec = try await ExecSession.start(request, with: session.client)
      let outcome = try await exec.run { channel, bytes in
        if channel == .output { KubeExecAction.keep(bytes, in: &output) }
        if channel == .error { KubeExecAction.keep(bytes, in: &errors) }
      }
      return try ending(outcome, output, errors, in: pod.object.name, command[0])
    }
  }

  /// The result is for expressions: the first MiB of each stream.
  private static func keep(_ bytes: ArraySlice<UInt8>, in kept: inout [UInt8]) {
    kept += bytes.prefix(max(0, 1 << 20 - kept.count))
  }

  private func ending(
    _ outcome: ExecOutcome, _ output: [UInt8], _ errors: [UInt8], in pod: String,
    _ program: String
  ) throws -> ActionOutcome {
    switch outcome {
    case .exited(0):
      return ActionOutcome(
        result: [
          "exit-code": 0, "stdout": .string(String(decoding: output, as: UTF8.self)),
          "stderr": .string(String(decoding: errors, as: UTF8.self)),
        ], stdout: output, stderr: errors)
    case .exited(let code):
      let last = String(decoding: errors, as: UTF8.self).split(separator: "\n").last
      throw ActionError(
        .exit,
        "\(program) in pod \"\(pod)\" ended with exit code \(code)"
          + (last.map { ": \($0.prefix(300))" } ?? ""), exitCode: Int(code))
    case .failed(let reason):
      throw ActionError(.other, "cannot run \(program) in pod \"\(pod)\": \(reason)")
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let words = (with["command"]?.array ?? []).compactMap(\.text).map(shellQuoted)
    return "omcops kube exec \(KubeParameters.words(with)) -- " + words.joined(separator: " ")
  }
}
