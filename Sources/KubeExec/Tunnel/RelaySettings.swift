public import JSON

/// What a relay pod is made of.
public struct RelaySettings: Sendable {
  /// An image with a shell and netcat.
  public var image: String
  /// When Kubernetes ends the pod if nobody else has.
  public var lifetime: Duration
  /// Labels of the nodes that it may run on, by name; empty for any.
  public var nodeSelector: [String: String]
  /// The taints of nodes that it may run on, as Kubernetes has them.
  public var tolerations: [JSON]
  /// For whom it is, for people.
  public var owner: String

  /// The image where nobody names another.
  public static let standardImage = "busybox:stable"

  /// Describes a pod.
  public init(
    image: String = standardImage, lifetime: Duration = .seconds(12 * 3600),
    nodeSelector: [String: String] = [:], tolerations: [JSON] = [], owner: String
  ) {
    self.image = image
    self.lifetime = lifetime
    self.nodeSelector = nodeSelector
    self.tolerations = tolerations
    self.owner = owner
  }
}

extension RelaySettings {
  /// The labels by which relay pods are found.
  static let labels = [
    "app.kubernetes.io/name": "omcops-relay", "app.kubernetes.io/managed-by": "omcops",
  ]

  /// The selector of those labels.
  static let selector = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    .joined(separator: ",")

  /// The pod: it may nothing, needs next to nothing, and ends by itself.
  func manifest(name: String, owner: ProcessOwner) -> JSON {
    let seconds = max(1, lifetime.components.seconds)
    return [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": .string(name), "labels": RelaySettings.object(RelaySettings.labels),
        "annotations": owner.annotations,
      ],
      "spec": [
        "restartPolicy": "Never", "terminationGracePeriodSeconds": 1,
        "activeDeadlineSeconds": .int(seconds), "automountServiceAccountToken": false,
        "enableServiceLinks": false, "nodeSelector": RelaySettings.object(nodeSelector),
        "tolerations": .array(tolerations),
        "securityContext": [
          "runAsNonRoot": true, "runAsUser": 65534, "runAsGroup": 65534,
          "seccompProfile": ["type": "RuntimeDefault"],
        ],
        "containers": [
          [
            "name": "relay", "image": .string(image),
            "command": ["sleep", .string(String(seconds))],
            "resources": [
              "requests": ["cpu": "10m", "memory": "16Mi"],
              "limits": ["cpu": "1", "memory": "128Mi"],
            ],
            "securityContext": [
              "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
              "capabilities": ["drop": ["ALL"]],
            ],
          ]
        ],
      ],
    ]
  }

  private static func object(_ texts: [String: String]) -> JSON {
    let pairs = texts.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
    return .object(.init(uniqueKeysWithValues: pairs))
  }
}
