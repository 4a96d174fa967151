internal import JSON
public import KubeExec
internal import OrderedCollections

/// The Job whose pods are the shards of a run; on servers that know no Jobs with indexes (before 1.21),
/// a Job for each.
public struct ShardJobs: Sendable {
  private let settings: ShardSettings
  private let template: ShardTemplate
  private let namespace: String
  private let client: KubeClient
  private let isIndexed: Bool
  /// The Job's name, and the beginning of the others'.
  public let name: String

  /// Finds out what the server makes of it; nothing is made yet.
  ///
  /// - Parameter workload: whose pods the shards are like.
  /// - Throws: what the server refuses; `KubeError` where the workload makes no pods.
  public init(
    _ settings: ShardSettings, of workload: KubeObject, in namespace: String,
    with client: KubeClient
  ) async throws {
    self.settings = settings
    self.namespace = namespace
    self.client = client
    template = try ShardTemplate(settings, of: workload)
    name = ShardJobs.name(settings.suite)
    let indexed = ShardJobs.manifest(name, settings, template, index: nil)
    // Servers drop fields that they do not know.
    let answer = try await client.create(.jobs, indexed, in: namespace, isDryRun: true)
    isIndexed = answer["spec", "completionMode"] == "Indexed"
  }

  /// What is other than in the workload, for people.
  public var notes: [String] { template.notes }

  /// The query for the shards' pods.
  public var pods: ObjectQuery {
    ObjectQuery(.pods, namespace: namespace, labelSelector: "\(ShardLabels.run)=\(name)")
  }

  private var jobs: ObjectQuery {
    ObjectQuery(.jobs, namespace: namespace, labelSelector: "\(ShardLabels.run)=\(name)")
  }

  /// Makes them.
  public func create() async throws {
    for index in 0..<(isIndexed ? 1 : settings.shards) {
      let manifest = ShardJobs.manifest(
        isIndexed ? name : "\(name)-\(index)", settings, template, index: isIndexed ? nil : index)
      _ = try await client.create(.jobs, manifest, in: namespace)
    }
  }

  /// Takes them away, with their pods.
  public func delete() async throws {
    for job in try await client.list(jobs).items {
      try await ShardJobs.delete(job, in: namespace, with: client)
    }
  }

  /// What keeps the Job from making pods, and whether that is its end.
  public func whyNone() async -> (reason: String, isFinal: Bool)? {
    guard let jobs = try? await client.list(jobs).items else { return nil }
    if jobs.isEmpty { return ("job \(name) was deleted by somebody else", true) }
    for job in jobs where job.holds("Failed") {
      let failed = job.condition("Failed")
      return (
        "job \(job.name) failed: \(failed?["reason"]?.string ?? "")"
          + (failed?["message"]?.string.map { ": \($0)" } ?? ""), true
      )
    }
    for job in jobs {
      let query = KubeClient.events(
        about: ObjectReference(.jobs, job.name, in: namespace), in: namespace)
      let events = (try? await client.list(query).items) ?? []
      guard let last = events.map(KubeEvent.init).last(where: { $0.type == "Warning" }) else {
        continue
      }
      return ("job \(job.name): \(last.reason): \(last.message)", false)
    }
    return nil
  }

  // MARK: What others left

  /// Deletes the Jobs of runs in a namespace whose omcops is provably no more; gives their names.
  public static func removeAbandoned(
    in namespace: String, with client: KubeClient
  ) async throws -> [String] {
    let me = ProcessOwner.current(name: "")
    let query = ObjectQuery(.jobs, namespace: namespace, labelSelector: ShardLabels.selector)
    var removed: [String] = []
    for job in try await client.list(query).items where !job.isTerminating {
      let isOver = job.holds("Failed") || job.holds("Complete")
      guard isOver || ProcessOwner(job)?.isGone(seenBy: me) == true else { continue }
      try await delete(job, in: namespace, with: client)
      removed.append(job.name)
    }
    return removed
  }

  private static func delete(
    _ job: KubeObject, in namespace: String, with client: KubeClient
  ) async throws {
    do {
      try await client.delete(.jobs, job.name, in: namespace, uid: job.uid)
    } catch let error as KubeError where [.notFound, .conflict].contains(error.code) {
      // Somebody was faster.
    }
  }

  // MARK: The manifest

  /// Pods' names and labels have room for 63 letters, the pods' own index and suffix among them.
  private static func name(_ suite: String) -> String {
    let plain = suite.lowercased().utf8.map { byte -> Character in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
      return isPlain ? Character(Unicode.Scalar(byte)) : "-"
    }
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    let suffix = String((0..<5).map { _ in letters[Int.random(in: letters.indices)] })
    return "omcops-test-\(String(plain.prefix(24)))-\(suffix)"
  }

  private static func manifest(
    _ name: String, _ settings: ShardSettings, _ template: ShardTemplate, index: Int?
  ) -> JSON {
    var labels = [
      ShardLabels.name: "omcops-test", ShardLabels.manager: "omcops",
      ShardLabels.run: index.map { String(name.dropLast("-\($0)".count)) } ?? name,
    ]
    if let index { labels[ShardLabels.index] = String(index) }
    let count = index == nil ? settings.shards : 1
    var spec: OrderedDictionary<String, JSON> = [
      "completions": JSON(count), "parallelism": JSON(count),
      // A shard whose pod is killed gets another one.
      "backoffLimit": JSON(max(6, 3 * count)),
      "activeDeadlineSeconds": .int(max(1, settings.deadline.components.seconds)),
      "ttlSecondsAfterFinished": 300,
      "template": [
        "metadata": [
          "labels": ShardTemplate.object(labels), "annotations": .object(template.annotations),
        ],
        "spec": .object(template.spec),
      ],
    ]
    if index == nil { spec["completionMode"] = "Indexed" }
    return [
      "apiVersion": "batch/v1", "kind": "Job",
      "metadata": [
        "name": .string(name), "labels": ShardTemplate.object(labels),
        "annotations": ProcessOwner.current(name: settings.owner).annotations,
      ],
      "spec": .object(spec),
    ]
  }
}
