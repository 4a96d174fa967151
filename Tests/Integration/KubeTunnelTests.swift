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
      // As a StatefulSet's pods are called: its own port, whatever the Service calls it.
      try scene.configure(host: "db.db.\(scene.cluster.namespace).svc", port: scene.place.port)
      let pod = try await scene.omcops(["db", "query", "-c", "select 6 * 7 as answer"])
      #expect(pod.output.contains("42"), "\(pod.errorOutput)")
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

  @Test("migrations and runbooks go through the cluster, and so does the project's own alembic")
  func migrate() async throws {
    try await TunnelScene.play { scene in
      try await scene.service()
      try scene.configure(above: "alembic: {config: alembic.ini}")
      for folder in ["mig", "mig/versions", "bin", "runbooks"] {
        mkdir(scene.cluster.folder.pushing(FilePath(folder)).string, 0o755)
      }
      try scene.write("alembic.ini", "[alembic]\nscript_location = %(here)s/mig\n")
      try scene.write("mig/env.py", "context.configure(connection=c)\n")
      try scene.write(
        "mig/versions/1.sql",
        "-- one\n-- revision: r1\n-- down_revision: None\n-- upgrade\nCREATE TABLE t1 (id int);\n")
      let migrate = try await scene.omcops(["db", "migrate", "-e", "staging"])
      #expect(migrate.exitCode == 0, "\(migrate.errorOutput)")
      let current = try await scene.omcops(["db", "current"])
      #expect(current.output.contains("r1"), "\(current.errorOutput)")

      try scene.write(
        "mig/versions/2.sql",
        "-- two\n-- revision: r2\n-- down_revision: r1\n-- upgrade\nCREATE TABLE t2 (id int);\n")
      // psql stands in for Python: it is brought to the server by the same variables.
      try scene.write("bin/alembic", "#!/bin/sh\npsql -Atc 'select 6 * 7' >&2\n")
      chmod(scene.cluster.folder.appending("bin/alembic").string, 0o755)
      let python = try await scene.omcops(
        ["db", "migrate", "--engine", "python"],
        environment: ["PATH": "\(scene.cluster.folder)/bin:/usr/bin:/bin"])
      #expect(python.exitCode == 0, "\(python.errorOutput)")
      #expect(python.errorOutput.contains("42"), "\(python.errorOutput)")

      let package = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent()
      let runbook = try await scene.omcops(
        [
          "runbook", "run", "database-migrate", "-i", "environment=staging", "-i", "reason=a test",
        ], environment: ["OMCOPS_RUNBOOKS": package.appending("runbooks").string])
      #expect(runbook.exitCode == 0, "\(runbook.errorOutput)")
      try await scene.execute("SELECT FROM t1, t2")
    }
  }

  @Test(
    "a pod that is deleted is named as the reason, and the one after it is used",
    .enabled(if: KubeServer.bridge != nil, "no bridge leads to the pods"))
  func nextPod() async throws {
    try await TunnelScene.play { scene in
      try await scene.service(pod: false, target: 5432)
      try await scene.ferries()
      try scene.configure()
      let result = try await scene.omcops(
        ["db", "connect"], input: "select pg_sleep(60);\nselect 6 * 7;\n"
      ) { _ in
        try await scene.waitForStatement("pg_sleep.60")
        try await scene.deletePods()
      }
      expectFailure(result, .failed, naming: "lost the connection", "pod \"ferry")
      try await scene.waitForFerry()
      let again = try await scene.omcops(["db", "query", "-c", "select 6 * 7"])
      #expect(again.exitCode == 0, "\(again.errorOutput)")
    }
  }
}
