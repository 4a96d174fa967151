import Glibc
import JSON
import KubeExec
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// The service is deployed and rolled back, code and schema together, on the real cluster.
@Suite(
  "the runbooks backend-deploy and backend-rollback", .serialized,
  .enabled(if: Backend.isPossible, "no cluster whose images can be named"))
struct BackendProcedureTests {
  @Test(
    "a release brings its schema; the rollback takes both back, and an undo of that forward again")
  func wayAndBack() async throws {
    try await Backend.play { backend in
      let plan = try await backend.deploy(2, verb: "plan")
      #expect(plan.exitCode == 0, "\(plan.everything)")
      #expect(try await backend.version == nil)

      try backend.release(1)
      let first = try await backend.deploy(1)
      #expect(first.exitCode == 0, "\(first.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))

      try backend.release(2)
      let second = try await backend.deploy(2)
      #expect(second.exitCode == 0, "\(second.everything)")
      #expect(try await backend.version == "r1")
      #expect(try await backend.image == Backend.image(2))
      let again = try await backend.deploy(2)
      #expect(again.exitCode == 6, "\(again.everything)")
      #expect(again.errorOutput.contains("The image is another one"))

      let back = try await backend.rollBack()
      #expect(back.exitCode == 0, "\(back.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))
      #expect(try await backend.ready == 2)
      // What was rolled back is not deployed again by mistake.
      let refused = try await backend.deploy(2)
      #expect(refused.exitCode == 3, "\(refused.everything)")
      #expect(refused.errorOutput.contains("The image was not refused before"))

      let forward = try await backend.scene.runbook(["undo", try #require(back.runID)])
      #expect(forward.exitCode == 0, "\(forward.everything)")
      #expect(try await backend.version == "r1")
      #expect(try await backend.image == Backend.image(2))
      #expect(try await backend.ready == 2)
    }
  }

  @Test("an image that cannot start says why, and is taken back with its schema")
  func broken() async throws {
    try await Backend.play { backend in
      try backend.release(1)
      try #require(try await backend.deploy(1).exitCode == 0)
      try backend.release(2)
      let none = "localhost/omc/none@sha256:\(String(repeating: "0", count: 64))"
      let broken = try await backend.deploy(image: none, ["rollout-limit=60s"])
      #expect(broken.exitCode == 6, "\(broken.everything)")
      #expect(broken.errorOutput.contains("ErrImagePull"), "\(broken.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))
      #expect(try await backend.ready == 2)
      let refused = try await backend.deploy(image: none)
      #expect(refused.exitCode == 3, "\(refused.everything)")

      // It runs, and does not do what it is for.
      let silent = try await backend.deploy(2, ["data-path=/nothing", "answers-within=3s"])
      #expect(silent.exitCode == 6, "\(silent.everything)")
      #expect(silent.errorOutput.contains("answers 404"), "\(silent.everything)")
      #expect(try await backend.version == "r0")
      #expect(try await backend.image == Backend.image(1))
    }
  }

  @Test("a schema that is ahead of the release is refused before anything is changed")
  func ahead() async throws {
    try await Backend.play { backend in
      try backend.release(1)
      try #require(try await backend.deploy(1).exitCode == 0)
      try await backend.scene.scene.execute("UPDATE alembic_version SET version_num = 'newer'")
      let refused = try await backend.deploy(2)
      #expect(refused.exitCode == 6, "\(refused.everything)")
      #expect(
        refused.errorOutput.contains("The database stands at a revision that the release knows"))
      #expect(refused.errorOutput.contains("alembic cannot locate the revision"))
      #expect(try await backend.image == Backend.image(1))
      let back = try await backend.rollBack()
      #expect(back.exitCode == 1, "\(back.everything)")
      #expect(try await backend.image == Backend.image(1))
    }
  }

  @Test("a plan asks as one who may change nothing")
  func readOnlyPlans() async throws {
    try await Backend.play { backend in
      try backend.release(1)
      try #require(try await backend.deploy(1).exitCode == 0)
      try backend.release(2)
      let before = try await backend.state
      let reader = "reader_\(backend.scene.database)"
      try await backend.scene.scene.execute(
        "CREATE ROLE \(reader) LOGIN; GRANT pg_monitor, pg_read_all_data TO \(reader)")
      try backend.scene.configure(user: reader, context: "viewer")
      let plan = try await backend.deploy(2, verb: "plan")
      #expect(plan.exitCode == 0, "\(plan.everything)")
      #expect(plan.output.contains("deployment/backend --image"))
      try backend.scene.configure()
      #expect(try await backend.state == before)
      #expect(try await backend.version == "r0")
      try await backend.scene.scene.execute("DROP OWNED BY \(reader); DROP ROLE \(reader)")
    }
  }
}

/// A service of two pods that answers from files, its database, and the revision files of its releases.
private struct Backend {
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
    for release in 0...2 {
      let tagged = try await Program("/usr/bin/ctr").run([
        "--address", Backend.socket?.string ?? "", "--namespace", "k8s.io", "images", "tag",
        "--force", "localhost/omc/app:1", Backend.image(release),
      ])
      try #require(tagged.exitCode == 0, "\(tagged.errorOutput)")
    }
    try scene.configure()
    for folder in ["mig", "mig/versions"] {
      mkdir(scene.scene.folder.pushing(FilePath(folder)).string, 0o755)
    }
    try scene.write("[alembic]\nscript_location = %(here)s/mig\n", "alembic.ini")
    try scene.write(
      "context.configure(connection=c, transaction_per_migration=True)\n", "mig/env.py")
    try release(1)
    let made = try await cluster.apply(
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
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    let ready = try await cluster.kube(["rollout", "status", "deploy/backend", "--timeout", "90s"])
    try #require(ready.exitCode == 0, "\(ready.errorOutput)")
  }

  /// Puts the revision files of a release in place: release N has N revisions.
  func release(_ number: Int) throws {
    for (index, text) in MigrationScene.chain(number).enumerated() {
      try scene.write(text, "mig/versions/\(index + 100).sql")
    }
  }

  func deploy(
    _ release: Int, _ more: [String] = [], verb: String = "run"
  ) async throws -> ProgramResult {
    try await deploy(image: Backend.image(release), more, verb: verb)
  }

  func deploy(
    image: String, _ more: [String] = [], verb: String = "run"
  ) async throws -> ProgramResult {
    try await scene.run(
      "backend-deploy",
      [
        "image=\(image)", "reason=release of a test", "port=8080", "health-path=/health/",
        "data-path=/coins/", "watch=1s",
      ].filter { given in !more.contains { $0.prefix(9) == given.prefix(9) } } + more, verb: verb)
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
  fileprivate var runID: String? {
    everything.split(separator: "\n").first { $0.hasPrefix("Run ") }.map {
      String($0.dropFirst(4))
    }
  }
}
