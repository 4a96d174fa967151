internal import Glibc

/// A value that threads change one at a time, and whose changes they wait for.
///
/// Whoever changes the value asks for those who wait whether what they wait for has come, and wakes
/// only them: with many threads the most part would wake up for nothing.
///
/// Only threads that may block wait on one: those of connections and of compressors, never the
/// shared pool's.
final class Monitor<Value>: @unchecked Sendable {
  // Sendable: `value` and `waiters` are touched only while `mutex` is held, whose address is fixed.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var value: Value
  private var waiters: [Waiter] = []

  /// A thread that waits.
  private final class Waiter {
    /// Whether what it waits for has come; it has taken that then.
    let isServed: (inout Value) -> Bool
    let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init(_ isServed: @escaping (inout Value) -> Bool) {
      self.isServed = isServed
      pthread_cond_init(wake, nil)
    }

    deinit {
      pthread_cond_destroy(wake)
      wake.deallocate()
    }
  }

  init(_ value: Value) {
    self.value = value
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Changes the value.
  func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer {
      serve()
      pthread_mutex_unlock(mutex)
    }
    return try body(&value)
  }

  /// Asks again after every change until `body` gives something or throws; those who have waited longer
  /// are asked first. It may change the value then, and runs on any of the threads.
  func wait<Result, Failure>(
    until body: (inout Value) throws(Failure) -> Result?
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      serve()
      pthread_mutex_unlock(mutex)
    }
    if let result = try body(&value) { return result }
    return try withoutActuallyEscaping(body) { body throws(Failure) in try sleep(until: body) }
  }

  private func sleep<Result, Failure>(
    until body: @escaping (inout Value) throws(Failure) -> Result?
  ) throws(Failure) -> Result {
    var outcome: Swift.Result<Result, Failure>?
    let waiter = Waiter { value in
      do throws(Failure) {
        outcome = try body(&value).map { .success($0) }
      } catch {
        outcome = .failure(error)
      }
      return outcome != nil
    }
    waiters.append(waiter)
    while true {
      if let outcome { return try outcome.get() }
      pthread_cond_wait(waiter.wake, mutex)
    }
  }

  /// Wakes those for whom it is time. What one of them takes or changes may be another's time.
  private func serve() {
    var index = 0
    while index < waiters.count {
      if waiters[index].isServed(&value) {
        pthread_cond_signal(waiters.remove(at: index).wake)
        index = 0
      } else {
        index += 1
      }
    }
  }
}
