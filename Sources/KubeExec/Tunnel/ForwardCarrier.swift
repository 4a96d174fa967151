internal import HTTPClient

extension LocalTunnel {
  /// A tunnel to a port of a Service's pods, or of one pod; when the pod goes, new connections go to
  /// the next one.
  public static func forward(
    to service: ForwardedService, port: Int, with client: KubeClient, watcher: Watcher
  ) async throws -> LocalTunnel {
    let carrier = ForwardCarrier(client: client, service: service, port: port)
    try await carrier.check()
    return try LocalTunnel(carrier, watcher: watcher)
  }
}

/// Carries connections by port-forward.
private struct ForwardCarrier: TunnelCarrier {
  let client: KubeClient
  let port: Int
  let chosen: ChosenPod

  /// A database's clients never wait for an answer after they have closed their side.
  static let silenceAfterEnd: Duration = .seconds(5)

  init(client: KubeClient, service: ForwardedService, port: Int) {
    self.client = client
    self.port = port
    chosen = ChosenPod({ try await service.choose(client) }, moved: { _ in })
  }

  /// Throws what keeps every connection from being carried.
  func check() async throws {
    let (pod, service) = try await chosen.current(isFirst: true)
    _ = try ForwardPort.number(String(port), of: pod, through: service)
  }

  func carry(_ connection: LocalSocket) async throws -> String? {
    let (socket, pod) = try await chosen.opening { pod, service in
      try await ForwardTunnel.open(
        pod.name, pod.namespace ?? "default",
        port: try ForwardPort.number(String(port), of: pod, through: service), with: client)
    }
    let end = try await ForwardTunnel(
      socket: socket, local: connection, silenceAfterEnd: ForwardCarrier.silenceAfterEnd
    ).run()
    switch end {
    case .here: return nil
    case .there(let problem):
      let fate = try await PodFate(pod, with: client).words
      if problem != nil || fate != nil { chosen.forget(pod) }
      return fate ?? problem.map { "pod \(pod.name), port \(port): \($0)" }
    }
  }
}

/// What has become of a pod.
struct PodFate {
  /// Nil for one that runs as it did.
  var words: String?

  init(_ pod: KubeObject, with client: KubeClient) async throws {
    let now = try await client.find(.pods, pod.name, in: pod.namespace)
    if now?.uid != pod.uid {
      words = "pod \"\(pod.name)\" is gone"
    } else if let now, now.isTerminating {
      words = "pod \"\(pod.name)\" is being deleted"
    } else if let now, let phase = now["status", "phase"]?.string, phase != "Running" {
      let why = PodTrouble.all(of: now).first.map { ": \($0)" } ?? ""
      words = "pod \"\(pod.name)\" has \(phase == "Failed" ? "failed" : "ended")\(why)"
    } else if let now, PodFate.restarts(now) > PodFate.restarts(pod) {
      words = "a container of pod \"\(pod.name)\" has ended and was started again"
    }
  }

  private static func restarts(_ pod: KubeObject) -> Int64 {
    (pod["status", "containerStatuses"]?.array ?? []).reduce(0) {
      $0 + ($1["restartCount"]?.int ?? 0)
    }
  }
}
