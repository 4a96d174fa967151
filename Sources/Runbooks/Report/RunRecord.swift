public import Diagnostics
internal import JSON
internal import OrderedCollections
internal import Quantities
public import SystemPackage

/// Everything that a run's folder says: what a report is made of.
///
/// It is the same whether the run has just ended here or is read from its folder a year later: what
/// no file holds stands in no report.
public final class RunRecord: Sendable {
  /// The run's id.
  public var id: String { folder.id }
  let folder: RunFolder
  /// The runbook as it ran; nil where its file cannot be read any more.
  let runbook: Runbook?
  let story: RunStory
  let inputs: OrderedDictionary<String, Value>
  let identities: OrderedDictionary<String, String>
  /// The environment's name; nil of runs that were cut off before it was written.
  let environment: String?
  /// What the runbook reports; what rests on a step that did not run has no value and is absent.
  let outputs: OrderedDictionary<String, Value>
  /// Durations by the names that the runbook gives them.
  let measures: OrderedDictionary<String, Duration>
  /// What a drill was to reach; empty for a run that was none.
  let objectives: [Objective]
  /// What else a drill found out; nil for a run that was none.
  let drill: DrillRecord?
  let chain: Chain
  /// Files of evidence, in the order of the journal.
  let evidence: [Evidence]
  /// Whether anything was changed and not taken back.
  let isChanged: Bool
  /// How the run stands: `done`, `failed`, ..., `running`, or `cut-off` when its process died.
  let status: String

  /// What the journal's hashes say.
  struct Chain: Sendable {
    /// How many records were read.
    var records: Int
    /// The hash of the last of them.
    var head: String
    /// Why the journal cannot be trusted from here on; nil when the chain is whole.
    var damage: String?
    /// Bytes of a record at the end that was never whole.
    var tornBytes: Int
  }

  /// A file of evidence.
  struct Evidence: Sendable {
    enum Condition: String, Sendable {
      /// What the journal recorded.
      case whole
      case changed, missing
    }

    var step: String
    var name: String
    var sha256: String
    var bytes: Int
    var condition: Condition
  }

  /// Reads a run's folder.
  ///
  /// - Parameters:
  ///   - name: a run's id or short id, or a runbook's name for its latest run; nil is the latest of
  ///     all.
  ///   - runs: the folder of the runs.
  /// - Throws: `RunError` when there is no such run. A journal that was changed is no error: the
  ///   report says it.
  public convenience init(_ name: String?, in runs: FilePath, catalog: ActionCatalog) throws {
    self.init(try RunHistory(runs).find(name, unfinished: false), catalog: catalog, runbook: nil)
  }

  /// - Parameter known: the runbook as it runs, which may have been changed since the run began.
  init(_ folder: RunFolder, catalog: ActionCatalog, runbook known: Runbook?) {
    self.folder = folder
    let (contents, damage) = JournalContents.salvaged(from: folder.journal)
    chain = Chain(
      records: contents.records.count, head: contents.head, damage: damage?.message,
      tornBytes: contents.droppedBytes)
    let file = contents.records.first?.event.file ?? folder.runbook.string
    runbook =
      known
      ?? (try? DurableFile.read(folder.runbook)).flatMap {
        try? Runbook(parsing: $0, file: file, catalog: catalog)
      }
    let human = (runbook?.allSteps ?? []).filter { catalog.effect(of: $0.work) == .human }
    story = RunStory(contents.records, asksPerson: Set(human.map(\.id)))
    inputs = ValueCoding.decode(folder.json(folder.inputs)).object ?? [:]
    identities = (folder.json(folder.identities).object ?? [:]).compactMapValues(\.string)
    let target = folder.json(folder.target)
    environment = target["name"]?.string
    let seen = RunRecord.scope(
      runbook, story, inputs, target["value"].map(ValueCoding.decode) ?? .null)
    outputs = RunRecord.outputs(of: runbook, in: seen)
    var measures: OrderedDictionary<String, Duration> = [:]
    for (name, value) in seen.contexts["measures"]?.object ?? [:] {
      if case .duration(let duration) = value { measures[name] = duration }
    }
    self.measures = measures
    let drill = folder.json(folder.drill)
    objectives = (drill["objectives"]?.array ?? []).compactMap(Objective.init)
    self.drill = DrillRecord(drill)
    evidence = RunRecord.evidence(in: contents.records, folder)
    let state = story.state
    isChanged = RunRecord.isChanged(state, runbook, catalog)
    status = state.finish?.status ?? (RunFolderLock.isHeld(folder) ? "running" : "cut-off")
  }

  /// The exit status that the run led to; nil as long as it goes on or was cut off.
  public var exit: ExitStatus? { story.state.finish.flatMap { ExitStatus(rawValue: $0.exit) } }

  /// The runbook's name for people, or as much of it as is known.
  var title: String { runbook?.title ?? story.state.start?.runbook ?? folder.name?.runbook ?? id }

  /// The steps in the order of the file, then those that only the journal knows.
  var steps: [(id: String, name: String, number: Int?, step: Step?)] {
    let known = (runbook?.steps ?? []).enumerated().map { ($1.id, $1.name, $0 + 1, $1) }
    let final = (runbook?.finally ?? []).map { ($0.id, $0.name, Int?.none, $0) }
    let ids = Set(known.map(\.0) + final.map(\.0))
    return known.map { ($0.0, $0.1, $0.2, $0.3) } + final.map { ($0.0, $0.1, $0.2, $0.3) }
      + story.steps.keys.filter { !ids.contains($0) }.map { ($0, $0, nil, nil) }
  }

  // MARK: What is computed

  private static func isChanged(
    _ state: RunState, _ runbook: Runbook?, _ catalog: ActionCatalog
  ) -> Bool {
    if state.finish?.status == "undone" { return false }
    return state.steps.contains { id, now in
      guard now.hasBegun, now.undo != .done else { return false }
      // Of a step that no file describes any more the worst is taken.
      let effect = runbook?.step(id).map { catalog.effect(of: $0.work) } ?? .write
      return effect == .write || effect == .destroy
    }
  }

  private static func scope(
    _ runbook: Runbook?, _ story: RunStory, _ inputs: OrderedDictionary<String, Value>,
    _ target: Value
  ) -> Scope {
    let state = story.state
    var views: OrderedDictionary<String, StepView> = [:]
    var measures: OrderedDictionary<String, Value> = [:]
    for step in runbook?.allSteps ?? [] {
      let now = state[step.id]
      views[step.id] = StepView(
        status: now.status.rawValue, outputs: now.outputs, startedAt: now.startedAt,
        finishedAt: now.finishedAt)
      // A step that was passed over took no time worth telling.
      if let measure = step.measure, now.finishedAt != nil, now.status != .skipped {
        measures[measure] = .duration(.milliseconds(now.milliseconds))
      }
    }
    var contexts: [String: Value] = [
      "inputs": .object(inputs), "target": target, "measures": .object(measures), "env": [:],
    ]
    if let start = state.start, let began = state.startedAt {
      contexts["run"] =
        RunIdentity(
          id: start.id, shortID: String(start.id.split(separator: "-").last ?? ""),
          startedAt: began, user: start.user, host: start.host
        ).value
    }
    var scope = Scope(
      contexts: contexts, steps: views, now: state.time ?? Timestamp(microseconds: 0))
    var variables: OrderedDictionary<String, Value> = [:]
    for (name, template) in runbook?.environment ?? [:] {
      if let text = try? template.text(in: scope) { variables[name] = .string(text) }
    }
    scope.contexts["env"] = .object(variables)
    return scope
  }

  private static func outputs(
    of runbook: Runbook?, in scope: Scope
  ) -> OrderedDictionary<String, Value> {
    var outputs: OrderedDictionary<String, Value> = [:]
    for (name, output) in runbook?.outputs ?? [:] where !output.isSecret {
      if let value = try? output.value.evaluate(in: scope) { outputs[name] = value }
    }
    return outputs
  }

  private static func evidence(in records: [JournalRecord], _ folder: RunFolder) -> [Evidence] {
    records.flatMap { record in
      record.event.evidence.map { name, hash in
        var found = Evidence(
          step: record.event.step ?? "", name: name, sha256: hash, bytes: 0, condition: .missing)
        if folder.isPlain(name), let bytes = try? DurableFile.read(folder.evidence(name)) {
          found.bytes = bytes.count
          found.condition = JournalContents.digest(of: bytes) == hash ? .whole : .changed
        }
        return found
      }
    }
  }
}

extension RunFolder {
  /// A file of the folder; null where it is not there or no JSON.
  fileprivate func json(_ path: FilePath) -> JSON {
    (try? DurableFile.read(path)).flatMap { try? JSON(parsing: $0) } ?? .null
  }

  /// Whether a name is one of a file in `evidence/` and leads nowhere else: a journal may have been
  /// changed.
  fileprivate func isPlain(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && !name.contains("/") && !name.contains("\0")
  }
}

extension JournalEvent {
  fileprivate var file: String? { if case .runStart(let start) = self { start.file } else { nil } }
}
