import ClusterStandIn
import Glibc
import JSON
import Synchronization
import SystemPackage

@testable import Runbooks

/// What answers a plan in the place of a cluster, of servers and of programs, and remembers what it was
/// asked: only questions may come.
struct PlanStandIn: Sendable {
  let cluster: FakeAPI
  let servers: FakeAPI
  let folder: FilePath

  /// - Parameter folder: where the programs and what was called are kept.
  init(in folder: FilePath, answers: [String: String]) throws {
    self.folder = folder
    cluster = try FakeAPI(ClusterAnswers.answer)
    servers = try FakeAPI(PlanStandIn.serverAnswer)
    for name in ["bin", "answers"] { mkdir(folder.appending(name).string, 0o755) }
    for (name, text) in answers {
      try StandIns.write(text, to: folder.appending("answers").appending(name))
    }
    try StandIns.write(program, to: folder.appending("bin/stand-in"))
    chmod(folder.appending("bin/stand-in").string, 0o755)
    for name in PlanStandIn.programs {
      symlink("stand-in", folder.appending("bin").appending(name).string)
    }
    try StandIns.write(
      """
      current-context: viewer
      clusters: [{name: c, cluster: {server: "http://127.0.0.1:\(cluster.port)"}}]
      users: [{name: u, user: {token: t}}]
      contexts: [{name: viewer, context: {cluster: c, user: u, namespace: shop}}]
      """, to: folder.appending("kubeconfig"))
  }

  func stop() {
    cluster.stop()
    servers.stop()
  }

  /// Its file.
  var kubeconfig: String { folder.appending("kubeconfig").string }

  // MARK: What was asked

  /// Requests that would have changed the cluster. A dry run goes all the way but the last.
  var clusterChanges: [String] {
    cluster.requests.filter { request in
      let asksOnly =
        request.path.hasSuffix("accessreviews") || request.path.hasSuffix("rulesreviews")
      let isExec = request.path.hasSuffix("/exec") || request.path.hasSuffix("/attach")
      if request.method == "GET" { return isExec }
      return !asksOnly && request.query["dryRun"] != "All"
    }.map { "\($0.method) \($0.path)" }
  }

  /// Requests that would have changed what servers hold. Prometheus takes its queries by POST too.
  var serverChanges: [String] {
    servers.requests.filter { request in
      !["GET", "HEAD"].contains(request.method)
        && !(request.method == "POST" && request.path.hasPrefix("/api/v1/query"))
    }.map { "\($0.method) \($0.path)" }
  }

  /// How programs were called, a line for each: `aws eks describe-cluster ...`.
  var calls: [String] {
    let text = (try? StandIns.read(folder.appending("calls"))) ?? ""
    return text.split(separator: "\n").map(String.init)
  }

  /// Calls of programs that are no questions.
  var programChanges: [String] {
    calls.filter { call in
      var words = call.split(separator: " ").map(String.init)
      let name = words.removeFirst()
      if words.contains("--version") || words.first?.hasSuffix("version") == true { return false }
      if words.contains(where: { $0.hasPrefix("--dry-run") }) { return false }
      if name == "aws" {
        return !(words.count > 1 && PlanStandIn.isQuestion(ofAWS: words[1]))
      }
      while let place = words.firstIndex(where: PlanStandIn.takesValue.contains) {
        words.removeSubrange(place..<min(place + 2, words.count))
      }
      let verbs = words.filter { !$0.hasPrefix("-") }
      let known = PlanStandIn.questions[name] ?? []
      return !known.contains { verbs.prefix($0.count).elementsEqual($0) }
    }
  }

  /// An own list, beside that of the program under test.
  private static func isQuestion(ofAWS operation: String) -> Bool {
    ["describe-", "get-", "list-", "head-", "simulate-", "batch-get-", "filter-", "lookup-"]
      .contains { operation.hasPrefix($0) }
  }

  /// The first words of the calls that only ask. `terraform plan` refreshes in memory, and its lock is
  /// not state.
  private static let questions: [String: [[String]]] = [
    "terraform": [
      ["plan"], ["show"], ["validate"], ["output"], ["providers"], ["state", "list"],
      ["state", "pull"],
    ],
    "helm": [["list"], ["get"], ["status"], ["template"], ["show"], ["search"], ["history"]],
    "kubectl": [
      ["get"], ["describe"], ["diff"], ["auth", "can-i"], ["config", "view"], ["api-resources"],
      ["cluster-info"], ["logs"], ["version"],
    ],
    "eksctl": [["get"], ["info"]],
    "git": [
      ["log"], ["status"], ["rev-parse"], ["diff"], ["show"], ["grep"], ["rev-list"], ["ls-files"],
      ["cat-file"],
    ],
    "gh": [["api"], ["run", "list"], ["auth", "status"]],
  ]

  /// Options whose value is a word of its own.
  private static let takesValue: Set = [
    "--context", "--kube-context", "--kubeconfig", "--namespace", "-n",
  ]

  private static let programs = ["aws", "terraform", "helm", "kubectl", "eksctl", "gh", "git"]

  // MARK: What is answered

  /// Notes its name and its words; says a version, what was recorded of AWS, an empty plan.
  private var program: String {
    """
    #!/bin/sh
    name=${0##*/}
    echo "$name $*" >>\(folder)/calls
    case "$name $*" in
    aws*--generate-cli-skeleton*) echo '{}' ;;
    "aws --version") echo aws-cli/2.27.1 ;;
    aws\\ *) cat "\(folder)/answers/$1.$2" 2>/dev/null || echo '{}' ;;
    *version*) echo "$name v9.99.0" ;;
    terraform*show*-json*) echo '{"resource_changes": []}' ;;
    terraform*\\ plan\\ *) for word; do case $word in -out=*) echo plan >"${word#-out=}" ;; esac; done ;;
    esac
    """
  }

  @Sendable private static func serverAnswer(_ request: FakeAPI.Request) -> FakeAPI.Answer {
    switch request.path {
    case "/api/v1/query", "/api/v1/query_range":
      FakeAPI.Answer(body: #"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
    case "/api/v2/alerts", "/api/v2/silences": FakeAPI.Answer(body: "[]")
    case "/-/ready": FakeAPI.Answer(body: "ready")
    default: FakeAPI.Answer(body: "{}")
    }
  }
}

/// A cluster in which everything that is asked for is there, and well.
private enum ClusterAnswers {
  private static let groups: [(version: String, kinds: [(plural: String, kind: String)])] = [
    (
      "apps/v1",
      [
        ("deployments", "Deployment"), ("statefulsets", "StatefulSet"),
        ("daemonsets", "DaemonSet"), ("replicasets", "ReplicaSet"),
        ("controllerrevisions", "ControllerRevision"),
      ]
    ),
    ("batch/v1", [("jobs", "Job"), ("cronjobs", "CronJob")]),
    ("policy/v1", [("poddisruptionbudgets", "PodDisruptionBudget")]),
    (
      "rbac.authorization.k8s.io/v1",
      [
        ("roles", "Role"), ("rolebindings", "RoleBinding"), ("clusterroles", "ClusterRole"),
        ("clusterrolebindings", "ClusterRoleBinding"),
      ]
    ),
    ("storage.k8s.io/v1", [("storageclasses", "StorageClass")]),
    ("networking.k8s.io/v1", [("ingresses", "Ingress")]),
    ("coordination.k8s.io/v1", [("leases", "Lease")]),
    (
      "actions.summerwind.dev/v1alpha1",
      [
        ("runnerdeployments", "RunnerDeployment"), ("runners", "Runner"),
        ("horizontalrunnerautoscalers", "HorizontalRunnerAutoscaler"),
      ]
    ),
    ("cert-manager.io/v1", [("certificates", "Certificate")]),
  ]
  private static let core = [
    ("pods", "Pod"), ("nodes", "Node"), ("secrets", "Secret"), ("configmaps", "ConfigMap"),
    ("services", "Service"), ("events", "Event"), ("namespaces", "Namespace"),
    ("persistentvolumeclaims", "PersistentVolumeClaim"), ("serviceaccounts", "ServiceAccount"),
    ("persistentvolumes", "PersistentVolume"), ("endpoints", "Endpoints"),
    ("replicationcontrollers", "ReplicationController"),
  ]

  @Sendable static func answer(_ request: FakeAPI.Request) -> FakeAPI.Answer {
    let parts = request.path.split(separator: "/").map(String.init)
    guard request.method == "GET" else {
      return .failure(403, "Forbidden", "a viewer may not \(request.method) \(request.path)")
    }
    switch parts {
    case ["version"]: return body(["major": "1", "minor": "29", "gitVersion": "v1.29.0"])
    case ["api"]: return body(["kind": "APIVersions", "versions": ["v1"]])
    case ["apis"]: return body(["kind": "APIGroupList", "groups": .array(groups.map(group))])
    case ["api", "v1"]: return kinds("v1", core)
    default: break
    }
    if parts.count == 3, parts[0] == "apis",
      let found = groups.first(where: { $0.version == "\(parts[1])/\(parts[2])" })
    {
      return kinds(found.version, found.kinds)
    }
    return object(Array(parts.dropFirst(parts.first == "api" ? 2 : 3)), parts)
  }

  private static func body(_ json: JSON) -> FakeAPI.Answer { FakeAPI.Answer(body: json.text()) }

  private static func group(_ group: (version: String, kinds: [(String, String)])) -> JSON {
    let parts = group.version.split(separator: "/").map(String.init)
    let version: JSON = ["groupVersion": .string(group.version), "version": .string(parts[1])]
    return ["name": .string(parts[0]), "versions": [version], "preferredVersion": version]
  }

  private static func kinds(_ version: String, _ kinds: [(String, String)]) -> FakeAPI.Answer {
    let wide = ["Node", "Namespace", "ClusterRole", "ClusterRoleBinding", "StorageClass"]
    let resources = kinds.map { plural, kind -> JSON in
      [
        "name": .string(plural), "singularName": .string(kind.lowercased()),
        "kind": .string(kind), "namespaced": .bool(!wide.contains(kind)),
        "verbs": ["get", "list", "watch"],
      ]
    }
    return body([
      "kind": "APIResourceList", "groupVersion": .string(version),
      "resources": .array(resources),
    ])
  }

  /// One object, or a list of one: `namespaces/shop/deployments/web`, `nodes`.
  private static func object(_ words: [String], _ path: [String]) -> FakeAPI.Answer {
    var words = words
    if words.count > 2, words[0] == "namespaces" { words.removeFirst(2) }
    let version = path.first == "api" ? "v1" : path.dropFirst().prefix(2).joined(separator: "/")
    let all = core + groups.flatMap(\.kinds).map { ($0.plural, $0.kind) }
    guard let plural = words.first, let kind = all.first(where: { $0.0 == plural })?.1 else {
      return .failure(404, "NotFound", "there is no \(path.joined(separator: "/"))")
    }
    // A sub-resource that is a text: the log of a pod.
    if words.last == "log" { return FakeAPI.Answer(body: "") }
    if words.count > 1 { return body(thing(kind, version, words[1])) }
    return body([
      "kind": .string(kind + "List"), "apiVersion": .string(version),
      "metadata": ["resourceVersion": "1"], "items": [thing(kind, version, "web-1")],
    ])
  }

  private static func thing(_ kind: String, _ version: String, _ name: String) -> JSON {
    let labels: JSON = ["app": .string(name)]
    let template: JSON = [
      "metadata": ["labels": labels],
      "spec": [
        "containers": [
          [
            "name": "app",
            "image": .string("registry.test/app@sha256:" + String(repeating: "a", count: 64)),
          ]
        ]
      ],
    ]
    return [
      "kind": .string(kind), "apiVersion": .string(version),
      "metadata": [
        "name": .string(name), "namespace": "shop", "uid": .string("u-\(name)"),
        "resourceVersion": "1", "generation": 1, "creationTimestamp": "2026-11-01T00:00:00Z",
        "labels": labels, "annotations": ["deployment.kubernetes.io/revision": "1"],
      ],
      "spec": [
        "replicas": 1, "selector": ["matchLabels": labels], "template": template,
        "containers": template["spec"]?["containers"] ?? [], "nodeName": "node-a",
      ],
      "status": [
        "observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
        "availableReplicas": 1, "phase": "Running",
        "conditions": [["type": "Ready", "status": "True"]],
      ],
      "data": ["POSTGRES_USER": "YXBw", "POSTGRES_PASSWORD": "czNjcmV0LXRleHQ="],
    ]
  }
}
