internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import Quantities
internal import SystemPackage
internal import Terminal

/// `omcops db list`: the whole backups of a store.
struct DBList: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the backups of an environment's store, newest first.",
    discussion: discussion(
      """
      Only finished backups are shown. What one holds is 'all', or the selection that it was made \
      with; 'latest' never means such a partial one. A folder whose manifest \
      cannot be read is named on standard error. verified-at is when all of a backup was last found \
      whole: as it was written, by db verify, or by a restore of that.
      """, exits: [.done, .failed, .usage]))

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  @Option(help: "A folder of backups, instead of the environment's store.", completion: .directory)
  var store: String?

  @Option(help: "Only the backups of this database.")
  var of: String?

  @Option(
    help: ArgumentHelp(
      "Write the metrics of the store to a file for node_exporter's textfile collector, too.",
      valueName: "file.prom"), completion: .file(extensions: ["prom"]))
  var metrics: String?

  func run(_ context: Context) async throws {
    let environment = try store == nil ? database.choice.environment(context) : nil
    let folder = try store ?? environment?.backupsFolder() ?? ""
    let file = try metrics.map {
      try MetricsFile($0, store: FilePath(folder), environment: environment?.name?.value)
    }
    let listing = try BackupStore(path: FilePath(folder)).list()
    let style = database.global.style(context)
    for (name, reason) in listing.unreadable {
      context.error.write("\(style.yellow("warning:")) \(name) is not whole: \(reason)\n")
    }
    for backup in listing.backups where backup.isDatedAhead() {
      context.error.write(
        "\(style.yellow("warning:")) \(backup.id) is of a moment that has not come yet: a clock was "
          + "wrong; 'latest' passes over it while there is another\n")
    }
    let backups = listing.backups.filter { of == nil || $0.manifest.database == of }
    output.emit(
      RowSet(DBList.columns, rows: backups.map { row($0) }), to: context)
    try file?.write()
  }

  private static let columns: [RowSet.Column] = [
    "id", "database", "taken-at", "holds", .init("tables", isNumeric: true),
    .init("rows", isNumeric: true), .init("bytes", isNumeric: true), "verified-at", "label",
    "revision",
    "server-version", "path",
  ]

  private func row(_ backup: StoredBackup) -> [Cell] {
    let manifest = backup.manifest
    return [
      .text(backup.id), .text(manifest.database),
      .text(manifest.snapshotTime.rfc3339(fractionDigits: 0)),
      .text(manifest.selection.map { "part: " + $0.joined(separator: " ") } ?? "all"),
      Cell(manifest.tables.count),
      Cell(manifest.totalRows), Cell(manifest.totalBytes),
      Cell(VerificationRecord(of: backup).lastWhole?.rfc3339(fractionDigits: 0)),
      Cell(manifest.label),
      Cell(manifest.alembicRevision), .text(manifest.serverVersion), .text(backup.path.string),
    ]
  }
}
