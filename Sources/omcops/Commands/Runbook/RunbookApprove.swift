internal import ArgumentParser
internal import Diagnostics
internal import Quantities
internal import Runbooks
internal import SystemPackage

/// `omcops runbook approve`: gives one's word to a run that waits for it.
struct RunbookApprove: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "approve", abstract: "Approve a step of a run that waits for another person.",
    usage: "omcops runbook approve [<run>] <step> [--phrase <phrase>]",
    discussion: discussion(
      """
      Shows what is to be approved and takes the phrase at the terminal. The word reaches the run \
      through its folder, with your name, your machine, the time, and the hash of what you were shown. \
      Only the account that runs it can read that: take it by `sudo -u ACCOUNT`. Your name is the login \
      name, behind sudo that of who called it; who began the run cannot approve it where another person \
      is needed.
      """, exits: [.done, .failed, .usage, .refused]))

  @Argument(
    help: "The run (its id, its short id, or a runbook's name; default the latest), the step.")
  var words: [String]

  @Option(help: "The phrase, where there is no terminal to type it at.")
  var phrase: String?

  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard (1...2).contains(words.count) else {
      throw ValidationError("name a step, or a run and its step")
    }
  }

  func run(_ context: Context) async throws {
    let history = RunHistory(FilePath(runsFolder(context)))
    let request = try await history.approve(
      words.count == 2 ? words[0] : nil, step: words[words.count - 1], as: context.user,
      on: context.host, at: Timestamp.now()
    ) { request in
      context.error.write(request.shown + "\n")
      if let phrase { return phrase }
      guard context.canPrompt else { return nil }
      context.error.write("Type \(request.phrase) to approve it: ")
      return try await context.input.nextLine()
    }
    context.error.write("approved step \"\(request.step)\" of run \(request.run)\n")
  }
}
