internal import ArgumentParser
internal import Diagnostics
internal import Quantities
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// `omcops runbook list`: the procedures that there are.
struct RunbookList: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the runbooks.",
    discussion: discussion(exits: [.done, .usage]))

  @OptionGroup var files: RunbookFileOptions
  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    var rows: [[Cell]] = []
    var broken: [RunbookError] = []
    let drills = try DrillSchedule(FilePath(runsFolder(context)), now: .now())
    for path in try files.folder(context).files() {
      do throws(RunbookError) {
        let runbook = try Runbook.load(path, catalog: liveCatalog(context))
        rows.append([
          .text(runbook.name), .text(runbook.title), .text(runbook.risk.rawValue),
          .text(runbook.requirements.targets.joined(separator: ", ")),
          .number(String(runbook.steps.count)), Cell(drills.standing(of: runbook).words),
        ])
      } catch {
        broken.append(error)
      }
    }
    output.emit(
      RowSet(
        ["name", "title", "risk", "targets", .init("steps", isNumeric: true), "drill"],
        rows: rows),
      to: context)
    for error in broken { context.error.write("omcops: \(error.message)\n") }
    if !broken.isEmpty { throw Ended(status: .usage) }
  }
}

extension DrillSchedule.Standing {
  /// When the last good drill was, and whether the next one is due; nil where there are none.
  var words: String? {
    switch self {
    case .none: nil
    case .never(let isDue): isDue ? "never, due" : "never"
    case .last(let moment, let isDue):
      moment.rfc3339(fractionDigits: 0) + (isDue ? ", due" : "")
    }
  }
}
