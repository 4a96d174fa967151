import DBOps
import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@Suite("A server that dies in the middle of a copy")
struct FaultsServer {
  /// Long enough to be caught in the middle, even on a quick machine.
  static let manyRows = """
    create unlogged table t as
    select n, repeat(md5(n::text), 8) as text from generate_series(1, 400000) n
    """

  @Test("a backup says so, and leaves nothing that looks like one")
  func backup() async throws {
    try await MortalServer.with { server in
      try await server.create(database: "shop", holding: FaultsServer.manyRows)
      let watch = try await server.watch()
      let store = server.folder.appending("backups")
      try #require(mkdir(store.string, 0o700) == 0)
      let result = try await Program.omcops.run(
        ["db", "backup", "--url", server.conninfo("shop")],
        environment: ["OMCOPS_BACKUPS": store.string], in: server.folder
      ) { program in
        try await server.die(when: "COPY TO", seenBy: watch, pausing: program)
      }
      expectFailure(result, .failed, naming: "shop")
      #expect(
        result.errorOutput.contains("server closed the connection")
          || result.errorOutput.contains("terminating connection"), "\(result.errorOutput)")
      // Nothing but the note that monitoring lives on.
      #expect(ScratchFolder.names(in: store) == ["shop.last-run.json"])
    }
  }

  @Test("a restore says so, and never reports success")
  func restore() async throws {
    try await MortalServer.with { server in
      try await server.create(database: "shop", holding: FaultsServer.manyRows)
      let backup = server.folder.appending("backup").string
      let made = try await Program.omcops.run(
        ["db", "backup", "--url", server.conninfo("shop"), "--output", backup],
        in: server.folder)
      #expect(made.exitCode == 0, "\(made.errorOutput)")
      let watch = try await server.watch()
      let result = try await Program.omcops.run(
        ["db", "restore", backup, "--url", server.conninfo("copy")], in: server.folder
      ) { program in
        try await server.die(when: "COPY FROM", seenBy: watch, pausing: program)
      }
      expectFailure(result, .failed, naming: "copy")
      #expect(
        result.errorOutput.contains("server closed the connection")
          || result.errorOutput.contains("terminating connection"), "\(result.errorOutput)")
    }
  }
}

/// A server of a test's own, which the test may kill.
struct MortalServer: Sendable {
  let sandbox: Sandbox
  let folder: FilePath

  static nonisolated(nonsending) func with<Result>(
    _ body: (MortalServer) async throws -> Result
  ) async throws -> Result {
    try await ScratchFolder.with { folder in
      // The server's account has to get through to its own folder.
      chmod(folder.string, 0o755)
      let sandbox = try await Sandbox.start(
        in: folder.appending("server"),
        Sandbox.Options(serverSettings: ["autovacuum": "off"], endsWithProcess: true))
      do {
        let result = try await body(MortalServer(sandbox: sandbox, folder: folder))
        try await sandbox.stop()
        return result
      } catch {
        try? await sandbox.stop()
        throw error
      }
    }
  }

  func conninfo(_ database: String) -> String {
    sandbox.settings.with(database: database).conninfo
  }

  func watch() async throws -> Connection {
    try await Connection.open(sandbox.settings, applicationName: "omcops tests")
  }

  func create(database: String, holding sql: String) async throws {
    let admin = try await watch()
    _ = try await admin.execute("create database \(database)")
    await admin.close()
    let connection = try await Connection.open(
      sandbox.settings.with(database: database), applicationName: "omcops tests")
    _ = try await connection.execute(sql)
    await connection.close()
  }

  /// Ends every process of the server at once when a COPY has come some way. The client stands
  /// still meanwhile, so that it cannot be through before the server is dead.
  func die(
    when command: String, seenBy watch: Connection, pausing program: RunningProgram
  ) async throws {
    try await waitUntil("\(command) to come some way") {
      let progress = try await watch.query(
        "select 1 from pg_stat_progress_copy where command = $1 and bytes_processed > 1000000",
        [SQLValue(command)])
      return !progress.rows.isEmpty
    }
    program.send(SIGSTOP)
    let postmaster = try postmaster()
    kill(postmaster, SIGQUIT)
    try await waitUntil("the server to be gone") { kill(postmaster, 0) != 0 }
    program.send(SIGCONT)
  }

  private func postmaster() throws -> pid_t {
    let path = sandbox.folder.appending("data/postmaster.pid")
    let file = try FileDescriptor.open(path, .readOnly)
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = try file.closeAfter { try bytes.withUnsafeMutableBytes { try file.read(into: $0) } }
    let line = bytes.prefix(count).prefix { $0 != UInt8(ascii: "\n") }
    guard let pid = pid_t(String(decoding: line, as: UTF8.self)), pid > 1 else {
      throw Errno.noSuchProcess
    }
    return pid
  }
}
