internal import Postgres
internal import ProgramRunner
internal import SystemPackage
internal import TestServer

/// A service's database, a backup of it, and what an accident left of it: the stage on which
/// `database-restore` is played, as often as a test wants.
///
/// Each play has a live database of its own, so that plays can go on side by side.
struct RestoreScene {
  let folder: FilePath
  let server: ConnectionSettings
  /// The whole database, as it was when the backup was taken.
  let whole: String
  /// What is left of it.
  let damaged: String
  let backup: FilePath
  let wholeContent: DatabaseContent
  let damagedContent: DatabaseContent

  /// Makes the databases `whole` and `damaged` and the backup, in a folder that the server's user
  /// need not read.
  static func set(in folder: FilePath) async throws -> RestoreScene {
    let server = try await TestServer.shared.sandbox.settings
    // Suites may set their scenes at the same time.
    let number = UInt32.random(in: 0...999_999)
    let (whole, damaged) = ("scene_whole_\(number)", "scene_damaged_\(number)")
    try await administer(server, ["CREATE DATABASE \(whole)"])
    try await script(server.with(database: whole), RestoreScene.schema)
    let backup = folder.appending("backup")
    let result = try await Program.omcops.run([
      "db", "backup", "--url", address(of: server.with(database: whole)), "--output", backup.string,
    ])
    try require(result, is: 0)
    try await administer(server, ["CREATE DATABASE \(damaged) TEMPLATE \(whole)"])
    try await script(server.with(database: damaged), RestoreScene.accident)
    return RestoreScene(
      folder: folder, server: server, whole: whole, damaged: damaged, backup: backup,
      wholeContent: try await .read(server.with(database: whole)),
      damagedContent: try await .read(server.with(database: damaged)))
  }

  /// A new live database with the damage in it, and a place for the runs and backups of its own.
  ///
  /// - Parameters:
  ///   - cluster: what the environment says of its cluster, as lines of YAML.
  ///   - inputs: the words of further inputs.
  func play(
    _ name: String, cluster: String = "", inputs: [String] = []
  ) async throws -> RestorePlay {
    let live = "live_\(name)_\(whole.suffix(6))"
    try await RestoreScene.administer(server, ["CREATE DATABASE \(live) TEMPLATE \(damaged)"])
    let play = RestorePlay(
      scene: self, name: name, live: live, folder: folder.appending(name), cluster: cluster,
      inputs: inputs)
    try play.writeConfiguration()
    return play
  }

  /// Takes the scene's databases away.
  func strike() async throws {
    for name in [whole, damaged] { try await TestServer.shared.drop(database: name) }
  }

  static func administer(_ server: ConnectionSettings, _ statements: [String]) async throws {
    let connection = try await Connection.open(server, applicationName: "omcops tests")
    for statement in statements { try await connection.execute(statement) }
    await connection.close()
  }

  static func script(_ settings: ConnectionSettings, _ sql: String) async throws {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    try await connection.execute(sql)
    await connection.close()
  }

  private static let schema = """
    CREATE TYPE mood AS ENUM ('calm', 'alarmed');
    CREATE TABLE users (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      email text NOT NULL UNIQUE, mood mood NOT NULL DEFAULT 'calm');
    CREATE TABLE orders (
      id serial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users, total numeric(10,2) CHECK (total > 0));
    CREATE INDEX ON orders (user_id) WHERE total > 10;
    CREATE VIEW rich AS SELECT u.email, sum(o.total) FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.email;
    CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
    INSERT INTO alembic_version VALUES ('1a2b3c4d5e6f');
    INSERT INTO users (email) SELECT 'user' || n || '@example.com' FROM generate_series(1, 500) n;
    INSERT INTO orders (user_id, total) SELECT n % 500 + 1, n FROM generate_series(1, 2000) n;
    """

  private static let accident = """
    DROP VIEW rich;
    DELETE FROM orders WHERE id % 3 = 0;
    UPDATE users SET email = 'gone-' || email WHERE id < 100;
    CREATE TABLE left_over (note text);
    """
}

/// One live database on which the runbook runs.
struct RestorePlay {
  let scene: RestoreScene
  /// The environment's name: plays must not lock each other out.
  let name: String
  let live: String
  let folder: FilePath
  /// What the environment says of its cluster.
  let cluster: String
  /// The words of further inputs.
  let inputs: [String]

  var environment: [String: String] {
    [
      "XDG_STATE_HOME": folder.appending("state").string,
      "OMCOPS_CONFIG": folder.appending("omcops.yaml").string,
      "SCENE_DATABASE_URL": address(of: scene.server.with(database: live)),
    ]
  }

  func writeConfiguration() throws {
    try makeFolder(folder)
    try makeFolder(folder.appending("backups"))
    try write(
      """
      default-environment: \(name)
      runbooks: \(repository.appending("runbooks"))
      environments:
        \(name):
          database: { from-env: SCENE_DATABASE_URL }
          backups: { path: \(folder.appending("backups")) }
      \(cluster)
      """, to: folder.appending("omcops.yaml"))
  }

  /// Starts the restore; `crashAfter` kills the program as soon as that many records are in its
  /// journal.
  func run(crashAfter: Int? = nil) async throws -> ProgramResult {
    var environment = environment
    if let crashAfter { environment["OMCOPS_CRASH_AFTER"] = String(crashAfter) }
    return try await Program.omcops.run(
      [
        "runbook", "run", "database-restore", "-i", "environment=\(name)",
        "-i", "backup=\(scene.backup)", "-i", "reason=crash matrix", "--approve", "go=\(live)",
      ] + inputs, environment: environment, in: folder)
  }

  /// Goes on with the run that is not finished.
  func resume(crashAfter: Int? = nil) async throws -> ProgramResult {
    var environment = environment
    if let crashAfter { environment["OMCOPS_CRASH_AFTER"] = String(crashAfter) }
    return try await Program.omcops.run(
      ["runbook", "resume", "--approve", "go=\(live)"], environment: environment, in: folder)
  }

  /// Takes the latest run back.
  func undo(crashAfter: Int? = nil) async throws -> ProgramResult {
    var environment = environment
    if let crashAfter { environment["OMCOPS_CRASH_AFTER"] = String(crashAfter) }
    return try await Program.omcops.run(
      ["runbook", "undo"], environment: environment, in: folder)
  }

  /// The number of records in the journal of the only run; nil while there is no run.
  func journalCount() throws -> Int? { try journal()?.count }

  /// The positions of the records about some steps, counted from 1.
  func positions(of steps: [String]) throws -> [Int] {
    let lines = try journal() ?? []
    return lines.indices.filter { index in
      steps.contains { lines[index].contains("\"step\":\"\($0)\"") }
    }.map { $0 + 1 }
  }

  private func journal() throws -> [Substring]? {
    let runs = try entries(of: folder.appending("state/omcops/runs"))
    guard let run = runs.first else { return nil }
    let journal = folder.appending("state/omcops/runs").appending(run).appending("journal.jsonl")
    return String(decoding: try read(journal), as: UTF8.self).split(separator: "\n")
  }

  /// What stands on the server and in the store now, with the run's short id taken out of names.
  func outcome() async throws -> RestoreOutcome {
    let connection = try await Connection.open(
      scene.server.with(database: "postgres"), applicationName: "omcops tests")
    let rows = try await connection.query(
      """
      SELECT datname, datallowconn FROM pg_database
      WHERE datname = $1 OR starts_with(datname, $1 || '_') ORDER BY datname
      """, [SQLValue(live)])
    var databases: [String: RestoreOutcome.State] = [:]
    for row in rows.rows {
      let name = try row.decode("datname", as: String.self)
      let isOpen = try row.decode("datallowconn", as: Bool.self)
      databases[role(of: name)] = RestoreOutcome.State(
        isOpen: isOpen, content: try await content(of: name, isOpen: isOpen, connection))
    }
    await connection.close()
    // What the store notes about backups stands beside them.
    let backups = try entries(of: folder.appending("backups")).filter { !$0.hasSuffix(".json") }
    return RestoreOutcome(databases: databases, backups: backups.count)
  }

  /// The live database's content, or nil when there is no such database.
  func liveContent() async throws -> DatabaseContent? {
    let outcome = try await outcome()
    return outcome.databases["live"]?.content
  }

  /// Drops every database of the play.
  func clean() async throws {
    let connection = try await Connection.open(
      scene.server.with(database: "postgres"), applicationName: "omcops tests")
    let rows = try await connection.query(
      "SELECT datname FROM pg_database WHERE datname = $1 OR starts_with(datname, $1 || '_')",
      [SQLValue(live)])
    for row in rows.rows {
      let name = try row.decode("datname", as: String.self)
      try await connection.execute("DROP DATABASE \(quoteIdentifier(name)) WITH (FORCE)")
    }
    await connection.close()
  }

  private func role(of database: String) -> String {
    if database == live { return "live" }
    let suffix = database.dropFirst(live.count + 1)
    return String(suffix.prefix { $0 != "_" })
  }

  private func content(
    of database: String, isOpen: Bool, _ administrator: Connection
  ) async throws -> DatabaseContent {
    let name = quoteIdentifier(database)
    if !isOpen {
      try await administrator.execute("ALTER DATABASE \(name) ALLOW_CONNECTIONS true")
    }
    let content = try await DatabaseContent.read(scene.server.with(database: database))
    if !isOpen {
      try await administrator.execute("ALTER DATABASE \(name) ALLOW_CONNECTIONS false")
    }
    return content
  }
}

/// The end state of a run.
struct RestoreOutcome: Hashable {
  struct State: Hashable {
    /// Whether clients may connect.
    var isOpen: Bool
    var content: DatabaseContent
  }

  /// By role: `live`, `before` (the one that was replaced), `restore` (a copy).
  var databases: [String: State]
  /// The folders in the backup store, whole or not.
  var backups: Int
}
