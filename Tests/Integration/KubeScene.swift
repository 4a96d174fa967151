import Glibc
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A database, a namespace of the cluster with the manifests of a service that uses it, and an
/// omcops.yaml that points at them.
struct KubeScene: Sendable {
  let cluster: KubeCluster
  let database: ConnectionSettings

  /// A password that the server does not ask for.
  static let password = "correct horse battery"

  /// Runs `body` in a scene; everything of it is gone afterwards.
  static func play<Result>(_ body: (KubeScene) async throws -> Result) async throws -> Result {
    try await TestServer.withDatabase { database in
      try await KubeCluster.with { cluster in
        try await body(KubeScene(cluster: cluster, database: database))
      }
    }
  }

  /// Applies the ConfigMap and the Secret of the service.
  func manifests(
    host: String? = nil, port: String? = nil, password: String = "POSTGRES_PASSWORD"
  ) async throws {
    let made = try await cluster.apply(
      """
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: backend}
      data:
        POSTGRES_SERVER: "\(host ?? database["host"] ?? "")"
        POSTGRES_PORT: "\(port ?? database["port"] ?? "")"
        POSTGRES_DB: "\(database["dbname"] ?? "")"
      ---
      apiVersion: v1
      kind: Secret
      metadata: {name: backend}
      stringData:
        POSTGRES_USER: "\(database["user"] ?? "")\\n"
        \(password): "\(KubeScene.password)"
      """, "--force-conflicts")
    try #require(made.exitCode == 0, "\(made.errorOutput)")
  }

  /// Writes omcops.yaml; its first value stands in line 6.
  func configure(_ more: String = "", context: String = "admin") throws {
    try write(
      """
      environments:
        staging:
          kubernetes: {kubeconfig: "\(KubeCluster.kubeconfig ?? "")", context: \(context), \
      namespace: \(cluster.namespace)}
          backups: {path: backups}
          database:
            host: {from-kubernetes: configmap/backend/POSTGRES_SERVER}
            port: {from-kubernetes: configmap/backend/POSTGRES_PORT}
            name: {from-kubernetes: configmap/backend/POSTGRES_DB}
            user: {from-kubernetes: secret/backend/POSTGRES_USER}
            password: {from-kubernetes: secret/backend/POSTGRES_PASSWORD}
      \(more)
      """)
  }

  private func write(_ text: String) throws {
    let file = try FileDescriptor.open(
      cluster.folder.appending("omcops.yaml"), .writeOnly, options: [.create, .truncate],
      permissions: .ownerReadWrite)
    _ = try file.closeAfter { try file.writeAll(text.utf8) }
  }

  /// Runs omcops in the folder of the configuration.
  func omcops(
    _ arguments: [String], context: String? = nil, input: String = "",
    environment: [String: String] = [:], timeout: Duration = .seconds(120),
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    if let context { try configure(context: context) }
    return try await Program.omcops.run(
      arguments, environment: environment, input: input, in: cluster.folder, timeout: timeout,
      meanwhile: meanwhile)
  }
}
