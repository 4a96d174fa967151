import JSON
import KubeExec
import ProgramRunner
import SystemPackage
import Testing

@Suite("runbooks on an account", .enabled(if: AmazonScene.isThere, AmazonScene.word))
struct AmazonRunbookTests {
  @Test(
    "bucket and table of Terraform's state: denied, permitted step by step, and Terraform uses them",
    .enabled(if: Tool.find("terraform") != nil, "no terraform"),
    .enabled(
      if: Tool.hasOwnMoto,
      "scripts/install-deps --tests could not get its moto; others refuse Terraform's signatures"))
  func state() async throws {
    try await ScratchFolder.with { folder in
      try await AmazonScene.play(in: folder) { scene in
        try await scene.configureState()
        let seed = try await scene.seed()
        try await scene.enforce(true)
        // The stand-in speaks plain HTTP, and takes a condition on TLS for a refusal.
        func run(_ table: String) async throws -> ProgramResult {
          try await scene.runbook(
            [
              "run", "tfstate-backend-init", "-i", "environment=here", "-i", "bucket=acme-state",
              "-i", "table=\(table)", "-i", "tls-only=false",
            ], keys: seed.roleKeys)
        }
        func resume() async throws -> ProgramResult {
          try await scene.runbook(["resume"], keys: seed.roleKeys)
        }
        let other = try await run("terraform-lock-table")
        #expect(other.exitCode == 3, "\(other.told)")
        #expect(other.told.contains("no file names the table terraform-lock-table"))

        let denied = try await run("acme-locks")
        #expect(denied.exitCode == 1, "\(denied.told)")
        #expect(denied.told.contains("aws s3api create-bucket: AccessDenied"), "\(denied.told)")
        #expect(try await scene.buckets(seed) == [])

        try await scene.permit("s3:*", "state", to: "ca-role", seed)
        let half = try await resume()
        #expect(half.exitCode == 1, "\(half.told)")
        #expect(half.told.contains("aws dynamodb create-table: AccessDenied"), "\(half.told)")
        #expect(
          half.told.contains("is not authorized to perform: dynamodb:CreateTable"), "\(half.told)")
        #expect(try await scene.buckets(seed) == ["acme-state"])

        try await scene.permit("dynamodb:*", "locks", to: "ca-role", seed)
        let done = try await resume()
        #expect(done.exitCode == 0, "\(done.told)")
        #expect(done.told.contains("✓ Its state can be read"))
        let again = try await run("acme-locks")
        #expect(again.exitCode == 0, "\(again.told)")
        #expect(again.told.ranges(of: "satisfied: it was done already").count == 6)
        let versions = try await scene.aws(
          "s3api", "get-bucket-versioning", "--bucket", "acme-state", keys: seed.roleKeys)
        #expect(versions.output.contains("Enabled"))
      }
    }
  }

  @Test(
    "a role that is denied everything sees the groups once the autoscaler is installed",
    .enabled(if: KubeCluster.isThere, KubeCluster.word))
  func autoscaler() async throws {
    try await KubeCluster.with { cluster in
      try await AmazonScene.play(in: cluster.folder) { scene in
        let seed = try await scene.seed()
        try await scene.install(in: cluster)
        try await scene.enforce(true)
        func asRole() async throws -> ProgramResult {
          try await scene.aws(
            "autoscaling", "describe-auto-scaling-groups", keys: seed.roleKeys)
        }
        let words = "(AccessDenied)", action = "autoscaling:DescribeAutoScalingGroups"
        let denied = try await asRole()
        #expect(denied.errorOutput.contains(words), "\(denied.told)")
        #expect(denied.errorOutput.contains("perform: \(action)"), "\(denied.told)")
        let inputs = [
          "environment=here", "cluster=shop", "role=ca-role", "version=1.32.0",
          "namespace=\(cluster.namespace)", "image=localhost/omc/app:1", "watch=1s",
        ].flatMap { ["-i", $0] }
        // Who may not make the policy is told which right is missing, and changes nothing.
        let refused = try await scene.runbook(
          ["run", "cluster-autoscaler-install"] + inputs, keys: seed.roleKeys)
        #expect(refused.exitCode == 3, "\(refused.told)")
        #expect(
          refused.told.contains("is not authorized to perform: iam:GetRole"), "\(refused.told)")
        let done = try await scene.runbook(
          ["run", "cluster-autoscaler-install"] + inputs, keys: seed.operatorKeys)
        #expect(done.exitCode == 0, "\(done.told)")
        #expect(try await asRole().output.contains(seed.group))

        let undone = try await scene.runbook(["undo", "--yes"], keys: seed.operatorKeys)
        #expect(undone.exitCode == 0, "\(undone.told)")
        #expect(try await asRole().errorOutput.contains(words))
      }
      try await cluster.forgetAutoscaler()
    }
  }

  @Test(
    "the runners' group is blocked at minReplicas of 1, and scales 0 to 1 to 0 without",
    .enabled(if: KubeCluster.isThere, KubeCluster.word))
  func runners() async throws {
    try await KubeCluster.with { cluster in
      try await AmazonScene.play(in: cluster.folder) { scene in
        let seed = try await scene.seed()
        try await scene.install(in: cluster)
        try await scene.permit(seed.group)
        try await cluster.withRunnerAutoscalers {
          let arguments =
            ["run", "runner-scale-validation"]
            + [
              "environment=here", "cluster=shop", "ca-role=ca-role",
              "ca-namespace=\(cluster.namespace)", "runner-namespace=\(cluster.namespace)",
              "probe-image=localhost/omc/app:1", "scale-down-limit=1m",
            ].flatMap { ["-i", $0] }
          try await cluster.keepRunners(1)
          let blocked = try await scene.runbook(arguments)
          #expect(blocked.exitCode == 3, "\(blocked.told)")
          #expect(blocked.told.contains("the group never reaches zero"))
          #expect(blocked.told.contains("Nothing is changed."))

          try await cluster.keepRunners(0)
          let done = try await scene.runbook(arguments) { _ in
            try await scene.scale(seed.group, for: cluster)
          }
          #expect(done.exitCode == 0, "\(done.told)")
          #expect(done.told.contains("✓ The probe succeeds there"))
          #expect(done.told.contains("✓ It was the autoscaler that removed it"))
        }
      }
    }
  }
}

extension AmazonScene {
  /// The Terraform files of a state in the account, and an omcops.yaml for them.
  fileprivate func configureState() async throws {
    _ = try await Tool.run("mkdir", ["infra"], in: folder)
    try StandIns.write(
      """
      terraform {
        backend "s3" {
          bucket                      = "acme-state"
          key                         = "prod/terraform.tfstate"
          region                      = "ap-southeast-2"
          dynamodb_table              = "acme-locks"
          use_path_style              = true
          skip_credentials_validation = true
          skip_requesting_account_id  = true
        }
      }
      """, to: folder.appending("infra/main.tf"))
    try StandIns.write(
      """
      environments:
        here:
          aws: { region: ap-southeast-2, account: "123456789012" }
          terraform: { folder: infra }
      """, to: folder.appending("omcops.yaml"))
  }

  /// Lets a role do what it was denied, as its operator does it.
  fileprivate func permit(
    _ actions: String, _ name: String, to role: String, _ seed: Seed
  ) async throws {
    let document =
      #"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "\#(actions)", "Resource": "*"}]}"#
    let made = try await aws(
      "iam", "create-policy", "--policy-name", name, "--policy-document", document,
      keys: seed.operatorKeys)
    try #require(made.exitCode == 0, "\(made.told)")
    let attached = try await aws(
      "iam", "attach-role-policy", "--role-name", role, "--policy-arn",
      "arn:aws:iam::123456789012:policy/\(name)", keys: seed.operatorKeys)
    try #require(attached.exitCode == 0, "\(attached.told)")
  }

  /// The names of the account's buckets.
  fileprivate func buckets(_ seed: Seed) async throws -> [String] {
    let result = try await aws("s3api", "list-buckets", keys: seed.operatorKeys)
    try #require(result.exitCode == 0, "\(result.told)")
    return try JSON(parsing: result.output)["Buckets"]?.array?.compactMap { $0["Name"]?.string }
      ?? []
  }

  /// A Deployment that says what Cluster Autoscaler says, and an omcops.yaml for the two.
  fileprivate func install(in cluster: KubeCluster) async throws {
    let made = try await cluster.apply(
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: cluster-autoscaler, labels: {app: cluster-autoscaler}}
      spec:
        replicas: 1
        selector: {matchLabels: {app: cluster-autoscaler}}
        template:
          metadata: {labels: {app: cluster-autoscaler}}
          spec:
            terminationGracePeriodSeconds: 0
            containers:
            - name: cluster-autoscaler
              image: localhost/omc/app:1
              command: [sh, -c, "while sleep 1; do echo Refreshed ASG list; echo Scale-down: node removed; done"]
      """)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    try StandIns.write(
      """
      environments:
        here:
          kubernetes: { kubeconfig: "\(KubeCluster.kubeconfig ?? "")", context: admin, namespace: \(cluster.namespace) }
          aws: { region: ap-southeast-2, account: "123456789012" }
      """, to: folder.appending("omcops.yaml"))
  }

  /// What cluster-autoscaler-install leaves in the account.
  fileprivate func permit(_ group: String) async throws {
    let tags = ["k8s.io/cluster-autoscaler/enabled", "k8s.io/cluster-autoscaler/shop"].map {
      "ResourceId=\(group),ResourceType=auto-scaling-group,Key=\($0),Value=owned,PropagateAtLaunch=true"
    }
    let document =
      #"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "autoscaling:*", "Resource": "*"}]}"#
    let results = [
      try await aws("autoscaling", "create-or-update-tags", "--tags", tags[0], tags[1]),
      try await aws(
        "iam", "create-policy", "--policy-name", "OMC-ClusterAutoscalerPolicy",
        "--policy-document", document),
      try await aws(
        "iam", "attach-role-policy", "--role-name", "ca-role", "--policy-arn",
        "arn:aws:iam::123456789012:policy/OMC-ClusterAutoscalerPolicy"),
    ]
    for result in results { try #require(result.exitCode == 0, "\(result.errorOutput)") }
  }

  /// Stands in for Cluster Autoscaler: answers a pending probe with a node, takes it away afterwards.
  fileprivate func scale(_ group: String, for cluster: KubeCluster) async throws {
    let client = try cluster.client()
    let query = ObjectQuery(.pods, namespace: cluster.namespace, labelSelector: "omcops/run")
    var probe: KubeObject?
    try await waitUntil("the probe", within: .seconds(120)) {
      try await Task.sleep(for: .milliseconds(200))
      probe = try await client.list(query).items.first
      return probe != nil
    }
    let name = try #require(probe?.name)
    let said = try await cluster.apply(
      """
      apiVersion: v1
      kind: Event
      metadata: {name: probe.scaled-up}
      involvedObject: {apiVersion: v1, kind: Pod, name: \(name), namespace: \(cluster.namespace)}
      reason: TriggeredScaleUp
      message: "pod triggered scale-up: [{\(group) 0->1 (max: 5)}]"
      type: Normal
      count: 1
      source: {component: cluster-autoscaler}
      firstTimestamp: "2099-01-01T00:00:00Z"
      lastTimestamp: "2099-01-01T00:00:00Z"
      """)
    try #require(said.exitCode == 0, "\(said.errorOutput)")
    try await set(group, to: 1)
    try await cluster.label("arc-runner-nodes")
    try await waitUntil("the probe to go", within: .seconds(120)) {
      try await Task.sleep(for: .milliseconds(200))
      return try await client.list(query).items.isEmpty
    }
    try await cluster.label(nil)
    try await set(group, to: 0)
  }

  private func set(_ group: String, to count: Int) async throws {
    let result = try await aws(
      "autoscaling", "set-desired-capacity", "--auto-scaling-group-name", group,
      "--desired-capacity", "\(count)")
    try #require(result.exitCode == 0, "\(result.errorOutput)")
  }
}

extension KubeCluster {
  /// Makes the one node of the cluster one of a group, or of none.
  fileprivate func label(_ group: String?) async throws {
    let client = try client()
    let node = try #require(
      try await client.list(ObjectQuery(.nodes, namespace: nil)).items.first?.name)
    let value: JSON = group.map { .string($0) } ?? .null
    _ = try await client.patch(
      .nodes, node, in: nil,
      ["metadata": ["labels": ["eks.amazonaws.com/nodegroup": value]]], as: .merge)
  }

  /// Runs `body` while the cluster knows HorizontalRunnerAutoscalers.
  fileprivate func withRunnerAutoscalers(_ body: () async throws -> Void) async throws {
    let name = "horizontalrunnerautoscalers.actions.summerwind.dev"
    let made = try await apply(
      """
      apiVersion: apiextensions.k8s.io/v1
      kind: CustomResourceDefinition
      metadata: {name: \(name)}
      spec:
        group: actions.summerwind.dev
        scope: Namespaced
        names: {kind: HorizontalRunnerAutoscaler, plural: horizontalrunnerautoscalers, singular: horizontalrunnerautoscaler}
        versions:
        - name: v1alpha1
          served: true
          storage: true
          schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
      """)
    try #require(made.exitCode == 0, "\(made.errorOutput)")
    do {
      try await body()
    } catch {
      try? await label(nil)
      try? await remove("customresourcedefinitions", name)
      throw error
    }
    try await remove("customresourcedefinitions", name)
  }

  /// Has a runner autoscaler that keeps so many runners.
  fileprivate func keepRunners(_ count: Int) async throws {
    try await waitUntil("the cluster to know runner autoscalers", within: .seconds(60)) {
      try await Task.sleep(for: .milliseconds(200))
      return try await apply(
        """
        apiVersion: actions.summerwind.dev/v1alpha1
        kind: HorizontalRunnerAutoscaler
        metadata: {name: runners}
        spec: {minReplicas: \(count), maxReplicas: 5}
        """
      ).exitCode == 0
    }
  }

  /// Removes what cluster-autoscaler-install leaves outside of its namespace.
  fileprivate func forgetAutoscaler() async throws {
    for kind in ["clusterrolebindings", "clusterroles"] {
      try await remove(kind, "cluster-autoscaler-\(namespace)")
    }
  }

  /// Removes an object that is in no namespace.
  private func remove(_ kind: String, _ name: String) async throws {
    let client = try client()
    try await client.delete(try await client.resource(named: kind), name, in: nil)
  }
}
