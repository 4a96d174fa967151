import Glibc

/// Holds the threads that come to it until it is opened.
///
/// A held thread may be one of the pool that all tests share, which has as many as the machine has
/// processors: two tests that hold one each would stop all of them for ever.
final class Gate: @unchecked Sendable {
  // Sendable: a POSIX semaphore is made for use from several threads, and its address is fixed.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  private init() { sem_init(semaphore, 0, 0) }

  /// Runs `body` with a gate while no other test has one.
  static nonisolated(nonsending) func with<Result>(
    _ body: (Gate) async throws -> Result
  ) async throws -> Result {
    await Turnstile.shared.enter()
    do {
      let result = try await body(Gate())
      await Turnstile.shared.leave()
      return result
    } catch {
      await Turnstile.shared.leave()
      throw error
    }
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func open() { sem_post(semaphore) }

  func pass() {
    while sem_wait(semaphore) != 0 && errno == EINTR {}
    sem_post(semaphore)
  }
}

/// Lets one in at a time, in the order in which they came.
private actor Turnstile {
  static let shared = Turnstile()
  private var isTaken = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  func enter() async {
    guard isTaken else {
      isTaken = true
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    if waiting.isEmpty {
      isTaken = false
    } else {
      waiting.removeFirst().resume()
    }
  }
}
