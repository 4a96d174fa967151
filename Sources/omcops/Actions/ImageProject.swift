internal import Alembic
internal import KubeExec
internal import Runbooks

/// The revision files in a workload's image (`image-of`), copied out of a pod that runs it.
///
/// A pod of another image than the workload's present one would have other files: while a rollout goes
/// on only the new pods count.
struct ImageProject {
  let session: KubeSession
  /// The workload, as the command line names it.
  let workload: String
  /// The project's file in the container, seen from where its processes begin.
  let file: String

  /// Copies the file and its script folder, and gives the project that they are.
  ///
  /// - Parameters:
  ///   - folder: an empty folder of the caller's, who removes it.
  ///   - source: what omcops.yaml says of the project besides where its files are.
  func copy(into folder: String, _ source: ProjectSource) async throws -> ProjectSource {
    let (pod, container) = try await pod()
    let copy = PodCopy(
      session.client, pod: pod.name, namespace: pod.namespace ?? session.namespace,
      container: container)
    let ini = "\(folder)/alembic.ini"
    _ = try await copy.download(file, to: ini, isPlan: false)
    let locator = ProjectLocator(
      files: [ini], section: source.locator.section, workingFolder: folder)
    let scripts = try scripts(try Project.locations(locator), copiedTo: folder)
    _ = try await copy.download(scripts, to: "\(folder)/scripts", isPlan: false)
    var source = source
    source.locator = locator
    source.locator.scriptLocation = "\(folder)/scripts"
    return source
  }

  /// The script folder in the container, from where the file says that it is.
  private func scripts(
    _ locations: (scripts: String?, versions: String?), copiedTo folder: String
  ) throws -> String {
    guard let scripts = locations.scripts, !scripts.isEmpty else {
      throw ActionError(.other, "\(file) of \(workload) names no script_location")
    }
    guard locations.versions == nil else {
      throw ActionError(
        .refused,
        "\(file) of \(workload) has revisions in folders of their own (version_locations), which "
          + "image-of does not copy",
        hint: "leave image-of out: the project that omcops.yaml names is used then")
    }
    // `package:folder` is known to the image's Python only.
    guard !scripts.contains(":") else {
      throw ActionError(
        .refused, "\(file) of \(workload): script_location is \"\(scripts)\", inside of a package",
        hint: "name a folder there, from %(here)s or absolute")
    }
    guard scripts.hasPrefix(folder + "/") else { return scripts }
    let here = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    return here + scripts.dropFirst(folder.count + 1)
  }

  /// A pod that runs the workload's present image, and the container.
  private func pod() async throws -> (pod: KubeObject, container: String) {
    let targets = KubeTargets(session: session, words: [workload])
    guard let reference = try await targets.workloads().first else {
      throw ActionError(.assertion, "there is no \(workload)")
    }
    let client = session.client
    let object = try await client.get(reference.resource, reference.name, in: reference.namespace)
    let pods = try await PodChoice(client).pods(of: reference)
    let named = session.components[workload]?.container?.value
    let containers = object["spec", "template", "spec", "containers"]?.array ?? []
    let current = pods.filter { pod in
      (pod["spec", "containers"]?.array ?? []).allSatisfy { container in
        let wanted = containers.first { $0["name"] == container["name"] }
        // A container that something injects is in no template.
        return wanted == nil || wanted?["image"] == container["image"]
      }
    }
    guard let best = PodChoice.best(of: current) else {
      throw KubeError(
        .hopeless, "no pod of \(reference) runs its present image",
        details: pods.flatMap(PodTrouble.all).map(\.description))
    }
    return (best, try PodChoice.container(of: best, named: named))
  }
}
