import JSON
import KubeExec
import Testing

@testable import TestOps

@Suite("what pods of shards are made of")
struct ShardTemplateTests {
  private let workload = KubeObject([
    "kind": "StatefulSet", "metadata": ["name": "web"],
    "spec": [
      "template": [
        "metadata": [
          "labels": ["app": "web"],
          "annotations": ["iam/role": "reader", "prometheus.io/scrape": "true"],
        ],
        "spec": [
          "serviceAccountName": "web", "nodeSelector": ["pool": "web"],
          "shareProcessNamespace": true,
          "imagePullSecrets": [["name": "registry"]], "tolerations": [["key": "web"]],
          "affinity": ["nodeAffinity": ["a": 1], "podAntiAffinity": ["b": 2]],
          "volumes": [
            ["name": "config", "configMap": ["name": "web"]],
            ["name": "data", "persistentVolumeClaim": ["claimName": "web"]],
          ],
          "initContainers": [["name": "migrate"]],
          "containers": [
            ["name": "proxy"],
            [
              "name": "app", "image": "shop:1", "command": ["serve"], "args": ["--all"],
              "env": [["name": "A", "value": "1"]], "envFrom": [["secretRef": ["name": "s"]]],
              "ports": [["containerPort": 80]], "livenessProbe": ["exec": [:]],
              "lifecycle": ["preStop": [:]], "resources": ["limits": ["cpu": "1"]],
              "volumeMounts": [
                ["name": "config", "mountPath": "/c"], ["name": "data", "mountPath": "/d"],
                ["name": "claimed", "mountPath": "/e"],
                ["name": "kube-api-access-x", "mountPath": "/f"],
              ],
            ],
          ],
        ],
      ]
    ],
  ])

  private var settings: ShardSettings {
    ShardSettings(suite: "unit", shards: 2, container: "app", interpreter: "py", owner: "ada")
  }

  @Test("they have the workload's image, variables and account, and nothing that does its work")
  func kept() throws {
    let template = try ShardTemplate(settings, of: workload)
    let spec = template.spec
    #expect(spec["serviceAccountName"] == "web" && spec["restartPolicy"] == "Never")
    #expect(spec["imagePullSecrets"]?[0]?["name"] == "registry")
    #expect(spec["nodeSelector"]?["pool"] == "web")
    #expect(spec["affinity"]?["nodeAffinity"]?["a"] == 1)
    #expect(spec["affinity"]?["podAntiAffinity"] == nil)
    #expect(spec["initContainers"] == nil && spec["shareProcessNamespace"] == nil)
    #expect(spec["containers"]?.array?.count == 1)
    let container = spec["containers"]?[0]
    #expect(container?["image"] == "shop:1")
    #expect(container?["env"]?[0]?["value"] == "1" && container?["envFrom"]?[0] != nil)
    #expect(container?["command"]?[0] == "py" && container?["resources"] != nil)
    for key in ["args", "ports", "livenessProbe", "lifecycle"] { #expect(container?[key] == nil) }
    #expect(template.annotations == ["iam/role": "reader"])
  }

  @Test("volumes with the service's data are empty, and that is told")
  func volumes() throws {
    let template = try ShardTemplate(settings, of: workload)
    let volumes = template.spec["volumes"]?.array ?? []
    #expect(volumes.map { $0["name"]?.string } == ["config", "data", "claimed"])
    #expect(volumes.map { $0["emptyDir"] != nil } == [false, true, true])
    #expect(
      template.notes == [
        "volume data of statefulset/web holds data: the shards have an empty one",
        "volume claimed of statefulset/web holds data: the shards have an empty one",
        "of statefulset/web the shards do not have: proxy, migrate",
      ])
  }

  @Test("what the suite says stands above the workload")
  func overrides() throws {
    var settings = settings
    settings.image = "shop:2"
    settings.serviceAccount = "tests"
    settings.nodeSelector = ["pool": "runners"]
    settings.tolerations = [["key": "github-runners", "operator": "Exists"]]
    settings.resources = ["requests": ["cpu": "2"]]
    let spec = try ShardTemplate(settings, of: workload).spec
    #expect(spec["containers"]?[0]?["image"] == "shop:2")
    #expect(spec["containers"]?[0]?["resources"] == ["requests": ["cpu": "2"]])
    #expect(spec["serviceAccountName"] == "tests")
    #expect(spec["nodeSelector"] == ["pool": "runners"] && spec["affinity"] == nil)
    #expect(
      spec["tolerations"]?.array?.compactMap { $0["key"]?.string } == ["web", "github-runners"])
    settings.container = "other"
    #expect(throws: KubeError.self) { try ShardTemplate(settings, of: workload) }
    #expect(throws: KubeError.self) {
      try ShardTemplate(settings, of: KubeObject(["kind": "Service", "metadata": ["name": "s"]]))
    }
  }

  @Test("a file of this machine is found in an image that has the project elsewhere")
  func paths() {
    let inImage = RemotePath(folder: "/app/tests", local: "/home/ada/shop/backend")
    #expect(inImage.path(of: "/home/ada/shop/backend/a/b.py") == "/app/tests/a/b.py")
    #expect(inImage.path(of: "/home/ada/shop/lib/c.py") == "/app/tests/../lib/c.py")
    #expect(RemotePath(folder: "", local: "/w").path(of: "/w/x.py") == "x.py")
  }
}
