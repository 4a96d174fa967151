/// A connection that is neither request nor answer any more: bytes in both directions.
///
/// One task reads at a time; several may write, each call's bytes in one piece. It is closed when it is
/// let go.
public final class ByteChannel: Sendable {
  /// What the server said when it agreed to the change.
  public let head: HTTPHead
  let link: ChannelLink

  init(_ link: ChannelLink, head: HTTPHead) {
    self.link = link
    self.head = head
  }

  deinit { link.close() }

  /// `host:port` of the server.
  public var endpoint: String { link.endpoint }

  /// The bytes that came, at least one and at most about 256 KiB; none at the server's end.
  ///
  /// A task that is cancelled leaves the channel as it is.
  ///
  /// - Throws: `HTTPError` of kind `reset`, `tls` or `closed`, or `CancellationError`.
  public func read() async throws -> [UInt8] {
    switch try await link.read(until: nil) {
    case .bytes(let bytes): bytes
    case .end, .timedOut: []
    }
  }

  /// Sends bytes. It comes back when all but about 256 KiB of what was written has been handed to the
  /// system: who writes faster than the network waits here. A failure shows at a later call.
  ///
  /// - Throws: `HTTPError` of kind `reset`, `tls` or `closed`, or `CancellationError`; the bytes
  ///   are on their way also in the latter case.
  public func write(_ bytes: [UInt8]) async throws { try await link.write(bytes) }

  /// Waits until everything that was written has been handed to the system.
  public func flush() async throws { try await link.waitUntilLeft(0) }

  /// Ends the connection at once, in both directions; what was not sent is dropped. May be called
  /// twice.
  public func close() { link.close() }
}
