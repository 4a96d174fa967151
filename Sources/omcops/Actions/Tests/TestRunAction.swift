internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Digest
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import SystemPackage
internal import Terminal
internal import TestOps

/// `test.run`: a suite of tests, as `omcops test` runs it. The step fails where the run is not green.
///
/// A record of what came of it is kept under the run's id and the step's place, so that a run that is
/// resumed does not run tests again that had come to their end. Tests that are interrupted are run anew:
/// what they had made is taken away by the next run.
struct TestRunAction: Action {
  let cluster: RunCluster
  let context: Context
  /// `--config` of the command that runs it.
  let file: String?

  let name = "test.run"
  let effect = Effect.write
  let parameters = [
    ActionParameter("suite", .string), ActionParameter("where", .string),
    ActionParameter("target", .string), ActionParameter("shards", .number),
    ActionParameter("image", .string), ActionParameter("workers", .number),
    ActionParameter("only", .string), ActionParameter("failed", .bool),
    ActionParameter("retries", .number), ActionParameter("timeout", .duration),
    ActionParameter("arguments", .array(.string)), ActionParameter("allow-failures", .bool),
  ]
  let result = Shape.object([
    "suite": .string, "verdict": .string, "tests": .number, "passed": .number, "failed": .number,
    "skipped": .number, "flaky": .number, "seconds": .number, "workers": .number,
    "failures": .array(.string), "troubles": .array(.string),
  ])

  /// What is named of failures and trouble: the rest is in the evidence.
  private static let named = 100

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors {
      let log = try MemoryFile()
      var quiet = context
      quiet.error = OutputStream(descriptor: log.descriptor)
      let outcome = try await outcome(of: command(call), quiet, call)
      let value = value(outcome.run)
      let text = Array(TestSummary(outcome.run, before: nil).text(style: .plain, width: nil).utf8)
      try check(outcome.run, allowsFailures: call.with["allow-failures"]?.bool == true, text)
      try keep(value, call)
      return ActionOutcome(result: value, stdout: text, stderr: Array(log.text().utf8))
    }
  }

  /// There when this step's tests have come to a good end in this run.
  func recall(_ call: ActionCall) async throws -> Recollection {
    guard let text = try? WholeFile.read(recordFile(call)), let json = try? JSON(parsing: text)
    else { return .absent }
    return .there(Value(json))
  }

  /// Which suite, with what, and where.
  func changes(_ call: ActionCall) async throws -> [String] {
    try await kubeErrors {
      let command = try command(call)
      let configuration = try configuration()
      let suite = try configuration.suite(command.suite, context)
      let kind = command.place.kind(of: suite)
      let target = command.place.target ?? suite.place?.target?.value ?? "?"
      let place =
        switch kind {
        case .local: "on this machine"
        case .pod: "in a pod of \(target)"
        case .job:
          "in \(command.place.shards ?? suite.place?.shards?.value ?? 2) pods like those of \(target)"
        }
      return [
        "run suite \(suite.name.value) with \(suite.runner.rawValue) \(place), its database "
          + suite.database.kind.rawValue
      ]
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    (["omcops", "test"] + words(with).map(shellQuoted)).joined(separator: " ")
  }

  // MARK: The command

  private func command(_ call: ActionCall) throws -> TestRunCommand {
    let words = words(call.with)
    do {
      return try TestRunCommand.parse(words)
    } catch {
      throw ActionError(.other, "the tests cannot be run: \(TestRunCommand.message(for: error))")
    }
  }

  private func words(_ with: OrderedDictionary<String, Value>) -> [String] {
    var words: [String] = []
    if let suite = with["suite"]?.text { words.append(suite) }
    for key in ["where", "target", "shards", "image", "workers", "retries"] {
      if let text = with[key]?.text { words += ["--\(key)", text] }
    }
    if case .duration(let time)? = with["timeout"] { words += ["--timeout", time.canonical] }
    if let only = with["only"]?.text { words += ["-k", only] }
    if with["failed"]?.bool == true { words.append("--failed") }
    let rest = (with["arguments"]?.array ?? []).compactMap(\.text)
    return rest.isEmpty ? words : words + ["--"] + rest
  }

  private func configuration() throws -> Configuration {
    try Configuration.load(
      path: file, from: context.workingDirectory, variables: context.environment)
  }

  private func outcome(
    of command: TestRunCommand, _ context: Context, _ call: ActionCall
  ) async throws -> TestRunCommand.Outcome {
    let configuration = try configuration()
    let suite = try configuration.suite(command.suite, context)
    var session: KubeSession?
    if command.place.kind(of: suite) != .local {
      session = try cluster.session(for: call)
      // Whoever started the run has given their word for its environment.
      session?.environment = nil
    }
    return try await command.outcome(configuration, context, in: session) { mask in
      TestProgress(context, .plain, mask: mask, tell: call.progress)
    }
  }

  // MARK: What came of it

  private func value(_ run: TestRun) -> Value {
    return [
      "suite": .string(run.suite), "verdict": .string(run.verdict.rawValue),
      "tests": .int(Int64(run.outcomes.count)),
      "passed": .int(Int64(run.outcomes.values.filter(\.outcome.isGood).count)),
      "failed": .int(Int64(run.failures.count)), "skipped": .int(Int64(run.counts[.skipped] ?? 0)),
      "flaky": .int(Int64(run.flaky.count)), "seconds": .double(run.duration),
      "workers": .int(Int64(run.workers)),
      "failures": .array(run.failures.prefix(Self.named).map { .string($0.id) }),
      "troubles": .array(run.troubles.prefix(Self.named).map { .string($0.message) }),
    ]
  }

  /// Throws where the run is not green; the error has the exit code of `omcops test`.
  private func check(_ run: TestRun, allowsFailures: Bool, _ text: [UInt8]) throws {
    let failures = run.failures.map(\.id)
    let first = failures.prefix(3).joined(separator: ", ") + (failures.count > 3 ? ", ..." : "")
    let words: String
    switch run.verdict {
    case .passed: return
    case .failed where allowsFailures: return
    case .failed: words = "\(failures.count) of \(run.outcomes.count) tests failed: \(first)"
    case .nothingRan: words = "no test was run"
    case .broken:
      let reason = run.troubles.first { !$0.isRecovered }?.message ?? "not every test was run"
      words = "not every test was run: \(reason)"
    }
    throw ActionError(
      run.verdict == .nothingRan ? .assertion : .exit, "suite \(run.suite): \(words)",
      exitCode: run.verdict == .nothingRan ? 3 : 1
    ).keeping(stdout: text)
  }

  // MARK: The record

  /// `$XDG_STATE_HOME/omcops/tests/steps/RUN-PLACE.json`.
  private func recordFile(_ call: ActionCall) -> FilePath {
    testStepsFolder(context).appending(
      "\(call.run.id)-\(SHA256.hex(of: call.place).prefix(12)).json")
  }

  private func keep(_ value: Value, _ call: ActionCall) throws {
    let path = recordFile(call)
    do {
      try WholeFile.makeFolder(path.removingLastComponent())
      try WholeFile.write(JSON(value).text() + "\n", to: path, isPrivate: true)
    } catch let error as Errno {
      throw ActionError(.other, "cannot keep what came of the tests in \(path): \(error)")
    }
  }
}

/// The folder of what came of steps that ran tests.
func testStepsFolder(_ context: Context) -> FilePath {
  FilePath(runsFolder(context)).removingLastComponent().appending("tests").appending("steps")
}
