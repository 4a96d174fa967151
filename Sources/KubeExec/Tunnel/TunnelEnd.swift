internal import HTTPClient

/// Which side of a tunnel's connection ended first.
enum TunnelEnd: Hashable, Sendable {
  /// The program of this machine.
  case here
  /// The pod's side, and what it says went wrong.
  case there(problem: String?)

  /// Sends. Who cannot only learns that the socket is gone: why, the receiving task is told, which
  /// gets some time to say it.
  static func blamingReceiver(_ send: () async throws -> Void) async throws {
    do {
      try await send()
    } catch let error as HTTPError {
      try await Task.sleep(for: .seconds(5))
      throw error
    }
  }
}
