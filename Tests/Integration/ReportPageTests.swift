import Diagnostics
import Glibc
import JSON
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// Runs whose reports are looked at.
private struct ReportScene {
  let scene: Scene

  /// A run that restores a backup and has everything that a report shows.
  private static let finished = """
    runbook: v1
    name: rebuild
    title: Rebuild the table of prices
    description: d
    risk: low
    inputs:
      environment: { description: Where, type: environment, required: true }
      reason: { description: Why, default: INC-7 prices were lost }
    concurrency: { group: "prices/${{ inputs.environment }}", lock: postgres }
    guard:
      - { name: The server is a primary, uses: db.info, expect: "!result.in-recovery" }
    steps:
      - id: look
        name: See what is there
        uses: sql.query
        with: { query: select 0 as n }
        outputs: { rows: "result.rows[0].n", long: "format('{0} {1}', '\(String(repeating: "long-", count: 60))', result.rows[0].n)" }
      - id: go
        name: Last word before the table is replaced
        uses: confirm
        with: { message: The table is replaced., phrase: prices }
      - id: stop
        name: Stop what writes
        run: |
          echo stopping; sleep 0.2
        undo: none
        measure: outage-start
      - id: fill
        name: Fill the table again
        uses: sql.exec
        with: { sql: "create table prices as select n, n * 7 as price from generate_series(1, 1000) n" }
        check:
          - name: Every price is there
            uses: sql.query
            with: { query: "select count(*) as n, max(price) as top from prices" }
            expect: result.rows[0].n == 1000 && result.rows[0].top == 7000
        undo: { name: Drop it, uses: sql.exec, with: { sql: drop table prices } }
        measure: fill
      - id: again
        name: Start what writes
        run: |
          [ -e started ] || { touch started; echo 'not yet' >&2; exit 7; }
          for i in $(seq 400); do echo "line $i of <b>evidence</b> & more"; done
        retry: { attempts: 3, delay: 200ms }
        check: [{ name: It has started, run: "[ -e started ]", read-only: true, within: 2s }]
        undo: none
        evidence: [stdout, stderr]
      - id: not-here
        name: Only where there is a cluster
        if: ${{ target.kubernetes != null }}
        run: exit 1
        undo: none
    finally:
      - { id: tidy, name: Remove what is left, run: rm -f started, undo: none }
    outputs:
      outage: { description: From the stop to the start, value: "${{ steps.again.finished-at - steps.stop.started-at }}" }
      data-loss: { description: From the backup to the stop, value: "${{ duration('4m10s') }}" }
      rows: { description: What was there before, value: "${{ steps.look.outputs.rows }}" }

    """

  /// A run that fails, takes itself back, and whose evidence attacks whoever reads it.
  private static let failed = """
    runbook: v1
    name: break-it
    title: Give <em>every</em> order a number & a "name"
    description: d
    risk: high
    on-failure: undo
    inputs: { environment: { description: Where, type: environment, required: true } }
    steps:
      - id: add
        name: Add the column
        uses: sql.exec
        with: { sql: create table orders (id int) }
        check: [{ name: The table is there, uses: sql.query, with: { query: "select to_regclass('orders') is not null as there" }, expect: "result.rows[0].there" }]
        undo: { name: Drop the table, uses: sql.exec, with: { sql: drop table orders } }
      - id: fill
        name: Number the orders
        run: |
          echo '</pre></details><script>document.title="owned"</script><img src=x onerror="document.title=1">'
          printf '\\033[31mred\\000\\377\\n'
          echo '<a href="https://example.invalid/x">x</a><style>body{display:none}</style>' >&2
          exit 3
        check: [{ name: Every order has one, run: "true", read-only: true }]
        when-satisfied: run
        undo: none
      - { id: tell, name: Tell the others, run: echo told, undo: none }

    """

  static func play(_ body: (ReportScene) async throws -> Void) async throws {
    try await Scene.play { try await body(ReportScene(scene: $0)) }
  }

  /// Runs a runbook and gives its report as a file.
  func report(_ name: String, exit: Int32) async throws -> FilePath {
    try write(name == "rebuild" ? Self.finished : Self.failed, as: "\(name).yaml")
    try write(
      "environments: { staging: { database: { from-env: SCENE_DATABASE } } }", as: "omcops.yaml")
    let run = try await omcops(
      ["run", "\(name).yaml", "-i", "environment=staging", "--approve", "go=prices"])
    #expect(run.exitCode == exit, "\(run.errorOutput)")
    let file = scene.folder.appending("\(name).html")
    let report = try await omcops(["report", name, "--to", file.string])
    #expect(report.exitCode == 0, "\(report.errorOutput)")
    return file
  }

  func omcops(_ arguments: [String]) async throws -> ProgramResult {
    try await scene.omcops(
      ["runbook"] + arguments, environment: ["SCENE_DATABASE": scene.database.conninfo])
  }

  func write(_ text: String, as name: String) throws {
    let file = try FileDescriptor.open(
      scene.folder.appending(name), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }

  func text(_ path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly)
    return try file.closeAfter {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65536)
      while true {
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes += buffer[..<count]
      }
    }
  }

  /// A page that shows a report as wide as a telephone and as a desk, and measures both. The report
  /// itself has no script; this page has.
  func measuringPage(_ report: FilePath) throws -> FilePath {
    let html = try text(report)
    var quoted = ""
    for character in html {
      quoted += character == "&" ? "&amp;" : character == "\"" ? "&quot;" : String(character)
    }
    let frames = [400, 1100].map {
      "<iframe id=w\($0) width=\($0) height=900 style='border:0' srcdoc=\"\(quoted)\"></iframe>"
    }
    let name = "\(report.stem ?? "")-measured.html"
    try write(
      """
      <!DOCTYPE html><meta charset=utf-8><title>t</title>\(frames.joined())
      <script>
      addEventListener("load", () => {
        for (const frame of document.querySelectorAll("iframe")) {
          const page = frame.contentDocument, root = page.documentElement;
          const bar = page.querySelector(".lane .bar").getBoundingClientRect();
          const words = page.querySelectorAll("h1,h2,h3,caption,th,dd,dt,li");
          const tall = [...page.querySelectorAll("caption,h1,h2,h3,dt,dd,summary")]
            .filter(e => e.getBoundingClientRect().height > 130).length;
          const thin = [...page.querySelectorAll("article,table,dl,header,section")]
            .filter(e => e.getBoundingClientRect().width > root.clientWidth + 0.5).length;
          document.title += `|${frame.id} width=${root.clientWidth} scroll=${root.scrollWidth} `
            + `height=${root.scrollHeight} bar=${bar.width > 0 && bar.height > 4} `
            + `words=${words.length > 20} wide=${thin} tall=${tall} title=${page.title === "owned"} `
            + `main=${page.querySelectorAll("main").length}${page.querySelectorAll("header").length}`
            + `${page.querySelectorAll("footer").length} scripts=${page.scripts.length} `
            + `captions=${[...page.querySelectorAll("table")].every(t => t.caption)}`;
        }
      });
      </script>
      """, as: name)
    return scene.folder.appending(name)
  }
}

@Suite(
  "the page of a report, in a browser",
  .enabled(if: Browser.installed != nil, "chromium is not installed"))
struct ReportPageTests {
  @Test(
    "it is not blank, light and dark, says nothing to the console, and fits a telephone",
    arguments: [("rebuild", Int32(0)), ("break-it", 6)])
  func page(_ name: String, _ exit: Int32) async throws {
    let browser = try #require(Browser.installed)
    try await ReportScene.play { scene in
      let report = try await scene.report(name, exit: exit)
      let light = try await browser.open(
        report, size: (1200, 1000), isDark: false, in: scene.scene.folder)
      let dark = try await browser.open(
        report, size: (1200, 1000), isDark: true, in: scene.scene.folder)
      for view in [light, dark] {
        #expect(view.complaints == [])
        #expect(view.picture.width == 1200)
        #expect(view.picture.colours > 100)
        #expect(view.dom.contains("<h1>"))
        #expect(!view.dom.contains("<script"))
        #expect(!view.dom.contains("<img"))
        #expect(!view.dom.contains("owned</title>"))
      }
      #expect(light.picture.brightness > 200)
      #expect(dark.picture.brightness < 80)
      let measured = try await browser.open(
        scene.measuringPage(report), size: (1600, 1000), isDark: false, in: scene.scene.folder)
      for width in [400, 1100] {
        let facts = "bar=true words=true wide=0 tall=0 title=false main=111 scripts=0 captions=true"
        let line = try #require(
          measured.dom.split(separator: "|").first { $0.hasPrefix("w\(width) ") })
        #expect(line.contains("width=\(width) scroll=\(width) "), "\(line)")
        #expect(line.contains(facts), "\(line)")
      }
      #expect(measured.complaints == [])
    }
  }
}

@Suite("omcops runbook report")
struct ReportCommandTests {
  @Test("it gives what the run left in its folder, and a file for its owner alone")
  func formats() async throws {
    try await ReportScene.play { scene in
      let page = try await scene.report("rebuild", exit: 0)
      var status = stat()
      #expect(stat(page.string, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o600)
      let runs = scene.scene.folder.appending("state/omcops/runs")
      let run = runs.appending(try #require(ScratchFolder.names(in: runs).first))
      for (format, file) in [("json", "report.json"), ("markdown", "report.md")] {
        let told = try await scene.omcops(["report", "--format", format])
        #expect(told.exitCode == 0)
        #expect(told.output == (try scene.text(run.appending(file))), "\(format)")
      }
      let json = try JSON(parsing: scene.text(run.appending("report.json")))
      #expect(json["outputs"]?["data-loss"]?.string == "4m10s")
      #expect(json["measures"]?["fill"]?.string != nil)
      #expect(json["steps"]?[4]?["attempts"]?.array?.map { $0["ok"]?.bool } == [false, true])
      #expect(json["identities"]?["postgres"]?.string?.isEmpty == false)
    }
  }

  @Test("a run that is not there and a place that cannot be written are told by their names")
  func errors() async throws {
    try await ReportScene.play { scene in
      let none = try await scene.omcops(["report", "nowhere"])
      expectFailure(none, .usage, naming: "there is no run \"nowhere\"")
      _ = try await scene.report("rebuild", exit: 0)
      let unwritable = try await scene.omcops(["report", "--to", "/nowhere/x.html"])
      expectFailure(unwritable, .failed, naming: "/nowhere/x.html")
    }
  }
}
