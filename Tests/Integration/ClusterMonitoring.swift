import Glibc
import JSON
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

/// The folder of the whole package.
private let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
  .removingLastComponent()

/// A real Prometheus with the project's alert rules and a real Alertmanager. They see the Deployments
/// of a namespace as kube-state-metrics shows them, and the rules of its ConfigMap as a pod would.
struct ClusterMonitoring: Sendable {
  let cluster: KubeCluster
  let prometheus: String
  let alertmanager: String
  private let ports: [Int]

  /// Says why tests are skipped.
  static let word: Comment =
    "no cluster, or no Prometheus and Alertmanager: see scripts/install-deps"
  static var isThere: Bool {
    KubeCluster.isThere
      && ["prometheus", "prometheus-alertmanager", "promtool", "curl", "python3"]
        .allSatisfy { Tool.find($0) != nil }
  }

  private init(_ cluster: KubeCluster) throws {
    self.cluster = cluster
    ports = try (0..<3).map { _ in try KubeServer.freePort() }
    prometheus = "http://127.0.0.1:\(ports[0])"
    alertmanager = "http://127.0.0.1:\(ports[1])"
  }

  /// Runs `body` in a scene; everything of it is gone afterwards.
  static func play(_ body: @escaping @Sendable (ClusterMonitoring) async throws -> Void)
    async throws
  {
    try await KubeCluster.with { cluster in
      let scene = try ClusterMonitoring(cluster)
      try scene.prepare()
      try await StandIns.with(
        scene.servers, in: cluster.folder, meanwhile: { try await scene.observe() }
      ) {
        try await waitUntil("Prometheus to find Alertmanager") {
          try await scene.ask("\(scene.prometheus)/api/v1/alertmanagers").contains("/api/v2/alerts")
        }
        try await body(scene)
      }
    }
  }

  private var folder: FilePath { cluster.folder }
  private var rules: FilePath { folder.appending("rules") }

  private func prepare() throws {
    for name in ["rules", "web"] where mkdir(folder.appending(name).string, 0o700) != 0 {
      throw Errno(rawValue: errno)
    }
    try StandIns.write("", to: folder.appending("web/metrics"))
    // What has to be so for minutes is told at once: a test has no minutes.
    let text = try StandIns.read(package.appending("runbooks/files/alert-rules.yaml"))
    let hasty = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.contains(" for: ") ? line.prefix { $0 == " " } + "for: 0s" : line
    }
    try StandIns.write(hasty.joined(separator: "\n"), to: rules.appending("alert-rules.yaml"))
    try StandIns.write(
      """
      global: {scrape_interval: 1s, evaluation_interval: 1s}
      rule_files: [rules/*.yaml]
      alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:\(ports[1])"]}]}]}
      scrape_configs: [{job_name: state, honor_labels: true, static_configs: [{targets: ["127.0.0.1:\(ports[2])"]}]}]
      """, to: folder.appending("prometheus.yml"))
    try StandIns.write(
      """
      route: {receiver: team, group_wait: 1s, group_interval: 1s}
      receivers: [{name: team}]
      """, to: folder.appending("alertmanager.yml"))
    try StandIns.write(
      """
      environments:
        here:
          kubernetes: { kubeconfig: "\(KubeCluster.kubeconfig ?? "")", context: admin, namespace: \(cluster.namespace) }
          prometheus: { url: "\(prometheus)" }
          alertmanager: { url: "\(alertmanager)" }
        seen:
          kubernetes: { kubeconfig: "\(KubeCluster.kubeconfig ?? "")", context: viewer, namespace: \(cluster.namespace) }
          prometheus: { url: "\(prometheus)" }
          alertmanager: { url: "\(alertmanager)" }
      """, to: folder.appending("omcops.yaml"))
  }

  private var servers: [StandIns.Server] {
    [
      StandIns.Server(
        program: "python3",
        arguments: [
          "-m", "http.server", "\(ports[2])", "--bind", "127.0.0.1", "--directory", "web",
        ],
        ready: "http://127.0.0.1:\(ports[2])/metrics"),
      StandIns.Server(
        program: "prometheus-alertmanager",
        arguments: [
          "--config.file=alertmanager.yml", "--storage.path=alerts", "--cluster.listen-address=",
          "--web.listen-address=127.0.0.1:\(ports[1])",
        ], ready: "\(alertmanager)/-/ready"),
      StandIns.Server(
        program: "prometheus",
        arguments: [
          "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.enable-lifecycle",
          "--web.listen-address=127.0.0.1:\(ports[0])",
        ], ready: "\(prometheus)/-/ready"),
    ]
  }

  /// Shows Prometheus the Deployments and brings it the rules of the ConfigMap, until the end.
  private func observe() async throws {
    let client = try cluster.client()
    let deployments = try await client.resource(named: "deployments.apps")
    let configMaps = try await client.resource(named: "configmaps")
    while true {
      let found = try await client.list(ObjectQuery(deployments, namespace: cluster.namespace))
        .items
      try StandIns.write(
        ClusterMonitoring.disk + found.map(metrics).joined(), to: folder.appending("web/metrics"))
      if let map = try await client.find(configMaps, "alert-rules", in: cluster.namespace) {
        try bring(map["data"]?.object?.mapValues { $0.string ?? "" }.map { ($0, $1) } ?? [])
      }
      try await Task.sleep(for: .milliseconds(300))
    }
  }

  /// A disk with room.
  private static let disk = """
    node_filesystem_avail_bytes{instance="a:9100",mountpoint="/",fstype="ext4"} 50
    node_filesystem_size_bytes{instance="a:9100",mountpoint="/",fstype="ext4"} 100

    """

  private func metrics(_ deployment: KubeObject) -> String {
    let labels = "{namespace=\"shop\",deployment=\"\(deployment.name)\"}"
    return """
      kube_deployment_spec_replicas\(labels) \(deployment["spec", "replicas"]?.int ?? 1)
      kube_deployment_status_replicas_available\(labels) \(deployment["status", "availableReplicas"]?.int ?? 0)

      """
  }

  private func bring(_ files: [(name: String, text: String)]) throws {
    for name in ScratchFolder.names(in: rules) where !files.contains(where: { $0.name == name }) {
      unlink(rules.appending(name).string)
    }
    for file in files { try StandIns.write(file.text, to: rules.appending(file.name)) }
  }

  /// What a server answers.
  func ask(_ url: String) async throws -> String {
    try await Tool.run("curl", ["-fsS", url]).output
  }

  /// Waits until Prometheus has seen a pod of the Deployment, then until an alert that its rules raised
  /// before that is over for both servers: one that has only not come yet is not over.
  func waitForQuiet(_ alert: String, whenAvailable deployment: String) async throws {
    let available =
      "\(prometheus)/api/v1/query?query=kube_deployment_status_replicas_available%7Bdeployment%3D%22\(deployment)%22%7D%3E0"
    try await waitUntil("Prometheus to see a pod") {
      try await ask(available).contains("\"\(deployment)\"")
    }
    try await waitUntil("the next evaluation") {
      try await !ask("\(prometheus)/api/v1/alerts").contains(alert)
    }
    try await waitUntil("no alert") {
      try await !ask("\(alertmanager)/api/v2/alerts").contains(alert)
    }
  }

  /// Runs `omcops runbook` with the project's runbooks.
  func runbook(
    _ verb: String, _ name: String, _ inputs: String..., environment: String = "here"
  ) async throws -> ProgramResult {
    try await Program.omcops.run(
      ["runbook", verb, name] + (["environment=\(environment)"] + inputs).flatMap { ["-i", $0] },
      environment: [
        "PATH": Tool.path, "OMCOPS_RUNBOOKS": package.appending("runbooks").string,
        "XDG_STATE_HOME": folder.appending("state").string,
      ], in: folder, timeout: .seconds(240))
  }
}
