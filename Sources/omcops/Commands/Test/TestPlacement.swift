internal import Alembic
internal import Configuration
internal import Diagnostics
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Postgres
internal import TestOps

/// The pods that a suite is run in: everything is looked up and asked for, nothing is made yet.
struct TestPlacement: Sendable {
  /// The pods.
  let pods: TestPods
  /// How many interpreters share the tests.
  let workers: Int
  /// The Job that makes them; nil where they are there.
  let jobs: ShardJobs?
  private let client: KubeClient
  /// What people are told before the run.
  private let notes: [String]

  /// How long a pod has to run: a node may have to be started for it.
  private static let patience: Duration = .seconds(600)

  /// Finds the pods, or what they are made like, and asks whether everything is allowed.
  ///
  /// - Parameters:
  ///   - workers: `--workers`; nil where nothing was said.
  ///   - session: the cluster; nil where the options and the suite say which.
  /// - Throws: what cannot work, by its name, before anything is changed.
  static func find(
    _ options: TestPlaceOptions, _ plan: SuitePlan, workers: String?, in session: KubeSession?
  ) async throws -> TestPlacement? {
    let kind = options.kind(of: plan.suite)
    try options.check(kind)
    guard kind != .local else { return nil }
    let finder = PlacementFinder(options, plan)
    try finder.checkSuite(kind)
    let session = if let session { session } else { try finder.session() }
    return switch kind {
    case .pod: try await finder.pod(session, workers: workers)
    case .job: try await finder.job(session, workers: workers)
    case .local: nil
    }
  }

  fileprivate init(
    _ pods: TestPods, workers: Int, jobs: ShardJobs? = nil, client: KubeClient, notes: [String]
  ) {
    self.pods = pods
    self.workers = workers
    self.jobs = jobs
    self.client = client
    self.notes = notes
  }

  /// Runs `body` with the pods there, and takes away what was made for it, however it ends.
  ///
  /// - Parameter databases: whose template is made before the pods are: its errors come before anything is
  ///   changed in the cluster, and no pod waits for it.
  func with<Result: Sendable>(
    _ progress: TestProgress, _ databases: TestDatabases?, _ body: () async throws -> Result
  ) async throws -> Result {
    for note in notes { progress.say(note) }
    do {
      try await databases?.prepare()
      return try await withJobs(progress, body)
    } catch {
      // A task of its own: the databases have to go when this one was cancelled, too.
      await Task { _ = await databases?.close() }.value
      throw error
    }
  }

  private func withJobs<Result: Sendable>(
    _ progress: TestProgress, _ body: () async throws -> Result
  ) async throws -> Result {
    guard let jobs else { return try await body() }
    for name in try await ShardJobs.removeAbandoned(in: pods.namespace, with: client) {
      progress.say("deleted job \(name), which an earlier run has left behind")
    }
    do {
      try await jobs.create()
      progress.say(
        "\(workers) shard\(workers == 1 ? "" : "s") in job \(jobs.name), which is deleted at the end"
      )
      let result = try await body()
      await delete(jobs, progress)
      return result
    } catch {
      // A task of its own: what was made has to go when this one was cancelled, too.
      await Task { await delete(jobs, progress) }.value
      throw error
    }
  }

  /// That it cannot be deleted takes nothing from what the run has told.
  private func delete(_ jobs: ShardJobs, _ progress: TestProgress) async {
    do {
      try await jobs.delete()
    } catch {
      progress.say("job \(jobs.name) could not be deleted: \(error); `omcops test clean` does it")
    }
  }

  /// The environments in whose clusters suites are run.
  static func environments(
    _ configuration: Configuration, _ context: Context
  ) throws -> [String] {
    let names: [String] = try configuration.tests.values.compactMap { suite in
      guard let place = suite.place, place.kind?.value != .local else { return nil }
      return try configuration.kubernetes(
        place.environment?.value ?? suite.valuesOf?.value, variables: context.environment)?.name
    }
    return Set(names).sorted()
  }

  fileprivate static func patience(_ suite: TestSuiteConfiguration) -> Duration {
    suite.place?.startTimeout?.value ?? patience
  }
}

/// Looks for the pods of a suite.
private struct PlacementFinder {
  let options: TestPlaceOptions
  let plan: SuitePlan

  init(_ options: TestPlaceOptions, _ plan: SuitePlan) {
    self.options = options
    self.plan = plan
  }

  private var suite: TestSuiteConfiguration { plan.suite }
  private var place: TestWhereConfiguration? { suite.place }
  private var title: String { "suite \"\(suite.name.value)\"" }
  private var interpreter: String { place?.python?.value ?? "python3" }

  // MARK: What cannot work

  func checkSuite(_ kind: TestWhereConfiguration.Kind) throws {
    guard suite.runner == .pytest else {
      throw refusal(
        "\(title) has the runner \(suite.runner.rawValue); in pods only pytest's tests can be run",
        hint: nil)
    }
    if let service = suite.services.first {
      throw refusal(
        "\(title) has the service \(service.name.value), which is started on this machine, where pods do "
          + "not reach it",
        hint: "have it in the cluster, and a suite without it")
    }
    switch suite.database.kind {
    case .none: return
    case .ephemeral:
      guard plan.addressForPods == nil else { return }
      throw refusal(
        "\(title) has an ephemeral database: its server listens to this machine only, and no pod "
          + "reaches it",
        hint: "name this machine's address as pods see it: where: { database-address: ... }, or a "
          + "server that both reach: database: { kind: url, url: ... }")
    case .url:
      guard let url = plan.resolved.url else { return }
      try checkAddress(ConnectionSettings(url: try DatabaseURL.libpq(url)))
    }
  }

  private func checkAddress(_ settings: ConnectionSettings) throws {
    let host = settings["host"] ?? "localhost"
    if host.hasPrefix("/") || host == "localhost" || host.hasPrefix("127.") || host == "::1" {
      throw refusal(
        "the database of \(title) is on \(host), which in a pod is the pod itself",
        hint: "name the server by an address that the pods reach, too")
    }
    if let file = settings["sslrootcert"], file != "system" {
      throw refusal(
        "the database's url of \(title) names the file \(file) of this machine, which pods do not have",
        hint: "use sslmode=require, or sslrootcert=system")
    }
  }

  private func refusal(_ message: String, hint: String?) -> TestFailure {
    TestFailure(message, hint: hint, status: .refused)
  }

  // MARK: The cluster

  /// The cluster of the environment that is named, or of the values, or of the usual one.
  func session() throws -> KubeSession {
    let (configuration, context) = (plan.configuration, plan.context)
    let named =
      options.environment ?? place?.environment?.value ?? suite.valuesOf?.value
    guard
      let name = try configuration.kubernetes(named, variables: context.environment)?.name,
      let session = try configuration.cluster(of: name, context)
    else {
      throw TestFailure(
        "nothing says in which cluster \(title) is to be run",
        hint: "name an environment with a kubernetes section: --environment NAME", status: .usage)
    }
    return session
  }

  private func target() throws -> String {
    guard let target = options.target ?? place?.target?.value else {
      throw TestFailure(
        "nothing says which pods \(title) is to be run in",
        hint: "name a component, kind/name or selector: --target NAME, or where: { target: NAME }",
        status: .usage)
    }
    return target
  }

  private func pods(
    _ session: KubeSession, _ query: ObjectQuery, _ assignment: TestPods.Assignment,
    _ container: String, _ patience: Duration,
    whyNone: @escaping @Sendable () async -> (reason: String, isFinal: Bool)? = { nil }
  ) -> TestPods {
    TestPods(
      client: session.client, query: query, assignment: assignment, container: container,
      interpreter: interpreter, folder: place?.folder?.value, patience: patience, whyNone: whyNone)
  }

  // MARK: A pod that runs

  func pod(_ session: KubeSession, workers: String?) async throws -> TestPlacement {
    let target = PodTarget(session: session, word: try target())
    let found = try await target.pod()
    let space = found.object.namespace ?? session.namespace
    try await PodPermissions.require(
      PodPermissions.forPods(in: space, with: session.client), with: session.client)
    try session.require(
      options.confirmation.given, for: "run tests in pod \(found.object.name)", plan.context)
    let container = try PodChoice.container(
      of: found.object, named: place?.container?.value ?? found.container)
    return TestPlacement(
      pods(
        session, try await target.query(), .best, container,
        place?.startTimeout?.value ?? .seconds(60)),
      workers: workers.flatMap(Int.init) ?? (workers == nil ? suite.workers?.value : nil)
        ?? cpus(of: container, in: found.object),
      client: session.client,
      notes: ["in container \(container) of pod \(found.object.name)"])
  }

  /// As many as the container may use processors; one where nothing says how many.
  private func cpus(of container: String, in pod: KubeObject) -> Int {
    let found = (pod["spec", "containers"]?.array ?? []).first {
      $0["name"]?.string == container
    }
    guard let limit = found?["resources"]?["limits"]?["cpu"] else { return 1 }
    let text = limit.string ?? limit.int.map(String.init) ?? ""
    let count = text.hasSuffix("m") ? Double(text.dropLast()).map { $0 / 1000 } : Double(text)
    return max(1, min(64, Int((count ?? 1).rounded(.up))))
  }

  // MARK: Pods of a Job

  func job(_ session: KubeSession, workers: String?) async throws -> TestPlacement {
    if let workers, workers != "auto" {
      throw TestFailure(
        "--workers is \(workers); with --where job each shard has one interpreter",
        hint: "say how many there are with --shards", status: .usage)
    }
    let word = try target()
    let references = try await KubeTargets(session: session, words: [word]).workloads()
    guard let reference = references.first, references.count == 1 else {
      throw TestFailure(
        "\(word) means several: " + references.map { "\($0)" }.joined(separator: ", "),
        hint: "name the one whose pods the shards shall be like", status: .usage)
    }
    let (client, space) = (session.client, reference.namespace ?? session.namespace)
    let workload = try await client.get(reference.resource, reference.name, in: space)
    try await PodPermissions.require(
      PodPermissions.forJobs(in: space) + PodPermissions.forPods(in: space, with: client),
      with: client)
    try session.require(
      options.confirmation.given, for: "run tests in pods like those of \(reference)", plan.context)
    let settings = try settings(workload, session.components[word]?.container?.value)
    let jobs = try await ShardJobs(settings, of: workload, in: space, with: client)
    let found = pods(
      session, jobs.pods, .byIndex, settings.container, TestPlacement.patience(suite),
      whyNone: { await jobs.whyNone() })
    return TestPlacement(
      found, workers: settings.shards, jobs: jobs, client: client, notes: jobs.notes)
  }

  private func settings(
    _ workload: KubeObject, _ component: String?
  ) throws -> ShardSettings {
    let template =
      workload["spec", "template"] ?? workload["spec", "jobTemplate", "spec", "template"]
    let pod = KubeObject(template ?? workload.json)
    let context = plan.context
    var settings = ShardSettings(
      suite: suite.name.value, shards: options.shards ?? place?.shards?.value ?? 2,
      container: try PodChoice.container(of: pod, named: place?.container?.value ?? component),
      interpreter: interpreter, owner: "\(context.user)@\(context.host)")
    guard let place else {
      settings.image = options.image
      return settings
    }
    settings.image = options.image ?? place.image?.value
    settings.serviceAccount = place.serviceAccount?.value
    for (key, value) in place.nodeSelector { settings.nodeSelector[key] = value }
    settings.tolerations = place.tolerations.map { .object($0.mapValues(JSON.string)) }
    if !place.resources.isEmpty {
      settings.resources = .object(place.resources.mapValues { .object($0.mapValues(JSON.string)) })
    }
    if let deadline = place.deadline { settings.deadline = deadline.value }
    return settings
  }
}
