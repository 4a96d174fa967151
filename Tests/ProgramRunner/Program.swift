internal import Glibc
public import Subprocess
public import SystemPackage

/// An executable that tests drive as a user would: with arguments, an environment, piped input, a
/// time limit, and signals at chosen moments.
public struct Program: Sendable {
  /// Where it is.
  public var path: FilePath

  /// Names an executable.
  public init(_ path: FilePath) {
    self.path = path
  }

  /// The `omcops` that was built with the tests: it stands beside the test bundle.
  public static let omcops = Program(buildFolder.appending("omcops"))

  private static var buildFolder: FilePath {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let bytes = buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:))
    return FilePath(String(decoding: bytes, as: UTF8.self)).removingLastComponent()
  }

  /// Runs it to its end.
  ///
  /// The process gets `PATH`, a `HOME` and `LANG` of its own and what `environment` adds, so that
  /// nothing of the machine's user leaks into a test.
  ///
  /// - Parameters:
  ///   - input: what it reads on standard input; the end of input comes after it.
  ///   - user: who it runs as, where the tests run as root.
  ///   - timeout: how long it may take before it is killed and `TimeLimitExceeded` is thrown.
  ///   - meanwhile: acts while the process runs; it may send signals.
  public func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = "",
    in folder: FilePath = "/tmp", as user: SystemUser? = nil,
    timeout: Duration = .seconds(60),
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    try await withThrowingTaskGroup(of: ProgramResult?.self) { group in
      group.addTask {
        try await launch(
          arguments, environment: environment, input: input, in: folder, as: user,
          meanwhile: meanwhile)
      }
      group.addTask {
        try await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let result = first else {
        throw TimeLimitExceeded(program: path, arguments: arguments, limit: timeout)
      }
      return result
    }
  }

  private func launch(
    _ arguments: [String], environment: [String: String], input: String, in folder: FilePath,
    as user: SystemUser?, meanwhile: @Sendable (RunningProgram) async throws -> Void
  ) async throws -> ProgramResult {
    var options = PlatformOptions()
    if let user {
      options.userID = user.userID
      options.groupID = user.groupID
      options.supplementaryGroups = [user.groupID]
    }
    var variables = ["PATH": searchPath, "HOME": folder.string, "LANG": "C.UTF-8"]
    variables.merge(environment) { $1 }
    let keyed = variables.map { (Environment.Key(stringLiteral: $0.key), $0.value) }
    let clock = ContinuousClock()
    let start = clock.now
    let result = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments),
      environment: .custom(Dictionary(uniqueKeysWithValues: keyed)),
      workingDirectory: folder, platformOptions: options, input: .string(input),
      output: .string(limit: outputLimit), error: .string(limit: outputLimit)
    ) { execution in
      try await meanwhile(RunningProgram(processID: execution.processIdentifier.value))
    }
    return ProgramResult(
      status: result.terminationStatus, output: result.standardOutput,
      errorOutput: result.standardError, duration: clock.now - start)
  }
}

/// A process that a test has started and that may have ended meanwhile.
public struct RunningProgram: Sendable {
  /// The process's id.
  public var processID: Int32

  /// Sends a signal; one that comes too late does nothing.
  public func send(_ signal: Int32) {
    _ = kill(processID, signal)
  }

  /// Whether it has not ended yet.
  public var isRunning: Bool {
    guard
      let descriptor = try? FileDescriptor.open(
        FilePath("/proc/\(processID)/stat"), .readOnly)
    else { return false }
    var bytes = [UInt8](repeating: 0, count: 512)
    let count =
      (try? descriptor.closeAfter {
        try bytes.withUnsafeMutableBytes {
          try descriptor.read(into: $0)
        }
      }) ?? 0
    // The state follows the command's name, which stands in parentheses.
    let text = bytes.prefix(count)
    guard let parenthesis = text.lastIndex(of: UInt8(ascii: ")")) else { return false }
    let state = text.dropFirst(parenthesis + 2).first
    return state != UInt8(ascii: "Z") && state != UInt8(ascii: "X")
  }
}

/// How a program ended and what it said.
public struct ProgramResult: Sendable {
  /// The exit code or the signal.
  public var status: TerminationStatus
  /// Standard output.
  public var output: String
  /// Standard error.
  public var errorOutput: String
  /// From start to end.
  public var duration: Duration

  /// The exit code; nil when a signal ended the process.
  public var exitCode: Int32? {
    if case .exited(let code) = status { code } else { nil }
  }

  /// The signal that ended the process; nil when it exited.
  public var signal: Int32? {
    if case .signaled(let signal) = status { signal } else { nil }
  }
}

/// A user of the machine.
public struct SystemUser: Sendable {
  /// The numeric user.
  public var userID: uid_t
  /// The user's own group.
  public var groupID: gid_t

  /// Looks a user up by name; nil when the machine has no such user.
  public init?(named name: String) {
    guard let entry = getpwnam(name) else { return nil }
    userID = entry.pointee.pw_uid
    groupID = entry.pointee.pw_gid
  }

  /// Whether the tests may become other users.
  public static var canSwitch: Bool { geteuid() == 0 }
}

/// A program did not end in time and was killed.
public struct TimeLimitExceeded: Error, CustomStringConvertible {
  var program: FilePath
  var arguments: [String]
  var limit: Duration

  /// What ran, and for how long it was waited.
  public var description: String {
    "\(program) \(arguments.joined(separator: " ")) did not end within \(limit)"
  }
}

/// A condition did not become true in time.
public struct ConditionNotMet: Error, CustomStringConvertible {
  /// What was waited for.
  public var description: String
}

/// Waits until a condition holds, looking every few milliseconds.
public func waitUntil(
  _ what: String, within limit: Duration = .seconds(60),
  _ condition: () async throws -> Bool
) async throws {
  let clock = ContinuousClock()
  let end = clock.now + limit
  while try await !condition() {
    guard clock.now < end else { throw ConditionNotMet(description: "waited \(limit) for \(what)") }
    try await Task.sleep(for: .milliseconds(2))
  }
}

private let searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
private let outputLimit = 64 << 20
