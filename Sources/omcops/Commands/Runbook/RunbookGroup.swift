internal import ArgumentParser

/// `omcops runbook`: procedures whose every step is checked.
struct RunbookGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runbook", abstract: "Read, check and run the procedures.",
    subcommands: [
      RunbookList.self, RunbookShow.self, RunbookLint.self, RunbookDoc.self, RunbookPlan.self,
      RunbookRun.self, RunbookWalk.self, RunbookResume.self, RunbookUndo.self, RunbookAbort.self,
      RunbookApprove.self, RunbookStatus.self, RunbookHistory.self, RunbookReport.self,
      RunbookVerify.self, RunbookTestCommand.self, RunbookDrill.self,
    ])
}
