internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Quantities
internal import SystemPackage
internal import Terminal

/// `omcops db verify`: reads a whole backup.
struct DBVerify: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Read a whole backup and say what is wrong with it.",
    discussion: discussion(
      """
      Every file is compared with the manifest's size and SHA-256, every data file decompressed \
      and its rows counted; the manifest, the table of contents and the folder must agree. Each \
      file that is wrong is named on a line of its own.

      An archive of pg_dump's has no manifest: its files are read to their ends, which a note says.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @Argument(help: "A backup: 'latest', an id, a label or a path.", completion: .directory)
  var backup: String

  @Option(help: "How many files are read at once.")
  var jobs = 2

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try checkJobs(jobs) }

  func run(_ context: Context) async throws {
    let path = try database.backup(backup, context)
    let display = ProgressDisplay(context)
    defer { display.clear() }
    let report = try await Verify(path: path, jobs: jobs, progress: display.handler).run()
    display.clear()
    for note in report.notes {
      context.error.write("\(database.global.style(context).yellow("note:")) \(note)\n")
    }
    if output.output == .json {
      output.emit(record(report, path), to: context)
      if !report.isWhole { throw Ended(status: .failed) }
    } else {
      try report.requireWhole(path.lastComponent?.string ?? path.string)
      output.emit(record(report, path), to: context)
    }
  }

  private func record(_ report: VerifyReport, _ path: FilePath) -> Record {
    var record = Record()
    record.add("path", .string(path.string))
    record.add("whole", .bool(report.isWhole))
    record.add("files", JSON(report.files))
    record.add("bytes", .int(report.bytes.bytes), text: report.bytes.readable)
    record.add("rows", .int(report.rows))
    if output.output == .json {
      record.add(
        "problems",
        .array(
          report.problems.map { ["file": .string($0.file), "reason": .string($0.reason)] }))
    }
    return record
  }
}

/// Throws a usage error when a number of connections or files at once makes no sense.
func checkJobs(_ jobs: Int) throws {
  guard (1...64).contains(jobs) else {
    throw ValidationError("--jobs is \(jobs); it must be 1 to 64")
  }
}
