internal import HTTPClient
internal import JSON
internal import SystemPackage

/// Ports of this machine whose connections go to ports of a pod; when the pod goes, new connections
/// go to the next one.
public final class PortForward: Sendable {
  /// A port here and one there.
  public struct Pair: Hashable, Sendable {
    /// The port here; 0 for any that is free.
    public var local: Int
    /// A port's number or name there; of a Service one of its own.
    public var remote: String

    /// Reads `8080`, `9000:8080`, `:8080`, `9000:http`; nil for anything else.
    public init?(parsing text: String) {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard let last = parts.last, !last.isEmpty, parts.count <= 2 else { return nil }
      if let number = Int(last), !(1...65_535).contains(number) { return nil }
      remote = last
      guard parts.count == 2 else {
        local = Int(last) ?? 0
        return
      }
      guard let number = parts[0].isEmpty ? 0 : Int(parts[0]), (0...65_535).contains(number) else {
        return nil
      }
      local = number
    }
  }

  /// What happens.
  public enum Event: Sendable {
    /// A port is open.
    case listening(address: String, port: Int, pod: String, remote: Int)
    /// Connections go to another pod from now on.
    case moved(pod: String)
    /// A connection failed; the others go on.
    case failed(String)
  }

  private let client: KubeClient
  private let chosen: ChosenPod
  private let report: @Sendable (Event) -> Void

  /// Opens nothing yet.
  ///
  /// - Parameter choose: finds the pod for connections from now on, and the Service if one was named.
  public init(
    _ client: KubeClient,
    to choose: @escaping @Sendable () async throws -> (pod: KubeObject, service: KubeObject?),
    _ report: @escaping @Sendable (Event) -> Void
  ) {
    self.client = client
    chosen = ChosenPod(choose, moved: { report(.moved(pod: $0.name)) })
    self.report = report
  }

  /// Forwards until the task is cancelled.
  ///
  /// - Throws: what keeps a port from being opened; a connection that fails is only reported.
  public func run(_ pairs: [Pair], address: String) async throws {
    let (pod, service) = try await chosen.current(isFirst: true)
    var ports: [(LocalListener, Pair)] = []
    for pair in pairs {
      let remote = try ForwardPort.number(pair.remote, of: pod, through: service)
      let listener = try LocalListener(address, port: pair.local)
      ports.append((listener, pair))
      report(
        .listening(
          address: listener.address, port: listener.port, pod: pod.name, remote: remote))
    }
    let all = ports
    try await withThrowingDiscardingTaskGroup { group in
      for (listener, pair) in all {
        group.addTask { try await self.serve(listener, pair) }
      }
    }
  }

  private func serve(_ listener: LocalListener, _ pair: Pair) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      while true {
        let connection = try await listener.accept()
        group.addTask { try await self.carry(connection, pair) }
      }
    }
  }

  /// One connection; its failure is nobody else's.
  private func carry(_ connection: LocalSocket, _ pair: Pair) async throws {
    do {
      let (socket, pod) = try await chosen.opening { pod, service in
        try await ForwardTunnel.open(
          pod.name, pod.namespace ?? "default",
          port: try ForwardPort.number(pair.remote, of: pod, through: service), with: client)
      }
      let end = try await ForwardTunnel(socket: socket, local: connection).run()
      guard case .there(let problem) = end else { return }
      let fate = try await PodFate(pod, with: client).words
      guard fate != nil || problem != nil else { return }
      chosen.forget(pod)
      report(.failed(fate ?? "pod \(pod.name), port \(pair.remote): \(problem ?? "")"))
    } catch let error as KubeError {
      report(.failed(error.message))
    } catch let error as HTTPError {
      report(.failed(error.message))
    } catch is Errno {
      // The program here has gone away: it knows why.
    }
  }
}

/// Finds the number of a port that somebody named.
enum ForwardPort {
  /// - Parameter service: if one was named, the port is one of its own and leads to one of the pod.
  static func number(
    _ text: String, of pod: KubeObject, through service: KubeObject?
  ) throws(KubeError) -> Int {
    guard let service else { return try number(text, of: pod) }
    let ports = service["spec", "ports"]?.array ?? []
    let found = ports.first { port in
      port["name"]?.string == text || port["port"]?.int.map(String.init) == text
    }
    guard let port = found else {
      let known = ports.compactMap { $0["port"]?.int.map(String.init) }
      throw KubeError(
        .invalidRequest, "service \"\(service.name)\" has no port \(text)",
        hint: "it has \(known.joined(separator: ", "))")
    }
    if let name = port["targetPort"]?.string { return try number(name, of: pod) }
    return Int(port["targetPort"]?.int ?? port["port"]?.int ?? 0)
  }

  private static func number(_ text: String, of pod: KubeObject) throws(KubeError) -> Int {
    if let number = Int(text) { return number }
    for container in pod["spec", "containers"]?.array ?? [] {
      for port in container["ports"]?.array ?? [] where port["name"]?.string == text {
        if let number = port["containerPort"]?.int { return Int(number) }
      }
    }
    throw KubeError(.invalidRequest, "pod \"\(pod.name)\" has no port named \"\(text)\"")
  }
}
