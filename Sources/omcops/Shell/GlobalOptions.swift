internal import ArgumentParser
internal import Terminal

/// What every command takes.
struct GlobalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Configuration file; the default is the nearest omcops.yaml above this folder.",
      valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Flag(help: "No colour, even on a terminal; NO_COLOR says the same.")
  var noColor = false

  /// How messages on standard error are coloured.
  func style(_ context: Context) -> Style {
    Style(for: context.error, environment: context.environment, disabled: noColor)
  }
}
