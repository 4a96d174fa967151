import DBOps
import Diagnostics
import Postgres
import SystemPackage
import TestServer
import Testing

/// Tables that somebody else changes while a backup begins or runs.
@Suite("Backup of tables that change")
struct ChangingTablesTests {
  /// Runs a backup that finds `change`, made in a transaction of another session, not yet committed,
  /// and gives its manifest; the other session commits when the backup waits for it.
  private func backup(
    _ source: ConnectionSettings, during change: String
  ) async throws -> Manifest {
    let scratch = try ScratchFolder()
    let other = try await Connection.open(source, applicationName: "omcops tests")
    try await other.execute(
      """
      CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n;
      CREATE TABLE u AS SELECT n FROM generate_series(1, 10) n
      """)
    try await other.execute("BEGIN")
    try await other.execute(change)
    let options = Backup.Options(
      source: source, destination: .folder(scratch.path.appending("b")), omcopsVersion: "test")
    let task = Task { try await Backup(options).run() }
    try await waits(source, "omcops db backup")
    try await other.execute("COMMIT")
    await other.close()
    return try await task.value.manifest
  }

  private func waits(_ source: ConnectionSettings, _ application: String) async throws {
    let watch = try await Connection.open(source, applicationName: "omcops tests, watching")
    while try await watch.query(
      """
      SELECT FROM pg_stat_activity
      WHERE wait_event_type = 'Lock' AND datname = current_database() AND application_name = $1
      """, [SQLValue(application)]
    ).rows.isEmpty {
      try await Task.sleep(for: .milliseconds(5))
    }
    await watch.close()
  }

  @Test("a table that is rewritten while its lock is waited for has its rows in the backup")
  func rewritten() async throws {
    try await TestServer.withDatabase { source in
      let manifest = try await backup(source, during: "ALTER TABLE t ALTER n TYPE bigint")
      #expect(manifest.tables["public.t"]?.rows == 1000)
    }
  }

  @Test("one that is emptied and filled anew has the new rows")
  func refilled() async throws {
    try await TestServer.withDatabase { source in
      let manifest = try await backup(
        source, during: "TRUNCATE t; INSERT INTO t SELECT generate_series(1, 7)")
      #expect(manifest.tables["public.t"]?.rows == 7)
    }
  }

  @Test("one that is dropped is not in it, and the others are")
  func dropped() async throws {
    try await TestServer.withDatabase { source in
      let manifest = try await backup(source, during: "DROP TABLE t")
      #expect(manifest.tables.keys.sorted() == ["public.u"])
    }
  }

  @Test("one that takes the place of another, and one that is new, are in it")
  func replaced() async throws {
    try await TestServer.withDatabase { source in
      let manifest = try await backup(
        source,
        during: """
          ALTER TABLE t RENAME TO was; CREATE TABLE t (a text, b int); INSERT INTO t VALUES ('x', 1);
          CREATE TABLE late AS SELECT 1 AS n
          """)
      #expect(
        manifest.tables.mapValues(\.rows) == [
          "public.t": 1, "public.was": 1000, "public.late": 1, "public.u": 10,
        ])
    }
  }

  @Test("who would change a table waits for a backup that runs; a worker does not wait for him")
  func later() async throws {
    let scratch = try ScratchFolder()
    try await TestServer.withDatabase { source in
      let other = try await Connection.open(source, applicationName: "omcops tests")
      try await other.execute("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) n")
      try await Gate.with { queued in
        let copying = Seen()
        var backup = Backup(
          .init(
            source: source, destination: .folder(scratch.path.appending("b")),
            omcopsVersion: "test"))
        backup.progress = {
          // The leader has its locks then, and the workers have none yet.
          guard $0.phase == "copying", $0.item == nil, $0.itemsDone == 0 else { return }
          copying.reach()
          queued.pass()
        }
        let task = Task { [backup] in try await backup.run() }
        await copying.wait()
        let change = Task { try await other.execute("DROP TABLE t") }
        try await waits(source, "omcops tests")
        queued.open()
        let error = await #expect(throws: DBError.self) { try await task.value }
        #expect(
          error?.message
            == "cannot read public.t: another session waits to lock it exclusively")
        _ = try await change.value
      }
      #expect(scratch.names() == [])
      await other.close()
    }
  }
}
