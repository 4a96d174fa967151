import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A suite of tests in a scratch folder, with its databases on the tests' server.
struct TestScene: Sendable {
  let scene: Scene
  /// An interpreter that has pytest.
  let python: String

  /// An interpreter with pytest in this process's `PATH`, if there is one.
  static let python: String? = {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    let candidates = path.split(separator: ":").map { "\($0)/python3" } + ["/usr/bin/python3"]
    return candidates.first { candidate in
      access(candidate, X_OK) == 0
        && system("\(candidate) -c 'import pytest' >/dev/null 2>&1") == 0
    }
  }()

  /// Runs `body` with a suite of these files.
  static func play(
    _ files: [String: String], suite: String = "", database: String = "url",
    _ body: (TestScene) async throws -> Void
  ) async throws {
    let python = try #require(TestScene.python)
    try await Scene.play { scene in
      let play = TestScene(scene: scene, python: python)
      for (name, text) in files { try play.write(name, text) }
      let seed = files["seed.sql"] == nil ? "" : ", seed: seed.sql"
      let url = database == "url" ? ", url: \"\(scene.database.conninfo)\"" : ""
      try play.write(
        "omcops.yaml",
        """
        tests:
          unit:
            runner: pytest
            python: \(python)
            arguments: [-p, no:cacheprovider]
            workers: 2
            database: { kind: \(database)\(url)\(seed) }
        \(suite.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))

        """)
      try await body(play)
    }
  }

  func write(_ name: String, _ text: String) throws {
    let file = try FileDescriptor.open(
      scene.folder.appending(name), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }

  func test(
    _ arguments: String..., timeout: Duration = .seconds(60),
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    try await scene.omcops(["test"] + arguments, timeout: timeout, meanwhile: meanwhile)
  }

  /// The databases of runs that are there.
  func runDatabases() async throws -> [String] {
    let connection = try await Connection.open(scene.database, applicationName: "omcops tests")
    let names = try await connection.query(
      "SELECT datname FROM pg_database WHERE datname LIKE 'omcops\\_test\\_r\\_%'"
    ).rows.compactMap { $0[0] }
    await connection.close()
    return names
  }

  /// Expects that of the runs no database, no process and no folder is left: where there is one a record of
  /// it is kept.
  func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let records = scene.folder.pushing("state/omcops/test-runs")
    #expect(ScratchFolder.names(in: records).isEmpty, sourceLocation: sourceLocation)
    #expect(try await runDatabases().isEmpty, sourceLocation: sourceLocation)
    // Whatever was started has the folder in its environment.
    let search = "grep -lsaF -- '\(scene.folder)/state' /proc/[0-9]*/environ"
    #expect(system(search) != 0, sourceLocation: sourceLocation)
  }

  /// Whether a process is there whose arguments hold a word.
  static func isRunning(_ word: String) -> Bool {
    // In brackets, so that the words of grep itself do not match.
    system("grep -qsa -- '[\(word.prefix(1))]\(word.dropFirst())' /proc/[0-9]*/cmdline") == 0
  }
}
