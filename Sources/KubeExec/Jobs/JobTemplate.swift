internal import JSON
internal import OrderedCollections

/// What a Job is made of: a manifest, or the template of a CronJob.
public enum JobTemplate {
  /// The Job that a CronJob would start now, as `kubectl create job --from` makes it: owned by the
  /// CronJob, so that it goes with it, and marked as started by hand.
  ///
  /// - Parameter name: the Job's name; nil for the CronJob's with a suffix of chance.
  public static func job(
    of cronJob: KubeObject, named name: String?
  ) throws(KubeError) -> KubeObject {
    guard let template = cronJob["spec", "jobTemplate"], let spec = template["spec"] else {
      throw KubeError(.invalid, "cronjob \"\(cronJob.name)\" has no jobTemplate")
    }
    var annotations = template["metadata"]?["annotations"]?.object ?? [:]
    annotations["cronjob.kubernetes.io/instantiate"] = "manual"
    let owner: JSON = [
      "apiVersion": .string(cronJob.apiVersion), "kind": "CronJob",
      "name": .string(cronJob.name), "uid": .string(cronJob.uid), "controller": true,
    ]
    return KubeObject([
      "apiVersion": "batch/v1", "kind": "Job",
      "metadata": [
        "name": .string(name ?? chance(after: cronJob.name)),
        "labels": template["metadata"]?["labels"] ?? [:],
        "annotations": .object(annotations), "ownerReferences": [owner],
      ],
      "spec": spec,
    ])
  }

  /// The only object of a file, which has to be a Job.
  ///
  /// - Parameter name: a name instead of the file's; nil for the file's.
  public static func job(
    of manifests: [Manifest], file: String, named name: String?
  ) throws(KubeError) -> KubeObject {
    guard let manifest = manifests.first else {
      throw KubeError(.invalidRequest, "\(file): there is no object in it")
    }
    for other in manifests where other.object.kind != "Job" {
      throw KubeError(
        .invalidRequest,
        "\(other.place): a \(other.object.kind) is no Job"
          + (other.object.name.isEmpty ? "" : " (\"\(other.object.name)\")"),
        hint: manifests.count > 1
          ? "keep the Job in a file of its own, and bring the others with `omcops kube apply`" : nil
      )
    }
    guard manifests.count == 1 else {
      throw KubeError(
        .invalidRequest, "\(file) holds \(manifests.count) Jobs; run one at a time")
    }
    var job = manifest.object
    guard let name, case .object(var members) = job.json else { return job }
    members["metadata"] = (members["metadata"] ?? [:]).removing("generateName")
      .merging(["name": .string(name)])
    job.json = .object(members)
    return job
  }

  /// A name that nobody has: pods' names and labels have room for 63 letters.
  private static func chance(after name: String) -> String {
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    let suffix = String((0..<5).map { _ in letters[Int.random(in: letters.indices)] })
    return "\(name.prefix(63 - "-manual-".count - suffix.count))-manual-\(suffix)"
  }
}
