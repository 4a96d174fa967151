internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import Terminal

/// `omcops kube forward`.
struct KubeForward: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "forward", abstract: "Carry connections of this machine to ports of a pod.",
    discussion: discussion(
      """
      TARGET is a pod by name or pod/name, what makes pods, a Service, a selector, or a component \
      of omcops.yaml. PORT is the same here and there, as 5432; LOCAL:REMOTE; or :REMOTE for any \
      free port here. Ports there can be named. Goes on until you interrupt it: a connection that \
      is refused ends alone, and when the pod goes, new connections go to the next one. The ports \
      here are printed when they are open, one a line, or with '--output json' one object a line.
      """, exits: [.done, .failed, .usage, .blocked, .interrupted]))

  @Argument(
    help: ArgumentHelp(
      "Pod, kind/name, selector, or component of omcops.yaml.", valueName: "target"))
  var target: String

  @Argument(help: ArgumentHelp("[LOCAL:]REMOTE; may be given again.", valueName: "port"))
  var ports: [PortArgument]

  @Option(help: ArgumentHelp("Address of this machine to listen on.", valueName: "address"))
  var address = "127.0.0.1"

  @OptionGroup var kube: KubeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if output.output == .csv || output.output == .markdown {
      throw ValidationError("forward prints as table or json")
    }
  }

  func run(_ context: Context) async throws {
    let session = try kube.session(context)
    let target = PodTarget(session: session, word: target)
    let forward = PortForward(
      session.client,
      to: { (try await target.pod().object, try await target.service()) },
      { event in show(event, context) })
    try await forward.run(ports.map(\.pair), address: address)
  }

  private func show(_ event: PortForward.Event, _ context: Context) {
    switch event {
    case .listening(let address, let port, let pod, let remote):
      let json: JSON = [
        "address": .string(address), "port": JSON(port), "pod": .string(pod),
        "remote": JSON(remote),
      ]
      context.output.write(
        output.output == .json ? json.text() + "\n" : "\(address) -> \(pod):\(remote)\n")
    case .moved(let pod): context.error.write("new connections go to pod \(pod)\n")
    case .failed(let reason): context.error.write("a connection failed: \(reason.harmless)\n")
    }
  }
}

/// `[LOCAL:]REMOTE`.
struct PortArgument: ExpressibleByArgument, Sendable {
  var pair: PortForward.Pair

  init?(argument: String) {
    guard let pair = PortForward.Pair(parsing: argument) else { return nil }
    self.pair = pair
  }
}

extension PodTarget {
  /// The Service, where the word names one: its ports are its own.
  func service() async throws -> KubeObject? {
    let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2, KubeResource.services.answers(to: parts[0]) else { return nil }
    return try await session.client.get(.services, parts[1], in: session.namespace)
  }
}
