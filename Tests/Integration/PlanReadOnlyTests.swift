import Glibc
import JSON
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

@testable import Runbooks

/// The folder of the whole package.
private let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
  .removingLastComponent()

/// A plan looks, and does nothing else: every runbook of this project is planned as a role that may
/// write nothing, on a cluster, servers and programs that tell what they were asked.
@Suite("plans of this project's runbooks", .plannedScene)
struct PlanReadOnlyTests {
  static let runbooks =
    (try? RunbookFolder(package.appending("runbooks")).files())?
    .compactMap(\.stem) ?? []

  @Test("all of them are looked at")
  func all() {
    #expect(Self.runbooks.count >= 42)
  }

  @Test("a plan only reads", arguments: runbooks)
  func plan(_ name: String) async throws {
    let planned = try PlannedRunbook(name)
    defer { planned.standIn.stop() }
    let before = try await planned.nextTransaction()
    let (result, plan) = try await planned.plan(kubeconfig: planned.standIn.kubeconfig)
    #expect([0, 3].contains(result.exitCode), "\(result.told)")
    #expect(try await planned.nextTransaction() == before, "the database was written to")
    for words in ["permission denied", "read-only transaction"] {
      #expect(!result.told.contains(words), "\(result.told)")
    }
    #expect(planned.standIn.clusterChanges == [])
    #expect(planned.standIn.serverChanges == [])
    #expect(planned.standIn.programChanges == [])
    #expect(planned.runs == [])
    if planned.needsAWS {
      #expect(
        planned.standIn.calls.contains { $0.hasPrefix("aws ") && $0.contains("--output json") },
        "nothing was asked of AWS: \(planned.standIn.calls)")
    }
    let answered = planned.answers(of: plan)
    #expect(answered > 0, "a plan that asks nothing proves nothing: \(result.output)")
  }

  @Test(
    "a plan needs no more of a cluster than to look",
    .enabled(if: KubeCluster.isThere, KubeCluster.word),
    arguments: runbooks)
  func planAsViewer(_ name: String) async throws {
    let planned = try PlannedRunbook(name)
    defer { planned.standIn.stop() }
    guard planned.usesCluster else { return }
    let (result, _) = try await planned.plan(kubeconfig: KubeCluster.kubeconfig ?? "")
    #expect([0, 3].contains(result.exitCode), "\(result.told)")
  }
}

/// A database with a revision, a table and a backup, a role that may only read, and a project, for all
/// plans: none of them changes anything.
private struct PlannedScene: SuiteTrait, TestScoping {
  @TaskLocal static var current: Scene?
  static let reader = "plan_reader"

  func provideScope(
    for test: Test, testCase: Test.Case?,
    performing body: @Sendable () async throws -> Void
  ) async throws {
    try await Scene.play { scene in
      try await PlannedScene.fill(scene)
      try await PlannedScene.$current.withValue(scene) { try await body() }
      try await scene.execute("DROP OWNED BY \(Self.reader); DROP ROLE \(Self.reader)")
    }
  }

  private static func fill(_ scene: Scene) async throws {
    try await scene.execute(
      """
      CREATE ROLE \(reader) LOGIN;
      GRANT pg_monitor, pg_read_all_data TO \(reader);
      ALTER ROLE \(reader) SET default_transaction_read_only = on;
      CREATE TABLE t0 (id int); INSERT INTO t0 VALUES (1);
      CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
      INSERT INTO alembic_version VALUES ('r0')
      """)
    for folder in ["mig", "mig/versions", "infra"] {
      mkdir(scene.folder.pushing(FilePath(folder)).string, 0o755)
    }
    func write(_ text: String, _ name: String) throws {
      try StandIns.write(text, to: scene.folder.pushing(FilePath(name)))
    }
    try write("[alembic]\nscript_location = %(here)s/mig\n", "alembic.ini")
    try write("context.configure(connection=c, transaction_per_migration=True)\n", "mig/env.py")
    for (index, text) in MigrationScene.chain(2).enumerated() {
      try write(text, "mig/versions/\(index + 100).sql")
    }
    let backup = try await scene.omcops(["db", "backup", "--url", scene.database.conninfo])
    try #require(backup.exitCode == 0, "\(backup.told)")
  }
}

extension Trait where Self == PlannedScene {
  fileprivate static var plannedScene: Self { PlannedScene() }
}

/// A runbook of this project with what a plan of it meets. The inputs and what AWS answers are those of
/// its recorded cases.
private struct PlannedRunbook {
  let standIn: PlanStandIn
  /// The folder of the plan, and the scene that it shares with the others.
  private let scene: Scene
  private let shared: Scene
  private let test: RunbookTest

  init(_ name: String) throws {
    shared = try #require(PlannedScene.current)
    scene = Scene(database: shared.database, folder: shared.folder.appending("plan-\(name)"))
    mkdir(scene.folder.string, 0o755)
    test = try RunbookTest.load(
      package.appending("runbooks/tests").appending(name + ".yaml"), catalog: ActionCatalog())
    standIn = try PlanStandIn(
      in: scene.folder, answers: RecordedAnswers(test).ofAWS)
  }

  var usesCluster: Bool {
    test.sites.all.contains { $0.uses.hasPrefix("kube.") || $0.uses == "logs.expect" }
  }

  /// Whether it says that it works on an account; others may, if an input says so.
  var needsAWS: Bool { test.runbook.requirements.targets.contains("aws") }

  private var environment: String { test.shared.inputs["environment"] ?? "test" }

  /// The first case that is to end well has the inputs with which a plan sees most.
  private var inputs: [String] {
    let given = test.cases.first { $0.expectation.exit == 0 } ?? test.cases.first
    var inputs = test.shared.inputs.merging(given?.setting.inputs ?? [:]) { $1 }
    // Names that only the cases' own world knows are looked up nowhere.
    if inputs["host"] != nil { inputs["host"] = "localhost" }
    if test.runbook.inputs["environment"] != nil { inputs["environment"] = environment }
    return inputs.map { "\($0)=\($1)" }
  }

  /// Plans it, and gives what the plan says as JSON.
  func plan(kubeconfig: String) async throws -> (ProgramResult, JSON) {
    let servers = "http://127.0.0.1:\(standIn.servers.port)"
    var settings = scene.database
    settings["user"] = PlannedScene.reader
    try StandIns.write(
      """
      alembic: { config: \(shared.folder)/alembic.ini }
      environments:
        \(environment):
          database: { url: "\(settings.conninfo)", owner: postgres }
          backups: { path: \(shared.store) }
          kubernetes: { kubeconfig: "\(kubeconfig)", context: viewer, namespace: default, cluster-name: shop }
          prometheus: { url: "\(servers)" }
          alertmanager: { url: "\(servers)" }
          loki: { url: "\(servers)" }
          api: { url: "\(servers)" }
          aws: { region: ap-southeast-2, account: "123456789012" }
          github: { repository: acme/shop, api: "\(servers)", token: { from-env: TOKEN } }
          terraform: { folder: \(shared.folder)/infra }
      """, to: scene.folder.appending("omcops.yaml"))
    let result = try await scene.omcops(
      ["runbook", "plan", test.runbook.name, "--output", "json"] + inputs.flatMap { ["-i", $0] },
      environment: [
        "PATH": "\(standIn.folder)/bin:/usr/bin:/bin", "TOKEN": "t",
        "OMCOPS_RUNBOOKS": package.appending("runbooks").string,
      ].merging(secrets) { $1 }, timeout: .seconds(120))
    return (result, (try? JSON(parsing: result.output)) ?? .null)
  }

  /// Secrets of the runbook that come from variables.
  private var secrets: [String: String] {
    var variables: [String: String] = [:]
    for source in test.runbook.secrets.values {
      if case .environment(let name) = source.place { variables[name] = "a secret of a test" }
    }
    return variables
  }

  /// The number that the next transaction gets that writes anything, in any database of the server.
  func nextTransaction() async throws -> String {
    let connection = try await Connection.open(scene.database, applicationName: "omcops tests")
    let result = try await connection.query(
      "SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next")
    await connection.close()
    return try result.rows[0].decode("next")
  }

  /// The runs that the plan has begun.
  var runs: [String] { ScratchFolder.names(in: scene.folder.appending("state/omcops/runs")) }

  /// How many guards and checks the plan has found an answer to.
  func answers(of plan: JSON) -> Int {
    let steps = plan["steps"]?.array ?? []
    let all = (plan["guards"]?.array ?? []) + steps.flatMap { $0["assertions"]?.array ?? [] }
    return all.count { ["holds", "fails"].contains($0["answer"]?.string) }
  }
}

/// What the cases of a runbook have recorded.
private struct RecordedAnswers {
  private let test: RunbookTest

  init(_ test: RunbookTest) { self.test = test }

  /// What AWS answers, by `SERVICE.OPERATION`: before any step has run.
  var ofAWS: [String: String] {
    let success = test.cases.first { $0.expectation.exit == 0 }
    let answers = (success?.setting.answers ?? []) + test.shared.answers
    var found: [String: String] = ["sts.get-caller-identity": #"{"Account": "123456789012"}"#]
    for call in calls {
      guard let service = literal(call.parameters["service"])?.string,
        let operation = literal(call.parameters["operation"])?.string,
        let site = test.sites[Performer.place(of: call.location)]
      else { continue }
      let answer = answers.first { answer in
        let given = answer.with["operation"].map { literal($0)?.string }
        return answer.uses == call.name && answer.after.isEmpty
          && (answer.place == nil || answer.place == site.place)
          && (answer.assertion == nil || answer.assertion == site.assertion)
          && (given == nil || given == operation)
      }
      guard let result = answer?.outcomes.first?.result, let value = literal(result) else {
        continue
      }
      let name = "\(service).\(operation)"
      found[name] = found[name] ?? value.json.text()
    }
    return found
  }

  private func literal(_ template: Template?) -> Value? {
    try? template?.evaluate(in: Scope(contexts: [:], now: test.start))
  }

  private var calls: [ActionReference] {
    let runbook = test.runbook
    let probes =
      (runbook.guards + runbook.allSteps.flatMap { $0.guards + $0.checks }).map(\.probe)
    return (runbook.allSteps.map(\.work) + probes).compactMap { work in
      guard case .action(let reference)? = work, reference.name == "aws.read" else { return nil }
      return reference
    }
  }
}
