internal import HTTPClient
internal import Runbooks

/// The actions on what stands beside the database and the cluster.
func serviceActions(
  _ target: RunTarget, _ cluster: RunCluster, _ targets: RunTargets, environment: [String: String]
) -> [any Action] {
  [
    DBSessionsAction(target: target),
    DBCancelAction(target: target),
    PrometheusQueryAction(targets: targets),
    LokiQueryAction(targets: targets),
    AlertmanagerAlertsAction(targets: targets),
    AlertmanagerSilenceAction(targets: targets),
    AlertmanagerExpireAction(targets: targets),
    TLSCertificateAction(proxies: HTTPProxies(environment: environment)),
    CommandVersionAction(environment: environment),
    AWSReadAction(targets: targets),
    AWSCallAction(targets: targets),
    TerraformPlanAction(targets: targets),
    TerraformApplyAction(targets: targets),
    GitHubDispatchAction(targets: targets),
    SecretPutAction(targets: targets, cluster: cluster),
  ]
}
