internal import Alembic
internal import ArgumentParser
internal import Diagnostics
internal import Glibc
internal import SystemPackage
internal import Terminal
internal import Text

/// `omcops db revision`.
struct DBRevision: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "revision", abstract: "Write a new, empty revision script.",
    discussion: discussion(
      "The file comes from the project's script.py.mako and is named by its file_template.",
      exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var project: ProjectOptions

  @Option(name: .shortAndLong, help: "What it is for.")
  var message: String?

  @Option(help: "What it follows: a head, label@head, base.")
  var head = "head"

  @Flag(help: "What it follows need not be a head.")
  var splice = false

  @Option(help: "The label of the branch that it begins.")
  var branchLabel: String?

  @Option(help: "The folder to write it to, one of version_locations.", completion: .directory)
  var versionPath: String?

  @Option(help: "Its identifier; the default is drawn.")
  var revID: String?

  @Option(help: "A revision that has to be applied before it; may be repeated.")
  var dependsOn: [String] = []

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    var new = NewRevision()
    new.message = message
    new.heads = .one(head)
    new.splices = splice
    new.branchLabel = branchLabel
    new.versionFolder = versionPath.map {
      FilePath(context.workingDirectory).pushing(FilePath($0)).lexicallyNormalized().string
    }
    new.id = revID
    new.dependencies = dependsOn
    try new.write(project.choice, output, context)
  }
}

/// `omcops db merge`.
struct DBMerge: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge", abstract: "Write a revision that joins several heads.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var project: ProjectOptions

  @Argument(help: "Revisions, or heads for all.")
  var revisions: [String]

  @Option(name: .shortAndLong, help: "What it is for.")
  var message: String?

  @Option(help: "The label of the branch that it begins.")
  var branchLabel: String?

  @Option(help: "Its identifier; the default is drawn.")
  var revID: String?

  @Flag(help: "What it joins need not be heads.")
  var splice = false

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    var new = NewRevision()
    new.message = message
    new.heads = .many(revisions)
    new.branchLabel = branchLabel
    new.id = revID
    new.splices = splice
    new.isMerge = true
    try new.write(project.choice, output, context)
  }
}

extension NewRevision {
  fileprivate func write(
    _ project: ProjectChoice, _ output: OutputOptions, _ context: Context
  ) throws {
    let scripts = try project.scripts(context)
    let written = try scripts.write(self, at: try CreationDate.now(in: scripts.project.timeZone))
    for hook in scripts.project.hooks {
      project.warn("the hook \(hook) is not run on the new file", context)
    }
    var record = Record()
    record.add("revision", .string(written.id))
    record.add("path", .string(written.path))
    output.emit(record, to: context)
  }
}

extension CreationDate {
  /// This moment in a zone of the system's database, or in the machine's own.
  fileprivate static func now(in zone: String?) throws -> CreationDate {
    var offset: Int?
    if let zone {
      let known = [zone, zone.uppercased()].first { name in
        !name.contains(text: "..") && access("/usr/share/zoneinfo/\(name)", R_OK) == 0
      }
      guard let known else { throw MigrationUsage("Can't locate timezone: \(zone)") }
      // The process writes one file and ends; nobody else looks at its zone.
      setenv("TZ", known, 1)
      tzset()
    }
    var now = timeval()
    gettimeofday(&now, nil)
    var parts = tm()
    localtime_r(&now.tv_sec, &parts)
    if zone != nil { offset = parts.tm_gmtoff }
    return CreationDate(
      year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday),
      hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec),
      microsecond: Int(now.tv_usec), epoch: now.tv_sec, offset: offset)
  }
}
