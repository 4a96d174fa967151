import Glibc

/// Holds the threads that come to it until it is opened.
final class Gate: @unchecked Sendable {
  // Sendable: a POSIX semaphore is made for use from several threads, and its address is fixed.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

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
