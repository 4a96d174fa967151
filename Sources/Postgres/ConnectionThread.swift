internal import Dispatch

/// Runs the jobs of one connection, one after the other, on a thread that may block.
///
/// The shared pool has only as many threads as the machine has cores, and waiting for a server
/// there would hold up everything else.
final class ConnectionThread: SerialExecutor {
  private let queue = DispatchQueue(label: "omcops.postgres")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { @Sendable in job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
