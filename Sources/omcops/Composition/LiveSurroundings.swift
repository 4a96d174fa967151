internal import ArgumentParser
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import HTTPClient
internal import Postgres
internal import Quantities
internal import Runbooks
internal import Terminal

/// The engine's surroundings as they really are: the actions that this program offers, the
/// environments of `omcops.yaml`, the locks, and the person at the terminal.
func liveSurroundings(_ options: DatabaseOptions, _ context: Context) throws -> Surroundings {
  let configuration = try options.configuration(context)
  let target = RunTarget()
  let cluster = RunCluster()
  let targets = RunTargets()
  return Surroundings(
    actions: liveActions(
      target, cluster, MigrationProject(configuration.alembic, cluster, context), targets: targets,
      tests: TestRunAction(cluster: cluster, context: context, file: options.global.config),
      environment: context.environment
    ) {
      try await LiveDatabases(configuration: configuration, context: context).names(beside: $0)
    },
    target: { name in
      let selection = Selection(environment: options.environment ?? name, url: options.url)
      let environment = try await configuration.resolved(selection, context)
      let name = environment.name?.value
      let session = try name.flatMap { try configuration.cluster(of: $0, context) }
      cluster.choose(session)
      let surroundings = EnvironmentTargets(name, in: configuration, session, context)
      targets.choose(surroundings)
      let style = Style(for: context.error, environment: context.environment, disabled: false)
      var described = try await target.choose(environment, configuration, context)
        .with(
          session, named: name.flatMap { configuration.environments[$0]?.kubernetes },
          warn: KubeSession.warnings(context, style)
        )
        .with(surroundings)
      if let name {
        described.addressed = { omcops.addressed($0, to: name) }
        described.variables["KUBECONFIG"] =
          configuration.environments[name]?.kubernetes?.kubeconfig?.value
      }
      return described
    },
    locks: [
      "postgres": PostgresLock(target: target), "kubernetes": KubernetesLock(cluster: cluster),
    ],
    operators: context.canPrompt ? TerminalOperator(context: context) : nil,
    secrets: LiveSecrets(cluster: cluster, targets: targets, context: context),
    environment: context.environment, user: context.user, host: context.host,
    runsFolder: runsFolder(context))
}

/// Runs `body` with the live surroundings while SIGINT and SIGTERM go to the engine, which decides
/// what they mean: they cancel a step, but never an undo that is under way.
func withLiveSurroundings<Result>(
  _ options: DatabaseOptions, _ context: Context,
  _ body: (Surroundings) async throws -> Result
) async throws -> Result {
  LiveSecrets.keepOutOfCoreFiles()
  let surroundings = try liveSurroundings(options, context)
  let forward: Interrupts.Handler = { signal in
    surroundings.interrupts.deliver(signal == .interrupt ? SIGINT : SIGTERM)
    return true
  }
  return try await context.interrupts.handling(forward) { try await body(surroundings) }
}

/// The actions that runbooks can name, for reading and checking them; nothing can be run with it.
func liveCatalog(_ context: Context) -> ActionCatalog {
  ActionCatalog(
    offering: liveActions(
      RunTarget(), RunCluster(), MigrationProject(nil, RunCluster(), context),
      tests: TestRunAction(cluster: RunCluster(), context: context, file: nil),
      environment: context.environment
    ) { _ in [] })
}

/// Every action but the engine's own.
func liveActions(
  _ target: RunTarget, _ cluster: RunCluster, _ project: MigrationProject,
  targets: RunTargets = RunTargets(), tests: TestRunAction,
  environment: [String: String],
  liveNames: @escaping @Sendable (DatabaseTarget) async throws -> Set<String>
) -> [any Action] {
  [
    SQLQuery(target: target),
    SQLExec(target: target),
    DBInfoAction(target: target),
    DBRoleAction(target: target, cluster: cluster),
    DBLoginAction(target: target, cluster: cluster),
    DBDecryptAction(target: target, cluster: cluster, environment: environment),
    DBBackupAction(target: target),
    DBBackupFindAction(target: target),
    DBBackupVerifyAction(target: target),
    DBRestoreAction(target: target),
    DBCompareAction(target: target),
    DBSwapAction(target: target),
    DBMigrateAction(target: target, project: project),
    DBMigrateStatusAction(target: target, project: project),
    DBDropAction(target: target, liveNames: liveNames),
    tests,
    KubeGetAction(cluster: cluster),
    KubeWaitAction(cluster: cluster),
    KubeEventsAction(cluster: cluster),
    KubeRolloutStatusAction(cluster: cluster),
    KubeScaleAction(cluster: cluster),
    KubeSuspendAction(cluster: cluster),
    KubeRolloutAction(cluster: cluster),
    KubeApplyAction(cluster: cluster),
    KubeDeleteAction(cluster: cluster),
    KubeExecAction(cluster: cluster),
    KubeJobAction(cluster: cluster),
    KubeCordonAction(cluster: cluster),
    KubeDrainAction(cluster: cluster),
    KubeRolloutHistoryAction(cluster: cluster),
    KubeAnnotateAction(cluster: cluster),
    KubeSecretAction(cluster: cluster),
    KubeSecretKeysAction(cluster: cluster),
    LogsExpectAction(cluster: cluster),
    HTTPAction(proxies: HTTPProxies(environment: environment), cluster: cluster),
  ] + serviceActions(target, cluster, targets, environment: environment)
}

/// `$XDG_STATE_HOME/omcops/runs`, where runs are kept.
func runsFolder(_ context: Context) -> String {
  // The specification says that a relative path is to be ignored.
  if let state = context.environment["XDG_STATE_HOME"], state.hasPrefix("/") {
    return state + "/omcops/runs"
  }
  return (context.environment["HOME"] ?? "/var/lib") + "/.local/state/omcops/runs"
}

extension RunTarget {
  /// Makes the database of an environment the one that is meant, and says what it is.
  fileprivate func choose(
    _ environment: ResolvedEnvironment, _ configuration: Configuration, _ context: Context
  ) async throws -> Target {
    if environment.hasNoDatabase(context.environment) {
      choose(nil)
      return Target(withoutDatabase: environment)
    }
    let chosen = try await DatabaseTarget(environment).reachable(configuration, context)
    choose(chosen)
    return try await chosen.described(by: context)
  }
}

extension DatabaseTarget {
  /// What expressions see as `target`, and what proves which server it is.
  func described(by context: Context) async throws -> Target {
    let server = DatabaseServer(
      settings, applicationName: "omcops \(context.user)@\(context.host)")
    let place = try await place(server)
    let database: Value = [
      "host": .string(place.host), "port": .int(Int64(place.port) ?? 5432),
      "name": .string(place.name), "user": .string(place.user),
      "owner": Value(owner ?? place.owner),
    ]
    let name = environment.name?.value ?? place.name
    return Target(
      name: name,
      value: [
        "name": .string(name), "protected": .bool(isProtected), "database": database,
        "kubernetes": nil,
        "api": environment.api.map { ["url": .string($0.value)] } ?? .null,
      ],
      identities: [
        "postgres": place.systemIdentifier, "database": "\(place.host):\(place.port)/\(place.name)",
      ],
      secrets: settings.secrets)
  }

  /// Asks the server; while a swap is on its way the database itself may take no connections.
  private func place(_ server: DatabaseServer) async throws -> Place {
    do {
      return try await server.withConnection { connection in
        try await Place(connection.info.database, over: connection)
      }
    } catch let error as PostgresError where ["3D000", "55000"].contains(error.sqlState) {
      guard let name = settings["dbname"] else { throw error }
      return try await server.withMaintenance { try await Place(name, over: $0) }
    }
  }
}

/// Where a database really is, with libpq's defaults filled in.
private struct Place: Sendable {
  var host: String
  var port: String
  var name: String
  var user: String
  var owner: String?
  var systemIdentifier: String

  init(_ name: String, over connection: Connection) async throws {
    let result = try await connection.query(
      """
      SELECT (SELECT system_identifier::text FROM pg_control_system()) AS system_identifier,
        (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1) AS owner
      """, [SQLValue(name)])
    host = connection.info.host
    port = connection.info.port
    self.name = name
    user = connection.info.user
    owner = try result.rows[0].decode("owner")
    systemIdentifier = try result.rows[0].decode("system_identifier")
  }
}

/// `lock: postgres`.
struct PostgresLock: LockKind {
  let target: RunTarget

  func acquire(group: String, holder: LockHolder, wait: Duration) async throws -> any HeldLock {
    let settings = try target.chosen().settings
    let attempt = try await AdvisoryLock.take(
      group: group,
      holder: AdvisoryLock.Holder(
        user: holder.user, host: holder.host, pid: holder.pid, run: holder.run,
        since: holder.since),
      on: settings, wait: wait)
    switch attempt {
    case .taken(let lock): return HeldPostgresLock(lock: lock)
    case .busy(let other):
      throw LockBusy(
        group: group,
        holder: other.map {
          LockHolder(user: $0.user, host: $0.host, pid: $0.pid, run: $0.run, since: $0.since)
        })
    }
  }
}

private struct HeldPostgresLock: HeldLock {
  let lock: AdvisoryLock

  func isHeld() async -> Bool { await lock.isHeld() }
  func release() async { await lock.release() }
}

/// The person at the terminal.
private struct TerminalOperator: Operator {
  let context: Context

  func ask(_ message: String, prompt: String) async throws -> String? {
    if !message.isEmpty { context.error.write(message + "\n") }
    context.error.write(prompt)
    return try await context.input.nextLine()
  }
}
