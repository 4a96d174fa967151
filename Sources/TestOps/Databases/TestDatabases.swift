internal import DBOps
internal import Diagnostics
public import Postgres

/// The databases of one run: a template that is made once and stays, and copies of it for the workers.
///
/// The run holds an advisory lock by its number as long as it lives; databases of a run whose lock is
/// free are what a killed one left.
public actor TestDatabases {
  private let source: TestServerSource
  private let recipe: TemplateRecipe
  private let applicationName: String
  private let run = Int32.random(in: 1 ... .max)
  private var server: Server?
  private var opening: Task<Void, any Error>?
  private var lastNumber = 0
  private var clones: Set<String> = []
  /// How long the last copy took; nil before there was one.
  public private(set) var lastCopy: Duration?
  /// Whether the template had to be made.
  public private(set) var hasMadeTemplate = false

  private struct Server {
    var settings: ConnectionSettings
    var connection: Connection
    var template: String
  }

  /// How many templates stay on a server; the oldest go.
  private static let keptTemplates = 8
  /// The first half of the locks' numbers: `omct`, and `omcu` for the making of templates.
  private static let (runLocks, templateLocks): (Int32, Int32) = (0x6F6D_6374, 0x6F6D_6375)

  /// Names a server and what its template holds; nothing is started yet.
  public init(on source: TestServerSource, _ recipe: TemplateRecipe, applicationName: String) {
    self.source = source
    self.recipe = recipe
    self.applicationName = applicationName
  }

  /// Starts the server if need be, takes away what killed runs left, and makes the template if it is
  /// not there.
  public func prepare() async throws {
    if let opening { return try await opening.value }
    let task = Task { try await open() }
    opening = task
    do {
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        task.cancel()
      }
    } catch {
      opening = nil
      throw error
    }
  }

  /// What the server asks for, once it is there; nil where it asks for nothing.
  public var password: String? { server?.settings["password"] }

  /// Makes a database for a worker.
  ///
  /// A server that has gone is waited for, for half a minute, and one of our own is started again.
  public func clone() async throws -> ConnectionSettings {
    lastNumber += 1
    let name = TestDatabaseName.clone(run: run, lastNumber)
    return try await patiently(for: .seconds(30)) { server in
      let clock = ContinuousClock()
      let start = clock.now
      clones.insert(name)
      try await server.connection.execute(
        TestDatabases.copy(server, to: name, isOwnServer: source.isOwn))
      lastCopy = clock.now - start
      return server.settings.with(database: name)
    }
  }

  /// Whether a database of this run is there; false when the server is gone, or was in between.
  public func exists(_ settings: ConnectionSettings) async -> Bool {
    guard let name = settings["dbname"], let server else { return false }
    let found = try? await server.connection.query(
      "SELECT FROM pg_database WHERE datname = $1", [SQLValue(name)])
    return found?.rows.isEmpty == false
  }

  /// Takes a worker's database away, and what tests made and named after it, with whoever is connected.
  public func drop(_ settings: ConnectionSettings) async {
    guard let name = settings["dbname"] else { return }
    await drop([name])
  }

  /// What is told of databases that are left.
  static func left(_ names: [String]) -> String {
    "the server is gone, and could not drop \(names.joined(separator: ", ")); the next run does"
  }

  /// Takes all of the run away; the server and the template stay.
  ///
  /// - Returns: the databases that are left, because their server is gone.
  @discardableResult
  public func close() async -> [String] {
    guard server != nil || !clones.isEmpty else { return [] }
    await drop(clones)
    await server?.connection.close()
    server = nil
    opening = nil
    return clones.sorted()
  }

  private func drop(_ names: Set<String>) async {
    let names = names.intersection(clones)
    if names.isEmpty { return }
    try? await patiently(for: .seconds(10)) { server in
      for (name, tail) in try await TestDatabases.names(over: server.connection)
      where names.contains(where: { TestDatabaseName.bears(tail, $0) }) {
        try await TestDatabases.drop(name, over: server.connection)
      }
      clones.subtract(names)
    }
  }

  /// Does something over a connection, and again over a new one where it was lost or the template was
  /// dropped.
  private func patiently<Result>(
    for patience: Duration, _ body: (Server) async throws -> Result
  ) async throws -> Result {
    let deadline = ContinuousClock().now + patience
    while true {
      do {
        try await prepare()
        guard let server else { throw CancellationError() }
        return try await body(server)
      } catch  where TestDatabases.isPassing(error) && ContinuousClock().now < deadline {
        await forget()
        try await Task.sleep(for: .milliseconds(200))
      }
    }
  }

  /// A server that stops, starts or cannot be reached right now; a template that is gone.
  private static func isPassing(_ error: any Error) -> Bool {
    if let error = error as? SandboxError { return [.failed, .busy].contains(error.code) }
    guard let error = error as? PostgresError else { return false }
    switch error.sqlState {
    case nil: return [.connectionFailed, .connectionLost].contains(error.kind)
    case let state?: return state == "3D000" || state == "53300" || state.hasPrefix("57P0")
    }
  }

  // MARK: The template

  private func forget() async {
    await server?.connection.close()
    server = nil
    opening = nil
  }

  private func open() async throws {
    let settings = try await source.running()
    let connection = try await Connection.open(
      settings.with(database: "postgres"), applicationName: applicationName)
    do {
      _ = try await connection.query(
        "SELECT pg_advisory_lock($1::int, $2::int)",
        [SQLValue(TestDatabases.runLocks), SQLValue(run)])
      _ = try await TestDatabases.removeLeftovers(but: run, over: connection)
      let template = try await template(settings, over: connection)
      server = Server(settings: settings, connection: connection, template: template)
    } catch {
      await connection.close()
      throw error
    }
  }

  private func template(
    _ settings: ConnectionSettings, over connection: Connection
  ) async throws -> String {
    let key = "\(connection.info.majorVersion)-\(recipe.key)"
    let name = TestDatabaseName.template(recipe.key)
    if try await TestDatabases.isWhole(name, over: connection) { return name }
    let lock = [
      SQLValue(TestDatabases.templateLocks), SQLValue(Int32(truncatingIfNeeded: key.stableHash)),
    ]
    _ = try await connection.query("SELECT pg_advisory_lock($1::int, $2::int)", lock)
    if try await !TestDatabases.isWhole(name, over: connection) {
      try await TestDatabases.drop(name, over: connection)
      let quoted = quoteIdentifier(name)
      try await connection.execute("CREATE DATABASE \(quoted) TEMPLATE template0")
      do {
        try await recipe.fill(settings.with(database: name))
      } catch {
        // A task of its own: it has to go when this one was cancelled, too.
        try? await Task { try await TestDatabases.drop(name, over: connection) }.value
        throw error
      }
      try await TestDatabases.endSessions(of: name, over: connection)
      // The last word: what has it is whole.
      try await connection.execute(
        "ALTER DATABASE \(quoted) WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
      hasMadeTemplate = true
      try await TestDatabases.removeOldTemplates(but: name, over: connection)
    }
    _ = try await connection.query("SELECT pg_advisory_unlock($1::int, $2::int)", lock)
    return name
  }

  private static func isWhole(_ name: String, over connection: Connection) async throws -> Bool {
    try await !connection.query(
      "SELECT FROM pg_database WHERE datname = $1 AND datistemplate AND NOT datallowconn",
      [SQLValue(name)]
    ).rows.isEmpty
  }

  /// On a server of our own, which never waits for the disk, copying files takes a third of the time
  /// that logging every page takes (strategies came with 15). Elsewhere it would make the server write
  /// all that it has in memory to the disk, twice.
  private static func copy(_ server: Server, to name: String, isOwnServer: Bool) -> String {
    let strategy =
      isOwnServer && server.connection.info.majorVersion >= 15 ? " STRATEGY file_copy" : ""
    return "CREATE DATABASE \(quoteIdentifier(name)) TEMPLATE \(quoteIdentifier(server.template))"
      + strategy
  }

  private static func endSessions(of name: String, over connection: Connection) async throws {
    _ = try await connection.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
      [SQLValue(name)])
  }

  private static func drop(_ name: String, over connection: Connection) async throws {
    let quoted = quoteIdentifier(name)
    if TestDatabaseName.isTemplate(name), try await isWhole(name, over: connection) {
      try await connection.execute("ALTER DATABASE \(quoted) WITH IS_TEMPLATE false")
    }
    let force = connection.info.majorVersion >= 13 ? " WITH (FORCE)" : ""
    try await connection.execute("DROP DATABASE IF EXISTS \(quoted)\(force)")
  }

  // MARK: What others left

  /// Drops the databases of runs that are no more, and gives their names.
  ///
  /// - Parameter own: the run that asks: its session gets its own lock again at any time.
  static func removeLeftovers(
    but own: Int32 = 0, over connection: Connection
  ) async throws -> [String] {
    var removed: [String] = []
    for (name, tail) in try await names(over: connection) {
      guard let run = TestDatabaseName.run(of: tail), run != own else { continue }
      let lock = [SQLValue(runLocks), SQLValue(run)]
      let isFree: Bool = try await connection.query(
        "SELECT pg_try_advisory_lock($1::int, $2::int)", lock
      ).single()
      guard isFree else { continue }
      try await drop(name, over: connection)
      _ = try await connection.query("SELECT pg_advisory_unlock($1::int, $2::int)", lock)
      removed.append(name)
    }
    return removed
  }

  /// The numbers of the runs that are on their way.
  static func runs(over connection: Connection) async throws -> [String] {
    // The database's own locks with two numbers: objsubid is 2 then.
    try await connection.query(
      """
      SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 \
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
      AND classid::bigint = $1 ORDER BY objid
      """, [SQLValue(runLocks)]
    ).rows.compactMap { $0[0] }
  }

  /// Drops all templates, and gives their names; one that is copied at this moment stays.
  static func removeTemplates(over connection: Connection) async throws -> [String] {
    var removed: [String] = []
    for (name, _) in try await names(over: connection) where TestDatabaseName.isTemplate(name) {
      try await drop(name, over: connection)
      removed.append(name)
    }
    return removed
  }

  /// Younger ones have a greater number.
  private static func removeOldTemplates(
    but name: String, over connection: Connection
  ) async throws {
    let templates = try await names(over: connection).map(\.name)
      .filter { TestDatabaseName.isTemplate($0) && $0 != name }
    for old in templates.dropLast(keptTemplates - 1) {
      // One that another run copies from right now goes another time.
      try? await drop(old, over: connection)
    }
  }

  /// The databases whose name has the prefix somewhere, the oldest first, and what of it begins there.
  private static func names(
    over connection: Connection
  ) async throws -> [(name: String, tail: String)] {
    try await connection.query(
      """
      SELECT datname, substr(datname, strpos(datname, $1)) FROM pg_database \
      WHERE strpos(datname, $1) > 0 ORDER BY oid::bigint
      """, [SQLValue(TestDatabaseName.prefix)]
    ).rows.compactMap { row in row[0].flatMap { name in row[1].map { (name, $0) } } }
  }
}

extension String {
  /// The same in every process (FNV-1a).
  fileprivate var stableHash: UInt64 {
    utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
