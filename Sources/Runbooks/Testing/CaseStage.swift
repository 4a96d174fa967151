internal import Diagnostics
internal import JSON
internal import OrderedCollections
internal import SystemPackage

/// One playing of a case: a folder for its run, a clock, and a world that answers.
struct CaseStage {
  /// What a leg came to.
  struct End {
    /// The exit code that the program would end with.
    var exit: Int32
    var state: RunState
    var records: [JournalRecord]
    var report: JSON?
    /// Why the leg did not begin, or how it was ended.
    var refusal: String?
    /// Whether it was cut off where the test said.
    var wasCut = false
  }

  let test: RunbookTest
  let testCase: TestCase
  let world: TestWorld
  private let catalog: ActionCatalog
  private let folder: FilePath
  private let clock: SimulatedClock
  private let inputs: [String: String]
  private let target: Target

  init(_ test: RunbookTest, _ testCase: TestCase, catalog: ActionCatalog, in folder: FilePath) {
    self.test = test
    self.testCase = testCase
    self.catalog = catalog
    self.folder = folder
    clock = SimulatedClock(at: test.start)
    let given = test.shared.inputs.merging(testCase.setting.inputs) { $1 }
    inputs = Dictionary(uniqueKeysWithValues: given.map { ($0, $1) })
    let accepted = (try? PreparedRun.inputs(of: test.runbook, given: inputs)) ?? [:]
    target = CaseStage.target(test, testCase, accepted)
    world = TestWorld(
      test, testCase, inputs: .object(accepted), target: target.value, clock: clock)
  }

  // MARK: The legs

  func run(cut: CutPoint? = nil) async throws -> End {
    world.begin(offer(nil))
    return try await leg(nil, cut: cut) { engine, options in
      try await engine.run(test.runbook, inputs: inputs, options: options)
    }
  }

  /// - Parameter leg: what the case says of it; nil goes on as a crash matrix does.
  func goOn(_ kind: TestLeg.Kind, _ leg: TestLeg? = nil) async throws -> End {
    world.begin(offer(leg))
    return try await self.leg(leg, cut: nil) { engine, options in
      try await engine.resume(ownRun()?.id, undo: kind == .undo, options: options)
    }
  }

  private func leg(
    _ leg: TestLeg?, cut: CutPoint?,
    _ body: (Engine, RunOptions) async throws -> RunReport
  ) async throws -> End {
    let engine = Engine(
      surroundings(leg, cut: cut), version: "test", catalog: catalog, tell: world.heard)
    do {
      let report = try await body(engine, options(leg))
      return try end(report.exit.rawValue, report.json)
    } catch let error as RunError where error.code == .cut {
      var end = try end(0, nil)
      end.wasCut = true
      return end
    } catch let error as any Failure {
      return try end(error.status.rawValue, nil, refusal: error.message)
    }
  }

  private func end(_ exit: Int32, _ report: JSON?, refusal: String? = nil) throws -> End {
    guard let run = try ownRun() else {
      return End(exit: exit, state: RunState(), records: [], report: report, refusal: refusal)
    }
    let records = try JournalContents(reading: run.journal).records
    return End(
      exit: exit, state: RunState(records), records: records, report: report, refusal: refusal)
  }

  /// The folder of the run, among those that it called.
  private func ownRun() throws -> RunFolder? {
    try RunFolder.all(in: runs).last { $0.name?.runbook == test.runbook.name }
  }

  private var runs: FilePath { folder.appending("runs") }

  // MARK: What the engine meets

  private func offer(_ leg: TestLeg?) -> TestWorld.Offer {
    let levels = [leg?.setting.answers, testCase.setting.answers, test.shared.answers]
    return TestWorld.Offer(answers: levels.compactMap(\.self), questions: questions(leg))
  }

  private func questions(_ leg: TestLeg?) -> [TestQuestion]? {
    leg?.setting.questions ?? testCase.setting.questions ?? test.shared.questions
  }

  private func options(_ leg: TestLeg?) -> RunOptions {
    var approvals = test.shared.approvals.merging(testCase.setting.approvals) { $1 }
    approvals.merge(leg?.setting.approvals ?? [:]) { $1 }
    return RunOptions(
      approvals: approvals, resolutions: leg?.resolutions ?? [:], asksEveryCheck: true)
  }

  private func surroundings(_ leg: TestLeg?, cut: CutPoint?) -> Surroundings {
    let names = Set(catalog.names).union(world.sites.all.map(\.uses)).subtracting(["bash", "sh"])
    let actions = names.filter { !$0.hasPrefix("runbook/") }.compactMap { catalog[$0] }.map {
      AnsweredAction(entry: $0, world: world)
    }
    let user = leg?.setting.user ?? testCase.setting.user ?? test.shared.user
    var surroundings = Surroundings(
      actions: actions, target: { [target] _ in target },
      locks: ["postgres": FreeLock(), "kubernetes": FreeLock()],
      operators: questions(leg) == nil ? nil : AnsweringOperator(world: world),
      now: { [clock] in clock.now }, clock: clock, environment: [:], user: user ?? "ada",
      host: "test", runsFolder: runs.string)
    surroundings.machine = AnsweredMachine(
      world: world, secrets: test.shared.secrets.merging(testCase.setting.secrets) { $1 })
    surroundings.cut = cut
    return surroundings
  }

  // MARK: The target

  private static func target(
    _ test: RunbookTest, _ testCase: TestCase, _ inputs: OrderedDictionary<String, Value>
  ) -> Target {
    let chooser = test.runbook.inputs.values.first { $0.kind == .environment }
    let name = chooser.flatMap { inputs[$0.name]?.string } ?? "test"
    var members: OrderedDictionary<String, Value> = [
      "name": .string(name), "protected": false, "database": usual["database"] ?? nil,
    ]
    for given in [test.shared.target, testCase.setting.target] {
      for (key, value) in given {
        members[key] = merge(value, over: members[key] ?? .null, usual: usual[key])
      }
    }
    return Target(name: name, value: .object(members), identities: ["test": test.runbook.name])
  }

  /// What a target is in a test that says nothing else of it.
  private static let usual: [String: Value] = [
    "database": [
      "host": "db.test", "port": 5432, "name": "app", "user": "omcops", "owner": "app",
    ],
    "kubernetes": [
      "context": "test", "cluster": "test", "server": "https://cluster.test", "namespace": "test",
    ],
  ]

  private static func merge(_ value: Value, over known: Value, usual: Value?) -> Value {
    guard case .object(let given) = value else { return value }
    let base = known.object ?? usual?.object ?? [:]
    return .object(base.merging(given) { $1 })
  }
}
