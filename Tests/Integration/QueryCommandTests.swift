import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// `omcops db query` and `db connect`, as a user meets them.
@Suite struct QueryCommandTests {
  private func query(
    _ settings: ConnectionSettings, _ arguments: [String], input: String = ""
  ) async throws -> ProgramResult {
    try await Program.omcops.run(
      ["db", "query", "--url", settings.redacted] + arguments, input: input)
  }

  @Test func rowsGoOutInEveryFormat() async throws {
    try await TestServer.withDatabase { settings in
      let sql = "SELECT 1 AS n, 'a,b' AS t, NULL AS x, true AS b, '{\"k\": [1]}'::jsonb AS j"
      let json = try await query(settings, ["--output", "json", "-c", sql])
      #expect(json.exitCode == 0)
      #expect(json.output.contains(#""n": 1, "t": "a,b", "x": null, "b": true"#))
      let csv = try await query(settings, ["--output", "csv", "-c", sql])
      #expect(csv.output.hasPrefix("n,t,x,b,j"))
      #expect(csv.output.contains(#"1,"a,b",,true,"#))
    }
  }

  @Test func statementsComeFromStandardInputAndStopAtTheFirstFailure() async throws {
    try await TestServer.withDatabase { settings in
      let result = try await query(
        settings, ["--output", "csv"],
        input:
          "CREATE TABLE t (n int); INSERT INTO t VALUES (7);\nSELECT n FROM t; SELECT no; SELECT 8")
      #expect(result.exitCode == 1)
      #expect(result.output.split(whereSeparator: \.isNewline) == ["n", "7"])
      #expect(result.errorOutput.contains("column \"no\" does not exist (SQLSTATE 42703)"))
    }
  }

  @Test func parametersAreSentApart() async throws {
    try await TestServer.withDatabase { settings in
      let odd = "x'; DROP TABLE t; --"
      let result = try await query(
        settings,
        ["--output", "csv", "-p", "a=\(odd)", "-c", "SELECT :a::text = ':a', :a::text AS v"])
      #expect(result.exitCode == 0)
      #expect(result.output.contains("false,\(odd)"))
      let slip = try await query(settings, ["-p", "b=1", "-c", "SELECT 1"])
      #expect(slip.exitCode == 2)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aCopyForNobodyEnds() async throws {
    try await Scene.play { scene in
      let line = "\\copy (select generate_series(1, 1000000000)) to stdout"
      let piped = try await Program("/bin/bash").run(
        [
          "-c", "echo \"$1\" | \"$2\" db connect --url \"$3\" | head -1; exit ${PIPESTATUS[1]}",
          "bash",
          line, Program.omcops.path.string, scene.database.conninfo,
        ], environment: [:], in: scene.folder)
      #expect(piped.output == "1\n")
      #expect(piped.exitCode == 128 + SIGPIPE)
    }
  }

  @Test func badAddressesHaveTheirExitCodes() async throws {
    let malformed = try await Program.omcops.run(
      ["db", "query", "--url", "postgres://u:hunter2@[::1/d", "-c", "SELECT 1"])
    #expect(malformed.exitCode == 2)
    let absent = try await Program.omcops.run(
      ["db", "query", "--url", "postgres://u:hunter2@/d?host=/nonexistent", "-c", "SELECT 1"])
    #expect(absent.exitCode == 1)
    for result in [malformed, absent] {
      #expect(!(result.output + result.errorOutput).contains("hunter2"))
      #expect(result.errorOutput.contains("hint:"))
    }
  }

  @Test func connectReadsStandardInput() async throws {
    try await TestServer.withDatabase { settings in
      let result = try await Program.omcops.run(
        ["db", "connect", "--url", settings.redacted],
        input: "CREATE TABLE t (\n n int\n);\n\\dt\nSELECT 41\n+ 1 AS answer\n")
      #expect(result.exitCode == 0)
      #expect(result.output.contains("table"))
      #expect(result.output.contains("42"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func controlCEndsTheStatementAndNotTheSession() async throws {
    try await TestServer.withDatabase { settings in
      // script(1) gives the program a terminal; the keys are pressed once the server sleeps.
      let keys = """
        ask="SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' \
        AND datname = current_database()"
        press() {
          printf 'SELECT pg_sleep(60);\\n'
          until "$OMCOPS" db query --url "$DB" --output csv -c "$ask" | grep -q 1; do :; done
          printf '\\003'
          until "$OMCOPS" db query --url "$DB" --output csv -c "$ask" | grep -q 0; do :; done
          printf "SELECT 'still ' || 'here';\\n\\\\\\\\q\\n"
          cat
        }
        press <&0 | script -qec "exec $OMCOPS db connect --url '$DB'" /dev/null
        """
      let result = try await Program("/bin/sh").run(
        ["-c", keys],
        environment: [
          "OMCOPS": Program.omcops.path.string, "DB": settings.redacted, "TERM": "xterm",
          "PAGER": "cat", "XDG_STATE_HOME": "/tmp/omcops-tests-state",
        ])
      #expect(result.exitCode == 0)
      #expect(result.output.contains("cancelled"))
      #expect(result.output.contains("still here"))
    }
  }
}
