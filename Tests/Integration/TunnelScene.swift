import KubeExec
import Postgres
import ProgramRunner
import SystemPackage
import Testing

/// A namespace with the manifests of a service, and a database of a server that its pods reach.
struct TunnelScene: Sendable {
  let cluster: KubeCluster
  let place: KubeServer.Place
  /// The database.
  let name: String

  /// Runs `body` in a scene; everything of it is gone afterwards.
  static func play<Result>(_ body: (TunnelScene) async throws -> Result) async throws -> Result {
    try await KubeServer.withDatabase { place, name in
      try await KubeCluster.with { cluster in
        let scene = TunnelScene(cluster: cluster, place: place, name: name)
        try scene.write("db.crt", place.certificate)
        return try await body(scene)
      }
    }
  }

  /// Applies a Service whose port 5432 leads to the server, and the pod on the machine's network behind
  /// it.
  func service(_ name: String = "db", pod: Bool = true, target: Int? = nil) async throws {
    try await apply(
      """
      apiVersion: v1
      kind: Service
      metadata: {name: \(name)}
      spec:
        selector: {app: db}
        ports: [{protocol: TCP, port: 5432, targetPort: \(target ?? place.port)}]
      """)
    if pod { try await self.pod("db") }
  }

  /// A pod on the machine's network.
  func pod(_ name: String) async throws {
    try await apply(
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: \(name), labels: {app: \(name)}}
      spec:
        hostNetwork: true
        terminationGracePeriodSeconds: 0
        containers: [{name: app, image: "localhost/omc/app:1", command: [sleep, "600"]}]
      """)
    let ready = try await cluster.kube(
      ["wait", "pod/\(name)", "--for", "condition=Ready", "--timeout", "60s"])
    try #require(ready.exitCode == 0, "\(ready.errorOutput)")
  }

  /// A Deployment of a pod on the cluster's network that answers for the server.
  func ferries() async throws {
    try await apply(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: ferry}
      spec:
        selector: {matchLabels: {app: db}}
        template:
          metadata: {labels: {app: db}}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - name: app
              image: "localhost/omc/app:1"
              command: [nc, -ll, -p, "5432", -e, nc, "\(KubeServer.bridge ?? "")", "\(place.port)"]
      """)
    try await waitForFerry()
  }

  /// Waits until a pod of that Deployment is ready.
  func waitForFerry() async throws {
    let ready = try await cluster.kube(
      ["wait", "deployment/ferry", "--for", "condition=Available", "--timeout", "60s"])
    try #require(ready.exitCode == 0, "\(ready.errorOutput)")
  }

  /// Deletes the pods behind the Service.
  func deletePods() async throws {
    let client = try cluster.client()
    let pods = try await client.list(
      ObjectQuery(.pods, namespace: cluster.namespace, labelSelector: "app=db")
    ).items
    for pod in pods {
      try await client.delete(.pods, pod.name, in: cluster.namespace, gracePeriodSeconds: 0)
    }
  }

  /// Waits until the server runs a statement of the database.
  func waitForStatement(_ pattern: String) async throws {
    let watch = try await Connection.open(
      place.settings.with(database: name), applicationName: "omcops tests")
    try await waitUntil("the statement to run") {
      try await !watch.query(
        """
        select from pg_stat_activity
        where datname = $1 and query ~ $2 and pid <> pg_backend_pid()
        """, [SQLValue(name), SQLValue(pattern)]
      ).rows.isEmpty
    }
    await watch.close()
  }

  private func apply(_ yaml: String) async throws {
    let made = try await cluster.apply(yaml, "--force-conflicts")
    try #require(made.exitCode == 0, "\(made.errorOutput)")
  }

  /// Writes omcops.yaml, with a Secret in the cluster for the password.
  func configure(
    _ more: String = "", host: String = "db", port: Int = 5432, tunnel: String = "tunnel: auto",
    password: String = "password: {from-env: DB_PASSWORD}", above: String = ""
  ) throws {
    try write(
      "omcops.yaml",
      """
      \(above)
      environments:
        staging:
          kubernetes:
            kubeconfig: "\(KubeCluster.kubeconfig ?? "")"
            context: admin
            namespace: \(cluster.namespace)
          backups: {path: backups}
          database:
            host: \(host)
            port: \(port)
            name: \(name)
            user: postgres
            \(password)
            \(more.contains("tunnel:") ? "" : tunnel)
            \(more)
      """)
  }

  /// Writes a file that only its owner may read.
  func write(_ name: String, _ text: String) throws {
    let file = try FileDescriptor.open(
      cluster.folder.appending(name), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  /// Runs SQL past the cluster.
  func execute(_ sql: String) async throws {
    let server = try await Connection.open(
      place.settings.with(database: name), applicationName: "omcops tests")
    try await server.execute(sql)
    await server.close()
  }

  /// Runs omcops in the folder of the configuration.
  func omcops(
    _ arguments: [String], environment: [String: String] = [:], input: String = "",
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    try await Program.omcops.run(
      arguments,
      environment: ["DB_PASSWORD": KubeServer.password].merging(environment) { $1 },
      input: input, in: cluster.folder, timeout: .seconds(180), meanwhile: meanwhile)
  }
}
