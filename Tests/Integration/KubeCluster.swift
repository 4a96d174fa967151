import Glibc
import JSON
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

/// The cluster that `OMCOPS_TEST_KUBECONFIG` names, and a namespace of it for one test.
struct KubeCluster: Sendable {
  /// The file that the variable names.
  static let kubeconfig = getenv("OMCOPS_TEST_KUBECONFIG").map { String(cString: $0) }
  /// Says why tests are skipped.
  static let word: Comment = "OMCOPS_TEST_KUBECONFIG names no cluster"
  static var isThere: Bool { kubeconfig != nil }

  let namespace: String
  let folder: FilePath

  /// Runs `body` with a new namespace, and removes it.
  static func with<Result>(
    _ body: (KubeCluster) async throws -> Result
  ) async throws -> Result {
    try await ScratchFolder.with { folder in
      let name = "omcops-test-\(getpid())-\(UInt32.random(in: 0...999_999))"
      let cluster = KubeCluster(namespace: name, folder: folder)
      let made = try await cluster.apply(
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: \(name)}\n")
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      // A pod without its service account is refused.
      let account = try await cluster.kube(
        ["wait", "serviceaccount/default", "--for", "create", "--timeout", "30s"])
      try #require(account.exitCode == 0, "\(account.errorOutput)")
      do {
        let result = try await body(cluster)
        try await cluster.remove()
        return result
      } catch {
        try? await cluster.remove()
        throw error
      }
    }
  }

  /// Runs `omcops kube` in the namespace.
  func kube(
    _ arguments: [String], context: String = "admin", input: String = "",
    timeout: Duration = .seconds(120), behind words: [String] = [],
    meanwhile: @escaping @Sendable (RunningProgram) async throws -> Void = { _ in }
  ) async throws -> ProgramResult {
    try await Program.omcops.run(
      ["kube"] + arguments + ["--context", context, "-n", namespace]
        + (words.isEmpty ? [] : ["--"] + words),
      environment: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], input: input, in: folder,
      timeout: timeout, meanwhile: meanwhile)
  }

  /// Runs a command in a container.
  func exec(
    _ options: [String], _ command: String..., input: String = "", context: String = "admin"
  ) async throws -> ProgramResult {
    try await kube(["exec"] + options, context: context, input: input, behind: command)
  }

  /// Applies YAML.
  func apply(_ yaml: String, _ options: String...) async throws -> ProgramResult {
    try await kube(["apply", "-f", "-"] + options, input: yaml)
  }

  /// Makes a Deployment, and waits until its pods are ready.
  func deploy(_ name: String, _ yaml: String) async throws {
    let made = try await apply(yaml)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    let ready = try await kube(["rollout", "status", "deploy/\(name)", "--timeout", "90s"])
    try #require(ready.exitCode == 0, "\(ready.errorOutput)")
  }

  /// A Deployment of a small web server.
  static func web(
    image: String = "localhost/omc/app:1", replicas: Int = 1, more: String = ""
  ) -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, labels: {app: web}}
    spec:
      replicas: \(replicas)
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          terminationGracePeriodSeconds: 0
          containers:
          - name: app
            image: \(image)
            command: [sh, -c, "httpd -f -p 8080 -h /www"]
    \(more)
    """
  }

  private func remove() async throws {
    try await client().delete(.namespaces, namespace, in: nil)
  }

  /// Speaks with the cluster past the command line.
  func client() throws -> KubeClient {
    let surroundings = AccessSurroundings(
      variables: ["KUBECONFIG": KubeCluster.kubeconfig ?? ""], workingDirectory: folder.string,
      isInteractive: false)
    var selection = AccessSelection()
    selection.context = "admin"
    let access = try ClusterAccess.resolve(selection, in: surroundings)
    return KubeClient(access, in: surroundings, userAgent: "omcops tests") { _ in }
  }
}
