internal import Alembic
internal import DBOps

/// Writes the script of a run to standard output, as `alembic upgrade --sql` does.
struct MigrationScript {
  private let source: ProjectSource
  private let scripts: ScriptDirectory
  private let options: EnvironmentOptions
  private let context: Context

  init(_ project: ProjectChoice, tag: String?, _ context: Context) throws {
    var source = try project.source(context)
    source.tag = tag
    self.source = source
    scripts = try project.scripts(source, context)
    let environment = try source.environment(of: scripts.project)
    try EnvironmentReport(environment, project, context).check()
    options = environment.offline
    self.context = context
  }

  /// `to`, or `from:to`.
  func write(upgradeTo range: String) throws {
    let (from, to) = MigrationScript.ends(range)
    let heads = try heads(from.map { [$0] } ?? [])
    try write(try scripts.map.upgradeSteps(to: to, from: heads), from: heads)
  }

  /// `from:to`: a script to go down has to begin somewhere.
  func write(downgrade range: String) throws {
    guard case (let from?, let to) = MigrationScript.ends(range) else {
      throw MigrationUsage("downgrade with --sql requires <fromrev>:<torev>")
    }
    let heads = try heads([from])
    try write(try scripts.map.downgradeSteps(to: to, from: heads), from: heads)
  }

  /// `to` or `from:to`, once or several times from the same revision.
  func write(stamp ranges: [String]) throws {
    let ends = ranges.map(MigrationScript.ends)
    let starts = Set(ends.compactMap(\.from))
    if starts.count > 1 {
      throw MigrationUsage(
        "Stamp operation with --sql only supports a single starting revision at a time")
    }
    let heads = try heads(Array(starts))
    try write(try scripts.map.stampSteps(to: ends.map(\.to), from: heads), from: heads)
  }

  private static func ends(_ range: String) -> (from: String?, to: String) {
    guard let colon = range.firstIndex(of: ":") else { return (nil, range) }
    return (String(range[..<colon]), String(range[range.index(after: colon)...]))
  }

  private func heads(_ names: [String]) throws -> [String] {
    try scripts.map.views(of: .many(names.filter { $0 != "base" })).map(\.revision.id)
  }

  private func write(_ steps: [MigrationStep], from heads: [String]) throws {
    let performer = ScriptPerformer(
      scripts, source.runnerSettings(options, isOffline: true, context))
    try performer.check(steps)
    // Nothing is printed of a script that cannot be made whole.
    var text = ""
    let recorder = ScriptRecorder { text += $0 }
    let connection = ScriptConnection(recorder)
    let runner = performer.runner(over: connection, isOffline: true)
    let driver = MigrationDriver(scripts.map, options: options, isOffline: true)
    try driver.run(
      steps, from: heads, tableExists: !heads.isEmpty, over: connection,
      perform: { try runner.perform($0, heads: $1) },
      events: { if case .started(let step) = $0 { recorder.note(step) } })
    context.output.write(text)
  }
}
