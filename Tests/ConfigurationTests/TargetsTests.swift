import Configuration
import Diagnostics
import SystemPackage
import Testing

@Suite("what procedures work with")
struct TargetsTests {
  private func parse(_ text: String) throws -> Configuration {
    try Configuration(parsing: Array(text.utf8), file: "/c/omcops.yaml", home: nil)
  }

  private func targets(_ text: String) throws -> TargetsConfiguration {
    let configuration = try parse("environments:\n  e:\n" + text)
    return try #require(configuration.environments["e"]).targets
  }

  private let full = """
        kubernetes: { context: c, cluster-name: shop, probe-image: "busybox:1" }
        prometheus:
          url: http://prometheus:9090/
          token: { from-env: TOKEN }
          headers: { X-Scope-OrgID: 7, X-Key: { from-env: KEY } }
        alertmanager: { service: "monitoring/alertmanager:9093" }
        loki: { url: "https://ada:hunter2@loki", labels: { pod: k8s_pod_name } }
        aws: { profile: p, region: r, account: 012345678901 }
        github: { repository: o/n }
        terraform: { folder: infra, binary: tofu }
        values: { group: runners, most: 5, ratio: 0.5, tainted: true }
    """

  @Test("everything is read")
  func reads() throws {
    let targets = try targets(full)
    #expect(targets.servers.map(\.name) == ["prometheus", "alertmanager", "loki"])
    let service = try #require(targets.alertmanager?.service?.value)
    #expect(service.namespace == "monitoring" && service.name == "alertmanager")
    #expect(service.port == 9093)
    #expect(targets.logLabels.pod?.value == "k8s_pod_name" && targets.logLabels.namespace == nil)
    #expect(targets.aws?.account?.value == "012345678901")
    #expect(targets.terraform?.folder.value == "/c/infra")
    #expect(targets.terraform?.binary?.value == "tofu")
    #expect(
      targets.values.mapValues(\.value) == [
        "group": .string("runners"), "most": .int(5), "ratio": .double(0.5),
        "tainted": .bool(true),
      ])
    let cluster = try parse("environments:\n  e:\n" + full).environments["e"]?.kubernetes
    #expect(cluster?.clusterName?.value == "shop" && cluster?.probeImage?.value == "busybox:1")
  }

  @Test("a server's values are looked up, and its secrets are known")
  func resolves() throws {
    let targets = try targets(full)
    let variables = ["TOKEN": "t0k", "KEY": "k3y"]
    let prometheus = try #require(try targets.prometheus?.resolve(variables: variables))
    #expect(prometheus.url == "http://prometheus:9090")
    #expect(prometheus.headers["Authorization"] == "Bearer t0k")
    #expect(prometheus.headers["X-Scope-OrgID"] == "7")
    #expect(Set(prometheus.secrets) == ["t0k", "k3y"])
    #expect(try targets.loki?.resolve(variables: [:]).secrets == ["hunter2"])
    #expect(throws: ConfigurationError.self) {
      try targets.prometheus?.resolve(variables: ["KEY": "k3y"])
    }
    #expect(throws: ConfigurationError.self) { try targets.check(variables: [:]) }
  }

  @Test("no secret is shown")
  func masks() throws {
    let rows = try targets(full).explained(variables: ["TOKEN": "t0k"])
    let text = rows.map { "\($0.key) \($0.value) \($0.origin)" }.joined(separator: "\n")
    #expect(!text.contains("t0k") && !text.contains("hunter2"))
    #expect(text.contains("prometheus.token ******** $TOKEN"))
    #expect(text.contains("prometheus.headers.X-Key (not set) $KEY"))
    #expect(text.contains("loki.url https://ada:********@loki"))
    #expect(text.contains("loki.labels.pod k8s_pod_name"))
    #expect(text.contains("values.most 5"))
  }

  @Test(
    "what is wrong is named",
    arguments: [
      ("prometheus: {}", "prometheus has neither a url nor a service"),
      (
        "kubernetes: {}\n    prometheus: { url: x, service: \"a/b:1\" }",
        "prometheus has a url and a service"
      ),
      ("kubernetes: {}\n    loki: { service: \"a:1\" }", "\"a:1\" names no port of a Service"),
      ("loki: { service: \"a/b:1\" }", "has a service in a cluster, but no cluster"),
      ("loki: { url: x, headers: { \"a b\": c } }", "\"a b\" is no name of a field"),
      ("loki: { url: x, labels: { pod: a-b } }", "\"a-b\" cannot be the name of a label"),
      ("loki: { url: { from-kubernetes: secret/a/b } }", "but no cluster"),
      ("aws: { account: 12 }", "\"account\" must be the twelve digits"),
      ("aws: { regoin: x }", "did you mean \"region\""),
      ("github: { repository: x }", "\"x\" names no repository"),
      ("terraform: {}", "has no \"folder\""),
      ("values: { Upper: x }", "\"Upper\" cannot be the name of a value"),
      ("values: { a: [x] }", "\"a\" must be text, a number or a boolean"),
    ])
  func problems(_ text: String, _ message: String) throws {
    let error = #expect(throws: (any Error).self) { try targets("    " + text + "\n") }
    let failure = try #require(error as? any Failure)
    #expect(
      ([failure.message] + failure.details).contains { $0.contains(message) }, "\(failure.message)")
  }
}
