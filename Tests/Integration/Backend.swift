import Glibc
import JSON
import KubeExec
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// A service of two pods that answers from files, its database, and the revision files of its releases.
struct Backend {
  let scene: ProcedureScene
  let cluster: KubeCluster

  /// The containers' runtime, beside the kubeconfig of the cluster of this machine.
  private static var socket: FilePath? {
    guard let kubeconfig = KubeCluster.kubeconfig else { return nil }
    let path = FilePath(kubeconfig).removingLastComponent().appending("containerd.sock")
    return access(path.string, R_OK) == 0 && access("/usr/bin/ctr", X_OK) == 0 ? path : nil
  }
  static var isPossible: Bool { socket != nil }

  /// The image of a release, by its digest: the same program under two names.
  static func image(_ release: Int) -> String {
    "localhost/omc/release-\(release)@sha256:\(digest)"
  }
  private static let digest = "edd4a609c203bc76eab4453dd57e4e9413d2bbdb19025675360fc123c34c6b46"

  static func play(_ body: (Backend) async throws -> Void) async throws {
    try await ProcedureScene.playOnCluster { scene, cluster in
      let backend = Backend(scene: scene, cluster: cluster)
      try await backend.set()
      try await body(backend)
    }
  }

  private func set() async throws {
    for release in 0...2 { try await makeImage(release) }
    try scene.configure()
    for folder in ["mig", "mig/versions"] {
      mkdir(scene.scene.folder.pushing(FilePath(folder)).string, 0o755)
    }
    try scene.write("[alembic]\nscript_location = %(here)s/mig\n", "alembic.ini")
    try scene.write(
      "context.configure(connection=c, transaction_per_migration=True)\n", "mig/env.py")
    try release(1)
    try await cluster.deploy(
      "backend",
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: backend, labels: {app: backend}}
      spec:
        replicas: 2
        selector: {matchLabels: {app: backend}}
        template:
          metadata: {labels: {app: backend}}
          spec:
            terminationGracePeriodSeconds: 0
            automountServiceAccountToken: false
            containers:
            - name: app
              image: \(Backend.image(0))
              imagePullPolicy: IfNotPresent
              readinessProbe: {httpGet: {path: /health/, port: 8080}, periodSeconds: 1}
              command:
              - sh
              - -c
              - mkdir -p /tmp/w/health /tmp/w/coins; echo true > /tmp/w/health/index.html;
                echo '{"coins":["BTC"]}' > /tmp/w/coins/index.html; exec httpd -f -p 8080 -h /tmp/w
      """)
  }

  /// Gives the one program another name, as the image of a release.
  func makeImage(_ release: Int) async throws {
    let tagged = try await Program("/usr/bin/ctr").run([
      "--address", Backend.socket?.string ?? "", "--namespace", "k8s.io", "images", "tag",
      "--force", "localhost/omc/app:1", Backend.image(release),
    ])
    try #require(tagged.exitCode == 0, "\(tagged.errorOutput)")
  }

  /// Puts the revision files of a release in place: release N has N revisions.
  func release(_ number: Int) throws {
    for (index, text) in MigrationScene.chain(number).enumerated() {
      try scene.write(text, "mig/versions/\(index + 100).sql")
    }
  }

  func deploy(
    _ release: Int, _ more: [String] = [], verb: String = "run", crashAfter position: Int? = nil
  ) async throws -> ProgramResult {
    try await deploy(image: Backend.image(release), more, verb: verb, crashAfter: position)
  }

  func deploy(
    image: String, _ more: [String] = [], verb: String = "run", crashAfter position: Int? = nil
  ) async throws -> ProgramResult {
    try await scene.run(
      "backend-deploy",
      [
        "image=\(image)", "reason=release of a test", "port=8080", "health-path=/health/",
        "data-path=/coins/", "watch=1s",
      ].filter { given in !more.contains { $0.prefix(9) == given.prefix(9) } } + more, verb: verb,
      crashAfter: position)
  }

  func rollBack() async throws -> ProgramResult {
    try await scene.run(
      "backend-rollback",
      [
        "reason=a test goes back", "writers=deployment/backend", "port=8080",
        "health-path=/health/", "data-path=/coins/", "watch=1s",
      ], approve: ["consent=\(scene.environment)"])
  }

  /// The database's revision.
  var version: String? {
    get async throws {
      guard try await scene.value("SELECT to_regclass('alembic_version')") != nil else {
        return nil
      }
      return try await scene.value("SELECT string_agg(version_num, ',') FROM alembic_version")
    }
  }

  private var deployment: KubeObject {
    get async throws {
      try await cluster.client().get(.deployments, "backend", in: cluster.namespace)
    }
  }

  var image: String? {
    get async throws {
      try await deployment["spec", "template", "spec", "containers"]?.array?.first?["image"]?.string
    }
  }

  var ready: Int64 {
    get async throws { try await deployment["status", "readyReplicas"]?.int ?? 0 }
  }

  /// What changes when anybody changes the Deployment.
  var state: Int64 { get async throws { try await deployment.generation } }
}

extension ProgramResult {
  /// The run that it was.
  var runID: String? {
    everything.split(separator: "\n").first { $0.hasPrefix("Run ") }.map {
      String($0.dropFirst(4))
    }
  }
}
