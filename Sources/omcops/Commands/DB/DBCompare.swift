internal import ArgumentParser
internal import DBOps
internal import Diagnostics
internal import Postgres
internal import SystemPackage
internal import Terminal

/// `omcops db compare`.
struct DBCompare: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compare a database with a backup, or with another database.",
    discussion: discussion(
      """
      Compares the tables' row counts and newest keys, the sequences and Alembic's revision, and \
      shows each difference. Sequences that would hand out a key which is there already count as \
      differences whatever was expected.
      """, exits: [.done, .failed, .usage, .blocked, .interrupted]))

  @Argument(help: "A backup: 'latest', an id, a label or a path.")
  var backup: String?

  @Option(help: "Another database to compare with, by its URL, instead of a backup.")
  var with: String?

  @Option(
    name: [.customShort("d"), .customLong("database")],
    help: "The database to look at, on the environment's server.")
  var name: String?

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (backup == nil) != (with == nil) else {
      throw ValidationError("name a backup, or another database by --with; one of the two")
    }
  }

  func run(_ context: Context) async throws {
    let target = try database.resolve(context)
    let settings = name.map(target.settings.with(database:)) ?? target.settings
    let application = context.applicationName("db compare")
    let server = DatabaseServer(settings, applicationName: application)
    let comparison = Comparison(
      expected: try await expected(target, application), isComplete: true)
    let differences = try await comparison.differences(of: server)
    output.emit(
      RowSet(
        ["kind", "object", "expected", "actual"],
        rows: differences.map {
          [.text($0.kind.rawValue), .text($0.object), Cell($0.expected), Cell($0.actual)]
        }), to: context)
    if !differences.isEmpty { throw Ended(status: .blocked) }
    context.error.write("no differences\n")
  }

  private func expected(
    _ target: DatabaseTarget, _ application: String
  ) async throws -> Contents {
    if let with {
      let other = DatabaseServer(
        try ConnectionSettings(url: with), applicationName: application)
      return try await other.withConnection { try await Contents.read($0) }
    }
    let reference = backup ?? "latest"
    if reference.contains("/") {
      return Contents(try StoredBackup(at: FilePath(reference)).manifest)
    }
    let store = BackupStore(path: FilePath(try target.backupsFolder()))
    return Contents(try store.find(reference).manifest)
  }
}
