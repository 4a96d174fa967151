import KubeExec
import Postgres
import ProgramRunner
import SystemPackage
import TestServer
import Testing

/// What looks after the service day by day, on the real cluster.
@Suite(
  "the runbooks collector-run and morning-check", .serialized,
  .enabled(if: KubeCluster.isThere, KubeCluster.word))
struct CollectorProcedureTests {
  private static func cronJob(_ name: String, _ script: String) -> String {
    """
    apiVersion: batch/v1beta1
    kind: CronJob
    metadata: {name: \(name), labels: {app: collectors}}
    spec:
      schedule: "0 0 1 1 *"
      concurrencyPolicy: Forbid
      jobTemplate:
        spec:
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              terminationGracePeriodSeconds: 0
              containers: [{name: app, image: "localhost/omc/app:1", command: [sh, -c, "\(script)"]}]
    """
  }

  @Test("a collector runs once, and is told from one that fails or swallows its error")
  func collector() async throws {
    try await ProcedureScene.playOnCluster { scene, cluster in
      try scene.configure()
      for (name, script) in [
        ("good", "echo collected 12"), ("bad", "echo no quota; exit 3"),
        ("quiet", "echo Traceback in a thread"),
      ] {
        let made = try await cluster.apply(Self.cronJob(name, script))
        try #require(made.exitCode == 0, "\(made.errorOutput)")
      }
      let good = try await scene.run("collector-run", ["cron-job=good"])
      #expect(good.exitCode == 0, "\(good.everything)")
      let bad = try await scene.run("collector-run", ["cron-job=bad"])
      #expect(bad.exitCode == 1, "\(bad.everything)")
      #expect(bad.errorOutput.contains("no quota"))
      let quiet = try await scene.run("collector-run", ["cron-job=quiet"])
      #expect(quiet.exitCode == 3, "\(quiet.everything)")
      #expect(quiet.errorOutput.contains("Traceback in a thread"))
      // Nothing is left, of those that failed neither.
      let jobs = try await cluster.kube(["get", "jobs", "--output", "json"])
      #expect(!jobs.output.contains("good-"), "\(jobs.output)")
      #expect(!jobs.output.contains("bad-"), "\(jobs.output)")

      let stale = try await scene.run("collector-run", ["cron-job=good", "table=prices"])
      #expect(stale.exitCode == 3, "\(stale.everything)")
      try await scene.scene.execute(
        "CREATE TABLE prices (id int, at timestamptz); INSERT INTO prices VALUES (1, now())")
      let nothing = try await scene.run(
        "collector-run", ["cron-job=good", "table=prices", "column=at"])
      #expect(nothing.exitCode == 3, "\(nothing.everything)")
      #expect(nothing.errorOutput.contains("brought nothing"))
    }
  }

  @Test("a morning on which two things are not well tells both, and the rest as well")
  func morning() async throws {
    try await ProcedureScene.playOnCluster { scene, cluster in
      try scene.configure()
      let made = try await cluster.apply(
        KubeCluster.web() + "\n---\n"
          + Self.cronJob("held", "true").replacing(
            "concurrencyPolicy: Forbid", with: "suspend: true"))
      try #require(made.exitCode == 0, "\(made.errorOutput)")
      let ready = try await cluster.kube(["rollout", "status", "deploy/web", "--timeout", "60s"])
      try #require(ready.exitCode == 0, "\(ready.errorOutput)")
      let first = try await scene.run("morning-check", ["workloads=deployment/web"])
      #expect(first.exitCode == 3, "\(first.everything)")
      #expect(first.errorOutput.contains("held"))
      #expect(first.errorOutput.contains("cron-jobs: blocked"))
      #expect(first.errorOutput.contains("backup: blocked"), "\(first.everything)")
      #expect(first.errorOutput.contains("workloads: done"))

      let resumed = try await cluster.kube(["resume", "cronjob/held"])
      try #require(resumed.exitCode == 0, "\(resumed.errorOutput)")
      try await scene.scene.execute("CREATE TABLE t (id int)")
      #expect(try await scene.run("database-backup", []).exitCode == 0)
      let second = try await scene.run("morning-check", ["workloads=deployment/web"])
      #expect(second.exitCode == 0, "\(second.everything)")
    }
  }

  @Test("what is stored encrypted is read with its key, and with no other")
  func credentials() async throws {
    try await ProcedureScene.play { scene in
      try scene.configure()
      // The vector of the format's own specification.
      let token =
        "gAAAAAAdwJ6wAAECAwQFBgcICQoLDA0ODy021cpGVWKZ_eEwCGM4BLLF_5CV9dOPmrhuVUPgJobwOz7JcbmrR64jVmpU4IwqDA=="
      try await scene.scene.execute(
        "CREATE TABLE keys (id int, secret text, raw bytea); "
          + "INSERT INTO keys VALUES (1, '\(token)', '\(token)'), (2, NULL, NULL)")
      #expect(try await scene.run("database-backup", []).exitCode == 0)
      let key = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="
      let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
      for (column, key, exitCode) in [("secret", key, 0), ("raw", key, 0), ("raw", other, 3)] {
        let result = try await scene.runbook(
          [
            "run", "database-restore", "-i", "environment=\(scene.environment)", "-i",
            "reason=INC-5 a test", "-i", "encryption-key=env:SERVICE_KEY", "-i",
            "credential-table=keys", "-i", "credential-column=\(column)", "--approve",
            "go=\(scene.database)",
          ], environment: ["SERVICE_KEY": key])
        #expect(result.exitCode ?? -1 == Int32(exitCode), "\(column): \(result.everything)")
        if exitCode != 0 {
          #expect(result.errorOutput.contains("Find the old one first"), "\(result.everything)")
          #expect(!result.everything.contains(key))
        }
      }
      let undone = try await scene.runbook(["undo"])
      #expect(undone.exitCode == 0, "\(undone.everything)")
      let kept =
        "SELECT min(datname) FROM pg_database WHERE starts_with(datname, '\(scene.database)_')"
      while let name = try await scene.value(kept) {
        try await TestServer.shared.drop(database: name)
      }
    }
  }
}
