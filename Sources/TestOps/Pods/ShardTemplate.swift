public import JSON
internal import KubeExec
internal import OrderedCollections

/// What is said of a run's shards beyond the workload that they are made like.
public struct ShardSettings: Sendable {
  /// The suite's name.
  public var suite: String
  /// How many there are.
  public var shards: Int
  /// The container of the workload whose image and variables they have.
  public var container: String
  /// The interpreter in the image.
  public var interpreter: String
  /// Another image.
  public var image: String?
  /// Another service account.
  public var serviceAccount: String?
  /// Labels of their nodes; empty for the workload's own.
  public var nodeSelector: [String: String] = [:]
  /// Taints that their nodes may have, beside the workload's own, as Kubernetes has them.
  public var tolerations: [JSON] = []
  /// What they ask for and may use, as Kubernetes has it; nil for what the container does.
  public var resources: JSON?
  /// When Kubernetes ends them if nobody else has.
  public var deadline: Duration = .seconds(2 * 3600)
  /// For whom they are, for people.
  public var owner: String

  /// Describes shards that are as the workload's pods.
  public init(
    suite: String, shards: Int, container: String, interpreter: String, owner: String
  ) {
    self.suite = suite
    self.shards = shards
    self.container = container
    self.interpreter = interpreter
    self.owner = owner
  }
}

/// The pods of shards, made from those of a workload: its image, variables, secrets, account and small
/// volumes, and nothing that would do the service's work or touch its data.
struct ShardTemplate {
  private let settings: ShardSettings
  private let template: JSON
  private let title: String
  /// What is other than in the workload, for people.
  private(set) var notes: [String] = []
  private(set) var spec: OrderedDictionary<String, JSON> = [:]

  /// How long the container waits for somebody to use it.
  private static let idleSeconds = 900
  /// What of a pod the shards have as well.
  private static let kept = [
    "serviceAccountName", "automountServiceAccountToken", "imagePullSecrets", "securityContext",
    "dnsPolicy", "dnsConfig", "hostAliases", "runtimeClassName", "schedulerName", "os",
    "enableServiceLinks", "priorityClassName",
  ]
  /// What of a container they have as well.
  private static let keptOfContainer = [
    "image", "imagePullPolicy", "workingDir", "env", "envFrom", "resources", "volumeDevices",
    "securityContext",
  ]

  /// - Throws: `KubeError` where the workload has no pods, or they no such container.
  init(_ settings: ShardSettings, of workload: KubeObject) throws(KubeError) {
    self.settings = settings
    title = "\(workload.kind.lowercased())/\(workload.name)"
    let isPod = workload.kind == "Pod"
    let path = workload.kind == "CronJob" ? workload["spec", "jobTemplate"] : workload.json
    guard let template = isPod ? workload.json : path?["spec"]?["template"],
      let containers = template["spec"]?["containers"]?.array
    else {
      throw KubeError(
        .invalidRequest, "\(title) makes no pods, so no tests can be run in pods like its",
        hint: "name a Deployment, StatefulSet, DaemonSet, Job, CronJob or pod")
    }
    self.template = template
    guard let container = containers.first(where: { $0["name"]?.string == settings.container })
    else {
      let names = containers.compactMap { $0["name"]?.string }
      throw KubeError(
        .invalidRequest, "\(title) has no container \"\(settings.container)\"",
        hint: "it has \(names.joined(separator: ", "))")
    }
    fill(container)
    noteOthers(containers)
  }

  private mutating func fill(_ container: JSON) {
    let pod = template["spec"] ?? [:]
    for key in ShardTemplate.kept { spec[key] = pod[key] }
    if let account = settings.serviceAccount { spec["serviceAccountName"] = .string(account) }
    spec["restartPolicy"] = "Never"
    spec["terminationGracePeriodSeconds"] = 5
    placeOnNodes(pod)
    let (mounts, volumes) = storage(container, pod)
    spec["volumes"] = .array(volumes)
    var own: OrderedDictionary<String, JSON> = ["name": .string(settings.container)]
    for key in ShardTemplate.keptOfContainer { own[key] = container[key] }
    own["command"] = [
      .string(settings.interpreter), "-c", .string(KeeperProgram.holder),
      .string(String(ShardTemplate.idleSeconds)),
    ]
    own["volumeMounts"] = .array(mounts)
    if let image = settings.image { own["image"] = .string(image) }
    if let resources = settings.resources { own["resources"] = resources }
    spec["containers"] = [.object(own)]
  }

  /// Nodes that the suite names are instead of the service's, taints that it names beside them.
  private mutating func placeOnNodes(_ pod: JSON) {
    spec["tolerations"] = .array((pod["tolerations"]?.array ?? []) + settings.tolerations)
    if settings.nodeSelector.isEmpty {
      spec["nodeSelector"] = pod["nodeSelector"]
      if let affinity = pod["affinity"]?["nodeAffinity"] {
        spec["affinity"] = ["nodeAffinity": affinity]
      }
    } else {
      spec["nodeSelector"] = ShardTemplate.object(settings.nodeSelector)
    }
  }

  /// The kinds of volumes that hold nothing of the service's own.
  private static let holdNoData = ["configMap", "secret", "projected", "downwardAPI", "emptyDir"]

  /// Volumes that are claimed for the service's data are empty for the shards; those of a kind that may
  /// hold some are read-only.
  private mutating func storage(_ container: JSON, _ pod: JSON) -> (mounts: [JSON], volumes: [JSON])
  {
    // What the server itself adds to pods, it adds to these too.
    let isAdded = { (name: String?) in name?.hasPrefix("kube-api-access-") == true }
    var mounts = (container["volumeMounts"]?.array ?? []).filter { !isAdded($0["name"]?.string) }
    var volumes: [JSON] = []
    var seen: Set<String> = []
    for name in mounts.compactMap({ $0["name"]?.string }) where seen.insert(name).inserted {
      let volume = pod["volumes"]?.array?.first { $0["name"]?.string == name }
      if let volume, volume["persistentVolumeClaim"] == nil, volume["ephemeral"] == nil {
        volumes.append(volume)
        guard !ShardTemplate.holdNoData.contains(where: { volume[$0] != nil }) else { continue }
        notes.append("volume \(name) of \(title) is read-only in the shards")
        for index in mounts.indices where mounts[index]["name"]?.string == name {
          guard var mount = mounts[index].object else { continue }
          mount["readOnly"] = true
          mounts[index] = .object(mount)
        }
      } else {
        notes.append("volume \(name) of \(title) holds data: the shards have an empty one")
        volumes.append(["name": .string(name), "emptyDir": [:]])
      }
    }
    return (mounts, volumes)
  }

  private mutating func noteOthers(_ containers: [JSON]) {
    let others =
      (containers + (template["spec"]?["initContainers"]?.array ?? []))
      .compactMap { $0["name"]?.string }.filter { $0 != settings.container }
    if !others.isEmpty {
      notes.append("of \(title) the shards do not have: \(others.joined(separator: ", "))")
    }
  }

  /// Annotations that tell others what to do with a pod: identities and injected parts, but not who
  /// measures it.
  var annotations: OrderedDictionary<String, JSON> {
    (template["metadata"]?["annotations"]?.object ?? [:]).filter { key, _ in
      !key.hasPrefix("kubectl.kubernetes.io/") && !key.hasPrefix("prometheus.io/")
    }
  }

  static func object(_ texts: [String: String]) -> JSON {
    .object(
      .init(
        uniqueKeysWithValues: texts.sorted { $0.key < $1.key }.map {
          ($0.key, JSON.string($0.value))
        }
      ))
  }
}
