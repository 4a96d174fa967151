import DBOps
import Glibc
import Postgres
import TestServer
import Testing

@Suite("Drift check", .serialized)
struct DriftCheckTests {
  private let chain = """
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('a1');
    CREATE TABLE orders (id integer PRIMARY KEY, note text); GRANT SELECT ON orders TO reader;
    """

  private func replay(_ settings: ConnectionSettings) async throws {
    let connection = try await Connection.open(settings, applicationName: "replay")
    try await connection.execute(chain)
    await connection.close()
  }

  private func execute(_ sql: String, _ settings: ConnectionSettings) async throws {
    let connection = try await Connection.open(settings, applicationName: "test")
    try await connection.execute(sql)
    await connection.close()
  }

  private func databases() async throws -> [String] {
    let settings = try await TestServer.shared.sandbox.settings
    let connection = try await Connection.open(settings, applicationName: "test")
    let result = try await connection.query(
      "SELECT datname FROM pg_database WHERE datname LIKE 'omcops_scratch%'")
    await connection.close()
    return result.rows.compactMap { $0[0] }
  }

  @Test(
    "what was changed by hand is found, on another database of the server and on one of its own")
  func drift() async throws {
    try await TestServer.withDatabase { settings in
      try await execute(
        "DO $$ BEGIN CREATE ROLE reader; EXCEPTION WHEN duplicate_object THEN END $$", settings)
      try await execute(chain, settings)
      for scratch in [ScratchDatabase.on(settings), .ownServer()] {
        let check = DriftCheck(of: settings, scratch: scratch, applicationName: "check")
        let report = try await check.run(replay: replay)
        #expect(report.differences == [])
        #expect(report.objects > 3)
      }
      try await execute(
        "UPDATE alembic_version SET version_num = 'b2'; CREATE INDEX by_hand ON orders (note)",
        settings)
      let check = DriftCheck(of: settings, scratch: .on(settings), applicationName: "check")
      let report = try await check.run(replay: replay)
      #expect(report.differences.map(\.object.identity) == ["public.by_hand"])
      #expect(report.differences.map(\.change) == [.extra])
      let left = try await databases()
      #expect(left == [])
    }
  }

  @Test("a replay that fails leaves no database behind")
  func failure() async throws {
    try await TestServer.withDatabase { settings in
      let check = DriftCheck(of: settings, scratch: .on(settings), applicationName: "check")
      await #expect(throws: PostgresError.self) {
        _ = try await check.run { try await execute("SELECT nothing", $0) }
      }
      let left = try await databases()
      #expect(left == [])
    }
  }

  @Test("names are looked for where the database looks for them")
  func searchPath() async throws {
    try await TestServer.withDatabase { settings in
      try await execute(
        """
        DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = app, public',
          current_database()); END $$
        """, settings)
      let chain = "CREATE SCHEMA app; CREATE TABLE t (a integer)"
      try await execute(chain, settings)
      let check = DriftCheck(of: settings, scratch: .on(settings), applicationName: "check")
      let report = try await check.run { try await execute(chain, $0) }
      #expect(report.differences == [])
    }
  }
}
