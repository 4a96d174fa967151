internal import ArgumentParser
internal import Configuration
internal import Diagnostics
internal import Glibc
internal import Quantities
internal import Runbooks
internal import SystemPackage
internal import Terminal

/// `omcops runbook drill`: runs a procedure on throwaways, and measures it.
struct RunbookDrill: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "drill", abstract: "Run a procedure on throwaways, and measure it.",
    discussion: discussion(
      """
      Starts a PostgreSQL server of its own, brings its database to the revision of the project of \
      omcops.yaml, fills it with the drill's seed and backs it up; a cluster is simulated. Then the \
      runbook runs there as it is: its confirmations are answered, and what it says in "drill" is left \
      out or played. The time to recover and the data lost are compared with the objectives; a check \
      that held before its step is a finding. Nothing of an environment is connected to. The server is \
      removed in any case.
      """,
      exits: [
        .done, .failed, .usage, .blocked, .refused, .undone, .undoFailed, .inDoubt,
        .objectiveMissed, .interrupted,
      ]))

  @Argument(help: "Name or file.", completion: .file(extensions: ["yaml", "yml"]))
  var runbook: String

  @Option(
    name: [.customShort("i"), .long], parsing: .singleValue,
    help: "An input that differs from the drill's own, as NAME=VALUE; may be given several times.")
  var input: [String] = []

  @OptionGroup var files: RunbookFileOptions

  @Option(
    help: "SQL that fills the database, instead of the drill's seed.",
    completion: .file(extensions: ["sql"]))
  var seed: String?

  @Option(
    help: """
      Revision that the database is brought to before; the default is heads where omcops.yaml names a \
      project. "previous" is one step below them, "none" runs no revision.
      """)
  var revision: String?

  @Option(
    help: """
      Folder of the server's programs; the default is that of tools.postgres in omcops.yaml, then the \
      newest installed.
      """, completion: .directory)
  var bindir: String?

  @Option(
    help: ArgumentHelp(
      "File for node_exporter's textfile collector, written anew at the end.",
      valueName: "file.prom"), completion: .file(extensions: ["prom"]))
  var metrics: String?

  @Option(help: "How to print the outcome: text or json.")
  var output = RunbookRunOptions.ReportFormat.text

  func run(_ context: Context) async throws {
    let inputs = try pairs(input, of: "--input")
    let configuration = try Configuration.load(
      path: files.global.config, from: context.workingDirectory, variables: context.environment)
    let catalog = liveCatalog(context)
    let runbook = try Runbook.load(files.file(runbook, context), catalog: catalog)
    try runbook.requireSense(catalog: catalog)
    guard let drill = runbook.drill else {
      throw UnreadyDrill(
        message: "\(runbook.source.file) says nothing of drills",
        hint: "Write a \"drill\" section; `docs/runbooks.md` shows one.", status: .usage)
    }
    let stage = try DrillStage(
      runbook, try DrillTargets(drill, of: runbook), configuration, context)
    let filling = DrillThrowaway.Filling(
      revision: revision(drill, configuration), seed: try seed(drill, runbook, configuration))
    try await report(leftovers: DrillSite.clean(), context)
    let outcome = try await play(
      runbook, inputs, on: stage, filling, binaries(configuration), context)
    if let metrics { try DrillMetrics(outcome).write(to: FilePath(metrics)) }
    switch output {
    case .json: context.output.write(outcome.json.text(.pretty) + "\n")
    case .text:
      let style = Style(
        for: context.output, environment: context.environment, disabled: files.global.noColor)
      context.output.write(DrillText(style: style).of(outcome))
    }
    if outcome.exit != .done { throw Ended(status: outcome.exit) }
  }

  private func play(
    _ runbook: Runbook, _ inputs: [String: String], on stage: DrillStage,
    _ filling: DrillThrowaway.Filling, _ binaries: FilePath?, _ context: Context
  ) async throws -> DrillOutcome {
    let site = try DrillSite()
    defer { site.release() }
    let log = RunLog(stream: context.error, style: files.global.style(context))
    let surroundings = stage.surroundings()
    let forward: Interrupts.Handler = { signal in
      surroundings.interrupts.deliver(signal == .interrupt ? SIGINT : SIGTERM)
      return true
    }
    let played: Result<DrillOutcome, any Error>
    do {
      played = .success(
        try await context.interrupts.handling(forward) {
          try await Engine(surroundings, version: Omcops.version, tell: log.show)
            .drill(runbook, inputs: inputs) {
              try await stage.prepare(in: site.folder, binaries: binaries, filling) {
                log.show(.progress($0))
              }
            }
        })
    } catch {
      played = .failure(error)
    }
    log.clear()
    try await stage.remove()
    return try played.get()
  }

  private func report(leftovers: [FilePath], _ context: Context) {
    for folder in leftovers {
      context.error.write("removed \(folder), which a drill left that was killed\n")
    }
  }

  // MARK: What the throwaway is made of

  /// The seed of the drill lies beside omcops.yaml or beside the runbook.
  private func seed(
    _ drill: Drill, _ runbook: Runbook, _ configuration: Configuration
  ) throws -> FilePath? {
    if let seed { return FilePath(seed) }
    guard let name = drill.seed else { return nil }
    let places = [configuration.file, runbook.source.file].compactMap(\.self).map {
      FilePath($0).removingLastComponent().pushing(FilePath(name)).lexicallyNormalized()
    }
    if let found = places.first(where: { access($0.string, R_OK) == 0 }) { return found }
    throw UnreadyDrill(
      message: "\(drill.location): there is no seed \(name)",
      hint: "It was looked for at \(places.map(\.string).joined(separator: " and ")); --seed names "
        + "another.", status: .usage)
  }

  private func revision(_ drill: Drill, _ configuration: Configuration) -> String? {
    let wanted = revision ?? drill.revision ?? (configuration.alembic == nil ? "none" : "heads")
    return wanted == "none" ? nil : wanted
  }

  private func binaries(_ configuration: Configuration) -> FilePath? {
    if let bindir { return FilePath(bindir) }
    return configuration.tools["postgres"].map { FilePath($0.value).removingLastComponent() }
  }
}
