internal import Glibc
internal import Processes

/// Where the interpreters of a run are: on this machine, or in pods.
protocol WorkerPlace: Sendable {
  /// What stands before the lines that a worker's interpreter writes outside of any test's capture,
  /// where these are shown as they come; nil where they are not.
  func label(_ worker: Int) -> String?

  /// Waits until an interpreter can be started for a worker.
  ///
  /// - Parameters:
  ///   - isNeeded: whether there still is something for it to do.
  ///   - say: tells people what is waited for.
  func wait(
    for worker: Int, while isNeeded: @Sendable () -> Bool, say: @Sendable (String) -> Void
  ) async throws -> WorkerReadiness

  /// An interpreter that has not started yet.
  func session(_ launch: WorkerLaunch) throws -> any WorkerSession
}

/// Whether an interpreter can be started.
enum WorkerReadiness: Sendable {
  case ready
  /// The others have done everything meanwhile.
  case notNeeded
  /// It never will; why.
  case impossible(String)
}

/// One interpreter to start.
struct WorkerLaunch: Sendable {
  /// Whose it is.
  var worker: Int
  /// pytest's arguments.
  var arguments: [String]
  /// Its variables, those of its database among them.
  var environment: [String: String]
  /// The server of its database; nil where it has none.
  var server: (host: String, port: Int)?
  /// Whether what coverage.py measures is brought here from where it runs.
  var bringsCoverage = false
}

/// One interpreter, from its start to its end.
protocol WorkerSession: Sendable {
  /// Runs it to its end; a cancelled task ends it, with all that it has started.
  ///
  /// - Parameter receive: gets what it writes, one piece after the other.
  func run(
    _ receive: @escaping @Sendable (GroupProcess.Channel, UnsafeRawBufferPointer) -> Void
  ) async throws -> WorkerEnd

  /// Tells it something. What comes too late does nothing.
  func tell(_ command: WorkerCommand)
  /// Makes it say where every thread stands, and end: SIGABRT.
  func abort()
  /// Ends it with all that it has started: SIGKILL.
  func kill()
}

/// This machine.
struct LocalPlace: WorkerPlace {
  /// A whole path.
  let interpreter: String
  /// The file that `WorkerFile` has written.
  let program: String
  /// Where the suite is run.
  let folder: String
  /// Whether modules are looked for there first.
  let folderFirst: Bool

  func label(_ worker: Int) -> String? { nil }

  func wait(
    for worker: Int, while isNeeded: @Sendable () -> Bool, say: @Sendable (String) -> Void
  ) async throws -> WorkerReadiness { .ready }

  func session(_ launch: WorkerLaunch) throws -> any WorkerSession {
    LocalSession(
      process: GroupProcess(
        executable: interpreter,
        // By its whole path: Python finds out by that whose virtual environment it is.
        arguments: [interpreter, "-c", WorkerProgram.loader(folderFirst: folderFirst), program]
          + launch.arguments,
        environment: launch.environment, workingDirectory: folder, grace: .seconds(5),
        endsGroup: true))
  }
}

/// An interpreter on this machine.
private struct LocalSession: WorkerSession {
  let process: GroupProcess
  private let control = ProcessControl()

  init(process: GroupProcess) { self.process = process }

  func run(
    _ receive: @escaping @Sendable (GroupProcess.Channel, UnsafeRawBufferPointer) -> Void
  ) async throws -> WorkerEnd {
    WorkerEnd(try await process.run(control: control, receive))
  }

  func tell(_ command: WorkerCommand) { control.write(command.line) }
  func abort() { control.signal(SIGABRT) }
  func kill() { control.signalGroup(SIGKILL) }
}
