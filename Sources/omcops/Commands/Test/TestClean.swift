internal import ArgumentParser
internal import Configuration
internal import DBOps
internal import Diagnostics
internal import Glibc
internal import KubeExec
internal import SystemPackage
internal import TestOps

/// `omcops test clean`.
struct TestClean: OmcCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean",
    abstract: "Remove the test databases, their server and Python environments.",
    discussion: discussion(
      """
      A run removes its databases, processes and folders itself, and the next run what a killed one \
      left; the server and the \
      templates stay for the next run. This removes them too, so that the next run makes everything \
      anew. What a run on its way needs stays.
      """, exits: [.done, .failed, .usage]))

  @OptionGroup var global: GlobalOptions

  func run(_ context: Context) async throws {
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    var sources = [configuration.testSandbox(), configuration.testSandbox(at: "127.0.0.1")]
    var addresses = configuration.tests.values.compactMap { $0.place?.databaseAddress?.value }
    addresses += [OwnAddress.inCluster(context.environment)].compactMap(\.self)
    sources += Set(addresses).sorted().map { configuration.testSandbox(at: $0) }
    for suite in configuration.tests.values where suite.database.kind == .url {
      sources.append(try await SuitePlan(suite, configuration, context).server())
    }
    var count = 0
    let leftovers = await RunTraces.removeLeftovers(recordsIn: tracesFolder(context))
    var isInUse = leftovers.alive > 0
    for line in leftovers.lines {
      context.output.write("\(line)\n")
      count += 1
    }
    for source in sources {
      let outcome = try await TestServerCleaning(source).run()
      for name in outcome.removed { context.output.write("\(name)\n") }
      count += outcome.removed.count
      isInUse = isInUse || !outcome.inUse.isEmpty
    }
    count += try await cleanClusters(configuration, context)
    // What steps of runbooks have kept of runs that are over: one that is resumed would run its tests again.
    let steps = testStepsFolder(context)
    if access(steps.string, F_OK) == 0 {
      try FolderTree.remove(steps)
      context.output.write("the records of steps in \(steps)\n")
      count += 1
    }
    let environments = FilePath(pythonFolder(context))
    if isInUse {
      context.error.write("a run is on its way: what it may need stays\n")
    } else if access(environments.string, F_OK) == 0 {
      try FolderTree.remove(environments)
      context.output.write("the Python environments in \(environments)\n")
      count += 1
    }
    if count == 0 { context.error.write("nothing was left\n") }
  }

  /// Deletes the Jobs that killed runs have left in the clusters of suites that are run there.
  private func cleanClusters(
    _ configuration: Configuration, _ context: Context
  ) async throws -> Int {
    var count = 0
    for environment in try TestPlacement.environments(configuration, context) {
      guard let session = try configuration.cluster(of: environment, context) else { continue }
      let spaces = session.components.values.compactMap(\.namespace?.value)
      for space in Set([session.namespace] + spaces).sorted() {
        for name in try await ShardJobs.removeAbandoned(in: space, with: session.client) {
          context.output.write("job \(name) in namespace \(space)\n")
          count += 1
        }
      }
    }
    return count
  }
}
