internal import COmc
internal import Glibc
internal import Synchronization

/// Wakes the thread of a connection that waits in poll(2).
final class WakeUp: Sendable {
  let descriptor: Int32

  init() throws {
    descriptor = omc_wakeup_open()
    if descriptor < 0 {
      throw PostgresError(.misuse, "cannot open an eventfd: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(descriptor) }

  func signal() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
  }

  func drain() {
    var count: UInt64 = 0
    _ = read(descriptor, &count, MemoryLayout.size(ofValue: count))
  }
}

/// The wish that one operation ends early; made by any thread, seen by the connection's.
final class Interruption: Sendable {
  private let requested = Atomic(false)
  private let wakeUp: WakeUp

  init(_ wakeUp: WakeUp) { self.wakeUp = wakeUp }

  var isRequested: Bool { requested.load(ordering: .acquiring) }

  func request() {
    requested.store(true, ordering: .releasing)
    wakeUp.signal()
  }
}
