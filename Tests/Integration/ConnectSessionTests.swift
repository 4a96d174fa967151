import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// `omcops db connect` at a terminal, as the person at the keys meets it.
@Suite struct ConnectSessionTests {
  /// Types `keys`, lines of a shell script, into a session that script(1) gives a terminal, and
  /// gives what stood on the screen. `seen TEXT` waits until the screen has shown a text;
  /// `seen TEXT N` until it has N lines with it.
  private func screen(
    _ scene: Scene, _ keys: String, options: String = "", environment: [String: String] = [:]
  ) async throws -> String {
    let script = """
      : >screen
      seen() { until [ "$(grep -ac -- "$1" screen)" -ge "${2:-1}" ]; do :; done; }
      press() {
      seen '=> '
      \(keys)
      cat >/dev/null
      }
      press <&0 | script -qefc "exec $OMCOPS db connect --url '$DB' \(options)" screen >/dev/null
      """
    var variables = [
      "OMCOPS": Program.omcops.path.string, "DB": scene.database.redacted, "TERM": "xterm",
      "PAGER": "cat", "XDG_STATE_HOME": scene.folder.appending("state").string,
    ]
    variables.merge(environment) { $1 }
    let result = try await Program("/bin/sh").run(
      ["-c", script], environment: variables, in: scene.folder)
    #expect(result.exitCode == 0, "\(result.errorOutput)")
    return try await text(of: scene.folder.appending("screen"))
  }

  private func text(of file: FilePath) async throws -> String {
    try await Program("/bin/cat").run([file.string]).output
  }

  @Test(.timeLimit(.minutes(1)))
  func controlCDropsWhatIsTypedAndNothingElse() async throws {
    try await Scene.play { scene in
      let screen = try await screen(
        scene,
        """
        printf "SELECT 'lo"
        seen "'lo"
        printf '\\003'
        seen '\\^C'
        seen '=> ' 2
        printf "SELECT 'first'\\n"
        seen '[-]> '
        printf "UNION"
        seen "UNION"
        printf '\\003'
        seen '\\^C' 2
        printf "SELECT 'se' || 'cond';\\n"
        seen 'second'
        printf '\\004'
        """)
      #expect(screen.contains("second"))
      #expect(!screen.contains("error:"))
      let history = try await text(
        of: scene.folder.appending("state/omcops/connect_history"))
      #expect(history == "SELECT 'se' || 'cond';\n")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func anEditorThatChangesNothingRunsNothing() async throws {
    try await Scene.play { scene in
      try await scene.execute("CREATE TABLE t (n int)")
      let screen = try await screen(
        scene,
        """
        printf 'INSERT INTO t VALUES (1);\\n'
        seen 'INSERT 0 1'
        printf '\\\\e\\n'
        seen 'nothing is run'
        printf 'SELECT count(*) AS "rows" FROM t;\\n\\\\q\\n'
        """, environment: ["EDITOR": "true"])
      #expect(screen.contains("nothing was changed, and nothing is run"))
      let rows = screen.split(whereSeparator: \.isNewline).map(String.init)
      let heading = try #require(rows.lastIndex { $0.contains("------") })
      #expect(rows[heading + 1].contains("1"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func anEditedStatementIsRun() async throws {
    try await Scene.play { scene in
      let screen = try await screen(
        scene,
        """
        printf "SELECT 'before' AS x\\n\\\\\\\\e\\n"
        seen 'after'
        printf '\\\\q\\n'
        """, environment: ["EDITOR": "sed -i s/before/after/"])
      #expect(screen.contains(" after"))
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func aLostConnectionIsMadeAnew() async throws {
    try await Scene.play { scene in
      let screen = try await screen(
        scene,
        """
        printf 'SELECT pg_terminate_backend(pg_backend_pid());\\n'
        seen 'connected again'
        printf "SELECT 'still ' || 'here';\\n"
        seen 'still here'
        printf '\\\\q\\n'
        """)
      #expect(screen.contains("still here"))
    }
  }

  @Test func commandsEndStatementsAndFilesSayWhere() async throws {
    try await Scene.play { scene in
      let result = try await scene.omcops(
        ["db", "connect", "--url", scene.database.redacted],
        input: """
          CREATE SCHEMA s; CREATE TABLE s."Odd" (n int PRIMARY KEY, t text DEFAULT 'x');
          COMMENT ON TABLE s."Odd" IS 'strange';
          SELECT 1 AS a, 'two
          lines' AS b \\gx
          \\dt+ s.*
          \\d s.?dd
          \\copy s."Odd" to stdout
          \\d s.odd
          """)
      #expect(result.exitCode == 1)
      #expect(result.output.contains("a  1\nb  two\n   lines\n"))
      #expect(result.output.contains("strange"))
      #expect(result.output.contains("table s.\"Odd\""))
      #expect(result.output.contains("\"Odd_pkey\" primary key, btree (n)"))
      #expect(result.errorOutput.contains("COPY 0"))
      expectFailure(result, .failed, naming: "there is no relation s.odd")
    }
  }

  @Test func aFailureInAFileNamesItsLine() async throws {
    try await Scene.play { scene in
      let file = scene.folder.appending("script.sql")
      let text = "SELECT 1;\n\nSELECT 2;\nSELECT\n  nothing;\n"
      let descriptor = try FileDescriptor.open(
        file, .writeOnly, options: .create, permissions: .ownerReadWrite)
      try descriptor.closeAfter { _ = try descriptor.writeAll(text.utf8) }
      let query = try await scene.omcops(
        ["db", "query", "--url", scene.database.redacted, file.string])
      expectFailure(query, .failed, naming: "\"nothing\"", "\(file):4")
      let included = try await scene.omcops(
        ["db", "connect", "--url", scene.database.redacted], input: "\\i \(file)\n")
      expectFailure(included, .failed, naming: "\"nothing\"", "\(file):4")
    }
  }

  @Test func rowsThatGoNowhereAreAFailure() async throws {
    try await Scene.play { scene in
      let result = try await Program("/bin/sh").run(
        ["-c", "exec \"$OMCOPS\" db query --url \"$DB\" -c 'SELECT 1' >/dev/full"],
        environment: ["OMCOPS": Program.omcops.path.string, "DB": scene.database.redacted])
      expectFailure(result, .failed, naming: "cannot write standard output", "No space left")
    }
  }
}
