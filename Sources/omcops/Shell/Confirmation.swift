internal import ArgumentParser
internal import Diagnostics
internal import Terminal

/// The operator's word for something that cannot be taken back.
struct ConfirmationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Confirms what is asked without a terminal: the name that would have to be typed.",
      valueName: "name"))
  var confirm: String?

  /// What was said.
  var given: Confirmation { Confirmation(name: confirm) }
}

/// What the operator has confirmed on the command line.
struct Confirmation: Sendable {
  /// The name that would have to be typed.
  var name: String?

  /// Goes on only if the operator has given `name`, with `--confirm` or by typing it.
  ///
  /// - Parameter action: what is about to happen, as in `drop database "shop_old" on db1`.
  func require(_ name: String, for action: String, _ context: Context) throws {
    if let given = self.name {
      guard given == name else {
        throw NotConfirmed(
          message: "--confirm says \"\(given)\", but this would \(action)",
          hint: "pass --confirm \(name) if that is what you want")
      }
      return
    }
    guard context.canPrompt else {
      throw NotConfirmed(
        message: "this would \(action), and nobody has confirmed it",
        hint: "pass --confirm \(name), or run it at a terminal")
    }
    context.error.write("This will \(action).\nType \(name) to go on: ")
    guard context.input.readLine() == name else {
      throw NotConfirmed(message: "not confirmed; nothing was changed", hint: nil)
    }
  }
}

/// The operator did not say yes.
struct NotConfirmed: Failure {
  var message: String
  var hint: String?
  var status: ExitStatus { .refused }
}
