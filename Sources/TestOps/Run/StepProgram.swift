internal import Glibc
internal import Processes
internal import Synchronization

/// A program that is run on the way to the tests: to its end, for its exit code alone.
public struct StepProgram: Sendable {
  private let process: GroupProcess
  private let purpose: String

  /// Describes a run.
  ///
  /// - Parameters:
  ///   - words: the program, by path or by name in `PATH`, and its arguments; no secret may be among
  ///     them.
  ///   - purpose: what it is for, for messages: `seed the database`.
  /// - Throws: `TestFailure` where there is no such program.
  public init(
    _ words: [String], environment: [String: String], folder: String, purpose: String
  ) throws {
    let name = words.first ?? ""
    guard let path = StepProgram.find(name, in: environment, folder: folder) else {
      throw TestFailure("cannot \(purpose): there is no program \(name)", status: .usage)
    }
    process = GroupProcess(
      executable: path, arguments: words, environment: environment, workingDirectory: folder,
      endsGroup: true)
    self.purpose = purpose
  }

  /// Runs it.
  ///
  /// - Throws: `TestFailure` with its last lines where it does not end with exit code 0.
  public func run() async throws {
    let words = Mutex(Tail(limit: 8 << 10))
    let end = try await process.run { _, bytes in words.withLock { $0.append(bytes) } }
    try Task.checkCancellation()
    guard end != .exited(0) else { return }
    let said = words.withLock(\.text)?.split(separator: "\n").suffix(12) ?? []
    throw TestFailure(
      "cannot \(purpose): \(process.executable) \(end.phrase)", details: said.map(String.init))
  }

  /// The path of a program: as it is named, seen from the folder, or the first of its name in `PATH`.
  public static func find(
    _ name: String, in environment: [String: String], folder: String
  ) -> String? {
    if name.contains("/") {
      let path = name.hasPrefix("/") ? name : folder + "/" + name
      return access(path, X_OK) == 0 ? path : nil
    }
    if name.isEmpty { return nil }
    return (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").lazy
      .map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}
