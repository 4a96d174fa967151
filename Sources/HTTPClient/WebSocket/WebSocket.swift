internal import Synchronization

/// A WebSocket (RFC 6455) to a server.
///
/// One task receives at a time; several may send. Pings are answered while a task receives. It is
/// disconnected when it is let go.
public final class WebSocket: Sendable {
  /// The subprotocol that the server chose among those asked for; nil if it chose none.
  public let subprotocol: String?
  private let channel: ByteChannel
  private let options: WebSocketOptions
  private let state: Mutex<State>

  private struct State {
    var assembler: MessageAssembler
    var hasSentClose = false
    var isReceiving = false
    var closing: WebSocketClosing?
  }

  private init(_ channel: ByteChannel, _ subprotocol: String?, _ options: WebSocketOptions) {
    self.channel = channel
    self.subprotocol = subprotocol
    self.options = options
    state = Mutex(State(assembler: MessageAssembler(maximumMessage: options.maximumMessage)))
  }

  /// Opens a WebSocket at the request's URL (`http` or `https`), with its fields.
  ///
  /// - Throws: `HTTPError`, of kind `notUpgraded` with the server's answer if it refuses, or
  ///   `CancellationError`.
  public static func connect(
    _ client: HTTPClient, _ request: HTTPRequest, subprotocols: [String] = [],
    options: WebSocketOptions = WebSocketOptions()
  ) async throws -> WebSocket {
    let handshake = WebSocketHandshake(protocols: subprotocols)
    let channel = try await client.upgrade(handshake.request(request))
    let chosen = try handshake.check(channel.head, from: channel.endpoint)
    return WebSocket(channel, chosen, options)
  }

  /// `host:port` of the server.
  public var endpoint: String { channel.endpoint }

  /// Why the server closed the socket; nil as long as it has not.
  public var closing: WebSocketClosing? { state.withLock { $0.closing } }

  /// The next message; nil when the server has closed the socket, for which `closing` has the reason.
  ///
  /// A task that is cancelled leaves the socket as it is.
  ///
  /// - Throws: `HTTPError` of kind `reset` if the connection ends without being closed, `timeout` if
  ///   there is no sign of life, `malformed` or `tooLarge` for what may not be sent; or
  ///   `CancellationError`.
  public func receive() async throws -> WebSocketMessage? {
    state.withLock { $0.isReceiving = true }
    defer { state.withLock { $0.isReceiving = false } }
    return try await receive(until: nil)
  }

  private func receive(
    until latest: ContinuousClock.Instant?
  ) async throws -> WebSocketMessage? {
    var nextPing = ContinuousClock.now + options.pingInterval
    // When the first ping went out since something came.
    var asked: ContinuousClock.Instant?
    while true {
      if closing != nil { return nil }
      while let event = try next() {
        switch event {
        case .message(let message): return message
        case .ping(let payload): try answer(payload)
        case .pong: continue
        case .close(let closing):
          end(closing)
          return nil
        }
      }
      let dead = asked.map { $0 + options.silence }
      let wait = min(latest ?? nextPing, nextPing, dead ?? nextPing)
      switch try await channel.link.read(until: wait) {
      case .bytes(let bytes):
        asked = nil
        state.withLock { $0.assembler.append(bytes) }
      case .end: throw brokenOff()
      case .timedOut:
        if let latest, latest <= .now { return nil }
        if let dead, dead <= .now { throw died() }
        asked = asked ?? .now
        _ = try channel.link.put(
          Frame(opcode: .ping, payload: []).encoded(), unlessOver: WebSocket.enough)
        nextPing = .now + options.pingInterval
      }
    }
  }

  /// Sends bytes as one message in one frame; waits while the network is slower than the caller.
  ///
  /// - Throws: `HTTPError` of kind `reset` or `closed`, or `CancellationError`.
  public func send(_ bytes: [UInt8]) async throws { try await send(.binary, bytes) }

  /// Sends a text as one message in one frame.
  ///
  /// - Throws: as `send(_:)`.
  public func send(text: String) async throws { try await send(.text, Array(text.utf8)) }

  private func send(_ opcode: Frame.Opcode, _ payload: [UInt8]) async throws {
    if state.withLock({ $0.hasSentClose }) {
      throw HTTPError(.closed, "the WebSocket to \(endpoint) was closed")
    }
    try await channel.write(Frame(opcode: opcode, payload: payload).encoded())
  }

  /// Says that nothing more will be sent, and waits for the server to say it too, for at most
  /// `patience`; messages that come until then are dropped, unless another task receives: then
  /// that one gets them, and this comes back at once.
  public func close(
    _ closing: WebSocketClosing = WebSocketClosing(code: 1000), patience: Duration = .seconds(5)
  ) async {
    let (isFirst, isReceiving) = state.withLock { state in
      defer { state.hasSentClose = true }
      return (!state.hasSentClose, state.isReceiving)
    }
    do {
      if isFirst {
        try await channel.write(Frame(opcode: .close, payload: closing.payload).encoded())
      }
      if isReceiving { return }
      let latest = ContinuousClock.now + patience
      while self.closing == nil, latest > .now { _ = try await receive(until: latest) }
    } catch {
      // The connection broke while it was being ended, or the task was cancelled: it is ended below.
    }
    channel.close()
  }

  /// Ends the connection at once. May be called twice.
  public func disconnect() { channel.close() }

  /// More than this waiting to be sent, and signs of life are left out: a server that does not read
  /// does not want them, and waiting for it here could be for ever.
  private static let enough = 2 * ChannelState.capacity

  private func answer(_ payload: [UInt8]) throws {
    if state.withLock({ $0.hasSentClose }) { return }
    _ = try channel.link.put(
      Frame(opcode: .pong, payload: payload).encoded(), unlessOver: WebSocket.enough)
  }

  private func next() throws -> MessageAssembler.Event? {
    do {
      return try state.withLock { state throws(FrameViolation) in try state.assembler.next() }
    } catch {
      refuse(error)
      throw HTTPError(
        error.code == FrameViolation.tooLarge ? .tooLarge : .malformed,
        "\(endpoint) broke the WebSocket protocol: \(error.reason)")
    }
  }

  private func refuse(_ violation: FrameViolation) {
    if state.withLock({ $0.hasSentClose }) { return channel.close() }
    state.withLock { $0.hasSentClose = true }
    let closing = WebSocketClosing(code: violation.code, reason: violation.reason)
    // It is given up either way.
    _ = try? channel.link.put(Frame(opcode: .close, payload: closing.payload).encoded())
    channel.close()
  }

  private func end(_ closing: WebSocketClosing) {
    let isFirst = state.withLock { state in
      defer { state.hasSentClose = true }
      state.closing = closing
      return !state.hasSentClose
    }
    // The server has said its last word, whether or not it reads the answer.
    guard isFirst else { return }
    _ = try? channel.link.put(
      Frame(opcode: .close, payload: WebSocketClosing(code: closing.code).payload).encoded())
  }

  private func brokenOff() -> HTTPError {
    let isInside = state.withLock { $0.assembler.isInside }
    return HTTPError(
      isInside ? .reset : .unclosed,
      "the WebSocket to \(endpoint) ended without being closed"
        + (isInside ? ", within a message" : ""))
  }

  private func died() -> HTTPError {
    HTTPError(
      .timeout,
      "the WebSocket to \(endpoint) is dead: no sign of life for \(options.silence.components.seconds) s"
    )
  }
}
