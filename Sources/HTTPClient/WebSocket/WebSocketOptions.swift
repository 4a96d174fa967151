/// How a WebSocket behaves.
public struct WebSocketOptions: Sendable, Hashable {
  /// The greatest message that is taken in, in bytes; a greater one closes the socket with 1009.
  public var maximumMessage: Int
  /// While a task waits for a message, the server is asked for a sign of life so often.
  public var pingInterval: Duration
  /// When nothing came for so long after a ping, the connection counts as dead.
  public var silence: Duration

  /// Messages up to 16 MiB, a ping each 5 seconds, dead after 60: the intervals of kubectl.
  public init(
    maximumMessage: Int = 16 << 20, pingInterval: Duration = .seconds(5),
    silence: Duration = .seconds(60)
  ) {
    self.maximumMessage = maximumMessage
    self.pingInterval = pingInterval
    self.silence = silence
  }
}
