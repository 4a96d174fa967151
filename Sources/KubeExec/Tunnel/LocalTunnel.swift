internal import HTTPClient
internal import SystemPackage

/// A port of this machine behind which a server of somewhere else answers, for this user's programs.
public final class LocalTunnel: Sendable {
  /// Tells why connections end, by the port that each has on its own side.
  public struct Watcher: Sendable {
    /// A connection begins.
    var began: @Sendable (Int) -> Void
    /// A connection is about to end before its time.
    var failed: @Sendable (Int, String) -> Void

    /// - Parameters:
    ///   - began: gets the port of each connection.
    ///   - failed: gets the port and what went wrong, before the connection ends.
    public init(
      began: @escaping @Sendable (Int) -> Void, failed: @escaping @Sendable (Int, String) -> Void
    ) {
      self.began = began
      self.failed = failed
    }
  }

  /// The port of 127.0.0.1.
  public let port: Int
  private let task: Task<Void, any Error>

  /// Listens. The task that accepts outlives the one that asks for it: until `close()`.
  init(_ carrier: any TunnelCarrier, watcher: Watcher) throws {
    let listener = try LocalListener("127.0.0.1", port: 0)
    port = listener.port
    task = Task {
      try await withThrowingDiscardingTaskGroup { group in
        while true {
          let connection = try await listener.accept()
          group.addTask { await LocalTunnel.serve(connection, listener.port, carrier, watcher) }
        }
      }
    }
  }

  /// Ends all connections and listens no more.
  public func close() async {
    task.cancel()
    _ = await task.result
  }

  /// One connection; its failure is nobody else's.
  private static func serve(
    _ connection: LocalSocket, _ port: Int, _ carrier: any TunnelCarrier, _ watcher: Watcher
  ) async {
    guard let peer = connection.peerPort, PeerOwner.isThisUser(from: peer, to: port) else { return }
    watcher.began(peer)
    do {
      if let trouble = try await carrier.carry(connection) { watcher.failed(peer, trouble) }
    } catch let error as KubeError {
      let details = error.details.isEmpty ? "" : ": " + error.details.joined(separator: "; ")
      watcher.failed(peer, error.message + details)
    } catch let error as HTTPError {
      watcher.failed(peer, error.message)
    } catch {
      // The program here has gone away, or all is over: it knows why.
    }
  }
}

/// Carries connections to a server.
protocol TunnelCarrier: Sendable {
  /// Carries one connection until an end of it closes; gives what went wrong on the server's side.
  func carry(_ connection: LocalSocket) async throws -> String?
}
