internal import COmc
internal import Glibc
internal import Threads

/// Runs a command on the thread that the process began with.
///
/// The shared pool starts two threads, one to work and one to watch, and each has to be woken and to be
/// taken down again: a third of the time of a command that asks a server one question. A command that does one
/// thing after the other needs none of that.
final class FirstThread: TaskExecutor {
  static let live = FirstThread()
  let jobs = JobQueue()

  /// Runs `body`, which ends the process.
  func run(_ body: @escaping @Sendable (Context) async -> Never) -> Never {
    // Threads with a heap of their own are for those who allocate side by side.
    omc_share_heap()
    var context = Context.live()
    context.thread = self
    let command = Task.detached(executorPreference: self) { [context] in await body(context) }
    // Until this thread waits, nothing is begun that would have to be ended in order.
    Interrupts.live.endAtOnce()
    jobs.run {
      do {
        try Interrupts.live.listenApart { command.cancel() }
      } catch {
        exit(ErrorReport(for: []).print(error, after: nil).rawValue)
      }
    }
    fatalError("the command has not ended the process")
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.add { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
