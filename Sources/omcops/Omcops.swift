internal import ArgumentParser
internal import COmc

/// The root of the command tree.
struct Omcops: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "omcops",
    abstract: "Operate a PostgreSQL-backed service: back up, restore, migrate, run procedures.",
    discussion: exitStatusTable,
    version: version,
    subcommands: [DB.self])

  /// The version of this build.
  static var version: String { String(cString: omc_version()) }
}

/// The table of exit codes, as every command's help shows it.
let exitStatusTable = """
  Exit status: 0 done; 1 failed; 2 wrong usage, input or configuration; 3 a check or guard did \
  not hold; 4 refused or declined; 5 somebody else holds the lock; 6 failed and wholly undone; \
  7 failed and the undo failed too; 8 in doubt, resume needs a decision; 9 a drill's objective \
  was missed; 130 or 143 interrupted.
  """
