internal import ArgumentParser

/// `omcops db archive`: looks into archives without a server.
struct DBArchive: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive", abstract: "Look into backups and archives of pg_dump's own.",
    subcommands: [DBArchiveList.self])
}
