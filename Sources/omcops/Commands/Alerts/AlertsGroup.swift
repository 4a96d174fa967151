internal import ArgumentParser

/// `omcops alerts`: what fires now, and which procedure answers it.
struct AlertsGroup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alerts", abstract: "Show what fires, and the runbook that answers it.",
    subcommands: [AlertsList.self, AlertsSilence.self, AlertsExpire.self, AlertsTest.self],
    defaultSubcommand: AlertsList.self)
}
