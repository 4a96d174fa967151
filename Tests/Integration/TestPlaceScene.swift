import Glibc
import JSON
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

/// A suite of tests and a Deployment of pods that can run it: the node's own Python is seen through the
/// folders of the node, so that no image need be made. That works where the node is this machine.
struct TestPlaceScene: Sendable {
  let cluster: KubeCluster

  /// Says why tests are skipped.
  static let word: Comment = "no cluster whose pods see this machine's python3 with pytest"

  /// Whether pods of the cluster have a Python with pytest; found out once.
  static func isPossible() async -> Bool { await finding.value }

  private static let finding = Task {
    guard KubeCluster.isThere else { return false }
    let found: Bool? = try? await KubeCluster.with { cluster in
      let scene = TestPlaceScene(cluster: cluster)
      try scene.write("suite/none.txt", "")
      try await scene.deploy()
      let result = try await cluster.exec(
        ["deployment/web"], "/usr/bin/python3", "-c", "import pytest")
      return result.exitCode == 0
    }
    return found ?? false
  }

  /// Runs `body` with a suite of these files, and pods that have them in `/suite`.
  ///
  /// - Parameters:
  ///   - suite: more of the suite's configuration, indented by four.
  ///   - place: more of its `where`, indented by six.
  static func play(
    _ files: [String: String], suite: String = "    database: {kind: none}", place: String = "",
    _ body: (TestPlaceScene) async throws -> Void
  ) async throws {
    try await KubeCluster.with { cluster in
      let scene = TestPlaceScene(cluster: cluster)
      for (name, text) in files { try scene.write("suite/\(name)", text) }
      try await scene.deploy()
      try scene.configure(suite: suite, place: place)
      try await body(scene)
    }
  }

  /// Writes omcops.yaml.
  func configure(
    suite: String = "    database: {kind: none}", place: String = "", context: String = "admin"
  ) throws {
    try write(
      "omcops.yaml",
      """
      environments:
        staging:
          kubernetes: {kubeconfig: "\(KubeCluster.kubeconfig ?? "")", context: \(context), \
      namespace: \(cluster.namespace)}
      components: {web: {name: web}}
      tests:
        unit:
          runner: pytest
          folder: suite
      \(suite)
          where:
            target: web
            folder: /suite
            python: /usr/bin/python3
      \(place)

      """)
  }

  /// Runs `omcops test`.
  func test(
    _ arguments: String..., environment: [String: String] = [:],
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    // What one that is killed leaves on this machine goes with the folder.
    let environment = ["TMPDIR": cluster.folder.string].merging(environment) { $1 }
    return try await Program.omcops.run(
      ["test"] + arguments, environment: environment, in: cluster.folder, timeout: .seconds(90),
      meanwhile: meanwhile)
  }

  /// The record of a run.
  static func record(_ result: ProgramResult) throws -> JSON {
    try JSON(parsing: result.output)
  }

  /// The Jobs of runs, by name.
  func jobs() async throws -> [String] {
    try await cluster.client().list(ObjectQuery(.jobs, namespace: cluster.namespace)).items
      .map(\.name)
  }

  /// The pods of shards that run, by their index.
  func shards() async throws -> [String: KubeObject] {
    let pods = try await cluster.client().list(
      ObjectQuery(
        .pods, namespace: cluster.namespace, labelSelector: "app.kubernetes.io/name=omcops-test")
    ).items
    let running = pods.filter {
      !$0.isTerminating && $0["status", "phase"]?.string == "Running"
    }
    return Dictionary(
      running.map {
        (
          $0.label("omcops.test/index")
            ?? $0.annotation("batch.kubernetes.io/job-completion-index") ?? "", $0
        )
      }, uniquingKeysWith: { $1 })
  }

  /// Lets the first test of each interpreter be seen from here when it is under way.
  static let mark = """
    import subprocess, sys, pytest
    @pytest.fixture(scope="session", autouse=True)
    def mark(): subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "under-way"])

    """

  /// Waits until a test of a module that begins with `mark` runs in a pod.
  func waitForTests(in pod: String) async throws {
    try await TestPlaceScene.wait("no test is under way in \(pod)") {
      try await count("[u]nder-way", in: pod) > 0
    }
  }

  /// How many processes of a pod have a word in their arguments; in brackets, so that it does not find
  /// itself.
  func count(_ pattern: String, in pod: String) async throws -> Int {
    let words = try await cluster.exec(
      [pod], "/bin/busybox", "sh", "-c",
      """
      for f in /proc/[0-9]*/cmdline; do busybox tr '\\0' ' ' <$f; echo; done 2>/dev/null \
      | busybox grep -c '\(pattern)'
      """)
    return Int(words.output.filter(\.isNumber)) ?? -1
  }

  /// Waits until something holds.
  static func wait(_ what: Comment, _ holds: () async throws -> Bool) async throws {
    for _ in 0..<400 {
      if try await holds() { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record(what)
  }

  private func deploy() async throws {
    try await cluster.deploy(
      "web",
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web, labels: {app: web}}
      spec:
        replicas: 1
        selector: {matchLabels: {app: web}}
        template:
          metadata: {labels: {app: web}}
          spec:
            terminationGracePeriodSeconds: 0
            initContainers:
            - {name: migrate, image: "localhost/omc/app:1", command: [/bin/busybox, "true"]}
            containers:
            - name: app
              image: localhost/omc/app:1
              command: [/bin/busybox, sleep, "100000"]
              env: [{name: IN_POD, value: "yes"}]
              resources: {requests: {cpu: 10m}, limits: {cpu: 1500m}}
              livenessProbe: {exec: {command: [/bin/busybox, "true"]}}
              volumeMounts:
              - {name: usr, mountPath: /usr, readOnly: true}
              - {name: lib, mountPath: /lib, readOnly: true}
              - {name: lib64, mountPath: /lib64, readOnly: true}
              - {name: suite, mountPath: /suite, readOnly: true}
            volumes:
            - {name: usr, hostPath: {path: /usr}}
            - {name: lib, hostPath: {path: /lib}}
            - {name: lib64, hostPath: {path: /lib64}}
            - {name: suite, hostPath: {path: "\(cluster.folder)/suite"}}
      """)
  }

  func write(_ name: String, _ text: String) throws {
    let path = cluster.folder.pushing(FilePath(name))
    var folder = cluster.folder
    for component in FilePath(name).removingLastComponent().components {
      folder.append(component)
      mkdir(folder.string, 0o755)
    }
    let file = try FileDescriptor.open(
      path, .writeOnly, options: [.create, .truncate],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }
}
