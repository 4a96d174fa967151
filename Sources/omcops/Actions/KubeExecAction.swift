internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.exec`: a command in a container.
struct KubeExecAction: Action {
  let cluster: RunCluster

  let name = "kube.exec"
  let effect = Effect.write
  let isObservable = false
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
    let container = with["container"]?.text.map { " -c \(shellQuoted($0))" } ?? ""
    return "omcops kube exec \(KubeParameters.words(with))\(container) -- "
      + words.joined(separator: " ")
  }
}
