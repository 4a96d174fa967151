internal import Alembic
internal import ArgumentParser
internal import Diagnostics
internal import JSON
internal import Terminal

/// `omcops db current`.
struct DBCurrent: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "current", abstract: "Show the revisions that a database stands at.",
    discussion: discussion(exits: [.done, .failed, .usage, .blocked]))

  @OptionGroup var migration: MigrationOptions

  @Flag(name: .shortAndLong, help: "Show the whole header of each.")
  var verbose = false

  @Flag(help: "End with status 3 unless the database is at all heads.")
  var checkHeads = false

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let (views, isAtHeads, place) = try await MigrationSession.with(
      migration.choice, command: "db current", context
    ) { session in
      let state = session.state
      let map = session.scripts.map
      return (
        try map.currentViews(of: state.heads),
        Set(state.heads) == Set(map.effectiveHeadIDs), session.target.settings.redacted
      )
    }
    if checkHeads, !isAtHeads {
      throw NotAtHeads(current: views.map(\.revision.id))
    }
    if verbose, output.output == .table {
      context.output.write("Current revision(s) for \(place):\n")
    }
    RevisionList(views, output, verbose: verbose, parts: [.tree]).print(to: context)
  }
}

/// `--check-heads` did not hold.
private struct NotAtHeads: Failure {
  var current: [String]
  var message: String { "Database is not on all head revisions" }
  var details: [String] {
    ["it stands at \(current.isEmpty ? "no revision" : current.joined(separator: ", "))"]
  }
  var hint: String? { "bring it there with omcops db migrate" }
  var status: ExitStatus { .blocked }
}
