internal import Text

/// Short commands in a container, for what a copy has to know and to do there.
struct ContainerCommands: Sendable {
  let client: KubeClient
  let pod: String
  let namespace: String
  let container: String?

  /// How people call it.
  var name: String {
    container.map { "container \"\($0)\" of pod \"\(pod)\"" } ?? "pod \"\(pod)\""
  }

  func request(_ command: [String], hasInput: Bool = false) -> ExecRequest {
    ExecRequest(
      pod: pod, namespace: namespace, container: container, command: command, hasInput: hasInput)
  }

  /// Whether a command says yes: ends with 0, and not with 1.
  func holds(_ command: [String]) async throws -> Bool {
    let (outcome, errors) = try await run(command)
    switch outcome {
    case .exited(0): return true
    case .exited(1): return false
    default: throw trouble(outcome, command, errors)
    }
  }

  /// Runs a command that has to end well.
  func must(_ command: [String]) async throws {
    let (outcome, errors) = try await run(command)
    guard outcome == .exited(0) else { throw trouble(outcome, command, errors) }
  }

  private func run(_ command: [String]) async throws -> (ExecOutcome, ErrorLines) {
    let session = try await ExecSession.start(request(command), with: client)
    var errors = ErrorLines()
    let outcome = try await session.run { channel, bytes in
      if channel == .error { errors.add(bytes) }
    }
    return (outcome, errors)
  }

  /// What it means that a command did not end well.
  func trouble(_ outcome: ExecOutcome, _ command: [String], _ errors: ErrorLines) -> KubeError {
    let program = command.first ?? ""
    switch outcome {
    case .exited(127): return missing(program, errors)
    case .exited(let code):
      return KubeError(
        .hopeless, "\(program) in \(name) ended with status \(code)", details: errors.lines)
    case .failed(let reason):
      let words = reason.lowercased()
      if words.contains(text: "executable file not found") || words.contains(text: "no such file") {
        return missing(reason.contains(text: "\"sh\"") ? "sh" : program, errors)
      }
      return KubeError(.hopeless, "cannot run \(program) in \(name): \(reason)")
    }
  }

  private func missing(_ program: String, _ errors: ErrorLines) -> KubeError {
    KubeError(
      .hopeless, "\(name) has no \(program), which copying needs; nothing was copied",
      hint: "an image without tools has none: copy through another container that has the volume",
      details: errors.lines)
  }
}

/// The last of what a command said on standard error.
struct ErrorLines: Sendable {
  private static let most = 4096
  private var bytes: [UInt8] = []

  mutating func add(_ more: ArraySlice<UInt8>) {
    bytes += more.suffix(Self.most)
    if bytes.count > Self.most { bytes.removeFirst(bytes.count - Self.most) }
  }

  /// Its last lines.
  var lines: [String] {
    bytes.split(separator: UInt8(ascii: "\n")).suffix(8).map { String(decoding: $0, as: UTF8.self) }
  }
}
