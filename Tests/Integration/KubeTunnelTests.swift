import Diagnostics
import Glibc
import JSON
import Postgres
import ProgramRunner
import SystemPackage
import Testing

/// Databases that are reached through a real cluster only.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeTunnelTests {
  @Test("a database in the cluster is reached by its Service: queries, TLS, psql")
  func forward() async throws {
    try await TunnelScene.play { scene in
      try await scene.service()
      try scene.configure("sslmode: verify-full\n      sslrootcert: db.crt")
      let query = try await scene.omcops(
        [
          "db", "query", "-c",
          "select current_database() as name, ssl from pg_stat_ssl where pid = pg_backend_pid()",
        ])
      #expect(query.exitCode == 0, "\(query.errorOutput)")
      #expect(query.output.contains(scene.name))
      #expect(query.errorOutput.isEmpty, "\(query.errorOutput)")
      let psql = try await scene.omcops(
        ["db", "connect", "--psql"], input: "\\conninfo\nselect 6 * 7;\n\\! exit 3\n\\q\n")
      #expect(psql.exitCode == 0, "\(psql.errorOutput)")
      #expect(psql.output.contains("42"))
      let shell = try await scene.omcops(["db", "connect"], input: "select 7 * 7;\n")
      #expect(shell.output.contains("49"), "\(shell.errorOutput)")
      // The name that the certificate is for is the Service's, not that of this machine.
      try await scene.service("other")
      try scene.configure("sslmode: verify-full\n      sslrootcert: db.crt", host: "other")
      expectFailure(
        try await scene.omcops(["db", "info"]), .failed, naming: "other", "does not match host name"
      )
    }
  }

  @Test("the password file is looked up by the server's own name and port")
  func passwordFile() async throws {
    try await TunnelScene.play { scene in
      try await scene.service()
      try scene.configure(password: "")
      let wrong = try await scene.omcops(["db", "info"])
      expectFailure(wrong, .failed, naming: "password")
      try scene.write("pgpass", "db:5432:\(scene.name):postgres:\(KubeServer.password)\n")
      let found = try await scene.omcops(
        ["db", "info"],
        environment: ["PGPASSFILE": scene.cluster.folder.appending("pgpass").string])
      #expect(found.exitCode == 0, "\(found.errorOutput)")
    }
  }

  @Test("backups, their proofs and restores go through the cluster")
  func backup() async throws {
    try await TunnelScene.play { scene in
      try await scene.service()
      try scene.configure()
      try await scene.execute(
        "create table t as select g as id, md5(g::text) as x from generate_series(1, 50000) g")
      let backup = try await scene.omcops(["db", "backup", "--jobs", "2"])
      #expect(backup.exitCode == 0, "\(backup.errorOutput)")
      let verify = try await scene.omcops(["db", "verify", "latest"])
      #expect(verify.exitCode == 0, "\(verify.errorOutput)")
      let copy = "\(scene.name)_copy"
      let restore = try await scene.omcops(["db", "restore", "latest", "--into", copy])
      #expect(restore.exitCode == 0, "\(restore.errorOutput)")
      let compare = try await scene.omcops(["db", "compare", "latest", "--database", copy])
      #expect(compare.exitCode == 0, "\(compare.errorOutput)")
      let live = try await scene.omcops(["db", "drop", scene.name, "--confirm", scene.name])
      expectFailure(live, .refused, naming: scene.name)
      let drop = try await scene.omcops(["db", "drop", copy, "--confirm", copy])
      #expect(drop.exitCode == 0, "\(drop.errorOutput)")
    }
  }

  @Test("what a tunnel cannot lead to is named")
  func unreachable() async throws {
    try await TunnelScene.play { scene in
      try scene.configure("tunnel: forward")
      expectFailure(
        try await scene.omcops(["db", "info"]), .usage, naming: "\"db\" is no Service",
        scene.cluster.namespace)
      try await scene.service(pod: false)
      expectFailure(
        try await scene.omcops(["db", "info"]), .failed, naming: "service/db", "has no pods")
      try await scene.service(target: 1)
      expectFailure(try await scene.omcops(["db", "info"]), .failed, naming: "refused")
    }
  }
}
