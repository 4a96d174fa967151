internal import Configuration
internal import Diagnostics
internal import Runbooks
internal import Synchronization
internal import SystemPackage

/// What a drill runs on: the throwaway and the simulated cluster, in the place of an environment's
/// systems.
final class DrillStage: Sendable {
  private let runbook: Runbook
  private let targets: DrillTargets
  private let context: Context
  private let configuration: Configuration
  private let target = RunTarget()
  private let simulated = SimulatedCluster()
  private let real: [any Action]
  private let places: DrillPlaces
  private let throwaway = Mutex<DrillThrowaway?>(nil)

  init(
    _ runbook: Runbook, _ targets: DrillTargets, _ configuration: Configuration,
    _ context: Context
  ) throws {
    places = try DrillPlaces(runbook, liveCatalog(context))
    self.runbook = runbook
    self.targets = targets
    self.context = context
    self.configuration = configuration
    // The cluster of no environment is chosen: what is not simulated says that there is none.
    let cluster = RunCluster()
    real = liveActions(
      target, cluster, MigrationProject(configuration.alembic, cluster, context),
      tests: TestRunAction(cluster: cluster, context: context, file: configuration.file),
      environment: context.environment
    ) { _ in [DrillThrowaway.database] }
  }

  // MARK: What the engine meets

  /// The surroundings of the drill's run; nobody is at the terminal.
  func surroundings() -> Surroundings {
    let actions = real.map { action in
      places.prepared(
        action,
        played: SimulatedAction.plays(action.name)
          ? SimulatedAction(real: action, cluster: simulated) : nil,
        isAlwaysPlayed: targets.simulates(action.name))
    }
    var surroundings = Surroundings(
      actions: actions, target: { [self] name in try await described(as: name) },
      locks: ["postgres": PostgresLock(target: target), "kubernetes": FreeLock()],
      environment: context.environment, user: context.user, host: context.host,
      runsFolder: runsFolder(context))
    surroundings.machine = places.machine
    return surroundings
  }

  /// What expressions see as `target`.
  private func described(as name: String?) async throws -> Target {
    var described = Target(
      name: DrillThrowaway.database, value: ["protected": false, "database": nil],
      identities: [:])
    if let chosen = throwaway.withLock({ $0?.target }) {
      described = try await chosen.described(by: context)
    }
    guard case .object(var members) = described.value else { return described }
    described.name = name ?? described.name
    members["name"] = .string(described.name)
    members["protected"] = false
    members["values"] = values(of: described.name)
    for kind in targets.simulated { members[kind] = DrillTargets.member(of: kind) }
    described.value = .object(members)
    return described
  }

  /// The team's names and numbers are no systems: a drill has those of the environment that it is named
  /// for, else of the default one.
  private func values(of name: String) -> Value {
    let chosen =
      configuration.environments[name]
      ?? configuration.defaultEnvironment.flatMap { configuration.environments[$0.value] }
    return (chosen?.targets ?? TargetsConfiguration()).valuesMember
  }

  // MARK: The throwaway

  /// Starts the throwaway and fills it, where the drill wants one.
  func prepare(
    in folder: FilePath, binaries: FilePath?, _ filling: DrillThrowaway.Filling,
    progress: @escaping @Sendable (String) -> Void
  ) async throws {
    guard targets.hasDatabase else { return }
    progress("starting a throwaway server")
    let started = try await DrillThrowaway.start(in: folder, binaries: binaries)
    throwaway.withLock { $0 = started }
    target.choose(started.target)
    try await started.fill(filling, by: real, context, progress: progress)
  }

  /// Takes away what was made.
  func remove() async throws {
    let made = throwaway.withLock { throwaway -> DrillThrowaway? in
      defer { throwaway = nil }
      return throwaway
    }
    try await made?.remove()
  }
}

/// What stands for each kind of system in a drill.
struct DrillTargets: Sendable {
  /// Whether there is a throwaway database.
  let hasDatabase: Bool
  /// The kinds that are only played.
  let simulated: [String]

  /// Reads `drill.targets`.
  ///
  /// A drill touches nothing that belongs to an environment: that is refused.
  init(_ drill: Drill, of runbook: Runbook) throws {
    for (kind, stand) in drill.targets {
      let isFit = kind == "database" ? stand == "throwaway" : stand == "simulated"
      if isFit { continue }
      throw UnreadyDrill(
        message:
          "\(drill.location): a drill cannot run on \(kind): \(stand); it touches nothing of an "
          + "environment",
        hint: kind == "database" ? "Write database: throwaway." : "Write \(kind): simulated.",
        status: .refused)
    }
    for kind in runbook.requirements.targets where drill.targets[kind] == nil {
      throw UnreadyDrill(
        message:
          "\(drill.location): \(runbook.name) needs \(kind), and its drill does not say what "
          + "stands for it",
        hint: "Name it in drill.targets.", status: .usage)
    }
    hasDatabase = drill.targets["database"] != nil
    simulated = drill.targets.filter { $0.value == "simulated" }.map(\.key)
  }

  /// Whether an action works on a kind of system that is only played.
  func simulates(_ action: String) -> Bool {
    simulated.contains { DrillTargets.prefixes[$0]?.contains { action.hasPrefix($0) } ?? false }
  }

  private static let prefixes = [
    "kubernetes": ["kube.", "logs.expect"], "aws": ["aws."], "prometheus": ["prometheus."],
    "alertmanager": ["alertmanager."], "loki": ["loki."], "github": ["github."],
    "terraform": ["terraform."],
  ]

  /// The member of `target` of a kind that is played.
  static func member(of kind: String) -> Value {
    switch kind {
    case "kubernetes": SimulatedCluster.target
    case "aws": ["account": "000000000000", "region": "simulated", "profile": "simulated"]
    case "github": ["repository": "simulated/simulated"]
    default: ["url": .string("http://\(kind).simulated")]
    }
  }
}
