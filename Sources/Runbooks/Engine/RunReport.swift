public import Diagnostics
public import JSON
internal import OrderedCollections

/// How a run ended, for people and for programs.
public struct RunReport: Sendable {
  /// The run's id.
  public let run: String
  /// The exit status that the run leads to.
  public let exit: ExitStatus
  /// What the run's folder says now.
  public let record: RunRecord
  /// The end in a few words for whoever called the run: `failed at "Swap": no connection`; masked.
  let words: String
  /// How much was lost, as the runbook's drill computes it; nil where it does not, or cannot.
  let measuredLoss: Duration?

  init(_ driver: RunDriver, exit: ExitStatus) {
    run = driver.folder.id
    self.exit = exit
    let reason = driver.stopped.map { " at \"\($0.name)\": \($0.reason)" } ?? ""
    words = "\(driver.state.finish?.status ?? "cut off")\(reason)"
    let loss = driver.runbook.drill?.measuredLoss
    measuredLoss = (try? loss?.evaluate(in: driver.scope()))?.duration
    record = RunRecord(
      driver.folder, catalog: driver.performer.catalog, runbook: driver.runbook)
  }

  /// The report as documented in `schemas/report-v1.schema.json`.
  public var json: JSON { record.json }
  /// Whether anything was changed and not taken back.
  var changed: Bool { record.isChanged }
  /// The outputs as texts.
  var texts: OrderedDictionary<String, String> { record.outputs.mapValues(\.readable) }

  func write(to folder: RunFolder) throws {
    try DurableFile.write(Array((json.text(.pretty) + "\n").utf8), to: folder.report)
    try DurableFile.write(Array(record.markdown.utf8), to: folder.readableReport)
  }
}
