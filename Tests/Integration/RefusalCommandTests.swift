import ClusterStandIn
import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// What must not go on, as the operator meets it: on a real server, and on clusters that tell who they
/// are. Each is refused before anything is changed, and says where or what it is.
@Suite("refusals of runs")
struct RefusalCommandTests {
  /// Two steps that change the database; the second one fails as long as there is no table `gate`.
  private static let steps = """
    - id: first
      name: First
      uses: sql.exec
      with: { sql: insert into marks values ('first') }
      check: [ { name: there, uses: sql.query, with: { query: select count(*) as n from marks where name = 'first' }, expect: "${{ result.rows[0].n == 1 }}" } ]
      undo: { uses: sql.exec, with: { sql: delete from marks where name = 'first' } }
    - id: second
      name: Second
      uses: sql.exec
      with: { sql: insert into gate values (1) }
      check: [ { name: open, uses: sql.query, with: { query: select count(*) as n from gate }, expect: "${{ result.rows[0].n == 1 }}" } ]
      undo: { none: only a test }
    """

  private func run(_ scene: Scene, _ words: String...) async throws -> ProgramResult {
    try await scene.omcops(["runbook"] + words)
  }

  /// Makes the other database what the environment means.
  private func point(_ scene: Scene, at database: ConnectionSettings) throws {
    try Scene(database: database, folder: scene.folder).writeConfiguration("values: { a: 1 }")
  }

  @Test("another database than planned, or than begun on, and a plan that no longer holds")
  func databases() async throws {
    try await Scene.play { scene in
      try await TestServer.withDatabase { other in
        try scene.writeSteps(Self.steps, to: "marks")
        try scene.writeConfiguration("values: { a: 1 }")
        for database in [scene.database, other] {
          try await Scene(database: database, folder: scene.folder).execute(
            "create table marks (name text)")
        }
        let here = scene.database["dbname"] ?? "", there = other["dbname"] ?? ""
        let plan = try await run(
          scene, "plan", "marks.yaml", "-i", "environment=here", "--out", "plan.json")
        #expect(plan.exitCode == 0, "\(plan.told)")
        try point(scene, at: other)
        let elsewhere = try await run(scene, "run", "marks.yaml", "--plan", "plan.json")
        #expect(elsewhere.exitCode == 3, "\(elsewhere.told)")
        #expect(elsewhere.told.contains("database: was "), "\(elsewhere.told)")
        #expect(elsewhere.told.contains(here) && elsewhere.told.contains(there))

        try scene.writeConfiguration("values: { a: 1 }")
        let changed = Self.steps + "\n- { id: third, name: Third, uses: db.info }"
        try scene.writeSteps(changed, to: "marks")
        let stale = try await run(scene, "run", "marks.yaml", "--plan", "plan.json")
        #expect(stale.exitCode == 3, "\(stale.told)")
        #expect(stale.told.contains("marks.yaml has changed"), "\(stale.told)")
        #expect(try await counts(scene.database, other) == [0, 0])

        try scene.writeSteps(Self.steps, to: "marks")
        let half = try await run(scene, "run", "marks.yaml", "--plan", "plan.json")
        #expect(half.exitCode == 1, "\(half.told)")
        try point(scene, at: other)
        for verb in ["resume", "undo"] {
          let refused = try await run(scene, verb)
          #expect(refused.exitCode == 3, "\(refused.told)")
          #expect(refused.told.contains("database is "), "\(refused.told)")
          #expect(refused.told.contains(here) && refused.told.contains(there))
        }
        #expect(try await counts(scene.database, other) == [1, 0])

        // A line of the journal that says something else than it did.
        try scene.writeConfiguration("values: { a: 1 }")
        let journal = try scene.tamper(with: "\"first\"", "\"frist\"")
        for verb in ["resume", "undo", "verify", "abort"] {
          let refused = try await run(scene, verb)
          #expect(![0, 3].contains(refused.exitCode), "\(verb): \(refused.told)")
          #expect(
            refused.told.contains("journal.jsonl:\(journal.line + 1): "), "\(verb): \(refused.told)"
          )
        }
        try journal.restore()
        try await scene.execute("create table gate (n int)")
        let done = try await run(scene, "resume")
        #expect(done.exitCode == 0, "\(done.told)")
      }
    }
  }

  /// How many marks there are in each.
  private func counts(_ databases: ConnectionSettings...) async throws -> [Int] {
    var counts: [Int] = []
    for database in databases {
      let connection = try await Connection.open(database, applicationName: "omcops tests")
      counts.append(
        try await connection.query("select count(*) from marks").single(as: Int.self))
      await connection.close()
    }
    return counts
  }

  @Test("another cluster than planned, though its address is the same name in omcops.yaml")
  func clusters() async throws {
    try await Scene.play { scene in
      let clusters = try ["one", "two"].map { name in
        try FakeAPI { request in
          switch request.path {
          case "/api/v1/namespaces/kube-system":
            FakeAPI.Answer(
              body: #"{"kind":"Namespace","metadata":{"name":"kube-system","uid":"uid-\#(name)"}}"#)
          case "/version": FakeAPI.Answer(body: #"{"major":"1","minor":"29"}"#)
          default: .failure(404, "NotFound", "there is no \(request.path)")
          }
        }
      }
      defer { for cluster in clusters { cluster.stop() } }
      func choose(_ index: Int) throws {
        try scene.write(
          """
          current-context: a
          clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(clusters[index].port)"}}]
          users: [{name: u, user: {token: t}}]
          contexts: [{name: a, context: {cluster: c, user: u, namespace: shop}}]
          """, to: "kubeconfig")
      }
      try choose(0)
      try scene.writeConfiguration(
        "kubernetes: { kubeconfig: \"\(scene.folder)/kubeconfig\", context: a, namespace: shop }",
        hasDatabase: false)
      try scene.writeSteps(
        "- { id: a, name: A, run: touch done, check: [ { name: it is, run: test -e done, read-only: true } ], undo: { none: only a test } }",
        to: "touch")
      let plan = try await run(
        scene, "plan", "touch.yaml", "-i", "environment=here", "--out", "plan.json")
      #expect(plan.exitCode == 0, "\(plan.told)")
      try choose(1)
      let refused = try await run(scene, "run", "touch.yaml", "--plan", "plan.json")
      #expect(refused.exitCode == 3, "\(refused.told)")
      #expect(
        refused.told.contains("kubernetes: was uid-one, is uid-two"), "\(refused.told)")
      #expect(access(scene.folder.appending("done").string, F_OK) != 0)
      try choose(0)
      let done = try await run(scene, "run", "touch.yaml", "--plan", "plan.json")
      #expect(done.exitCode == 0, "\(done.told)")
    }
  }

  @Test(
    "an unknown key and a slip in an expression, by every command that reads the file",
    arguments: [
      ("guadr: []", ":11:5: ", "step \"a\" has no key \"guadr\"; did you mean \"guard\"?"),
      ("if: ${{ run.user = 'ada' }}", ":11:", ""),
      ("if: ${{ run.usr == 'ada' }}", ":11:13: ", "\"run\" has no \"usr\"; did you mean \"user\"?"),
      (
        "if: ${{ steps.b.status == 'done' }}", ":11:13: ",
        "step \"b\" comes later and cannot be asked here"
      ),
    ])
  func slips(_ line: String, _ place: String, _ words: String) async throws {
    try await Scene.play { scene in
      try scene.writeConfiguration("values: { a: 1 }")
      try scene.writeSteps(
        "- id: a\n  name: A\n  \(line)\n  uses: db.info\n- { id: b, name: B, uses: db.info }",
        to: "slip")
      for verb in ["lint", "plan", "run", "walk"] {
        let refused = try await scene.omcops(
          ["runbook", verb, "slip.yaml"] + (verb == "lint" ? [] : ["-i", "environment=here"]))
        #expect(refused.exitCode == 2, "\(verb): \(refused.told)")
        #expect(refused.told.contains("slip.yaml\(place)"), "\(verb): \(refused.told)")
        #expect(refused.told.contains(words), "\(verb): \(refused.told)")
      }
      #expect(ScratchFolder.names(in: scene.folder.appending("state/omcops/runs")) == [])
    }
  }
}

extension Scene {
  /// A journal that was changed.
  fileprivate struct Tampered {
    var path: FilePath
    var before: String
    /// Which line was changed, counted from 1.
    var line: Int

    func restore() throws { try StandIns.write(before, to: path) }
  }

  /// Changes the first line behind the head in the journal of the newest run that has the word.
  fileprivate func tamper(with word: String, _ other: String) throws -> Tampered {
    let runs = folder.appending("state/omcops/runs")
    let run = try #require(ScratchFolder.names(in: runs).last)
    let path = runs.appending(run).appending("journal.jsonl")
    let before = try StandIns.read(path)
    var lines = before.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let index = try #require(lines.indices.dropFirst().first { lines[$0].contains(word) })
    lines[index] = lines[index].replacing(word, with: other)
    try StandIns.write(lines.joined(separator: "\n"), to: path)
    return Tampered(path: path, before: before, line: index + 1)
  }
}
