import Dispatch
import Synchronization
import Testing
import Threads

@Suite("Job queue", .timeLimit(.minutes(1)))
struct JobQueueTests {
  /// What jobs wrote down, in their order.
  private final class Notes: Sendable {
    private let notes = Mutex<[String]>([])
    var all: [String] { notes.withLock { $0 } }
    func add(_ note: String) { notes.withLock { $0.append(note) } }
  }

  @Test("jobs run in their order, those that jobs add too, and the rest before it ends")
  func order() {
    let jobs = JobQueue()
    let notes = Notes()
    jobs.add {
      notes.add("one")
      jobs.add { notes.add("three") }
      jobs.close()
    }
    jobs.add { notes.add("two") }
    #expect(!jobs.isEmpty)
    jobs.run { notes.add("idle") }
    #expect(notes.all == ["one", "two", "three", "idle"])
    #expect(jobs.isEmpty)
  }

  @Test("the first wait is told, once, and jobs of other threads end it")
  func idle() throws {
    let jobs = JobQueue()
    let notes = Notes()
    jobs.add { notes.add("first") }
    jobs.run {
      notes.add("idle")
      // The other thread adds one after the other, each when the one before has run.
      try? startThread {
        for number in 0..<100 {
          let ran = DispatchSemaphore(value: 0)
          jobs.add {
            notes.add("\(number)")
            ran.signal()
          }
          ran.wait()
        }
        jobs.close()
      }
    }
    #expect(notes.all == ["first", "idle"] + (0..<100).map(String.init))
  }

  @Test("jobs of many threads all run, each once")
  func many() throws {
    let jobs = JobQueue()
    let count = Mutex(0)
    let left = Mutex(8)
    for _ in 0..<8 {
      try startThread {
        for _ in 0..<1000 { jobs.add { count.withLock { $0 += 1 } } }
        if left.withLock({ left in
          left -= 1
          return left == 0
        }) {
          jobs.close()
        }
      }
    }
    jobs.run()
    #expect(count.withLock { $0 } == 8000)
  }

  @Test("who lets others run goes on behind the jobs that wait")
  func lettingOthers() async throws {
    let jobs = JobQueue()
    let notes = Notes()
    jobs.add { notes.add("waits") }
    try startThread { jobs.run() }
    await jobs.letOthersRun()
    #expect(notes.all == ["waits"])
    jobs.close()
  }
}
