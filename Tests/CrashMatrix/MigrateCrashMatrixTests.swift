import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A project of revisions and a database below them: what `database-migrate` is killed on.
struct MigratePlay: Sendable {
  let name: String
  let database: ConnectionSettings
  let folder: FilePath

  /// Makes a database that stands at the first of four revisions, with rows in it.
  static func set(_ name: String, in scenes: FilePath) async throws -> MigratePlay {
    let server = try await TestServer.shared.sandbox.settings
    let live = "migrate_\(name)_\(UInt32.random(in: 0...999_999))"
    try await RestoreScene.administer(server, ["CREATE DATABASE \(live)"])
    let folder = scenes.appending(name)
    for path in ["", "mig", "mig/versions", "backups"] {
      try makeFolder(path.isEmpty ? folder : folder.pushing(FilePath(path)))
    }
    let play = MigratePlay(
      name: name, database: server.with(database: live), folder: folder)
    try play.writeProject()
    let first = try await Program.omcops.run(
      ["db", "migrate", "--to", "r0"], environment: play.environment, in: folder)
    try require(first, is: 0)
    try await RestoreScene.script(
      play.database, "INSERT INTO t0 SELECT n FROM generate_series(1, 100) n")
    return play
  }

  var environment: [String: String] {
    [
      "XDG_STATE_HOME": folder.appending("state").string,
      "OMCOPS_CONFIG": folder.appending("omcops.yaml").string,
      "PLAY_DATABASE_URL": address(of: database),
    ]
  }

  private func writeProject() throws {
    try write(
      """
      default-environment: \(name)
      runbooks: \(repository.appending("runbooks"))
      alembic: { config: alembic.ini }
      environments:
        \(name):
          database: { from-env: PLAY_DATABASE_URL }
          backups: { path: \(folder.appending("backups")) }
      """, to: folder.appending("omcops.yaml"))
    try write("[alembic]\nscript_location = %(here)s/mig\n", to: folder.appending("alembic.ini"))
    try write(
      "context.configure(connection=c, transaction_per_migration=True)\n",
      to: folder.appending("mig/env.py"))
    for number in 0..<4 {
      try write(
        """
        -- step \(number)
        -- revision: r\(number)
        -- down_revision: \(number == 0 ? "None" : "r\(number - 1)")
        -- upgrade
        CREATE TABLE t\(number) (id int);
        -- downgrade
        DROP TABLE t\(number);

        """, to: folder.appending("mig/versions/\(100 + number).sql"))
    }
  }

  func run(_ words: [String], crashAfter: Int? = nil) async throws -> ProgramResult {
    var environment = environment
    if let crashAfter { environment["OMCOPS_CRASH_AFTER"] = String(crashAfter) }
    return try await Program.omcops.run(
      ["runbook"] + words, environment: environment, in: folder)
  }

  func migrate(crashAfter: Int? = nil) async throws -> ProgramResult {
    try await run(
      [
        "run", "database-migrate", "-i", "environment=\(name)", "-i", "reason=crash matrix",
      ], crashAfter: crashAfter)
  }

  /// The number of records in the journal of the only run.
  func journalCount() throws -> Int {
    let runs = folder.appending("state/omcops/runs")
    let journal = try entries(of: runs).first.map { runs.appending($0).appending("journal.jsonl") }
    return try journal.map { try read($0).count { $0 == 0x0A } } ?? 0
  }

  /// What stands in the database, and how many backups there are.
  func outcome() async throws -> (content: DatabaseContent, backups: Int) {
    // What the store notes about backups stands beside them.
    let backups = try entries(of: folder.appending("backups")).filter { !$0.hasSuffix(".json") }
    return (try await .read(database), backups.count)
  }

  func clean() async throws {
    guard let name = database["dbname"] else { return }
    try await TestServer.shared.drop(database: name)
  }
}

@Suite("database-migrate survives being killed", .serialized)
struct MigrateCrashMatrixTests {
  @Test("killed after a record of its journal, it is resumed to the same end, or taken back")
  func matrix() async throws {
    try await withScratchFolder { folder in
      let whole = try await MigratePlay.set("whole", in: folder)
      let before = try await whole.outcome().content
      try require(try await whole.migrate(), is: 0)
      let after = try await whole.outcome()
      #expect(after.content != before)
      let records = try whole.journalCount()
      #expect(records > 15)
      try await whole.clean()
      try await eachOf(positions(1..<records, byLot: 4), atOnce: 2) { position in
        let play = try await MigratePlay.set("p\(position)", in: folder)
        let killed = try await play.migrate(crashAfter: position)
        #expect(killed.signal == 9, "position \(position): \(killed.errorOutput)")
        let resumed = try await play.run(["resume"])
        #expect(resumed.exitCode == 0, "position \(position): \(resumed.errorOutput)")
        let outcome = try await play.outcome()
        #expect(outcome.content == after.content, "position \(position)")
        #expect(outcome.backups == after.backups, "position \(position)")
        // Taken back, whether it was killed or not, the rows are as they were.
        let undone = try await play.run(["undo"])
        #expect(undone.exitCode == 0, "position \(position): \(undone.errorOutput)")
        #expect(try await play.outcome().content == before, "position \(position)")
        try await play.clean()
      }
    }
  }

  @Test("killed after a record of its journal and taken back at once, everything is as it was")
  func takenBack() async throws {
    try await withScratchFolder { folder in
      let whole = try await MigratePlay.set("whole", in: folder)
      let before = try await whole.outcome().content
      try require(try await whole.migrate(), is: 0)
      let records = try whole.journalCount()
      try await whole.clean()
      try await eachOf(positions(1..<records, byLot: 4), atOnce: 2) { position in
        let play = try await MigratePlay.set("u\(position)", in: folder)
        let killed = try await play.migrate(crashAfter: position)
        #expect(killed.signal == 9, "position \(position): \(killed.errorOutput)")
        let undone = try await play.run(["undo"])
        #expect(undone.exitCode == 0, "position \(position): \(undone.errorOutput)")
        #expect(try await play.outcome().content == before, "position \(position)")
        try await play.clean()
      }
    }
  }
}
