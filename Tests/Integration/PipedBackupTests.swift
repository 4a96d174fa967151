import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@Suite("A backup through a pipe")
struct PipedBackupTests {
  private static let rows = """
    create table t as select n, md5(n::text) as text from generate_series(1, 60000) n;
    alter table t add primary key (n); create table none (x int);
    select lo_from_bytea(77, decode(repeat('ab', 200000), 'hex'))
    """

  private static let state = """
    select (select md5(string_agg(t::text, ';' order by n)) from t)
      || (select md5(lo_get(77))) || (select count(*) from none)
    """

  private func state(_ settings: ConnectionSettings) async throws -> String? {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let state = try await connection.query(Self.state).rows.first?[0]
    await connection.close()
    return state
  }

  /// Runs a pipeline of the shell in which `omcops` is the built one.
  private func pipeline(_ text: String, _ scene: Scene) async throws -> ProgramResult {
    try await Program("/bin/bash").run(
      ["-o", "pipefail", "-c", "omcops() { \(Program.omcops.path) \"$@\"; }; \(text)"],
      environment: ["OMCOPS_BACKUPS": scene.store.string], in: scene.folder)
  }

  private func dump(_ scene: Scene, _ options: String) -> String {
    "omcops db backup --url '\(scene.database.conninfo)' --format custom --output - \(options)"
  }

  @Test(
    "stock pg_restore takes it as it comes, and ours from the file that it made",
    arguments: ["gzip", "none"])
  func restored(_ compression: String) async throws {
    try await Scene.play { scene in
      try await scene.execute(Self.rows)
      let expected = try await state(scene.database)
      try await TestServer.withDatabase { target in
        let piped = try await pipeline(
          "\(dump(scene, "--compress \(compression)")) | tee piped.dump"
            + " | pg_restore --exit-on-error -d '\(target.conninfo)'", scene)
        #expect(piped.exitCode == 0, "\(piped.errorOutput)")
        #expect(try await state(target) == expected)
      }
      let file = scene.folder.appending("piped.dump").string
      let verified = try await scene.omcops(["db", "verify", file])
      #expect(verified.exitCode == 0, "\(verified.errorOutput)")
      let target = "copy_\(scene.database["dbname"] ?? "")"
      let address = scene.database.with(database: target)
      let restored = try await scene.omcops(["db", "restore", file, "--url", address.conninfo])
      #expect(restored.exitCode == 0, "\(restored.errorOutput)")
      #expect(try await state(address) == expected)
      try await TestServer.shared.drop(database: target)
    }
  }

  @Test("a reader that goes away ends it, and what it had taken is no whole backup")
  func brokenPipe() async throws {
    try await Scene.play { scene in
      try await scene.execute(Self.rows)
      let cut = try await pipeline(
        "\(dump(scene, "--compress none")) | head -c 1000000 >cut.dump", scene)
      #expect(cut.exitCode != 0)
      #expect(!cut.errorOutput.contains("backup "), "\(cut.errorOutput)")
      #expect(cut.duration < .seconds(30))
      let file = scene.folder.appending("cut.dump").string
      #expect(try await scene.omcops(["db", "verify", file]).exitCode == 1)
      #expect(try await scene.omcops(["db", "restore", file, "--into", "nothing"]).exitCode != 0)
      try await scene.waitForSessionsToEnd()
    }
  }
}
