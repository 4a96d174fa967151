internal import OrderedCollections
internal import Quantities
internal import Runbooks
internal import Synchronization

/// A cluster that a drill plays: what its steps change is there for those that look.
///
/// A workload or CronJob that somebody names is there, with two pods and as running; nothing else is.
final class SimulatedCluster: Sendable {
  /// A workload.
  struct Workload: Sendable {
    var replicas: Int64 = 2
    var images: OrderedDictionary<String, Value> = ["app": "simulated:1"]
    var revision: Int64 = 1
  }

  struct State: Sendable {
    var workloads: OrderedDictionary<String, Workload> = [:]
    /// CronJobs, and whether they are suspended.
    var cronJobs: OrderedDictionary<String, Bool> = [:]
    /// Nodes, and whether they are cordoned.
    var nodes: OrderedDictionary<String, Bool> = [:]
    /// What was applied, by `kind/name`.
    var objects: OrderedDictionary<String, Value> = [:]
  }

  static let namespace = "drill"
  private let state = Mutex(State())

  /// What `target.kubernetes` is.
  static var target: Value {
    [
      "namespace": .string(namespace), "server": "simulated", "context": "simulated",
      "cluster": "simulated",
    ]
  }

  /// Reads or changes the state.
  func change<Result: Sendable>(_ body: (inout State) throws -> Result) rethrows -> Result {
    try state.withLock { try body(&$0) }
  }
}

extension SimulatedCluster.State {
  // MARK: Names

  /// The workloads that `target` and `deployments` mean; they are there from now on.
  mutating func workloads(of call: ActionCall) throws -> [String] {
    var names = (call.with["deployments"]?.array ?? []).compactMap(\.string).map { name in
      name.contains("/") ? name : "deployment/\(name)"
    }
    if let target = call.with["target"]?.string {
      names.append(target.contains("/") ? target : "deployment/\(SimulatedName.of(target))")
    }
    guard !names.isEmpty else {
      throw ActionError(
        .other, "nothing says which workloads are meant", hint: "give target or deployments")
    }
    for name in names where workloads[name] == nil { workloads[name] = .init() }
    return names
  }

  /// The CronJobs that `cron-jobs` and `selector` mean.
  mutating func cronJobs(of call: ActionCall) -> [String] {
    var names = (call.with["cron-jobs"]?.array ?? []).compactMap(\.string).map { name in
      name.contains("/") ? name : "cronjob/\(name)"
    }
    if let selector = call.with["selector"]?.string {
      names.append("cronjob/\(SimulatedName.of(selector))")
    }
    for name in names where cronJobs[name] == nil { cronJobs[name] = false }
    return names
  }

  // MARK: What `before` and `after` say

  func state(of workload: String) -> Value {
    [
      "object": .string(workload), "namespace": .string(SimulatedCluster.namespace),
      "replicas": .int(workloads[workload]?.replicas ?? 0),
    ]
  }

  func images(of workload: String) -> Value {
    let now = workloads[workload] ?? .init()
    return [
      "object": .string(workload), "namespace": .string(SimulatedCluster.namespace),
      "revision": .int(now.revision), "images": .object(now.images),
    ]
  }

  func suspension(of cronJob: String) -> Value {
    [
      "object": .string(cronJob), "namespace": .string(SimulatedCluster.namespace),
      "suspended": .bool(cronJobs[cronJob] ?? false),
    ]
  }

  func cordon(of node: String) -> Value {
    ["node": .string(node), "cordoned": .bool(nodes[node] ?? false)]
  }

  // MARK: Objects

  /// The objects of a kind, as the API describes them.
  func objects(of kind: String) -> [Value] {
    switch SimulatedName.kind(kind) {
    case "pod":
      workloads.flatMap { name, workload in
        (0..<max(0, workload.replicas)).map { pod("\(SimulatedName.of(name))-\($0)") }
      }
    case "deployment", "statefulset", "daemonset":
      workloads.filter { $0.key.hasPrefix(SimulatedName.kind(kind) + "/") }.map(object)
    case "cronjob":
      cronJobs.map { name, isSuspended in
        SimulatedName.object("CronJob", name, spec: ["suspend": .bool(isSuspended)], status: [:])
      }
    case "node":
      nodes.map { name, isCordoned in
        SimulatedName.object(
          "Node", name, spec: ["unschedulable": .bool(isCordoned)],
          status: ["conditions": [["type": "Ready", "status": "True"]]])
      }
    case let kind:
      objects.filter { $0.key.hasPrefix(kind + "/") }.map(\.value)
    }
  }

  private func pod(_ name: String) -> Value {
    SimulatedName.object(
      "Pod", name, spec: [:],
      status: ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]])
  }

  private func object(_ name: String, _ workload: SimulatedCluster.Workload) -> Value {
    let count = Value.int(workload.replicas)
    return SimulatedName.object(
      "Deployment", name,
      spec: [
        "replicas": count,
        "template": [
          "spec": [
            "containers": .array(
              workload.images.map { ["name": .string($0), "image": $1] })
          ]
        ],
      ],
      status: [
        "replicas": count, "readyReplicas": count, "updatedReplicas": count,
        "availableReplicas": count, "conditions": [["type": "Available", "status": "True"]],
      ])
  }
}

/// Names in a simulated cluster.
enum SimulatedName {
  /// A name made of a selector, a component, or `kind/name`.
  static func of(_ text: String) -> String {
    let name = text.split(separator: "/").last.map(String.init) ?? text
    let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return words.isEmpty ? "simulated" : words.joined(separator: "-")
  }

  /// `Pods` and `pod` are one kind.
  static func kind(_ text: String) -> String {
    let kind = text.lowercased()
    if kind.hasSuffix("ies") { return kind.dropLast(3) + "y" }
    return kind.hasSuffix("s") && !kind.hasSuffix("ss") ? String(kind.dropLast()) : kind
  }

  static func object(_ kind: String, _ name: String, spec: Value, status: Value) -> Value {
    [
      "kind": .string(kind),
      "metadata": [
        "name": .string(name.split(separator: "/").last.map(String.init) ?? name),
        "namespace": .string(SimulatedCluster.namespace), "labels": [:], "annotations": [:],
      ],
      "spec": spec, "status": status,
    ]
  }
}
