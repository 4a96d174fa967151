import Diagnostics
import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A database, a scratch folder and the built omcops, as an operator has them.
struct Scene: Sendable {
  /// The database of this scene alone.
  let database: ConnectionSettings
  /// A folder that is removed at the end.
  let folder: FilePath

  /// Where backups go.
  var store: FilePath { folder.appending("backups") }

  /// Runs `body` in a scene; everything of it is gone afterwards.
  static nonisolated(nonsending) func play<Result>(
    _ body: (Scene) async throws -> Result
  ) async throws -> Result {
    try await TestServer.withDatabase { database in
      try await ScratchFolder.with { folder in
        let scene = Scene(database: database, folder: folder)
        guard mkdir(scene.store.string, 0o700) == 0 else { throw Errno(rawValue: errno) }
        return try await body(scene)
      }
    }
  }

  /// Runs omcops in the scratch folder, with this scene's backup store and state.
  func omcops(
    _ arguments: [String], environment: [String: String] = [:], input: String = "",
    timeout: Duration = .seconds(60),
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    var variables = [
      "OMCOPS_BACKUPS": store.string, "XDG_STATE_HOME": folder.appending("state").string,
    ]
    variables.merge(environment) { $1 }
    return try await Program.omcops.run(
      arguments, environment: variables, input: input, in: folder, timeout: timeout,
      meanwhile: meanwhile)
  }

  /// Waits until nobody is connected to the database any more.
  func waitForSessionsToEnd() async throws {
    let watch = try await Connection.open(
      database.with(database: "postgres"), applicationName: "omcops tests")
    let name = SQLValue(database["dbname"] ?? "")
    try await waitUntil("the server to end the sessions") {
      try await watch.query("select from pg_stat_activity where datname = $1", [name]).rows.isEmpty
    }
    await watch.close()
  }

  /// Fills the database with plain SQL.
  func execute(_ sql: String) async throws {
    let connection = try await Connection.open(database, applicationName: "omcops tests")
    _ = try await connection.execute(sql)
    await connection.close()
  }
}

extension ConnectionSettings {
  /// What `--url` takes.
  var conninfo: String {
    ["host", "port", "user", "dbname"].compactMap { key in self[key].map { "\(key)=\($0)" } }
      .joined(separator: " ")
  }
}

/// Folders for one test each.
enum ScratchFolder {
  /// Runs `body` with an empty folder and removes it with all that is in it.
  static nonisolated(nonsending) func with<Result>(
    _ body: (FilePath) async throws -> Result
  ) async throws -> Result {
    var template = Array("/tmp/omcops-scene-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    let path = FilePath(
      String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    do {
      let result = try await body(path)
      try await remove(path)
      return result
    } catch {
      try? await remove(path)
      throw error
    }
  }

  private static func remove(_ path: FilePath) async throws {
    _ = try await Program("/bin/rm").run(["-rf", path.string])
  }

  /// The names in a folder, sorted.
  static func names(in path: FilePath) -> [String] {
    guard let stream = opendir(path.string) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}

/// Expects a failure that a person can act on: the exit status, one line that says what happened
/// and names what it happened to, and below it nothing but context and the hint.
func expectFailure(
  _ result: ProgramResult, _ status: Diagnostics.ExitStatus, naming words: String...,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  #expect(
    result.exitCode == status.rawValue, "\(result.errorOutput)", sourceLocation: sourceLocation)
  let lines = result.errorOutput.split(separator: "\n").map(String.init)
  let messages = lines.filter { $0.hasPrefix("omcops: ") }
  #expect(messages.count == 1, "\(result.errorOutput)", sourceLocation: sourceLocation)
  for word in words {
    #expect(
      lines.contains { $0.contains(word) }, "no \"\(word)\" in: \(result.errorOutput)",
      sourceLocation: sourceLocation)
  }
  let after = lines.drop { !$0.hasPrefix("omcops: ") }.dropFirst()
  #expect(
    after.allSatisfy { $0.hasPrefix("  ") || $0.hasPrefix("hint: ") }, "\(result.errorOutput)",
    sourceLocation: sourceLocation)
  for trace in ["Fatal error", "Optional(", "Error(", "(code:"] {
    #expect(!result.errorOutput.contains(trace), sourceLocation: sourceLocation)
  }
}
