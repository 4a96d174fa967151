internal import HTTPClient

/// A kind of objects that a server has, and where they are.
public struct KubeResource: Hashable, Sendable {
  /// The API group; empty for the core group.
  public var group: String
  /// Its version.
  public var version: String
  /// The name in paths: `deployments`.
  public var plural: String
  /// `deployment`.
  public var singular: String
  /// `Deployment`.
  public var kind: String
  /// `deploy`.
  public var shortNames: [String] = []
  /// Groups of kinds that one word stands for: `all`.
  public var categories: [String] = []
  /// Whether the objects are in namespaces.
  public var isNamespaced = true

  /// What objects say of themselves: `apps/v1`.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// As messages name it: `deployments.apps`, `pods`.
  public var qualified: String { group.isEmpty ? plural : "\(plural).\(group)" }

  /// The path of a collection, an object, or a part of an object.
  ///
  /// - Parameter namespace: nil for the objects of all namespaces.
  func path(namespace: String?, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace {
      path += "/namespaces/" + PercentEncoding.encode(namespace)
    }
    path += "/" + plural
    if let name { path += "/" + PercentEncoding.encode(name) }
    if let subresource { path += "/" + subresource }
    return path
  }

  /// Whether a word that somebody typed means this kind: singular, plural, kind or short name, with
  /// or without group and version.
  public func answers(to word: String) -> Bool {
    let word = word.lowercased()
    let names = [plural, singular, kind.lowercased()] + shortNames
    let suffixes = ["", ".\(group)", ".\(version).\(group)", ".\(version)"]
    return names.contains { name in
      guard word.hasPrefix(name) else { return false }
      let suffix = word.dropFirst(name.count)
      return suffixes.contains { $0 == suffix && (suffix.isEmpty || suffix != ".") }
    }
  }
}

extension KubeResource {
  private init(
    _ group: String, _ plural: String, _ kind: String, _ shortNames: [String] = [],
    isNamespaced: Bool = true, singular: String? = nil
  ) {
    self.init(
      group: group, version: "v1", plural: plural, singular: singular ?? String(plural.dropLast()),
      kind: kind, shortNames: shortNames, isNamespaced: isNamespaced)
  }

  /// What runs.
  public static let pods = KubeResource("", "pods", "Pod", ["po"])
  /// What happened.
  public static let events = KubeResource("", "events", "Event", ["ev"])
  /// Rooms for names.
  public static let namespaces = KubeResource(
    "", "namespaces", "Namespace", ["ns"], isNamespaced: false)
  /// Machines.
  public static let nodes = KubeResource("", "nodes", "Node", ["no"], isNamespaced: false)
  /// Names for groups of pods.
  public static let services = KubeResource("", "services", "Service", ["svc"])
  /// Pods without a memory of their own, kept at a number.
  public static let deployments = KubeResource("apps", "deployments", "Deployment", ["deploy"])
  /// Pods with names and volumes of their own.
  public static let statefulSets = KubeResource("apps", "statefulsets", "StatefulSet", ["sts"])
  /// A pod on each node.
  public static let daemonSets = KubeResource("apps", "daemonsets", "DaemonSet", ["ds"])
  /// The pods of one revision of a deployment.
  public static let replicaSets = KubeResource("apps", "replicasets", "ReplicaSet", ["rs"])
  /// The revisions of stateful sets and daemon sets.
  static let controllerRevisions = KubeResource(
    "apps", "controllerrevisions", "ControllerRevision")
  /// Work with an end.
  public static let jobs = KubeResource("batch", "jobs", "Job")

  /// Jobs by the clock.
  public static let cronJobs = KubeResource("batch", "cronjobs", "CronJob", ["cj"])
  /// How many pods of some may be missing when somebody chooses.
  public static let disruptionBudgets = KubeResource(
    "policy", "poddisruptionbudgets", "PodDisruptionBudget", ["pdb"])

  /// Kinds that each server has, but those before 1.21 only in this version, and those since 1.25 only
  /// in `v1`: where one is named, one question tells.
  static let moved: [(resource: KubeResource, old: String)] = [
    (cronJobs, "v1beta1"), (disruptionBudgets, "v1beta1"),
  ]

  /// Kinds that each server has had in this version for many years: naming one costs no question.
  static let everywhere: [KubeResource] = [
    pods, services, events, namespaces, nodes, deployments, statefulSets, daemonSets, replicaSets,
    controllerRevisions, jobs,
    KubeResource("", "configmaps", "ConfigMap", ["cm"]),
    KubeResource("", "secrets", "Secret"),
    KubeResource("", "serviceaccounts", "ServiceAccount", ["sa"]),
    KubeResource("", "persistentvolumeclaims", "PersistentVolumeClaim", ["pvc"]),
    KubeResource("", "persistentvolumes", "PersistentVolume", ["pv"], isNamespaced: false),
    KubeResource("", "endpoints", "Endpoints", ["ep"], singular: "endpoints"),
  ]
}
