internal import ArgumentParser
internal import COmc
internal import Diagnostics

/// The root of the command tree.
struct Omcops: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "omcops",
    abstract: "Operate a PostgreSQL-backed service: back up, restore, migrate, run procedures.",
    discussion: discussion(exits: ExitStatus.allCases),
    version: version,
    subcommands: [
      DB.self, KubeGroup.self, Logs.self, RunbookGroup.self, AlertsGroup.self, TestGroup.self,
      Config.self, SandboxCommand.self,
    ])

  /// The version of this build.
  static var version: String { String(cString: omc_version()) }
}
