import Diagnostics
import JSON
import ProgramRunner
import Quantities
import SystemPackage
import Testing

@testable import Runbooks

@Suite("a report")
struct ReportTests {
  private func record(_ stage: Stage) throws -> RunRecord {
    try RunRecord(nil, in: stage.folder.appending("runs"), catalog: stage.engine().catalog)
  }

  private func kept(_ stage: Stage) throws -> JSON {
    try JSON(parsing: DurableFile.read(stage.runFolder().report))
  }

  private static let outputs = """
    outputs:
      where: { value: "${{ target.name }}_${{ run.short-id }}" }
      took: { value: "${{ steps.b.finished-at - steps.a.started-at }}" }
      gone: { value: "${{ steps.c.outputs.x }}" }

    """

  @Test("the folder alone gives what the run itself reported")
  func fromFolder() async throws {
    try await withStage { stage async throws in
      let report = try await stage.run(
        "steps:\n" + step("a", isChecked: true, "measure: way") + step("b", hasUndo: true)
          + step("c", "if: ${{ false }}", "outputs: { x: result.key }") + Self.outputs)
      #expect(report.exit == .done)
      let json = try record(stage).json
      #expect(json == report.json)
      #expect(json == (try kept(stage)))
      #expect(json["outputs"]?["where"]?.string == "test_" + (try stage.runFolder().shortID))
      #expect(json["outputs"]?["gone"] == nil)
      #expect(json["measures"]?["way"]?.string == "0s")
      #expect(json["environment"] == "test")
      #expect(json["identities"]?["postgres"] == "7001")
      #expect(json["journal"]?["whole"] == true)
      #expect(json["steps"]?[0]?["status"] == "done")
      #expect(json["steps"]?[2]?["status"] == "skipped")
      #expect(json["changed"] == true)
    }
  }

  @Test("a check tells what it saw, when it holds and when it does not")
  func saw() async throws {
    try await withStage { stage async throws in
      let steps =
        step("a") + "    outputs: { key: result.key }\n"
          + """
            - id: b
              name: b
              check: [{ name: it is z, uses: world.look, with: { key: z }, expect: "result.there && steps.a.outputs.key == 'a'" }]

          """
      #expect(try await stage.run("steps:\n" + steps).exit == .blocked)
      let json = try record(stage).json
      let first = json["steps"]?[0]?["questions"]?.array?.last
      #expect(first?["detail"] == "there is true")
      let second = json["steps"]?[1]?["questions"]?[0]
      #expect(second?["holds"] == false)
      #expect(
        second?["detail"]?.string?.contains("there is false, steps.a.outputs.key is a") == true)
    }
  }

  @Test("text from a run is never markup, whatever it holds")
  func hostile() async throws {
    try await withStage { stage async throws in
      let evil = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>\u{1B}[31m\u{202E}"
      stage.world.next("do a") { _, _ in throw ActionError(.other, evil) }
      let name = "<b>bold</b> & \\\"quoted\\\""
      let body = """
        inputs: { note: { description: n, default: "<i>x</i>" } }
        steps:
          - id: s
            name: "\(name)"
            run: printf '%s' '\("</pre><script>alert(2)</script>")'; printf '\\033[1m\\000\\377'
            undo: none

        """
      #expect(try await stage.run(body + step("a")).exit == .failed)
      let html = try record(stage).html
      for markup in ["<script", "<img", "<b>", "<i>", "\u{1B}", "\u{202E}", "\0"] {
        #expect(!html.contains(markup), "\(markup)")
      }
      #expect(html.contains("&lt;/pre&gt;&lt;script&gt;alert(2)&lt;/script&gt;"))
      #expect(html.contains("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;"))
      for outside in ["http:", "https:", "url(", "@import", "src=\""] {
        #expect(!html.contains(outside), "\(outside)")
      }
    }
  }

  @Test("tags are closed in the order in which they were opened")
  func balanced() async throws {
    try await withStage { stage async throws in
      stage.world.next("do b") { _, _ in throw ActionError(.other, "no") }
      _ = try await stage.run(
        "on-failure: undo\nsteps:\n" + step("a", hasUndo: true, "evidence: [result]")
          + step("b", hasUndo: true) + Self.outputs)
      let open = Markup.unclosed(in: try record(stage).html)
      #expect(open == [])
    }
  }

  @Test("a run that was cut off, resumed and taken back is told in parts")
  func parts() async throws {
    try await withStage { stage async throws in
      let body =
        "steps:\n" + step("a", uses: "world.make", hasUndo: true)
        + step("b", uses: "world.make", hasUndo: true)
      _ = try await stage.run(body)
      try stage.crash(after: "start b 1")
      let cut = try record(stage)
      #expect(cut.json["status"] == "cut-off")
      #expect(cut.json["exit"] == .null)
      #expect(cut.html.contains("Cut off: its process died"))
      stage.clock.advance(by: .seconds(7200))
      try await stage.resume()
      stage.clock.advance(by: .seconds(60))
      try await stage.resume(undo: true)
      let json = try record(stage).json
      #expect(json["status"] == "undone")
      #expect(json["legs"]?.array?.map { $0["kind"] } == ["run", "resume", "undo"])
      #expect(json["legs"]?[0]?["status"] == .null)
      #expect(json["changed"] == false)
      #expect(json["ms"]?.int ?? 0 < 1000)
      #expect(json["steps"]?[0]?["undo"]?[0]?["ok"] == true)
      #expect(json["steps"]?[1]?["status"] == "undone")
      #expect(try record(stage).html.contains("Parts of the run"))
    }
  }

  @Test("a journal or evidence that was changed has a report that says so")
  func changed() async throws {
    try await withStage { stage async throws in
      _ = try await stage.run("steps:\n" + step("a") + step("b"))
      let folder = try stage.runFolder()
      let file = try #require(try entries(of: folder.path.appending("evidence")).first)
      try DurableFile.write(Array("{}".utf8), to: folder.evidence(file))
      #expect(try record(stage).html.contains("not what the journal recorded"))
      let lines = try DurableFile.read(folder.journal).split(separator: 0x0A)
      let changed = lines.enumerated().map { $0 == 3 ? Array($1) + [0x20] : Array($1) }
      try DurableFile.write(Array(changed.joined(separator: [0x0A])), to: folder.journal)
      let record = try record(stage)
      #expect(record.json["journal"]?["whole"] == false)
      #expect(record.json["journal"]?["records"] == 4)
      #expect(record.html.contains("This report cannot be trusted"))
      #expect(record.markdown.contains("The journal cannot be trusted"))
    }
  }

  @Test("objectives of a drill stand first, met and missed")
  func objectives() async throws {
    try await withStage { stage async throws in
      _ = try await stage.run("steps:\n" + step("a"))
      let drill: JSON = [
        "exit": 9, "skipped": ["z"], "vacuous": [["step": "a", "check": "a is there"]],
        "objectives": [
          Objective(name: "rto", limit: .seconds(60), measured: .seconds(12), isMet: true).json,
          Objective(name: "rpo", limit: .seconds(60), measured: nil, isMet: false).json,
        ],
      ]
      try DurableFile.write(Array(drill.text().utf8), to: stage.runFolder().drill)
      let record = try record(stage)
      #expect(record.json["objectives"]?[0]?["measured"] == "12s")
      #expect(record.json["objectives"]?[1]?["measured"] == .null)
      #expect(record.html.contains("objective missed: at most 1m"))
      #expect(record.markdown.contains("Recovery time"))
      #expect(record.json["drill"]?["vacuous"]?[0]?["check"] == "a is there")
      for text in [record.html, record.markdown] {
        #expect(text.contains("“a is there” held before step a ran"))
        #expect(text.contains("Left out: z."))
        #expect(text.contains("Done, and the drill") && text.contains("9: a drill"))
      }
    }
  }

  @Test("no secret stands in any form of it")
  func secrets() async throws {
    try await withStage { stage async throws in
      stage.environment["TOKEN"] = "hunter2-hunter2"
      let body = """
        secrets: { token: { from: "env:TOKEN" } }
        steps:
          - id: s
            name: say it
            run: echo "$T"; echo "$T" >&2; exit 3
            env: { T: "${{ secrets.token }}" }
            undo: none

        """
      _ = try await stage.run(body)
      let record = try record(stage)
      for text in [record.html, record.markdown, record.json.text()] {
        #expect(!text.contains("hunter2"))
        #expect(text.contains("***") || text.contains("\\*\\*\\*"))
      }
    }
  }

  @Test("the JSON is what the schema says")
  func schema() async throws {
    try await withStage { stage async throws in
      stage.world.next("do b") { _, _ in throw ActionError(.timeout, "slow", isInDoubt: true) }
      _ = try await stage.run(
        "guard: [{ name: g, expect: 1 == 1 }]\nsteps:\n"
          + step("a", hasUndo: true, "evidence: [result]", "measure: m") + step("b"))
      try await stage.resume(options: RunOptions(approvals: [:], assumesYes: false))
      let python = Program("/usr/bin/python3")
      let schema = packageFolder.appending("schemas/report-v1.schema.json").string
      let script = """
        import json, sys, jsonschema
        schema = json.load(open(sys.argv[1]))
        jsonschema.Draft202012Validator.check_schema(schema)
        for e in jsonschema.Draft202012Validator(schema).iter_errors(json.load(sys.stdin)): print(e.message)
        """
      guard try await python.run(["-c", "import jsonschema"]).exitCode == 0 else { return }
      let result = try await python.run(
        ["-c", script, schema], input: try record(stage).json.text())
      #expect(result.output + result.errorOutput == "")
    }
  }
}

@Suite("the scale of a timeline")
struct TimeScaleTests {
  private func leg(_ from: Int64, _ to: Int64) -> RunStory.Leg {
    RunStory.Leg(
      kind: .run, user: "u", host: "h", from: Timestamp(microseconds: from * 1_000_000),
      to: Timestamp(microseconds: to * 1_000_000))
  }

  @Test("a gap is cut short, and time inside of a leg stays in proportion")
  func gaps() {
    let scale = TimeScale([leg(0, 100), leg(100_000, 100_100)])
    func place(_ second: Int64) -> Double {
      scale.place(Timestamp(microseconds: second * 1_000_000))
    }
    #expect(place(0) == 0)
    #expect(place(100_100) == 100)
    #expect(abs(place(50) * 2 - place(100)) < 0.01)
    #expect(place(100) > 45)
    #expect(place(100_000) - place(100) < 7)
    #expect(scale.gaps.count == 1)
  }
}

/// Looks at HTML as a strict reader would.
private enum Markup {
  /// Elements that are not closed where they should be.
  static func unclosed(in html: String) -> [String] {
    var open: [String] = []
    var rest = html[...]
    while let start = rest.firstIndex(of: "<") {
      rest = rest[rest.index(after: start)...]
      let tag = rest.prefix { $0 != ">" }
      rest = rest[tag.endIndex...]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
      if tag.hasPrefix("!") || ["meta", "link", "br"].contains(name) { continue }
      if tag.hasPrefix("/") {
        guard open.last == String(name) else { return open + ["</\(name)>"] }
        open.removeLast()
      } else {
        open.append(String(name))
      }
    }
    return open
  }
}
