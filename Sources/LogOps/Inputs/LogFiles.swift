internal import COmc
public import Diagnostics
internal import Dispatch
internal import Glibc

/// Reads logs from files, pipes and standard input into a pipeline, on a thread that may block.
public actor LogFiles {
  /// How long output and unfinished records wait for more.
  private static let tickMilliseconds: Int32 = 20
  /// How often a file that may grow is looked at.
  private static let pollMilliseconds: Int32 = 100

  private nonisolated let executor = ReadingThread()
  /// Reads on a thread of its own: the shared pool has as many as there are cores.
  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  private let names: [String]
  private let follows: Bool
  private let pipeline: LogPipeline
  private let wakeUp: WakeUp
  private var open: [(input: LogInput, source: Int)] = []
  /// What was wrong with single inputs: the others are read all the same.
  public private(set) var failures: [any Failure] = []

  /// - Parameter names: the files in the order in which they are read; `-` is standard input.
  public init(_ names: [String], follows: Bool, into pipeline: LogPipeline) throws {
    self.names = names
    self.follows = follows
    self.pipeline = pipeline
    wakeUp = try WakeUp()
  }

  /// Reads everything and says how it ended; a cancelled task stops it within a piece.
  ///
  /// Throws what writing throws. What is wrong with an input is in `failures`.
  public func run() async throws -> Ending {
    try await withTaskCancellationHandler {
      do {
        return try read()
      } catch is CancellationError {
        // What came before it is shown first.
        _ = try pipeline.finish()
        throw CancellationError()
      }
    } onCancel: {
      wakeUp.signal()
    }
  }

  private func read() throws -> Ending {
    for name in names {
      attempt {
        let input = try LogInput(name, follows: follows)
        open.append((input, pipeline.add(SourceLabel(file: name))))
      }
    }
    var goesOn = true
    while goesOn, !open.isEmpty {
      // Files come one after the other; those that grow are read in turns.
      var hasRead = false
      for index in turn where goesOn {
        if wakeUp.isSignalled(within: 0) { throw CancellationError() }
        let step = try step(open[index].input, open[index].source, &goesOn)
        hasRead = hasRead || step == .read
        if step == .nothing { try pipeline.caughtUp(open[index].source) }
        if step == .ended {
          try pipeline.end(open[index].source)
          open.remove(at: index)
          hasRead = true
          break
        }
      }
      if !hasRead, goesOn { goesOn = try pause(open.count == 1 ? open.first?.input : nil) }
    }
    return try pipeline.finish()
  }

  /// The inputs to look at next.
  private var turn: [Int] {
    if follows { return Array(open.indices) }
    let behind = pipeline.mostBehind(among: open.map(\.source))
    return [open.firstIndex { $0.source == behind } ?? 0]
  }

  /// Reads once; an input that fails is over.
  private func step(
    _ input: LogInput, _ source: Int, _ goesOn: inout Bool
  ) throws -> LogInput.Step {
    if let descriptor = input.waitable, !isReadable(descriptor) { return .nothing }
    var wants = true
    var outputError: (any Error)?
    var result = LogInput.Step.ended
    attempt {
      result = try input.step { piece in
        do {
          wants = try pipeline.feed(piece, from: source)
        } catch {
          outputError = error
          wants = false
        }
        return wants
      }
    }
    if let outputError { throw outputError }
    goesOn = wants
    return result
  }

  private func attempt(_ body: () throws -> Void) {
    do {
      try body()
    } catch let failure as any Failure {
      failures.append(failure)
    } catch {
      failures.append(InputError(file: "input", reason: "\(error)"))
    }
  }

  private func isReadable(_ descriptor: Int32) -> Bool {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0
  }

  /// Waits until there is something to read or to do. False: nothing more is wanted.
  private func pause(_ input: LogInput?) throws -> Bool {
    var limit = follows || input == nil ? LogFiles.pollMilliseconds : -1
    if pipeline.isWaiting { limit = LogFiles.tickMilliseconds }
    if let deadline = pipeline.deadline {
      let left = ContinuousClock.now.duration(to: deadline)
      let milliseconds = Int32(
        clamping: left.components.seconds * 1000 + 1
          + left.components.attoseconds / 1_000_000_000_000_000)
      limit = limit < 0 ? max(0, milliseconds) : min(limit, max(0, milliseconds))
    }
    if wakeUp.isSignalled(within: limit, orReadable: input?.waitable) { throw CancellationError() }
    return try pipeline.tick()
  }
}

/// Runs an actor's jobs on a thread that may block.
private final class ReadingThread: SerialExecutor {
  private let queue = DispatchQueue(label: "omcops.logs")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { @Sendable in job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}

/// Wakes a thread that waits in poll(2).
private final class WakeUp: Sendable {
  private let descriptor: Int32

  init() throws {
    descriptor = omc_wakeup_open()
    if descriptor < 0 {
      throw InputError(file: "eventfd", reason: String(cString: strerror(errno)))
    }
  }

  deinit { close(descriptor) }

  func signal() {
    var one: UInt64 = 1
    _ = write(descriptor, &one, MemoryLayout.size(ofValue: one))
  }

  /// Waits up to a time (-1: for ever), or until another descriptor can be read.
  func isSignalled(within milliseconds: Int32, orReadable other: Int32? = nil) -> Bool {
    var waiting = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: other ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    return poll(&waiting, 2, milliseconds) > 0 && waiting[0].revents != 0
  }
}
