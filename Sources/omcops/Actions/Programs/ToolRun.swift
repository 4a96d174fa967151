internal import Glibc
internal import Quantities
internal import Runbooks
internal import Subprocess
internal import SystemPackage

/// One run of a program that an action needs, to its end.
///
/// It is in a process group of its own: an operator's Ctrl-C goes to the engine, which ends it with
/// SIGTERM when it cancels the step, and with SIGKILL where that does not help.
struct ToolRun: Sendable {
  /// Its path.
  var program: String
  /// The arguments behind its name; no secret may be among them.
  var arguments: [String]
  /// All of its environment.
  var environment: [String: String]
  /// The folder that it works in.
  var folder: String
  /// What it reads on standard input.
  var input: [UInt8] = []
  /// How long it may take.
  var limit: Duration = .seconds(300)
  /// How long it has to end after SIGTERM.
  var grace: Duration = .seconds(10)

  /// How it ended, and what it said.
  struct End: Sendable {
    /// The exit code; as a shell gives it where a signal ended it.
    var exitCode: Int
    var output: [UInt8]
    var error: [UInt8]

    /// What it said on standard error.
    var errorText: String { String(decoding: error, as: UTF8.self) }
  }

  /// What it prints is for expressions.
  private static let greatestOutput = 64 << 20

  /// Runs it.
  ///
  /// - Throws: `ActionError` where it cannot be run, or is not done in time.
  func run() async throws -> End {
    try await withThrowingTaskGroup(of: End?.self) { group in
      group.addTask { try await launch() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let end = first else {
        throw ActionError(
          .timeout, "\(name) was not done within \(limit.canonical)", isInDoubt: true)
      }
      return end
    }
  }

  private var name: Substring { program.split(separator: "/").last ?? "" }

  private func launch() async throws -> End {
    var options = PlatformOptions()
    options.processGroupID = 0
    options.teardownSequence = [
      .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace)
    ]
    // In memory, and not a pipe: the AWS CLI opens its input more than once.
    let file = try MemoryFile()
    try file.fill(input)
    let keyed = environment.map { (Subprocess.Environment.Key(stringLiteral: $0.key), $0.value) }
    do {
      let result = try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments),
        environment: .custom(Dictionary(keyed, uniquingKeysWith: { $1 })),
        workingDirectory: FilePath(folder), platformOptions: options,
        input: .fileDescriptor(
          FileDescriptor(rawValue: file.descriptor), closeAfterSpawningProcess: false),
        output: .bytes(limit: ToolRun.greatestOutput), error: .bytes(limit: 1 << 20))
      try Task.checkCancellation()
      return End(
        exitCode: result.terminationStatus.shellCode, output: result.standardOutput,
        error: result.standardError)
    } catch let error as SubprocessError {
      try Task.checkCancellation()
      throw ActionError(.other, "cannot run \(program): \(error)")
    }
  }

  /// Where a program is: the path that was given, or the first of its name in `PATH`; nil where it
  /// is not there.
  static func find(_ name: String, in environment: [String: String]) -> String? {
    if name.contains("/") { return access(name, X_OK) == 0 ? name : nil }
    return (environment["PATH"] ?? "").split(separator: ":").lazy.map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }
}

extension TerminationStatus {
  /// As a shell gives it in `$?`.
  fileprivate var shellCode: Int {
    switch self {
    case .exited(let code): Int(code)
    case .signaled(let signal): 128 + Int(signal)
    }
  }
}
