internal import ArgumentParser

/// `omcops config`: what omcops knows about the environments.
struct Config: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show and check the configuration.",
    subcommands: [ConfigShow.self, ConfigCheck.self])
}
