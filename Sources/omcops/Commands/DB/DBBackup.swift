internal import Archive
internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Quantities
internal import SystemPackage
internal import Terminal

/// `omcops db backup`: a copy of a whole database, or none.
struct DBBackup: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: "Back up a database, or a part of one, into a folder or a file.",
    discussion: discussion(
      """
      Reads every object and every row of one moment, over several connections, and writes an \
      archive that pg_restore reads as well, with a manifest of checksums and row counts. The \
      folder gets its name when all of it is on the disk and has been read back. A database that \
      holds something that an archive cannot is refused, naming each object, before anything is \
      written.

      Without --output the backup goes into the environment's backup store. --format custom makes one \
      file of it, with the manifest inside; --output - writes that to standard output, where it cannot \
      be read back: what has been written when something fails is for the reader to throw away.

      With a selection the backup is a partial one: its manifest says so, db list and db verify show \
      it, and 'latest' never means it. Partitions go with their table, types and functions with what \
      needs them; what needs a table that is not selected, such as a foreign key, is left out and \
      named. A pattern that fits nothing is an error.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @OptionGroup var database: DatabaseOptions

  @Option(
    help: "Folder or file to write, which must not exist; - for standard output.",
    completion: .file())
  var output: String?

  @Option(help: "What people call the backup; part of its name in the store.")
  var label: String?

  @Option(help: "directory: a file of each table, copied in parallel; custom: one file.")
  var format = BackupFormat.directory

  @Option(help: "How many connections copy rows at once.")
  var jobs = 2

  @Option(
    help: ArgumentHelp(
      """
      gzip[:1-9], zstd[:1-19], lz4 or none; a number alone is gzip's. pg_restore reads zstd and lz4 \
      since 16. The default is gzip for servers up to 15, and zstd.
      """, valueName: "method"), transform: Compression.argument)
  var compress: Compression?

  @OptionGroup(title: "Selection") var selected: SelectionOptions

  @Flag(inversion: .prefixedNo, help: "Read everything back before the backup gets its name.")
  var verify = true

  @OptionGroup var metrics: MetricsOptions

  @Flag(help: "Print the backup's manifest as JSON.")
  var json = false

  func validate() throws {
    guard (1...64).contains(jobs) else {
      throw ValidationError("--jobs is \(jobs); it must be 1 to 64")
    }
    if output != nil, label != nil {
      throw ValidationError("--label names a backup in the store; --output names the place itself")
    }
    if output == "-", format != .custom {
      throw ValidationError("--output - needs --format custom, which is one file")
    }
    if output == "-", json {
      throw ValidationError("--output - has standard output to itself; leave --json out")
    }
    if output != nil, metrics.metrics != nil {
      throw ValidationError("--metrics are those of the store; --output writes beside it")
    }
  }

  func run(_ context: Context) async throws {
    if output == "-", context.output.isTerminal { throw ArchiveOnTerminal() }
    let target = try await database.resolve(context)
    let display = ProgressDisplay(context)
    defer { display.clear() }
    var options = Backup.Options(
      source: target.settings, destination: try destination(target), jobs: jobs,
      compression: compress, verifies: verify, omcopsVersion: Omcops.version)
    options.selection = try selected.selection()
    let metrics = try metricsFile(target, context)
    let started = Timestamp.now()
    let summary: BackupSummary
    do {
      summary = try await Backup(options, progress: display.handler).run()
    } catch {
      display.clear()
      try? metrics?.write(
        after: target.settings["dbname"].map {
          BackupOutcome(database: $0, startedAt: started, error)
        })
      throw error
    }
    display.clear()
    try metrics?.write()
    let style = database.global.style(context)
    for object in summary.omitted {
      context.error.write("\(style.yellow("note:")) \(object)\n")
    }
    for note in summary.notes { context.error.write("\(style.yellow("note:")) \(note)\n") }
    if output == "-" {
      context.error.write(record(summary).text(as: .table, width: context.error.columns))
    } else if json {
      context.output.write(summary.manifest.json.text(.pretty) + "\n")
    } else {
      context.output.write(record(summary).text(as: .table, width: context.output.columns))
    }
  }

  private func destination(_ target: DatabaseTarget) throws -> Backup.Destination {
    switch output {
    case "-": return .pipe(.standardOutput)
    case let output? where format == .custom: return .file(FilePath(output))
    case let output?: return .folder(FilePath(output))
    case nil:
      let store = BackupStore(path: FilePath(try target.backupsFolder()))
      return .store(store, label: label, format: format.format)
    }
  }

  /// The file of metrics, where the backup goes into the store that they are of.
  private func metricsFile(_ target: DatabaseTarget, _ context: Context) throws -> MetricsFile? {
    guard output == nil else { return nil }
    return try metrics.file(
      target.environment, store: FilePath(try target.backupsFolder()), context)
  }

  private func record(_ summary: BackupSummary) -> Record {
    let manifest = summary.manifest
    let bytes = manifest.totalBytes
    var record = Record()
    record.add("backup", .string(summary.id))
    record.add("path", .string(summary.path.string))
    record.add("database", .string(manifest.database))
    if let selection = manifest.selection {
      record.add("partial", .string(selection.joined(separator: " ")))
    }
    record.add("tables", JSON(manifest.tables.count))
    record.add("rows", .int(manifest.totalRows))
    record.add(
      "size", .int(bytes),
      text: "\(ByteCount(bytes).readable) of \(ByteCount(summary.rawBytes).readable) of rows")
    record.add("verified", .bool(verify && output != "-"))
    record.add(
      "time", .int(summary.microseconds),
      text: Duration.microseconds(summary.microseconds).readable)
    return record
  }
}

/// The forms of archives, as the command line names them.
enum BackupFormat: String, ExpressibleByArgument, CaseIterable {
  case directory
  case custom

  var format: Backup.Format { self == .custom ? .custom : .directory }
}

extension Compression {
  /// Reads what `--compress` says.
  fileprivate static func argument(_ text: String) throws -> Compression {
    guard let compression = Compression(text) else {
      throw ValidationError("it must be gzip[:1-9], zstd[:1-19], lz4 or none")
    }
    return compression
  }
}

/// An archive is nothing that a terminal could show.
private struct ArchiveOnTerminal: Failure {
  var message: String { "will not write an archive to a terminal" }
  var hint: String? { "send it somewhere: > FILE or | COMMAND, or pass --output FILE" }
  var status: ExitStatus { .usage }
}
