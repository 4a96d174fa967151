internal import HTTPClient
internal import JSON
internal import Quantities

/// A command that runs in a container: what it writes comes, what it shall read goes, and its exit
/// code is the end (the subprotocols v5.channel.k8s.io and v4.channel.k8s.io).
public final class ExecSession: Sendable {
  /// Where output comes from.
  public enum Channel: Sendable {
    case output, error
  }

  private let socket: WebSocket
  private let envelope: InputEnvelope?
  private let turn = InputTurn()
  private let canEndInput: Bool

  private init(_ socket: WebSocket, _ envelope: InputEnvelope?) {
    self.socket = socket
    self.envelope = envelope
    canEndInput = socket.subprotocol == "v5.channel.k8s.io"
  }

  deinit { socket.disconnect() }

  /// The greatest message: servers read frame by frame.
  private static let frame = 32 << 10

  /// Starts a command.
  ///
  /// Servers before 1.30 cannot be told that standard input ends. There the command runs below a
  /// shell of the container that knows: `sh` and `dd` have to be in it.
  public static func start(
    _ request: ExecRequest, with client: KubeClient
  ) async throws -> ExecSession {
    let needsEnd = request.hasInput && !request.isTerminal && request.endsInput
    var envelope: InputEnvelope?
    if needsEnd, try await client.version().minor < 30 { envelope = InputEnvelope() }
    let command = envelope?.wrapping(request.command) ?? request.command
    let socket = try await client.socket(
      request.request(running: command),
      subprotocols: ["v5.channel.k8s.io", "v4.channel.k8s.io"],
      options: request.hasInput ? .forInput : WebSocketOptions())
    let session = ExecSession(socket, envelope)
    if needsEnd, !session.canEndInput, envelope == nil {
      throw KubeError(
        .refused,
        "the server of \(client.access.source) speaks an old protocol for commands, in which standard "
          + "input has no end; the command may have begun")
    }
    return session
  }

  /// Takes everything that the command writes, until it ends.
  ///
  /// - Parameter receive: gets each piece; while it waits, the command waits too.
  public func run(
    isolation: isolated (any Actor)? = #isolation,
    _ receive: (Channel, ArraySlice<UInt8>) async throws -> Void
  ) async throws -> ExecOutcome {
    var status: [UInt8] = []
    var filter = envelope.map { MarkFilter($0.mark) }
    do {
      while let message = try await socket.receive() {
        guard case .binary(let bytes) = message, let channel = bytes.first else { continue }
        let data = bytes.dropFirst()
        switch channel {
        case 1: if !data.isEmpty { try await receive(.output, data) }
        case 2: try await takeErrors(data, &filter, receive)
        case 3: status += data
        default: break
        }
      }
    } catch let error as HTTPError {
      // The status says all there is to know, however the connection ends after it.
      if let outcome = ExecOutcome(status) { return outcome }
      throw KubeError(
        .unreachable,
        "the connection to the command broke off, and nobody knows how it ended: \(error.message)")
    }
    if let rest = filter?.rest(), !rest.isEmpty { try await receive(.error, rest[...]) }
    return ExecOutcome(status)
      ?? .failed(
        status.isEmpty
          ? "the session ended without saying how the command did"
          : String(decoding: status, as: UTF8.self))
  }

  /// Hands on what the command writes to standard error; when that shows that the command has
  /// ended, ends its input.
  private func takeErrors(
    isolation: isolated (any Actor)? = #isolation,
    _ data: ArraySlice<UInt8>, _ filter: inout MarkFilter?,
    _ receive: (Channel, ArraySlice<UInt8>) async throws -> Void
  ) async throws {
    guard filter != nil, filter?.isFound == false else { return try await receive(.error, data) }
    let passed = filter?.pass(data) ?? []
    if !passed.isEmpty { try await receive(.error, passed[...]) }
    if filter?.isFound == true, turn.end() { try await sendRaw(InputEnvelope.end) }
  }

  /// Sends bytes to the command's standard input; waits while it does not read. One task sends.
  ///
  /// - Returns: false when the command is known to have ended: then nobody wants them.
  @discardableResult
  public func send(_ bytes: [UInt8]) async throws -> Bool {
    if bytes.isEmpty { return true }
    guard envelope != nil else {
      try await sendRaw(bytes)
      return true
    }
    guard turn.begin() else { return false }
    try await sendRaw(InputEnvelope.piece(bytes))
    guard turn.finish() else { return true }
    try await sendRaw(InputEnvelope.end)
    return false
  }

  /// Says that standard input ends. A terminal has no end but what is typed.
  public func endInput() async throws {
    if envelope != nil {
      if turn.end() { try await sendRaw(InputEnvelope.end) }
    } else if canEndInput {
      try await socket.send([255, 0])
    }
  }

  /// Tells the command's terminal its size.
  public func resize(columns: Int, rows: Int) async throws {
    let size: JSON = ["Width": JSON(columns), "Height": JSON(rows)]
    try await socket.send([4] + Array(size.text().utf8))
  }

  private func sendRaw(_ bytes: [UInt8]) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      try await socket.send([0] + rest.prefix(ExecSession.frame - 1))
      rest = rest.dropFirst(ExecSession.frame - 1)
    }
  }
}
