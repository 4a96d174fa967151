internal import ArgumentParser
internal import Diagnostics
internal import KubeExec
internal import Terminal

/// `omcops kube exec`.
struct KubeExecCommand: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec", abstract: "Run a command in a container.",
    discussion: discussion(
      """
      TARGET is a pod by name or pod/name, or what makes pods: then the pod that is ready, and has \
      been longest. What stands behind -- is run as it is; there is no shell between. -i hands \
      standard input on, -t gives the command a terminal (-it for a shell). Servers before 1.30 \
      cannot be told that standard input ends: there the container needs sh and dd for -i without -t.

      The exit status is the command's own; when it did not run, or the connection broke off, 1.
      """, exits: [.done, .failed, .usage, .blocked, .interrupted]))

  @Argument(
    help: ArgumentHelp(
      "Pod, kind/name, selector, or component of omcops.yaml.", valueName: "target"))
  var target: String

  @Argument(
    parsing: .postTerminator,
    help: ArgumentHelp("The command and its arguments, behind --.", valueName: "command"))
  var command: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Container; the default is the pod's own, or its first.", valueName: "name"))
  var container: String?

  @Flag(name: [.customShort("i"), .customLong("stdin")], help: "Hand standard input on.")
  var hasInput = false

  @Flag(name: [.customShort("t"), .customLong("tty")], help: "Give the command a terminal.")
  var isTerminal = false

  @OptionGroup var kube: KubeOptions

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("the command is missing: write it behind --, as in -- ls -l")
    }
  }

  func run(_ context: Context) async throws {
    if isTerminal, !context.input.isTerminal {
      throw ValidationError("--tty needs a terminal, and standard input is none")
    }
    let session = try kube.session(context, readsInput: hasInput)
    let pod = try await PodTarget(session: session, word: target).pod()
    var request = ExecRequest(
      pod: pod.object.name, namespace: pod.object.namespace ?? session.namespace,
      container: try PodChoice.container(of: pod.object, named: container ?? pod.container),
      command: command)
    request.hasInput = hasInput
    request.isTerminal = isTerminal
    let outcome = try await Self.outcome(
      of: ExecSession.start(request, with: session.client), request, context)
    switch outcome {
    case .exited(0): return
    case .exited(let code): throw ExitedElsewhere(code: code)
    case .failed(let reason):
      throw KubeError(
        .hopeless, "cannot run \(command[0]) in pod \"\(pod.object.name)\": \(reason)")
    }
  }

  private static func outcome(
    of exec: ExecSession, _ request: ExecRequest, _ context: Context
  ) async throws -> ExecOutcome {
    let terminal = request.isTerminal ? RawTerminal() : nil
    defer { terminal?.restore() }
    var helpers: [Task<Void, any Error>] = []
    if request.hasInput { helpers.append(Task { try await pump(into: exec) }) }
    if request.isTerminal {
      helpers.append(
        Task {
          for await _ in RawTerminal.changes() {
            guard let size = RawTerminal.size() else { continue }
            try await exec.resize(columns: size.columns, rows: size.rows)
          }
        })
    }
    defer { for helper in helpers { helper.cancel() } }
    return try await exec.run { channel, bytes in
      let stream = channel == .output ? context.output : context.error
      bytes.withUnsafeBytes { stream.write($0) }
    }
  }

  /// Hands standard input on, to its end or the command's.
  private static func pump(into exec: ExecSession) async throws {
    let input = try InputReader(0)
    while true {
      let bytes = try await input.next()
      if bytes.isEmpty { break }
      guard try await exec.send(bytes) else { return }
    }
    try await exec.endInput()
  }
}

/// A command elsewhere ended with a status of its own, which is this process's too.
struct ExitedElsewhere: Error {
  var code: Int32
}

/// A pod, by what somebody typed.
struct PodTarget {
  let session: KubeSession
  let word: String

  /// The pod, and the container that the configuration names.
  func pod() async throws -> (object: KubeObject, container: String?) {
    let choice = PodChoice(session.client)
    if let component = session.components[word], component.objectName == nil {
      return (
        try await pod(matching: component.selector?.value ?? "", component.namespace?.value),
        component.container?.value
      )
    }
    if KubeTargets.isSelector(word) { return (try await pod(matching: word, nil), nil) }
    if !word.contains("/"), session.components[word] == nil {
      let reference = ObjectReference(.pods, word, in: session.namespace)
      return (try await choice.pod(of: reference), nil)
    }
    let objects = try await KubeTargets(session: session, words: [word]).workloads()
    return (try await choice.pod(of: objects[0]), session.components[word]?.container?.value)
  }

  /// The query for the pods that the word means, to follow them.
  func query() async throws -> ObjectQuery {
    let component = session.components[word]
    let space = component?.namespace?.value ?? session.namespace
    if let component, component.objectName == nil {
      return ObjectQuery(.pods, namespace: space, labelSelector: component.selector?.value)
    }
    if KubeTargets.isSelector(word) {
      return ObjectQuery(.pods, namespace: space, labelSelector: word)
    }
    if !word.contains("/"), component == nil {
      return ObjectQuery(.pods, namespace: space, name: word)
    }
    let object = try await KubeTargets(session: session, words: [word]).workloads()[0]
    if object.resource == .pods { return ObjectQuery(.pods, namespace: space, name: object.name) }
    let found = try await session.client.get(object.resource, object.name, in: object.namespace)
    return ObjectQuery(
      .pods, namespace: object.namespace, labelSelector: LabelSelector.text(of: found))
  }

  private func pod(matching selector: String, _ namespace: String?) async throws -> KubeObject {
    let place = namespace ?? session.namespace
    let pods = try await session.client.list(
      ObjectQuery(.pods, namespace: place, labelSelector: selector)
    ).items
    guard !pods.isEmpty else {
      throw NothingMatches(what: "pod", selector: selector, place: place)
    }
    guard let best = PodChoice.best(of: pods) else {
      throw KubeError(
        .hopeless, "no pod that matches \(selector) runs",
        details: pods.flatMap(PodTrouble.all).map(\.description))
    }
    return best
  }
}
