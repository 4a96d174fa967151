internal import Synchronization
internal import Threads

/// Runs the jobs of one connection, one after the other, on a thread that may block.
///
/// The shared pool has only as many threads as the machine has cores, and waiting for a server
/// there would hold up everything else.
final class ConnectionThread: SerialExecutor {
  private struct Place {
    var jobs: JobQueue
    var isOwn: Bool
  }

  private let place: Mutex<Place>

  /// Starts a thread, which ends after the executor's last job.
  init() throws {
    place = Mutex(Place(jobs: try ConnectionThread.started(), isOwn: true))
  }

  /// Shares the thread of somebody who lets it block.
  init(sharing jobs: JobQueue) { place = Mutex(Place(jobs: jobs, isOwn: false)) }

  deinit {
    let place = place.withLock { $0 }
    if place.isOwn { place.jobs.close() }
  }

  /// Starts a thread for all further jobs, where it shares one.
  ///
  /// A job has to do that which is done with what the executor guards, while no other waits: that one would
  /// stay where it is and run beside later ones.
  func move() throws {
    if place.withLock({ $0.isOwn }) { return }
    let own = try ConnectionThread.started()
    place.withLock { $0 = Place(jobs: own, isOwn: true) }
  }

  /// Whether something else waits for the thread.
  var isWanted: Bool { place.withLock { !$0.isOwn && !$0.jobs.isEmpty } }

  /// Gives it away for a while.
  func letOthersRun(isolation: isolated (any Actor)? = #isolation) async {
    await place.withLock { $0.jobs }.letOthersRun()
  }

  /// Tells those with whom it is shared that it is going to wait for longer; nil where it is not shared.
  var longWait: (() -> Void)? {
    let place = place.withLock { $0 }
    return place.isOwn ? nil : { place.jobs.willWait() }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    place.withLock { $0.jobs }.add { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }

  private static func started() throws -> JobQueue {
    let jobs = JobQueue()
    do {
      try startThread { jobs.run() }
    } catch let failure as NoThread {
      throw PostgresError(.connectionFailed, failure.message)
    }
    return jobs
  }
}
