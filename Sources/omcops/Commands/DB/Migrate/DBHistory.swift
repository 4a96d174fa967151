internal import Alembic
internal import ArgumentParser
internal import Diagnostics
internal import Terminal

/// `omcops db history`.
struct DBHistory: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "List a project's revisions, the newest first.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var migration: MigrationOptions

  @Option(
    name: [.customShort("r"), .long],
    help: "Only a part: start:end, start:, :end; current is the database's revision.")
  var revRange: String?

  @Flag(name: .shortAndLong, help: "Show the whole header of each.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Mark where the database stands.")
  var indicateCurrent = false

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    var ends: [String?] = [nil, nil]
    if let range = revRange {
      let parts = range.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2 else {
        throw MigrationUsage("History range requires [start]:[end], [start]:, or :[end]")
      }
      ends = parts.map { $0.isEmpty ? nil : String($0) }
    }
    let views = try await history(ends, context)
    RevisionList(views, output, verbose: verbose, parts: [.labels, .doc, .parents, .tree])
      .print(to: context)
  }

  private func history(_ ends: [String?], _ context: Context) async throws -> [RevisionView] {
    func names(_ end: String?, _ otherwise: String, _ current: [String]) -> RevisionNames {
      end == "current" ? .many(current) : .one(end ?? otherwise)
    }
    guard indicateCurrent || ends.contains("current") else {
      let map = try migration.project.choice.scripts(context).map
      return try map.history(
        from: names(ends[0], "base", []), to: names(ends[1], "heads", []))
    }
    return try await MigrationSession.with(migration.choice, command: "db history", context) {
      session in
      let current = session.state.heads
      var views = try session.scripts.map.history(
        from: names(ends[0], "base", current), to: names(ends[1], "heads", current))
      if indicateCurrent {
        for index in views.indices {
          views[index].isCurrent = current.contains(views[index].revision.id)
        }
      }
      return views
    }
  }
}

/// `omcops db heads`.
struct DBHeads: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "heads", abstract: "List the revisions that no other follows.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var project: ProjectOptions

  @Flag(name: .shortAndLong, help: "Show the whole header of each.")
  var verbose = false

  @Flag(help: "Leave out those that others depend on.")
  var resolveDependencies = false

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let map = try project.choice.scripts(context).map
    let heads = resolveDependencies ? map.effectiveHeadIDs : map.headIDs
    RevisionList(
      try map.views(of: .many(heads)), output, verbose: verbose, parts: [.labels]
    ).print(to: context)
  }
}

/// `omcops db branches`.
struct DBBranches: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "branches", abstract: "List the revisions that several others follow.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var project: ProjectOptions

  @Flag(name: .shortAndLong, help: "Show the whole header of each.")
  var verbose = false

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let points = try project.choice.scripts(context).map.branchPoints()
    guard output.output == .table else {
      return RevisionList(points.map(\.point), output, verbose: verbose, parts: [])
        .print(to: context)
    }
    for (point, branches) in points {
      let indent = String(repeating: " ", count: point.revision.id.count)
      var text = (verbose ? point.entry : point.line([.labels, .tree])) + "\n"
      for branch in branches {
        let parts: RevisionView.Parts = verbose ? [.labels, .tree, .doc] : [.labels, .tree]
        text += "\(indent) -> \(branch.line(parts))\n"
      }
      context.output.write(text + "\n")
    }
  }
}

/// `omcops db show`.
struct DBShow: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show the header of a revision.",
    discussion: discussion(exits: [.done, .failed, .usage, .refused]))

  @OptionGroup var migration: MigrationOptions

  @Argument(help: "A revision, head, heads, or current for where the database stands.")
  var revision: String

  @OptionGroup var output: OutputOptions

  func run(_ context: Context) async throws {
    let views: [RevisionView]
    if revision == "current" {
      views = try await MigrationSession.with(migration.choice, command: "db show", context) {
        session in
        try session.scripts.map.views(of: .many(session.state.heads))
      }
    } else {
      views = try migration.project.choice.scripts(context).map.views(
        of: .one(revision))
    }
    RevisionList(views, output, verbose: true, parts: []).print(to: context)
  }
}
