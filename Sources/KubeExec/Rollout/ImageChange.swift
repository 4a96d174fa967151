internal import JSON
internal import OrderedCollections

extension RolloutChange {
  /// The images that a workload's containers have, by container; init containers are not among them.
  public static func images(of workload: KubeObject) -> [(container: String, image: String)] {
    (workload["spec", "template", "spec", "containers"]?.array ?? []).map {
      ($0["name"]?.string ?? "", $0["image"]?.string ?? "")
    }
  }

  /// Gives a container of the workload another image, as a rollout.
  ///
  /// - Parameters:
  ///   - container: which; for nil the one whose image has the same repository, or the only one. Where
  ///     that leaves it open nothing is guessed.
  ///   - annotations: what the new pods, and with them the revision, carry beside; they alone start no
  ///     rollout.
  public static func image(
    _ workload: KubeObject, _ image: String, container: String?, annotations: [String: String] = [:]
  ) throws(KubeError) -> RolloutChange {
    let name = try self.container(of: workload, named: container, for: image)
    return try images(workload, [(name, image)], annotations: annotations)
  }

  /// Gives containers of the workload the images that are said.
  public static func images(
    _ workload: KubeObject, _ wanted: [(container: String, image: String)],
    annotations: [String: String] = [:]
  ) throws(KubeError) -> RolloutChange {
    try requireWorkload(workload)
    try requireUnpaused(workload, to: "given another image")
    let present = images(of: workload)
    var due: [(container: String, image: String)] = []
    for want in wanted {
      guard let now = present.first(where: { $0.container == want.container }) else {
        throw noContainer(want.container, of: workload)
      }
      if now.image != want.image { due.append(want) }
    }
    let words = due.map { "give container \"\($0.container)\" the image \($0.image)" }
    let containers = due.map {
      ["name": .string($0.container), "image": .string($0.image)] as JSON
    }
    var template: JSON = ["spec": ["containers": .array(containers)]]
    if !annotations.isEmpty {
      let notes = annotations.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
      template = template.merging([
        "metadata": ["annotations": .object(OrderedDictionary(uniqueKeysWithValues: notes))]
      ])
    }
    var change = RolloutChange(
      workload: workload, action: words.joined(separator: ", "),
      patch: ["spec": ["template": template]], kind: .strategic)
    if due.isEmpty {
      change.action = nil
      change.reason = "it has that image already"
    }
    return change
  }

  private static func container(
    of workload: KubeObject, named name: String?, for image: String
  ) throws(KubeError) -> String {
    let present = images(of: workload)
    if let name {
      guard present.contains(where: { $0.container == name }) else {
        throw noContainer(name, of: workload)
      }
      return name
    }
    let alike = present.filter { repository(of: $0.image) == repository(of: image) }
    if alike.count == 1 { return alike[0].container }
    if present.count == 1 { return present[0].container }
    throw KubeError(
      .invalidRequest,
      "\(workload.kind.lowercased()) \"\(workload.name)\" has several containers, and "
        + "\(alike.isEmpty ? "none" : "more than one") has an image of \(repository(of: image))",
      hint: "say which one is meant: " + present.map(\.container).joined(separator: ", "))
  }

  private static func noContainer(_ name: String, of workload: KubeObject) -> KubeError {
    KubeError(
      .notFound,
      "\(workload.kind.lowercased()) \"\(workload.name)\" has no container \"\(name)\"",
      hint: "it has " + images(of: workload).map(\.container).joined(separator: ", "))
  }

  /// The image's name without tag and digest; a registry's port is no tag.
  private static func repository(of image: String) -> Substring {
    let name = image.prefix { $0 != "@" }
    guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
    return name[..<colon]
  }
}
