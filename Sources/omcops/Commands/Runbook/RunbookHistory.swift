internal import ArgumentParser
internal import Diagnostics
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// `omcops runbook status`: the runs that are not finished.
struct RunbookStatus: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "List the runs that are not finished.",
    discussion: discussion(
      "Tells on standard error which drills are due.", exits: [.done, .failed, .usage]))

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let entries = try RunHistory(FilePath(runsFolder(context))).entries()
    // A run that another one called goes on, or is taken back, with that.
    let open = entries.filter { $0.isUnfinished && $0.caller == nil }
    output.emit(rows(of: open), to: context)
    if let last = open.last(where: { $0.status != "running" }) {
      context.error.write(
        "Go on with one: `omcops runbook resume \(last.shortID)`, or take it back: "
          + "`omcops runbook undo \(last.shortID)`\n")
    }
    tellDueDrills(context)
  }

  /// Where there is no folder of runbooks nothing is due.
  private func tellDueDrills(_ context: Context) {
    guard let drills = try? DrillSchedule(FilePath(runsFolder(context)), now: .now()),
      let files = try? RunbookPlace().folder(context).files()
    else { return }
    for runbook in files.compactMap({ try? Runbook.load($0, catalog: liveCatalog(context)) }) {
      switch drills.standing(of: runbook) {
      case .never(isDue: true):
        context.error.write(
          "\(runbook.name) was never drilled with success: `omcops runbook drill \(runbook.name)`\n"
        )
      case .last(let moment, isDue: true):
        context.error.write(
          "a drill of \(runbook.name) is due; the last good one was on "
            + "\(moment.rfc3339(fractionDigits: 0)): `omcops runbook drill \(runbook.name)`\n")
      default: continue
      }
    }
  }
}

/// `omcops runbook history`: all runs.
struct RunbookHistory: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List all runs, the latest first.",
    discussion: discussion(exits: [.done, .failed, .usage]))

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let entries = try RunHistory(FilePath(runsFolder(context))).entries()
    output.emit(rows(of: entries.reversed()), to: context)
  }
}

/// `omcops runbook verify`: proves that a run's record is what was written.
struct RunbookVerify: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a run's journal and evidence for later changes.",
    discussion: discussion(exits: [.done, .failed, .usage]))

  @Argument(help: "A run's id, its short id, or a runbook's name; the default is the latest.")
  var id: String?

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let found = try RunHistory(FilePath(runsFolder(context))).verify(id)
    var record = Record()
    record.add("run", .string(found.id))
    record.add("records", .int(Int64(found.records)))
    record.add("head", .string(found.head))
    output.emit(record, to: context)
  }
}

private func rows(of entries: [RunHistory.Entry]) -> RowSet {
  RowSet(
    ["id", "runbook", "kind", "status", "step", "user", "started-at", "run"],
    rows: entries.map {
      [
        Cell($0.shortID), .init($0.runbook), .init($0.kind), .init($0.status), .init($0.step),
        .init($0.user), .init($0.startedAt?.rfc3339(fractionDigits: 0)), .init($0.id),
      ]
    })
}
