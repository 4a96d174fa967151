internal import Archive
internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import Terminal

/// `omcops db archive list`: the table of contents of a backup or archive.
struct DBArchiveList: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Print the table of contents of a backup or archive.",
    discussion: discussion(
      """
      Reads backups, and what pg_dump writes with -Fd and -Fc, of versions 8.0 to 18; no data is \
      read and no server is needed. As it stands the list is that of pg_restore --list, and \
      pg_restore --use-list reads it.
      """, exits: [.done, .failed, .usage, .refused]))

  @Argument(help: "A backup: 'latest', an id, a label or a path.", completion: .file())
  var backup: String

  @Option(
    help: ArgumentHelp(
      "list, as pg_restore prints it, table, json, csv or markdown.", valueName: "format"))
  var output = ListingFormat.list

  @OptionGroup var database: DatabaseOptions

  func run(_ context: Context) async throws {
    let listing = try ArchiveListing(of: try database.backup(backup, context))
    guard let format = OutputFormat(rawValue: output.rawValue) else {
      return context.output.write(listing.text())
    }
    let rows = RowSet(DBArchiveList.columns, rows: listing.entries.map { row($0, listing) })
    context.output.write(rows.text(as: format, width: context.output.columns))
  }

  private static let columns: [RowSet.Column] = [
    .init("id", isNumeric: true), "section", "kind", "schema", "name", "owner",
    .init("rows", isNumeric: true),
  ]

  private func row(_ entry: ArchiveEntry, _ listing: ArchiveListing) -> [Cell] {
    [
      Cell(entry.dumpID), .text(entry.section.name), .text(entry.kind),
      Cell(entry.namespace.flatMap { $0.isEmpty ? nil : $0 }), .text(entry.tag),
      Cell(entry.owner.isEmpty ? nil : entry.owner), Cell(listing.rows(of: entry)),
    ]
  }
}

/// How a table of contents is printed: in one of the forms of all lists, or in pg_restore's own.
enum ListingFormat: String, ExpressibleByArgument, CaseIterable {
  case list
  case table
  case json
  case csv
  case markdown
}
