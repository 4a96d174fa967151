internal import COmc
internal import Dispatch
internal import Glibc
internal import Quantities
internal import Synchronization
internal import SystemPackage

/// A program in a process group of its own, its output streamed as it comes.
///
/// Cancellation of the task sends SIGTERM to the whole group and, if that does not end it, SIGKILL
/// after `grace`. The end of the program itself is what counts: a background process that keeps its
/// output open is not waited for.
public struct GroupProcess: Sendable {
  /// Its path.
  public var executable: String
  /// Its name and what it is told; no secret may be among them.
  public var arguments: [String]
  /// All of its environment.
  public var environment: [String: String]
  /// The folder that it works in.
  public var workingDirectory: String
  /// How long the group has to end after SIGTERM.
  public var grace: Duration
  /// Whether what it leaves running in its group is killed when it has ended; a cancellation always
  /// does.
  public var endsGroup: Bool

  /// Describes a program.
  public init(
    executable: String, arguments: [String], environment: [String: String],
    workingDirectory: String, grace: Duration = .seconds(10), endsGroup: Bool = false
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.grace = grace
    self.endsGroup = endsGroup
  }

  /// Where a chunk comes from.
  public enum Channel: Sendable {
    case output, error
  }

  /// How it ended.
  public enum End: Hashable, Sendable {
    case exited(Int32)
    case signaled(Int32)
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - control: writes to its standard input and sends it signals while it runs; without one it
  ///     reads nothing.
  ///   - receive: gets every chunk, on a thread of its own, one after the other.
  /// - Throws: `ProcessFailure` when it cannot be started.
  public func run(
    control: ProcessControl? = nil,
    _ receive: @escaping @Sendable (Channel, UnsafeRawBufferPointer) -> Void
  ) async throws -> End {
    let canceller = Canceller()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        // A thread of its own: the shared pool has as many threads as cores, and this one blocks.
        DispatchQueue(label: "omcops.process").async { @Sendable in
          continuation.resume(
            with: Result { try Supervision(self, control, canceller, receive).run() })
        }
      }
    } onCancel: {
      canceller.cancel()
    }
  }
}

/// Wakes the supervising thread when the task is cancelled, also when that was before its start.
private final class Canceller: Sendable {
  private let event = Mutex(omc_wakeup_open())

  /// Becomes readable at the cancellation.
  var descriptor: Int32 { event.withLock { $0 } }

  func cancel() {
    event.withLock { descriptor in
      var one: UInt64 = 1
      _ = write(descriptor, &one, 8)
    }
  }

  deinit { event.withLock { _ = close($0) } }
}

/// One run of a process, on the thread that supervises it.
private struct Supervision {
  let process: GroupProcess
  let control: ProcessControl?
  let canceller: Canceller
  let receive: (GroupProcess.Channel, UnsafeRawBufferPointer) -> Void

  init(
    _ process: GroupProcess, _ control: ProcessControl?, _ canceller: Canceller,
    _ receive: @escaping (GroupProcess.Channel, UnsafeRawBufferPointer) -> Void
  ) {
    self.process = process
    self.control = control
    self.canceller = canceller
    self.receive = receive
  }

  func run() throws -> GroupProcess.End {
    let output = try Pipe()
    let error = try Pipe()
    let pid = try spawn(output: output.writeEnd, error: error.writeEnd)
    output.closeWriteEnd()
    error.closeWriteEnd()
    let exit = omc_pidfd_open(pid)
    guard exit >= 0 else {
      let reason = Errno(rawValue: errno)
      kill(-pid, SIGKILL)
      _ = wait(for: pid)
      throw ProcessFailure("cannot watch \(process.executable): \(reason)")
    }
    defer { close(exit) }
    control?.began(pid)
    supervise(pid, exit: exit, output: output.readEnd, error: error.readEnd)
    return wait(for: pid)
  }

  private func supervise(_ pid: pid_t, exit: Int32, output: Int32, error: Int32) {
    var watched = [output, error, exit, canceller.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let clock = ContinuousClock()
    var killAt: ContinuousClock.Instant?
    while true {
      let left = killAt.map { max(0, min(clock.now.duration(to: $0).seconds * 1000, 60_000)) }
      let ready = poll(&watched, nfds_t(watched.count), left.map { Int32($0.rounded(.up)) } ?? -1)
      if let due = killAt, clock.now >= due {
        kill(-pid, SIGKILL)
        killAt = nil
      }
      guard ready > 0 else { continue }
      if watched[0].revents != 0, !forward(output, .output) { watched[0].fd = -1 }
      if watched[1].revents != 0, !forward(error, .error) { watched[1].fd = -1 }
      if watched[3].revents != 0 {
        watched[3].fd = -1
        kill(-pid, SIGTERM)
        killAt = clock.now + process.grace
      }
      if watched[2].revents != 0 {
        // Otherwise one that writes on and on would keep us here.
        if process.endsGroup { kill(-pid, SIGKILL) }
        // What the program wrote before its end is in the pipes already.
        while watched[0].fd >= 0, forward(output, .output) {}
        while watched[1].fd >= 0, forward(error, .error) {}
        // After a cancellation nothing of the group may go on behind the engine's back.
        if watched[3].fd < 0 { kill(-pid, SIGKILL) }
        // From here on the number may become a stranger's.
        control?.ended()
        return
      }
    }
  }

  /// Reads once; false at the end of the stream and when there is nothing to read.
  private func forward(_ descriptor: Int32, _ channel: GroupProcess.Channel) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      guard count > 0 else { return false }
      receive(channel, UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      return true
    }
  }

  private func wait(for pid: pid_t) -> GroupProcess.End {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return signal == 0 ? .exited(status >> 8 & 0xFF) : .signaled(signal)
  }

  private func spawn(output: Int32, error: Int32) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let control, control.hasInput {
      posix_spawn_file_actions_adddup2(&actions, try control.open(), 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    defer { control?.started() }
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, error, 2)
    omc_spawn_in_folder(&actions, process.workingDirectory)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var pid: pid_t = 0
    let words = process.environment.map { "\($0.key)=\($0.value)" }.sorted()
    let failure = withCStrings(process.arguments) { arguments in
      withCStrings(words) { variables in
        posix_spawn(&pid, process.executable, &actions, &attributes, arguments, variables)
      }
    }
    guard failure == 0 else {
      throw ProcessFailure(
        "cannot start \(process.executable): \(Errno(rawValue: failure))",
        hint: failure == ENOENT
          ? "Is it installed, and does the folder \(process.workingDirectory) exist?" : nil)
    }
    return pid
  }
}

/// A pipe whose ends no other process inherits; the read end does not block.
private final class Pipe {
  let readEnd: Int32
  private(set) var writeEnd: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    guard omc_pipe_open(&ends) == 0 else {
      throw ProcessFailure("cannot make a pipe: \(Errno(rawValue: errno))")
    }
    readEnd = ends[0]
    writeEnd = ends[1]
    _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
  }

  func closeWriteEnd() {
    close(writeEnd)
    writeEnd = -1
  }

  deinit {
    close(readEnd)
    if writeEnd >= 0 { close(writeEnd) }
  }
}

/// Lends strings as the null-terminated array that C wants.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let pointers = strings.map { strdup($0) }
  defer { pointers.forEach { free($0) } }
  return body(pointers + [nil])
}
