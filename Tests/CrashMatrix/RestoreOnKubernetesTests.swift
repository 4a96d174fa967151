import Glibc
import JSON
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

@Suite(
  "database-restore with a Deployment as the writer", .serialized,
  .enabled(if: Writers.kubeconfig != nil, "OMCOPS_TEST_KUBECONFIG names no cluster"))
struct RestoreOnKubernetesTests {
  /// The steps that speak with the cluster, and what stands between them.
  private static let steps = [
    "stop-writers", "suspend-cron-jobs", "writers-gone", "swap", "start-writers",
    "resume-cron-jobs", "rolled-out",
  ]

  @Test(
    "the writer is stopped and started at its number; killed anywhere there, and taken back too")
  func writers() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      try await Writers.with(folder) { writers in
        let all = try await whole(scene, writers)
        #expect(all.count > 12)
        let positions = positions(all, byLot: 6)
        // Every second position goes on after the kill, the others are taken back; another time it
        // is the other way round.
        let begins = Bool.random()
        try await eachOf(positions.indices, atOnce: 2) { index in
          let position = positions[index]
          let play = try await writers.play("k\(position)", of: scene)
          let killed = try await play.run(crashAfter: position)
          #expect(killed.signal == 9, "position \(position): \(killed.errorOutput)")
          let isResumed = index.isMultiple(of: 2) == begins
          let result = try await isResumed ? play.resume() : play.undo()
          #expect(result.exitCode == 0, "position \(position): \(result.errorOutput)")
          #expect(
            try await play.liveContent()
              == (isResumed ? scene.wholeContent : scene.damagedContent), "position \(position)")
          let state = try await writers.state(of: play)
          #expect(state.isAsBefore, "position \(position): \(state)")
          if isResumed { #expect(state.changes == 2, "position \(position): \(state)") }
          try await play.clean()
        }
      }
      try await scene.strike()
    }
  }

  /// A run that nobody kills, and its undo; gives the positions of the cluster's steps.
  private func whole(_ scene: RestoreScene, _ writers: Writers) async throws -> [Int] {
    let play = try await writers.play("whole", of: scene)
    try require(try await play.run(), is: 0)
    let state = try await writers.state(of: play)
    #expect(state.isAsBefore && state.changes == 2, "\(state)")
    #expect(try await play.liveContent() == scene.wholeContent)
    let positions = try play.positions(of: Self.steps)
    try require(try await play.undo(), is: 0)
    let undone = try await writers.state(of: play)
    #expect(undone.isAsBefore && undone.changes == 4, "\(undone)")
    #expect(try await play.liveContent() == scene.damagedContent)
    try await play.clean()
    return positions
  }

  @Test("a Deployment that is not there stops the run before the service does")
  func missing() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      try await Writers.with(folder) { writers in
        let play = try await writers.play("typo", of: scene, writers: "deployment/bakend")
        let result = try await play.run()
        #expect(result.exitCode == 3, "\(result.errorOutput)")
        #expect(result.errorOutput.contains("bakend"), "\(result.errorOutput)")
        #expect(try await play.liveContent() == scene.damagedContent)
        let state = try await writers.state(of: play)
        #expect(state.isAsBefore && state.changes == 0, "\(state)")
        try await play.clean()
      }
      try await scene.strike()
    }
  }

  @Test("a Lease keeps others out, names its holder, and is taken over when that died")
  func lease() async throws {
    try await withScratchFolder { folder in
      let scene = try await RestoreScene.set(in: folder)
      try await Writers.with(folder) { writers in
        let play = try await writers.play("lease", of: scene)
        try makeFolder(folder.appending("books"))
        for (name, wait) in [("first", "0s"), ("second", "0s"), ("third", "60s")] {
          try write(
            """
            runbook: v1
            name: \(name)
            description: Holds a lock.
            concurrency: { group: of/all, lock: kubernetes, wait: \(wait) }
            steps:
              - { id: a, name: A, run: "sleep \(name == "first" ? 4 : 0)", undo: none }
            """, to: folder.appending("books").appending(name + ".yaml"))
        }
        var environment = play.environment
        environment["OMCOPS_RUNBOOKS"] = folder.appending("books").string
        // One that lives keeps the others out; `first` sleeps while the others try.
        let ran = try await Program.omcops.run(
          ["runbook", "run", "first"], environment: environment, in: folder
        ) { [environment] _ in
          try await writers.waitForLease()
          let second = try await Program.omcops.run(
            ["runbook", "run", "second"], environment: environment, in: folder)
          #expect(second.exitCode == 5, "\(second.errorOutput)")
          #expect(second.errorOutput.contains("-first-"), "\(second.errorOutput)")
        }
        #expect(ran.exitCode == 0, "\(ran.errorOutput)")
        var killing = environment
        killing["OMCOPS_CRASH_AFTER"] = "4"
        func kill() async throws {
          let killed = try await Program.omcops.run(
            ["runbook", "run", "first"], environment: killing, in: folder)
          #expect(killed.signal == 9, "\(killed.errorOutput)")
        }
        // One that died on this machine keeps nobody waiting.
        try await kill()
        let next = try await Program.omcops.run(
          ["runbook", "run", "second"], environment: environment, in: folder)
        #expect(next.exitCode == 0, "\(next.errorOutput)")
        // Of another machine's nobody knows; it has to renew its lease.
        try await kill()
        try await writers.moveLease()
        let second = try await Program.omcops.run(
          ["runbook", "run", "second"], environment: environment, in: folder)
        #expect(second.exitCode == 5, "\(second.errorOutput)")
        let third = try await Program.omcops.run(
          ["runbook", "run", "third"], environment: environment, in: folder)
        #expect(third.exitCode == 0, "\(third.errorOutput)")
        // It was given back: nobody has to wait.
        let again = try await Program.omcops.run(
          ["runbook", "run", "second"], environment: environment, in: folder)
        #expect(again.exitCode == 0, "\(again.errorOutput)")
        try await play.clean()
      }
      try await scene.strike()
    }
  }
}

/// A namespace of the real cluster, with a Deployment and a CronJob for each play.
struct Writers: Sendable {
  static let kubeconfig = getenv("OMCOPS_TEST_KUBECONFIG").map { String(cString: $0) }

  let client: KubeClient
  let namespace: String
  let folder: FilePath

  /// Runs `body` with a new namespace, and removes it.
  static func with(_ folder: FilePath, _ body: (Writers) async throws -> Void) async throws {
    let surroundings = AccessSurroundings(
      variables: ["KUBECONFIG": kubeconfig ?? ""], workingDirectory: folder.string,
      isInteractive: false)
    var selection = AccessSelection()
    selection.context = "admin"
    let access = try ClusterAccess.resolve(selection, in: surroundings)
    let client = KubeClient(access, in: surroundings, userAgent: "omcops tests") { _ in }
    let name = "omcops-restore-\(getpid())-\(UInt32.random(in: 0...999_999))"
    let writers = Writers(client: client, namespace: name, folder: folder)
    _ = try await client.create(
      .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]],
      in: nil)
    do {
      try await body(writers)
      try await client.delete(.namespaces, name, in: nil)
    } catch {
      try? await client.delete(.namespaces, name, in: nil)
      throw error
    }
  }

  /// A play whose environment has the cluster, and whose writers run.
  func play(
    _ name: String, of scene: RestoreScene, writers: String? = nil
  ) async throws -> RestorePlay {
    let cluster =
      "    kubernetes: { kubeconfig: \(Writers.kubeconfig ?? ""), context: admin, "
      + "namespace: \(namespace) }"
    let play = try await scene.play(
      name, cluster: cluster,
      inputs: [
        "-i", "writers=\(writers ?? "deployment/\(name)")", "-i", "cron-jobs=play=\(name)",
        "-i", "watch=1s",
      ])
    let cronJobs = try await client.resource(named: "cronjobs")
    let made = try await Program.omcops.run(
      ["kube", "apply", "-f", "-", "--context", "admin", "-n", namespace],
      environment: ["KUBECONFIG": Writers.kubeconfig ?? ""],
      input: manifest(name, cronJobs.apiVersion), in: folder)
    try require(made, is: 0)
    let ready = try await Program.omcops.run(
      ["kube", "rollout", "status", "deployment/\(name)", "--context", "admin", "-n", namespace],
      environment: ["KUBECONFIG": Writers.kubeconfig ?? ""], in: folder)
    try require(ready, is: 0)
    return play
  }

  private func lease() async throws -> (resource: KubeResource, object: KubeObject?) {
    let resource = try await client.resource(named: "leases.coordination.k8s.io")
    return (
      resource, try await client.list(ObjectQuery(resource, namespace: namespace)).items.first
    )
  }

  /// Waits until somebody holds the only lease.
  func waitForLease() async throws {
    for _ in 0..<100 {
      let holder = try await lease().object?["spec", "holderIdentity"]?.string ?? ""
      if !holder.isEmpty { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw UnexpectedEnd(description: "nobody took the lease")
  }

  /// Lets the only lease look as if another machine held it.
  func moveLease() async throws {
    let (resource, found) = try await lease()
    _ = try await client.patch(
      resource, try #require(found).name, in: namespace,
      ["metadata": ["annotations": ["omcops.process/boot": "another"]]], as: .merge)
  }

  /// What the cluster says of a play's writers.
  struct State: CustomStringConvertible {
    var replicas: Int64
    var ready: Int64
    var isSuspended: Bool
    /// How often what is wanted was changed since it was made.
    var changes: Int64

    var isAsBefore: Bool { replicas == 2 && ready == 2 && !isSuspended }
    var description: String {
      "\(ready) of \(replicas) ready, suspended \(isSuspended), changed \(changes) times"
    }
  }

  func state(of play: RestorePlay) async throws -> State {
    let deployment = try await client.get(.deployments, play.name, in: namespace)
    let cronJob = try await client.get(
      client.resource(named: "cronjobs"), play.name, in: namespace)
    return State(
      replicas: deployment["spec", "replicas"]?.int ?? -1,
      ready: deployment["status", "readyReplicas"]?.int ?? 0,
      isSuspended: cronJob["spec", "suspend"]?.bool ?? false, changes: deployment.generation - 1)
  }

  private func manifest(_ name: String, _ cronJobVersion: String) -> String {
    """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: \(name), labels: {play: \(name)}}
    spec:
      replicas: 2
      selector: {matchLabels: {play: \(name)}}
      template:
        metadata: {labels: {play: \(name)}}
        spec:
          terminationGracePeriodSeconds: 0
          automountServiceAccountToken: false
          containers:
          - {name: app, image: "localhost/omc/app:1", command: [sh, -c, "httpd -f -p 8080 -h /www"]}
    ---
    apiVersion: \(cronJobVersion)
    kind: CronJob
    metadata: {name: \(name), labels: {play: \(name)}}
    spec:
      schedule: "0 0 1 1 *"
      jobTemplate:
        spec:
          template:
            spec:
              restartPolicy: Never
              containers: [{name: app, image: "localhost/omc/app:1", command: ["true"]}]
    """
  }
}
