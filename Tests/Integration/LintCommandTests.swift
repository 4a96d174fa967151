import Postgres
import ProgramRunner
import TestServer
import Testing

/// `omcops db lint`, as a user and a workflow meet it.
@Suite struct LintCommandTests {
  private func lint(
    _ sql: String, _ arguments: [String] = []
  ) async throws -> ProgramResult {
    try await Program.omcops.run(["db", "lint", "-"] + arguments, input: sql)
  }

  @Test func errorsEndWithStatusThreeAndSayWhatToDo() async throws {
    let result = try await lint("SELECT 1;\n\nCREATE INDEX i ON t (a);")
    #expect(result.exitCode == 3)
    #expect(result.output.hasPrefix("stdin:3: error: nobody can write to t"))
    #expect(result.output.contains("[require-concurrent-index-creation]"))
    #expect(result.output.contains("CREATE INDEX CONCURRENTLY i ON t (a);"))
    #expect(result.errorOutput == "1 error\n")
  }

  @Test func warningsDoNot() async throws {
    let result = try await lint("DROP TABLE t;")
    #expect(result.exitCode == 0)
    #expect(result.output.contains("warning:"))
    #expect(try await lint("SELECT 1").errorOutput == "nothing found\n")
  }

  @Test func programsAndWorkflowsGetTheirForms() async throws {
    let json = try await lint("DROP TABLE t;", ["--output", "json"])
    #expect(json.output.contains("\"rule\": \"ban-drop-table\""))
    #expect(json.errorOutput == "")
    let github = try await lint("DROP TABLE t;", ["--output", "github"])
    #expect(
      github.output.hasPrefix("::warning file=stdin,line=1,title=ban-drop-table::programs that"))
    #expect(github.output.split(separator: "\n").count == 1)
  }

  @Test func rulesCanBeChosen() async throws {
    let sql = "DROP TABLE t; CREATE INDEX i ON t (a);"
    #expect(try await lint(sql, ["--only", "ban-drop-table"]).exitCode == 0)
    #expect(try await lint(sql, ["--rule", "require-concurrent-index-creation=off"]).exitCode == 0)
    #expect(try await lint("DROP TABLE t", ["--rule", "ban-drop-table=error"]).exitCode == 3)
    let slip = try await lint(sql, ["--rule", "ban-drop-tabel=off"])
    #expect(slip.exitCode == 2)
    #expect(slip.errorOutput.contains("did you mean \"ban-drop-table\"?"))
    #expect(try await lint(sql, ["--rule", "ban-drop-table=loud"]).exitCode == 2)
  }

  @Test func aDatabaseSaysWhichTablesMatter() async throws {
    try await TestServer.withDatabase { settings in
      let connection = try await Connection.open(settings, applicationName: "omcops tests")
      try await connection.execute(
        "CREATE TABLE t (a integer); CREATE TABLE u (a integer); INSERT INTO u VALUES (1)")
      await connection.close()
      let url = ["--url", settings.conninfo]
      #expect(try await lint("CREATE INDEX ON t (a)", url).errorOutput == "nothing found\n")
      let small = try await lint("CREATE INDEX ON u (a)", url)
      #expect(small.exitCode == 0)
      #expect(small.output.contains("warning: nobody can write to u (8.0 KiB"))
      #expect(
        try await lint("CREATE INDEX ON u (a)", url + ["--small-table", "1KiB"]).exitCode == 3)
    }
  }
}
