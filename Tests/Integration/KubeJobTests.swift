import Diagnostics
import Glibc
import JSON
import ProgramRunner
import Testing

/// `omcops kube job` against a real cluster.
@Suite(.enabled(if: KubeCluster.isThere, KubeCluster.word))
struct KubeJobTests {
  @Test("a Job's logs are printed to their ends, and its end is the command's")
  func complete() async throws {
    try await KubeCluster.with { cluster in
      let result = try await cluster.run(
        job: KubeJobTests.job("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"),
        "--follow", "--timeout", "90s")
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      #expect(result.output == (0..<20_000).map { "line \($0)\n" }.joined())
      #expect(result.errorOutput.contains("job \"work\" is complete"))
      let again = try await cluster.run(job: KubeJobTests.job("true"))
      expectFailure(again, .failed, naming: "there is a job \"work\" already", "--name")
      let named = try await cluster.run(
        job: KubeJobTests.job("true"), "--name", "other", "--delete", "--output", "json")
      #expect(named.exitCode == 0, "\(named.errorOutput)")
      let record = try JSON(parsing: named.output)
      #expect(record["job"] == "other")
      #expect(record["outcome"] == "complete")
      #expect(record["pods"]?[0]?["exit-code"] == 0)
      let gone = try await cluster.kube(
        ["wait", "job/other", "--for", "delete", "--timeout", "30s"])
      #expect(gone.exitCode == 0, "\(gone.errorOutput)")
    }
  }

  @Test("a Job that fails says why, with the exit code of each try and all that was written")
  func failed() async throws {
    try await KubeCluster.with { cluster in
      let result = try await cluster.run(
        job: KubeJobTests.job("echo try; echo last words; exit 3", more: "backoffLimit: 1"),
        "--follow", "--timeout", "90s")
      expectFailure(
        result, .failed, naming: "job \"work\" failed: BackoffLimitExceeded", "exit code 3 (Error)")
      #expect(result.output == "try\nlast words\ntry\nlast words\n")
      let late = try await cluster.run(
        job: KubeJobTests.job("sleep 100", more: "activeDeadlineSeconds: 2"), "--name", "late")
      expectFailure(late, .failed, naming: "job \"late\" failed: DeadlineExceeded")
    }
  }

  @Test("what is not over in time, or interrupted, goes on, and with --delete goes")
  func late() async throws {
    try await KubeCluster.with { cluster in
      let job = KubeJobTests.job("sleep 100")
      let late = try await cluster.run(job: job, "--timeout", "2s")
      expectFailure(late, .blocked, naming: "did not end within 2s: 1 active")
      #expect(late.errorOutput.contains("goes on"))
      let there = try await cluster.kube(["get", "job/work", "--output", "name"])
      #expect(there.output == "job.batch/work\n")
      let broken = try await cluster.run(
        job: job.replacing("localhost/omc/app:1", with: "localhost/no/such:1"), "--name", "broken",
        "--timeout", "8s", "--delete")
      expectFailure(broken, .blocked, naming: "container app: ErrImagePull")
      let stopped = try await cluster.kube(
        ["job", "run", "-", "--name", "stopped", "--delete"], input: job
      ) { program in
        let made = try await cluster.kube(
          ["wait", "job/stopped", "--for", "create", "--timeout", "30s"])
        #expect(made.exitCode == 0)
        program.send(SIGINT)
      }
      #expect(stopped.exitCode == 130, "\(stopped.errorOutput)")
      let gone = try await cluster.kube(
        ["wait", "job/stopped", "job/broken", "--for", "delete", "--timeout", "30s"])
      #expect(gone.exitCode == 0, "\(gone.errorOutput)")
    }
  }

  @Test("a CronJob's Job is made of its template, and is the CronJob's")
  func cronJob() async throws {
    try await KubeCluster.with { cluster in
      // The version that this server has, whatever it is.
      let kinds = try await cluster.kube(["get", "cronjobs", "--output", "json"])
      #expect(kinds.exitCode == 0, "\(kinds.errorOutput)")
      for version in ["v1", "v1beta1"] {
        let made = try await cluster.apply(
          """
          apiVersion: batch/\(version)
          kind: CronJob
          metadata: {name: nightly}
          spec:
            schedule: "0 0 1 1 *"
            jobTemplate:
              metadata: {labels: {of: nightly}}
              spec:
                template:
                  spec:
                    restartPolicy: Never
                    containers:
                    - {name: app, image: "localhost/omc/app:1", command: [echo, hello]}
          """)
        if made.exitCode == 0 { break }
      }
      let plan = try await cluster.kube(["job", "run", "cj/nightly", "--plan"])
      #expect(plan.exitCode == 0, "\(plan.errorOutput)")
      let result = try await cluster.kube(["job", "run", "cronjob/nightly", "--follow"])
      #expect(result.exitCode == 0, "\(result.errorOutput)")
      #expect(result.output == "hello\n")
      let jobs = try await cluster.kube(["get", "jobs", "-l", "of=nightly", "--output", "json"])
      let job = try JSON(parsing: jobs.output)["items"]?[0]?["metadata"]
      #expect(job?["name"]?.string?.hasPrefix("nightly-manual-") == true)
      #expect(job?["ownerReferences"]?[0]?["name"] == "nightly")
      #expect(job?["annotations"]?["cronjob.kubernetes.io/instantiate"] == "manual")
      let missing = try await cluster.kube(["job", "run", "cronjob/nosuch"])
      expectFailure(missing, .failed, naming: "\"nosuch\" not found")
      let other = try await cluster.run(job: KubeCluster.web())
      expectFailure(other, .usage, naming: "a Deployment is no Job")
    }
  }

  private static func job(_ script: String, more: String = "backoffLimit: 0") -> String {
    """
    apiVersion: batch/v1
    kind: Job
    metadata: {name: work}
    spec:
      \(more)
      template:
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          containers:
          - name: app
            image: localhost/omc/app:1
            command: [sh, -c, "\(script)"]
    """
  }
}

extension KubeCluster {
  fileprivate func run(job: String, _ options: String...) async throws -> ProgramResult {
    try await kube(["job", "run", "-"] + options, input: job)
  }
}
