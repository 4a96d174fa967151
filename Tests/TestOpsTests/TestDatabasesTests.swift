import DBOps
import Postgres
import Synchronization
import SystemPackage
import TestServer
import Testing

@testable import TestOps

@Suite("the databases of tests", .serialized)
struct TestDatabasesTests {
  private func databases(
    _ settings: ConnectionSettings, key: String, _ count: @escaping @Sendable () -> Void
  ) -> TestDatabases {
    let recipe = TemplateRecipe(key: key) { settings in
      count()
      let connection = try await Connection.open(settings, applicationName: "omcops tests")
      try await connection.execute("CREATE TABLE coin (id int); INSERT INTO coin VALUES (1)")
      await connection.close()
    }
    return TestDatabases(on: .given(settings), recipe, applicationName: "omcops tests")
  }

  private func names(_ settings: ConnectionSettings) async throws -> [String] {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let names = try await connection.query(
      "SELECT datname FROM pg_database WHERE datname LIKE 'omcops\\_test\\_%'"
    ).rows.compactMap { $0[0] }
    await connection.close()
    return names
  }

  private func count(_ settings: ConnectionSettings) async throws -> Int {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let count: Int = try await connection.query("SELECT count(*) FROM coin").single()
    await connection.close()
    return count
  }

  private func execute(_ settings: ConnectionSettings, _ sql: String) async throws {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    try await connection.execute(sql)
    await connection.close()
  }

  @Test("the template is made once, copies know nothing of each other, and what is left over goes")
  func copies() async throws {
    let server = try await TestServer.shared.sandbox.settings
    let made = Mutex(0)
    let first = databases(server, key: "copies1") { made.withLock { $0 += 1 } }
    let (one, two) = (try await first.clone(), try await first.clone())
    try await execute(one, "INSERT INTO coin VALUES (2), (3)")
    #expect(try await count(one) == 3)
    #expect(try await count(two) == 1)
    #expect(await first.exists(one))

    // Somebody who was killed.
    try await execute(server, "CREATE DATABASE omcops_test_r_12345_1")
    let second = databases(server, key: "copies1") { made.withLock { $0 += 1 } }
    let three = try await second.clone()
    #expect(try await count(three) == 1)
    #expect(made.withLock { $0 } == 1)
    let now = try await names(server)
    #expect(!now.contains("omcops_test_r_12345_1"))
    #expect(now.contains(one["dbname"] ?? ""), "those of a living run stay")

    try await execute(server, "DROP DATABASE \(quoteIdentifier(one["dbname"] ?? ""))")
    #expect(await !first.exists(one))
    await first.close()
    await second.close()
    #expect(try await names(server).allSatisfy { $0.hasPrefix("omcops_test_t_") })
    let cleaning = try await TestServerCleaning(.given(server)).run()
    #expect(cleaning.removed.contains("omcops_test_t_copies1") && cleaning.inUse.isEmpty)
    #expect(try await names(server).isEmpty)
  }

  @Test("what tests name after their database goes with it, and that of a neighbour stays")
  func derived() async throws {
    let server = try await TestServer.shared.sandbox.settings
    let databases = databases(server, key: "derived1") {}
    let own = try await databases.clone()["dbname"] ?? ""
    for name in ["test_\(own)", "\(own)_gw0", "\(own)1"] {
      try await execute(server, "CREATE DATABASE \(quoteIdentifier(name))")
    }
    await databases.drop(server.with(database: own))
    #expect(try await names(server).filter { $0.hasPrefix("omcops_test_r") } == ["\(own)1"])
    let all = try await databaseNames(server)
    #expect(!all.contains("test_\(own)"))
    try await execute(server, "CREATE DATABASE test_omcops_test_r_12345_1")
    let next = self.databases(server, key: "derived1") {}
    await databases.close()
    try await next.prepare()
    let later = try await databaseNames(server)
    #expect(!later.contains("test_omcops_test_r_12345_1") && !later.contains("\(own)1"))
    await next.close()
    _ = try await TestServerCleaning(.given(server)).run()
  }

  private func databaseNames(_ settings: ConnectionSettings) async throws -> [String] {
    let connection = try await Connection.open(settings, applicationName: "omcops tests")
    let names = try await connection.query("SELECT datname FROM pg_database").rows.compactMap {
      $0[0]
    }
    await connection.close()
    return names
  }

  @Test("a template that cannot be made leaves nothing, and is made another time")
  func failure() async throws {
    struct Sour: Error {}
    let server = try await TestServer.shared.sandbox.settings
    let failing = TestDatabases(
      on: .given(server), TemplateRecipe(key: "failure1") { _ in throw Sour() },
      applicationName: "omcops tests")
    await #expect(throws: Sour.self) { try await failing.prepare() }
    await failing.close()
    #expect(try await !names(server).contains("omcops_test_t_failure1"))
    let good = databases(server, key: "failure1") {}
    #expect(try await count(try await good.clone()) == 1)
    #expect(await good.hasMadeTemplate)
    await good.close()
    _ = try await TestServerCleaning(.given(server)).run()
  }

  @Test(
    "a server of our own is started when it is needed, again when it died, and goes when cleaned")
  func ownServer() async throws {
    let folder = FilePath("/tmp/omcops-tests-own-\(UInt32.random(in: 0 ... .max))")
    let source = TestServerSource.sandbox(folder: folder, binaries: nil)
    let recipe = TemplateRecipe(key: "own") { _ in }
    let databases = TestDatabases(on: source, recipe, applicationName: "omcops tests")
    do {
      let one = try await databases.clone()
      _ = try await Sandbox.stop(in: folder)
      #expect(await !databases.exists(one))
      let two = try await databases.clone()
      #expect(await databases.exists(two))
      #expect(try await TestServerCleaning(source).run().inUse.count == 1)
      await databases.close()
      _ = try await TestServerCleaning(source).run()
      guard case .absent = try Sandbox.status(in: folder) else {
        return #expect(Bool(false), "the server stayed")
      }
    } catch {
      _ = try await Sandbox.stop(in: folder)
      throw error
    }
  }
}
