internal import Digest
internal import JSON
internal import OrderedCollections
public import SystemPackage

/// A plan in a file, which somebody approved.
public struct SavedPlan: Sendable {
  /// The bytes of the file; the run keeps them.
  let bytes: [UInt8]
  /// Their SHA-256.
  let sha256: String
  /// What the plan was of.
  public let runbook: String
  private let plan: JSON

  /// Reads what `RunPlan.json` was written to; throws `RunError` when it is something else.
  public init(reading path: FilePath) throws {
    bytes = try DurableFile.read(path)
    sha256 = SHA256.hex(of: bytes)
    guard let plan = try? JSON(parsing: bytes), let runbook = plan["runbook"]?.string,
      plan["sha256"]?.string != nil, plan["answers"]?.object != nil,
      plan["identities"]?.object != nil, plan["inputs"]?.object != nil
    else {
      throw RunError(
        .input, "\(path) is no plan",
        hint: "`omcops runbook plan NAME --out FILE` writes one.")
    }
    self.plan = plan
    self.runbook = runbook
  }

  /// The inputs of the plan as texts, as the command line gives them.
  public var inputs: [String: String] {
    let values = ValueCoding.decode(plan["inputs"] ?? .null).object ?? [:]
    return Dictionary(
      values.compactMap { name, value in value.text.map { (name, $0) } },
      uniquingKeysWith: { $1 })
  }

  /// One word for the journal.
  var verdict: String { plan["runnable"]?.bool == true ? "runnable" : "blocked" }

  /// What a plan made now says differently, a line each; as Terraform refuses a stale plan.
  func differences(from now: RunPlan) -> [String] {
    var lines: [String] = []
    if plan["sha256"]?.string != now.sha256 { lines.append("\(now.file) has changed") }
    if plan["inputs"] != now.json["inputs"] { lines.append("the inputs are not those of the plan") }
    lines += differences("called", now.called).map { "called runbook \($0)" }
    lines += differences("identities", now.identities)
    lines += differences("answers", now.answers)
    return lines
  }

  private func differences(_ key: String, _ now: [String: String]) -> [String] {
    let then = (plan[key]?.object ?? [:]).mapValues { $0.string ?? "" }
    return Set(then.keys).union(now.keys).sorted().filter { then[$0] != now[$0] }.map { name in
      "\(name): was \(then[name] ?? "not there"), is \(now[name] ?? "not there")"
    }
  }
}

extension Engine {
  /// Says what a run would do now, from read-only looks at the systems: `if`, guards, and the checks
  /// that need no later output. Steps that only read are carried out where others may need their
  /// outputs; nothing is written, not even a journal, and no lock is taken.
  ///
  /// - Throws: `RunError`, `InputError` or what resolving the target throws; what stops a run is no
  ///   error but stands in the plan.
  public func plan(_ runbook: Runbook, inputs given: [String: String]) async throws -> RunPlan {
    let inputs = try PreparedRun.inputs(of: runbook, given: given)
    let target = try await interruptible {
      try await surroundings.target(environment(of: runbook, inputs))
    }
    return try await plan(runbook, inputs, target)
  }

  private func plan(
    _ runbook: Runbook, _ inputs: OrderedDictionary<String, Value>, _ target: Target
  ) async throws -> RunPlan {
    let start = surroundings.now()
    // No run can have this short id, so that nothing is mistaken for the work of one.
    let id = "\(start.rfc3339(fractionDigits: 0).filter { $0 != ":" })-\(runbook.name)-plan"
    let prepared = try await PreparedRun(
      runbook, inputs: inputs, target: target,
      identity: RunIdentity(
        id: id, shortID: "plan", startedAt: start, user: surroundings.user,
        host: surroundings.host),
      folder: RunFolder(path: runs.appending(id)),
      called: CalledRunbooks(of: runbook, catalog: catalog), catalog: catalog, in: surroundings)
    return try await interruptible {
      try await prepared.requireTools()
      var planner = Planner(prepared, inputs)
      return try await planner.plan()
    }
  }

  /// Refuses when a plan made now differs from the one that was approved.
  func compare(
    _ saved: SavedPlan, _ runbook: Runbook, _ inputs: OrderedDictionary<String, Value>,
    _ target: Target
  ) async throws {
    guard saved.runbook == runbook.name else {
      throw RunError(.input, "the plan is of \(saved.runbook), not of \(runbook.name)")
    }
    let differences = saved.differences(from: try await plan(runbook, inputs, target))
    guard differences.isEmpty else {
      throw RunError(
        .stale, "the plan is stale; nothing was changed", details: differences,
        hint: "Make a new one with `omcops runbook plan \(runbook.name) --out FILE` and read it.")
    }
  }
}
