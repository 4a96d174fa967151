internal import COmc
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
    // What the command does on this thread alone changes nothing.
    Interrupts.live.endAtOnce()
    jobs.run {
      try? startThread { Interrupts.live.listen { command.cancel() } }
    }
    fatalError("the command has not ended the process")
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.add { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
