public import Diagnostics
public import JSON
public import Quantities

/// How a drill went: what it measured, against what it should have been.
public struct DrillOutcome: Sendable {
  /// A time that was measured, and the most that it may be.
  public struct Measurement: Sendable {
    /// What was measured; nil where that was not possible.
    public let measured: Duration?
    /// The objective; nil where the runbook has none.
    public let objective: Duration?

    /// Whether the objective is met; true where there is none.
    public var isMet: Bool {
      guard let objective else { return true }
      return measured.map { $0 <= objective } ?? false
    }

    var json: JSON {
      [
        "seconds": measured.map { .double($0.seconds) } ?? .null,
        "objective-seconds": objective.map { .double($0.seconds) } ?? .null, "met": .bool(isMet),
      ]
    }
  }

  /// The run's id.
  public let run: String
  /// The runbook's name.
  public let runbook: String
  /// How the run ended: `done`, `failed`, ...
  public let status: String
  /// From the step that the recovery begins with to the end of the one it ends with.
  public let recoveryTime: Measurement
  /// How much was lost, as the runbook computes it.
  public let recoveryPoint: Measurement
  /// Checks that held before their steps ran.
  public let vacuous: [VacuousCheck]
  /// Steps that were only played, and those that were left out.
  public let simulated: [String]
  /// Steps that were left out.
  public let skipped: [String]
  /// When the run began and ended.
  public let startedAt: Timestamp
  /// When it ended.
  public let finishedAt: Timestamp
  /// The exit status: that of the run, or 9.
  public let exit: ExitStatus
  /// The folder with the journal, the evidence and the report.
  public let folder: String

  /// Whether all went well.
  public var isGood: Bool { exit == .done }

  init(_ runbook: Runbook, _ report: RunReport, _ records: [JournalRecord], in folder: RunFolder) {
    let state = RunState(records)
    let drill = runbook.drill
    run = report.run
    self.runbook = runbook.name
    self.folder = folder.path.string
    status = state.finish?.status ?? ""
    startedAt = state.startedAt ?? Timestamp(microseconds: 0)
    finishedAt = state.time ?? startedAt
    func steps(_ mode: Step.DrillMode) -> [Step] { runbook.allSteps.filter { $0.drill == mode } }
    simulated = steps(.simulate).map(\.id)
    skipped = steps(.skip).map(\.id)
    let played = Set(simulated)
    vacuous = VacuousCheck.found(in: records, of: runbook).filter { !played.contains($0.step) }
    recoveryTime = Measurement(
      measured: DrillOutcome.recoveryTime(drill, state),
      objective: drill?.recoveryTime?.fixed)
    recoveryPoint = Measurement(
      measured: report.measuredLoss, objective: drill?.recoveryPoint?.fixed)
    let isMissed = !recoveryTime.isMet || !recoveryPoint.isMet || !vacuous.isEmpty
    exit = report.exit == .done && isMissed ? .objectiveMissed : report.exit
  }

  /// Where the runbook does not say from which step to which, the whole run counts.
  private static func recoveryTime(_ drill: Drill?, _ state: RunState) -> Duration? {
    let start = drill?.measureFrom.map { state[$0].startedAt } ?? state.startedAt
    let end = drill?.measureTo.map { state[$0].finishedAt } ?? state.time
    guard let start, let end else { return nil }
    return end - start
  }

  /// Those that the runbook has, as reports show them.
  private var objectives: [Objective] {
    [("rto", recoveryTime), ("rpo", recoveryPoint)].compactMap { name, found in
      found.objective.map {
        Objective(name: name, limit: $0, measured: found.measured, isMet: found.isMet)
      }
    }
  }

  /// The record that stays in the run's folder, as `drill.json`.
  public var json: JSON {
    [
      "exit": .int(Int64(exit.rawValue)), "finished-at": .string(finishedAt.rfc3339()),
      "good": .bool(isGood), "objectives": .array(objectives.map(\.json)),
      "rpo": recoveryPoint.json, "rto": recoveryTime.json,
      "run": .string(run), "runbook": .string(runbook),
      "simulated": .array(simulated.map(JSON.string)),
      "skipped": .array(skipped.map(JSON.string)), "started-at": .string(startedAt.rfc3339()),
      "status": .string(status),
      "vacuous": .array(
        vacuous.map { ["check": .string($0.check), "step": .string($0.step)] }),
    ]
  }
}

extension TimeSpan {
  /// The length where it does not have to be computed.
  var fixed: Duration? { if case .fixed(let duration) = self { duration } else { nil } }
}
