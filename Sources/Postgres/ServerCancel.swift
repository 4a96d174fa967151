internal import CPostgres
internal import Dispatch
internal import Synchronization

/// A request to cancel what a session does, on its way to the server.
///
/// It goes over a connection of its own, which may take long when the network is the trouble, so
/// the session's thread does not wait in it: it looks at `isDone` whenever it wakes.
///
/// Sendable: `request` is used by the one thread that sends it; libpq allows that beside any use
/// of the session, because a PGcancel holds copies only.
final class ServerCancel: @unchecked Sendable {
  private let request: OpaquePointer
  private let done = Atomic(false)

  /// Sends the request; nil when libpq cannot, as for a session that is closed already.
  init?(_ session: OpaquePointer, wakeUp: WakeUp) {
    guard let request = PQgetCancel(session) else { return nil }
    self.request = request
    DispatchQueue.global().async { @Sendable in
      var reason = [CChar](repeating: 0, count: 256)
      _ = PQcancel(self.request, &reason, Int32(reason.count))
      self.done.store(true, ordering: .releasing)
      wakeUp.signal()
    }
  }

  deinit { PQfreeCancel(request) }

  var isDone: Bool { done.load(ordering: .acquiring) }
}
