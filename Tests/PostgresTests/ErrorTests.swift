import DBOps
import Diagnostics
import Postgres
import SystemPackage
import TestServer
import Testing

@Suite struct ErrorTests {
  private func failure(of sql: String) async throws -> PostgresError {
    try await TestServer.withConnection { connection in
      try #require(await #expect(throws: PostgresError.self) { try await connection.query(sql) })
    }
  }

  @Test func aServersErrorHasAllItsParts() async throws {
    try await TestServer.withConnection { connection in
      try await connection.execute("CREATE TABLE t (n int PRIMARY KEY); INSERT INTO t VALUES (1)")
      let error = try #require(
        await #expect(throws: PostgresError.self) {
          try await connection.query("INSERT INTO t VALUES (1)")
        })
      #expect(error.kind == .server)
      #expect(error.sqlState == "23505")
      #expect(error.severity == "ERROR")
      #expect(error.detail == "Key (n)=(1) already exists.")
      #expect(error.constraintName == "t_pkey")
      #expect(error.tableName == "t")
      #expect(
        error.message
          == "duplicate key value violates unique constraint \"t_pkey\" (SQLSTATE 23505)")
      #expect(error.status == .failed)
    }
  }

  @Test func theCaretStandsUnderThePlace() async throws {
    let plain = try await failure(of: "SELECT 1,\n  nothing\nFROM pg_class")
    #expect(plain.excerpt == ["LINE 2:   nothing", "          ^"])
    let wide = try await failure(of: "SELECT '日本é', nothing")
    #expect(wide.excerpt == ["LINE 1: SELECT '日本é', nothing", "                        ^"])
    let tabs = try await failure(of: "SELECT\tnothing")
    #expect(tabs.excerpt == ["LINE 1: SELECT nothing", "               ^"])
    let end = try await failure(of: "SELECT 1 +")
    #expect(end.excerpt == ["LINE 1: SELECT 1 +", "                  ^"])
  }

  @Test func aLongLineIsCutAroundThePlace() async throws {
    let long =
      "SELECT " + String(repeating: "1, ", count: 100) + "nothing, "
      + String(repeating: "2, ", count: 100) + "3"
    let lines = try await failure(of: long).excerpt
    try #require(lines.count == 2)
    #expect(lines[0].count < 100)
    #expect(lines[0].hasPrefix("LINE 1: ...") && lines[0].hasSuffix("..."))
    let column = lines[1].count - 1
    #expect(lines[0].dropFirst(column).hasPrefix("nothing"))
  }

  @Test func functionsGiveTheirContext() async throws {
    let error = try await failure(
      of: "DO $$ BEGIN PERFORM 1/0; END $$")
    #expect(error.context?.contains("PL/pgSQL function inline_code_block line 1") == true)
    #expect(error.details.contains { $0.hasPrefix("context: ") })
  }

  @Test func aMissingDatabaseIsNamed() async throws {
    let settings = try await TestServer.shared.sandbox.settings.with(database: "nowhere")
    let error = try #require(
      await #expect(throws: PostgresError.self) {
        try await Connection.open(settings, applicationName: "t")
      })
    #expect(error.kind == .connectionFailed)
    #expect(error.sqlState == "3D000")
    #expect(error.message.hasSuffix(": database \"nowhere\" does not exist"))
    #expect(error.hint != nil)
  }

  @Test(.timeLimit(.minutes(1)))
  func aWrongPasswordIsToldFromNone() async throws {
    let sandbox = try await TestServer.shared.sandbox
    let admin = try await Connection.open(sandbox.settings, applicationName: "t")
    let rules = sandbox.folder.appending("data").appending("pg_hba.conf")
    let file = try FileDescriptor.open(rules, .writeOnly, options: .truncate)
    let line = Array("local all guarded scram-sha-256\nlocal all all trust\n".utf8)
    try file.closeAfter { _ = try file.writeAll(line) }
    try await admin.execute("CREATE ROLE guarded LOGIN PASSWORD 'right'; SELECT pg_reload_conf()")
    let guarded = sandbox.settings.with(["user": "guarded"])
    var failures: [PostgresError] = []
    // The rules are read anew at some moment after the reload.
    while failures.count < 2 {
      do {
        let password = failures.isEmpty ? ["passfile": "/nonexistent"] : ["password": "hunter2"]
        let open = try await Connection.open(guarded.with(password), applicationName: "t")
        await open.close()
      } catch let error as PostgresError { failures.append(error) }
    }
    #expect(failures[0].hint?.contains("no password was given") == true)
    #expect(failures[1].sqlState == "28P01")
    #expect(failures[1].message.hasSuffix("password authentication failed for user \"guarded\""))
    #expect(failures[1].hint?.contains("check the password") == true)
    #expect(failures.allSatisfy { $0.status == .failed && !$0.message.contains("hunter2") })
    let right = try await Connection.open(
      guarded.with(["password": "right"]), applicationName: "t")
    await right.close()
    try await admin.execute("DROP ROLE guarded")
    await admin.close()
  }

  @Test func anAbsentServerIsToldFromARefusingOne() async throws {
    let settings = ConnectionSettings(parameters: ["host": "/nonexistent", "dbname": "x"])
    let error = try #require(
      await #expect(throws: PostgresError.self) {
        try await Connection.open(settings, applicationName: "t")
      })
    #expect(error.kind == .connectionFailed)
    #expect(error.sqlState == nil)
    #expect(error.message.hasSuffix(": No such file or directory"))
    #expect(error.status == .failed)
  }

  @Test(arguments: [["hots": "x"], ["port": "hots"], ["sslmode": "hots"]])
  func anOptionThatLibpqRefusesIsWrongInput(_ parameters: [String: String]) async throws {
    let settings = ConnectionSettings(parameters: parameters)
    let error = try #require(
      await #expect(throws: PostgresError.self) {
        try await Connection.open(settings, applicationName: "t")
      })
    #expect(error.status == .usage)
    #expect(error.message.contains("hots"))
  }
}
