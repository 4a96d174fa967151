import ProgramRunner
import SystemPackage
import Testing

@testable import Runbooks

@Suite("omcops runbook doc")
struct DocCommandTests {
  /// A runbook that uses what a document has to explain.
  private static let text = """
    runbook: v1
    name: move-it
    title: Move <it>
    description: |
      First words with `code`.

      * one & only
      * two
    alerts: [ItFires]
    risk: high
    requires: { tools: { curl: ">=7" } }
    inputs:
      environment: { description: Where, type: environment, required: true }
      path: { description: A file, default: "a b" }
      names: { description: Which | what }
    env: { STAGE: "${{ inputs.path }}/x" }
    guard:
      - name: The server is a primary
        uses: db.info
        expect: ${{ !result.in-recovery }}
        because: A replica is *not* changed.
    steps:
      - id: find
        name: Find it
        uses: db.backup.find
        with: { id: "${{ inputs.names }}" }
        outputs: { path: "${{ result.path }}", size: "${{ result.bytes }}" }
      - id: copy
        name: Copy it
        if: ${{ target.kubernetes != null }}
        uses: db.restore
        with: { from: "${{ steps.find.outputs.path }}", into: "${{ target.database.name }}_r_${{ run.short-id }}" }
        check:
          - name: It is there
            uses: sql.query
            with:
              query: select 'x' as n from t where a = $1
              params: ["${{ toJSON(inputs.names) }}"]
            expect: ${{ result.rows[0].n == inputs.names }}
            within: "${{ duration(inputs.path) }}"
        undo:
          name: Drop it
          uses: db.drop
          with: { database: "${{ target.database.name }}_r_${{ run.short-id }}" }
          until: last
        timeout: 1h
      - id: last
        name: Say it
        run: |
          echo "$STAGE"
        undo: { none: what is said is said }
    outputs:
      size: { description: How large, value: "${{ steps.find.outputs.size }}" }

    """

  private func page(_ arguments: String..., text: String = text) async throws -> ProgramResult {
    try await inFolder { folder in
      try await omcops(["doc", "move-it"] + arguments, folder)
    }
  }

  private func omcops(_ arguments: [String], _ folder: FilePath) async throws -> ProgramResult {
    try await Program.omcops.run(["runbook"] + arguments, in: folder)
  }

  private func inFolder<Result>(
    _ text: String = text, _ body: (FilePath) async throws -> Result
  ) async throws -> Result {
    try await withStage { stage in
      try DurableFile.makeFolder(stage.folder.appending("runbooks"))
      try DurableFile.write(
        Array(text.utf8), to: stage.folder.appending("runbooks").appending("move-it.yaml"))
      return try await body(stage.folder)
    }
  }

  @Test("commands can be pasted: what only a run knows is a variable, in the quotes that it needs")
  func commands() async throws {
    let result = try await page()
    #expect(result.exitCode == 0, "\(result.errorOutput)")
    for line in [
      #"omcops db restore "$FIND_PATH" --into "${DATABASE_NAME}_r_$RUN""#,
      #"omcops db drop "${DATABASE_NAME}_r_$RUN" --confirm "${DATABASE_NAME}_r_$RUN""#,
      #"export STAGE="$THE_PATH/x""#, #"echo "$STAGE""#,
      #"-p "1=$VALUE" -c 'select '\''x'\'' as n from t where a = $1'"#,
    ] {
      #expect(result.output.contains(line), "\(line) in \(result.output)")
    }
  }

  @Test("it says what is needed, what must be so, what to keep and the way back")
  func sentences() async throws {
    let text = try await page().output
    for line in [
      "# Move \\<it>", "* one & only", "Answers the alert `ItFires`.",
      "- [ ] **The server is a primary**", "It holds when the answer has `!in-recovery`.",
      "A replica is \\*not\\* changed.", "### 2. Copy it", "**Only if** the environment has",
      "`$FIND_PATH` is `path`", "It holds when the answer has `rows[0].n == $NAMES`.",
      "duration($THE_PATH).",
      "Not any more once [step 3](#3-say-it) is done.",
      "| `$THE_PATH` | A file | `a b` |", "Which \\| what", "It may take 1h.",
      "| `$VALUE` | what `toJSON($NAMES)` comes to |",
      "**To take it back:** nothing is done: what is said is said.",
      "ENVIRONMENT=\nexport OMCOPS_ENVIRONMENT=\"$ENVIRONMENT\"\nTHE_PATH='a b'\n",
      "| `size` | How large | `$FIND_SIZE` |",
    ] {
      #expect(text.contains(line), "\(line) in \(text)")
    }
  }

  @Test("HTML stands alone, and text is never markup")
  func html() async throws {
    let text = try await page("--format", "html").output
    #expect(text.hasPrefix("<!DOCTYPE html>\n"))
    #expect(text.contains("Move &lt;it&gt;"))
    #expect(!text.contains("<it>"))
    for word in ["http://", "https://", "<script", "url("] { #expect(!text.contains(word)) }
    #expect(text.contains("prefers-color-scheme: dark"))
  }

  @Test("--check names what is missing, stale or left over, with the first lines that differ")
  func check() async throws {
    try await inFolder { folder in
      let missing = try await omcops(["doc", "--check"], folder)
      #expect(missing.exitCode == 1)
      #expect(missing.output.contains("docs/runbooks/move-it.md: missing\n"))
      #expect(missing.errorOutput.contains("hint: render them with `omcops runbook doc --to "))
      #expect(try await omcops(["doc", "--to", "docs/runbooks"], folder).exitCode == 0)
      let fresh = try await omcops(["doc", "--check"], folder)
      #expect(fresh.exitCode == 0)
      #expect(fresh.output == "")
      let file = folder.appending("docs/runbooks/move-it.md")
      let page = String(decoding: try DurableFile.read(file), as: UTF8.self)
      let old = page.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0 == "### 2. Copy it" ? "### 2. Copied it" : String($0) }.joined(separator: "\n")
      try DurableFile.write(Array(old.utf8), to: file)
      try DurableFile.write(
        Array(page.utf8), to: folder.appending("docs/runbooks/gone.md"))
      try DurableFile.write(
        Array("# By hand".utf8), to: folder.appending("docs/runbooks/notes.md"))
      let stale = try await omcops(["doc", "--check"], folder)
      #expect(stale.exitCode == 1)
      #expect(stale.output.contains("move-it.md: stale\n"))
      #expect(stale.output.contains("  -### 2. Copied it\n  +### 2. Copy it\n"))
      #expect(stale.output.contains("gone.md: there is no such runbook any more\n"))
      #expect(!stale.output.contains("notes.md"))
    }
  }

  @Test("the index lists every page, and which one answers an alert")
  func index() async throws {
    try await inFolder { folder in
      _ = try await omcops(["doc", "--to", "pages"], folder)
      let index = String(
        decoding: try DurableFile.read(folder.appending("pages/README.md")), as: UTF8.self)
      #expect(index.contains("| [`move-it`](move-it.md) | Move \\<it> | high |"))
      #expect(index.contains("| `ItFires` | [`move-it`](move-it.md) |"))
    }
  }
}

@Suite("variables in commands")
struct ShellTextTests {
  private func expanded(_ words: (String) -> String) -> String {
    ShellText.expand(words(ShellText.mark("X")))
  }

  @Test("a mark becomes a variable in the quotes that its place needs")
  func places() {
    #expect(expanded { "a \($0) b" } == #"a "$X" b"#)
    #expect(expanded { "a --n=\($0)_c" } == #"a "--n=${X}_c""#)
    #expect(expanded { "a 'app in (\($0))'" } == #"a "app in ($X)""#)
    #expect(expanded { #"a '{"k":"\#($0)"}'"# } == #"a '{"k":"'"$X"'"}'"#)
    #expect(expanded { "a # of \($0)" } == "a # of $X")
    #expect(expanded { "a; b \($0)\($0)" } == #"a; b "$X$X""#)
    #expect(expanded { "a \\\n\($0)" } == "a \\\n\"$X\"")
  }

  @Test("a quote inside of quotes and text without marks stay as they are")
  func quotes() {
    #expect(expanded { "a 'it'\\''s \($0)'" } == #"a 'it'\'"s $X""#)
    #expect(ShellText.expand("a 'b $c' # d") == "a 'b $c' # d")
  }
}
