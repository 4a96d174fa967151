internal import Glibc

/// The jobs of an executor, run in their order by the one thread that calls `run`.
public final class JobQueue: @unchecked Sendable {
  // Sendable: the variables are touched only while `mutex` is held, whose address is fixed as
  // that of `change` is.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let change = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var jobs: [Job] = []
  private var isClosed = false
  private var beforeWait: (() -> Void)?

  /// Something to run once.
  public typealias Job = @Sendable () -> Void

  /// An empty queue.
  public init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(change, nil)
  }

  deinit {
    pthread_cond_destroy(change)
    pthread_mutex_destroy(mutex)
    change.deallocate()
    mutex.deallocate()
  }

  /// Whether no job waits.
  public var isEmpty: Bool { locked { jobs.isEmpty } }

  /// Puts a job behind all others.
  public func add(_ job: @escaping Job) {
    locked { jobs.append(job) }
    pthread_cond_signal(change)
  }

  /// Lets the jobs run that wait now. Unlike `Task.yield()` it starts no thread of the shared pool, where the
  /// caller runs on this queue.
  public func letOthersRun(isolation: isolated (any Actor)? = #isolation) async {
    await withUnsafeContinuation { waiting in add { waiting.resume() } }
  }

  /// Says that a job is going to wait for longer, as the thread itself does where it has nothing to do.
  public func willWait() {
    let beforeWait = locked {
      defer { self.beforeWait = nil }
      return self.beforeWait
    }
    beforeWait?()
  }

  /// Has `run` return once no job is left.
  public func close() {
    locked { isClosed = true }
    pthread_cond_signal(change)
  }

  /// Runs what comes until the queue is closed.
  ///
  /// - Parameter beforeWait: called once, before the thread waits for the first time.
  public func run(beforeWait: (@Sendable () -> Void)? = nil) {
    locked { self.beforeWait = beforeWait }
    while !isEmpty { next()?() }
    willWait()
    while let job = next() { job() }
  }

  /// The next job, waited for; nil when the queue is closed and none is left.
  private func next() -> Job? {
    locked {
      while jobs.isEmpty && !isClosed { pthread_cond_wait(change, mutex) }
      return jobs.isEmpty ? nil : jobs.removeFirst()
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
