import DBOps
import Diagnostics
import Glibc
import Postgres
import SystemPackage
import Testing

@Suite("Restore and a server that fails")
struct RestoreFaultTests {
  /// A server of the test's own, since it is going to die.
  private func withServer(_ body: (Sandbox, ScratchFolder) async throws -> Void) async throws {
    let scratch = try ScratchFolder()
    // The server may run as another user, who has to pass through.
    chmod(scratch.path.string, 0o711)
    let sandbox = try await Sandbox.start(
      in: scratch.path.appending("server"), Sandbox.Options(endsWithProcess: true))
    do {
      try await body(sandbox, scratch)
      try await sandbox.stop()
    } catch {
      try await sandbox.stop()
      throw error
    }
  }

  @Test("a server that ends in the middle of a restore is one clear error, and a second try works")
  func dyingServer() async throws {
    try await withServer { sandbox, scratch in
      let source = sandbox.settings.with(database: "postgres")
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        "CREATE TABLE t AS SELECT n, md5(n::text) AS m FROM generate_series(1, 200000) n")
      let path = scratch.path.appending("backup")
      _ = try await Backup(
        Backup.Options(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
      let seen = Seen()
      var options = Restore.Options(path: path, server: source, database: "copy")
      options.progress = { if $0.phase == "loading", $0.bytesDone.bytes > 0 { seen.reach() } }
      let task = Task { [options] in try await Restore(options).run() }
      await seen.wait()
      // Every session ends at once, as when the server's machine goes.
      try await connection.execute(
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
        """)
      let result = await task.result
      let error = #expect(throws: (any Error).self) { try result.get() }
      let failure = try #require(error as? any Failure)
      #expect(failure.status == .failed)
      #expect(!failure.message.contains("\n"))
      #expect(
        try await RestoreTests.databases(source, like: "copy") == [],
        "what was half made is removed over a new connection")
      options.progress = nil
      #expect(try await Restore(options).run().rows == 200_000)
      await connection.close()
    }
  }

  @Test("a server that is gone is an error of the connection")
  func absentServer() async throws {
    let scratch = try ScratchFolder()
    let path = scratch.path.appending("backup")
    try await withServer { sandbox, _ in
      let source = sandbox.settings.with(database: "postgres")
      _ = try await Backup(
        Backup.Options(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
    }
    let gone = ConnectionSettings(parameters: ["host": scratch.path.string, "user": "nobody"])
    let error = await #expect(throws: PostgresError.self) {
      try await Restore(Restore.Options(path: path, server: gone, database: "copy")).run()
    }
    #expect(error?.kind == .connectionFailed)
  }

  @Test("a value of many megabytes goes through in pieces")
  func largeValue() async throws {
    try await withServer { sandbox, scratch in
      let source = sandbox.settings.with(database: "postgres")
      let connection = try await Connection.open(source, applicationName: "omcops tests")
      try await connection.execute(
        "CREATE TABLE t AS SELECT repeat(md5('x'), 1 << 20) AS large")
      let path = scratch.path.appending("backup")
      _ = try await Backup(
        Backup.Options(source: source, destination: .folder(path), omcopsVersion: "test")
      ).run()
      _ = try await Restore(Restore.Options(path: path, server: source, database: "copy")).run()
      let copy = try await Connection.open(
        source.with(database: "copy"), applicationName: "omcops tests")
      #expect(
        try await copy.query("SELECT md5(large) FROM t").rows.first?[0]
          == connection.query("SELECT md5(large) FROM t").rows.first?[0])
      await copy.close()
      await connection.close()
    }
  }
}
