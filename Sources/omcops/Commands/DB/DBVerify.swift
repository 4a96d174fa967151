internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import JSON
internal import Postgres
internal import Quantities
internal import SystemPackage
internal import Terminal

/// `omcops db verify`: proves that a backup is whole, and that it restores.
struct DBVerify: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Prove that a backup is whole, and that it restores.",
    discussion: discussion(
      """
      --read, which is the default: every file is compared with the manifest's size and SHA-256, \
      every data file decompressed, its rows counted and hashed; the manifest, the table of contents \
      and the folder must agree. Each file that is wrong is named on a line of its own. --files \
      leaves the rows out.

      --restore makes a database of the backup and compares all of that with it: each definition, \
      owner and right, the number and hash of each table's rows, sequences. It does so on a \
      PostgreSQL server of its own on this machine, which is gone afterwards, or with --url on \
      another one, where the database is dropped again.

      Of a backup in the environment's store the outcome is noted beside it, for db list and \
      metrics. An archive of pg_dump's, or a script of SQL, has no manifest: what could not be \
      compared, a note says.
      """, exits: [.done, .failed, .usage, .refused, .interrupted]))

  @Argument(help: "A backup: 'latest', an id, a label or a path.", completion: .directory)
  var backup: String

  @Flag(help: "How much is proven.")
  var depth = ProofDepth.read

  @Option(help: "How many files are read, or tables restored, at once.")
  var jobs = 2

  @Option(
    help: "Folder with room for the database, for the server of --restore; the default is /tmp.",
    completion: .directory)
  var scratchFolder: String?

  @OptionGroup var metrics: MetricsOptions
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try checkJobs(jobs)
    if database.url != nil, depth != .restore {
      throw ValidationError("--url is the server for --restore; files are read without one")
    }
    if scratchFolder != nil, depth != .restore || database.url != nil {
      throw ValidationError("--scratch-folder is for the server that --restore starts by itself")
    }
  }

  func run(_ context: Context) async throws {
    let path = try database.backup(backup, context)
    let place = try VerifiedPlace(path, self, context)
    let display = ProgressDisplay(context)
    defer { display.clear() }
    let outcome: VerificationOutcome
    do {
      outcome = try await verify(path, context, display.handler)
    } catch let error as any Failure where error.isOfBackup {
      display.clear()
      try place.note(depth, isWhole: false)
      throw error
    }
    display.clear()
    let style = database.global.style(context)
    for note in outcome.notes { context.error.write("\(style.yellow("note:")) \(note)\n") }
    try place.note(depth, isWhole: outcome.isWhole)
    try show(outcome, path, context)
  }

  private func verify(
    _ path: FilePath, _ context: Context, _ progress: @escaping ProgressHandler
  ) async throws -> VerificationOutcome {
    guard depth == .restore else {
      return .read(
        try await Verify(
          path: path, depth: depth == .files ? .digests : .full, jobs: jobs, progress: progress
        ).run())
    }
    let place: RestoreProof.Place =
      try database.url.map { .server(try ConnectionSettings(url: $0)) }
      ?? .ownServer(
        binaries: try serverPrograms(context), folder: FilePath(scratchFolder ?? "/tmp"))
    return .restored(
      try await RestoreProof(
        path: path, place: place, jobs: jobs,
        applicationName: context.applicationName("db verify"), progress: progress
      ).run())
  }

  /// The folder of the server's programs that the configuration names.
  private func serverPrograms(_ context: Context) throws -> FilePath? {
    try database.configuration(context).tools["postgres"].map {
      FilePath($0.value).removingLastComponent()
    }
  }

  private func show(
    _ outcome: VerificationOutcome, _ path: FilePath, _ context: Context
  ) throws {
    let isJSON = output.output == .json
    switch outcome {
    case .read(let report):
      if !isJSON { try report.requireWhole(path.lastComponent?.string ?? path.string) }
      output.emit(outcome.record(path, depth, isJSON: isJSON), to: context)
      if !report.isWhole { throw Ended(status: .failed) }
    case .restored(let report):
      if !isJSON, !report.isProven {
        let style = Style(
          for: context.output, environment: context.environment,
          disabled: database.global.noColor)
        let text = ComparisonText(report: report.comparison, style: style)
        context.output.write(text.readable)
        context.error.write(text.summary + "\n")
      }
      output.emit(outcome.record(path, depth, isJSON: isJSON), to: context)
      if !report.isProven { throw Ended(status: .failed) }
    }
  }
}

/// How much `db verify` proves.
enum ProofDepth: String, EnumerableFlag {
  case files
  case read
  case restore

  static func help(for value: ProofDepth) -> ArgumentHelp? {
    switch value {
    case .files: "Compare sizes and SHA-256 only."
    case .read: "Decompress, count and hash every row, too."
    case .restore: "Restore, and compare the database with the backup."
    }
  }
}

extension Failure {
  /// Whether the backup is to blame, rather than a server, the request or the machine.
  fileprivate var isOfBackup: Bool {
    guard let error = self as? DBError else { return false }
    return [.backupDamaged, .badManifest, .contentDiffers].contains(error.code)
  }
}

/// Throws a usage error when a number of connections or files at once makes no sense.
func checkJobs(_ jobs: Int) throws {
  guard (1...64).contains(jobs) else {
    throw ValidationError("--jobs is \(jobs); it must be 1 to 64")
  }
}
