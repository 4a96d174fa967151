internal import ArgumentParser
internal import Configuration
internal import LogOps

extension Logs {
  /// What gives the lines that the cluster has no longer: the Loki of the environment that is meant, or
  /// none.
  ///
  /// Where the command line names another cluster than the environment's, its Loki is that of other pods:
  /// then only who asks for it gets it.
  func history(_ session: KubeSession, _ filter: RecordFilter, _ context: Context) throws
    -> LogHistory?
  {
    let isSure = !cluster.namesCluster || pods.loki == true
    let isOfUse = filter.since != nil || input.follow
    guard pods.loki != false, isSure, isOfUse, !pods.previous, pods.limitBytes == nil else {
      return nil
    }
    guard let targets = try cluster.targets(session, context, environment: environment),
      targets.targets.loki != nil
    else {
      if pods.loki == true { throw NoTarget(environment: environment, section: "loki") }
      return nil
    }
    let names = targets.targets.logLabels
    var labels = LogHistory.Labels()
    if let name = names.namespace { labels.namespace = name.value }
    if let name = names.pod { labels.pod = name.value }
    if let name = names.container { labels.container = name.value }
    var history = LogHistory(Loki(of: targets), labels: labels)
    history.isRequired = pods.loki == true
    history.until = filter.until
    return history
  }

  /// What does not go with `--loki`.
  func validateHistory() throws {
    guard pods.loki == true else { return }
    let others = [("--previous", pods.previous), ("--limit-bytes", pods.limitBytes != nil)]
    if let other = others.first(where: \.1) {
      throw ValidationError("--loki adds what the cluster has no longer: leave \(other.0) out")
    }
    if !input.file.isEmpty { throw ValidationError("--loki is about pods, --file is not") }
    if !input.follow {
      if !filter.hasStart {
        throw ValidationError("--loki goes with --since or --since-time, or with --follow")
      }
      if input.tail.map({ $0 >= 0 }) == true {
        throw ValidationError("--tail counts what the cluster has: leave it out with --loki")
      }
    }
  }
}

extension ClusterOptions {
  /// Whether the command line says which cluster is meant.
  var namesCluster: Bool {
    kubeconfig != nil || context != nil || cluster != nil || server != nil
  }

  /// What the environment that is meant says of servers; nil where none is.
  func targets(
    _ session: KubeSession, _ context: Context, environment: String?
  ) throws -> EnvironmentTargets? {
    let configuration = try Configuration.load(
      path: global.config, from: context.workingDirectory, variables: context.environment)
    let name = try configuration.chosen(environment, variables: context.environment)
    return EnvironmentTargets(name, in: configuration, session, context)
  }
}
