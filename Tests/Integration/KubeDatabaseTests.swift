import Diagnostics
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// Databases whose address stands in a real cluster.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeDatabaseTests {
  @Test("the words of a service's manifests say where its database is")
  func values() async throws {
    try await KubeScene.play { scene in
      try await scene.manifests()
      try scene.configure()
      let query = try await scene.omcops(["db", "query", "-c", "select current_user as who"])
      #expect(query.exitCode == 0, "\(query.errorOutput)")
      #expect(query.output.contains(scene.database["user"] ?? "?"))
      let shown = try await scene.omcops(["config", "show"])
      #expect(shown.output.contains("secret/backend/POSTGRES_PASSWORD"))
      #expect(!shown.output.contains(KubeScene.password))
    }
  }

  @Test("what is not in the cluster is named with the line, the object and the key")
  func missing() async throws {
    try await KubeScene.play { scene in
      try scene.configure()
      expectFailure(
        try await scene.omcops(["db", "info"]), .usage,
        naming: "omcops.yaml:6:", "there is no configmap \"backend\" in namespace",
        scene.cluster.namespace, "omcops kube get configmaps")
      try await scene.manifests(password: "POSTGRES_PASSWD")
      let result = try await scene.omcops(["db", "info"])
      expectFailure(
        result, .usage, naming: "secret \"backend\"", "has no key \"POSTGRES_PASSWORD\"",
        "did you mean \"POSTGRES_PASSWD\"?")
      #expect(!result.errorOutput.contains(KubeScene.password))
      try await scene.manifests(password: "POSTGRES_PASSWORD")
      expectFailure(
        try await scene.omcops(["db", "info"], context: "nobody"), .usage,
        naming: "there is no context \"nobody\"")
    }
  }

  @Test("no database is dropped as long as the cluster does not tell which one is live")
  func live() async throws {
    try await KubeScene.play { scene in
      try scene.configure()
      let name = scene.database["dbname"] ?? ""
      let drop = ["db", "drop", name, "--url", scene.database.conninfo, "--confirm", name]
      expectFailure(
        try await scene.omcops(drop), .refused, naming: "environment \"staging\"",
        "no configmap \"backend\"")
      try await scene.manifests()
      expectFailure(try await scene.omcops(drop), .refused, naming: name)
    }
  }
}
