internal import DBOps
internal import Diagnostics
internal import JSON
internal import Quantities
internal import SystemPackage
internal import Terminal

/// What a verification found, of either sort.
enum VerificationOutcome {
  case read(VerifyReport)
  case restored(RestoreProof.Report)

  var isWhole: Bool {
    switch self {
    case .read(let report): report.isWhole
    case .restored(let report): report.isProven
    }
  }

  var notes: [String] {
    switch self {
    case .read(let report): report.notes
    case .restored(let report): report.restore.notes + report.comparison.notes
    }
  }

  func record(_ path: FilePath, _ depth: ProofDepth, isJSON: Bool) -> Record {
    var record = Record()
    record.add("path", .string(path.string))
    record.add("depth", .string(depth.rawValue))
    record.add("whole", .bool(isWhole))
    switch self {
    case .read(let report):
      record.add("files", JSON(report.files))
      record.add("bytes", .int(report.bytes.bytes), text: report.bytes.readable)
      if depth == .read { record.add("rows", .int(report.rows)) }
      if isJSON { record.add("problems", .array(report.problems.map(VerificationOutcome.json))) }
    case .restored(let report):
      record.add("server-version", .string(report.serverVersion))
      record.add("objects", JSON(report.comparison.comparedObjects))
      record.add("tables", JSON(report.comparison.comparedTables))
      record.add("rows", .int(report.comparison.comparedRows))
      record.add(
        "restore-milliseconds", .int(report.restore.duration.milliseconds),
        text: report.restore.duration.readable)
      if isJSON {
        let text = ComparisonText(report: report.comparison, style: Style(isColoured: false))
        record.add("comparison", text.json)
      }
    }
    if isJSON { record.add("notes", .array(notes.map(JSON.string))) }
    return record
  }

  private static func json(_ problem: BackupProblem) -> JSON {
    ["file": .string(problem.file), "reason": .string(problem.reason)]
  }
}

/// Where the outcome of a verification is noted: beside a backup of the environment's store.
struct VerifiedPlace {
  private let backup: StoredBackup?
  private let metrics: MetricsFile?

  init(_ path: FilePath, _ command: DBVerify, _ context: Context) throws {
    // The server that --url names is where to restore to, and not whose backup it is.
    var choice = command.database.choice
    choice.selection.url = nil
    guard let environment = try? choice.environment(context), let folder = environment.backups,
      FilePath(folder.value).lexicallyNormalized()
        == path.removingLastComponent().lexicallyNormalized()
    else {
      guard command.metrics.metrics == nil else { throw NotInStore(path: path) }
      (backup, metrics) = (nil, nil)
      return
    }
    // Without a manifest that can be read there is nothing that a note could be about.
    backup = try? StoredBackup(at: path)
    metrics = try command.metrics.file(environment, store: FilePath(folder.value), context)
  }

  func note(_ depth: ProofDepth, isWhole: Bool) throws {
    if let backup, let depth = VerificationRecord.Depth(rawValue: depth.rawValue) {
      try VerificationRecord.note(depth, isWhole: isWhole, of: backup)
    }
    try metrics?.write()
  }
}

/// Metrics are those of a store, in which the backup is not.
private struct NotInStore: Failure {
  var path: FilePath
  var message: String { "\(path) is not in the environment's backup store, which metrics are of" }
  var hint: String? { "choose the environment, or leave --metrics out" }
  var status: ExitStatus { .usage }
}
