internal import Processes

/// An interpreter of this machine that brings together what was measured.
public struct CoverageTool: Sendable {
  /// A whole path.
  let interpreter: String
  /// The environment of the tests, whose `COVERAGE_FILE`, where it has one, is where the data goes.
  let environment: [String: String]

  init(interpreter: String, environment: [String: String]) {
    self.interpreter = interpreter
    self.environment = environment
  }

  /// Looks whether an interpreter has coverage.py; nil where it has not.
  public static func find(
    _ interpreter: String, environment: [String: String]
  ) async throws -> CoverageTool? {
    let end = try await GroupProcess(
      executable: interpreter, arguments: [interpreter, "-c", "import coverage"],
      environment: environment, workingDirectory: "/", endsGroup: true
    ).run { _, _ in }
    try Task.checkCancellation()
    return end == .exited(0)
      ? CoverageTool(interpreter: interpreter, environment: environment) : nil
  }
}
