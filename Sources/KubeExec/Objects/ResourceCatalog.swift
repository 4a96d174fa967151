internal import Diagnostics
internal import JSON

/// The kinds of objects that a server has, asked for when a word is not one of those that each
/// server has, and once.
actor ResourceCatalog {
  private var asked: Task<[KubeResource], any Error>?
  private var settled: [KubeResource: KubeResource] = [:]
  private var eviction: String?

  /// The kind that a word means.
  func resource(named word: String, with client: KubeClient) async throws -> KubeResource {
    if let known = KubeResource.everywhere.first(where: { $0.answers(to: word) }) { return known }
    if let moved = KubeResource.moved.first(where: { $0.resource.answers(to: word) }),
      let found = try await settle(moved.resource, or: moved.old, with: client)
    {
      return found
    }
    let all = try await all(with: client)
    if let found = all.first(where: { $0.answers(to: word) }) { return found }
    let names = all.flatMap { [$0.plural, $0.singular] + $0.shortNames }
    throw KubeError(
      .invalidRequest,
      "the server of \(client.access.source) has no kind \"\(word)\""
        + Suggestion.phrase(for: word, among: names),
      hint: "name it by kind, plural or short name, as deployments, deploy or deployments.apps")
  }

  /// The kinds that a word means: one, or those of a category such as `all`.
  func resources(named word: String, with client: KubeClient) async throws -> [KubeResource] {
    let known = KubeResource.everywhere + KubeResource.moved.map(\.resource)
    if word == "all" || !known.contains(where: { $0.answers(to: word) }) {
      let members = try await all(with: client).filter { $0.categories.contains(word) }
      if !members.isEmpty { return members }
    }
    return [try await resource(named: word, with: client)]
  }

  /// A kind in the version that the server has it in, asked for once; nil where it has neither.
  private func settle(
    _ resource: KubeResource, or old: String, with client: KubeClient
  ) async throws -> KubeResource? {
    if let known = settled[resource] { return known }
    for version in [resource.version, old] {
      let found = try await self.resource(
        kind: resource.kind, apiVersion: "\(resource.group)/\(version)", with: client)
      if let found {
        settled[resource] = found
        return found
      }
    }
    return nil
  }

  /// The `apiVersion` of evictions, asked for once: `policy/v1` since 1.22, before that v1beta1. The
  /// version of the group is no sign of it: the part of pods says so itself.
  func evictionVersion(with client: KubeClient) async throws -> String {
    if let eviction { return eviction }
    let list = try await client.json(APIRequest("/api/v1", subject: "look up evictions"))
    let part = list["resources"]?.array?.first { $0["name"]?.string == "pods/eviction" }
    let version =
      "\(part?["group"]?.string ?? "policy")/\(part?["version"]?.string ?? "v1")"
    eviction = version
    return version
  }

  /// The kind of an object that says what it is.
  func resource(
    kind: String, apiVersion: String, with client: KubeClient
  ) async throws -> KubeResource? {
    let known = KubeResource.everywhere.first { $0.kind == kind && $0.apiVersion == apiVersion }
    if let known { return known }
    let path = apiVersion.contains("/") ? "/apis/\(apiVersion)" : "/api/\(apiVersion)"
    do {
      let list = try await client.json(APIRequest(path, subject: "look up \(apiVersion)"))
      return Discovery.resources(ofVersion: list).first { $0.kind == kind }
    } catch let error as KubeError where error.code == .notFound {
      return nil
    }
  }

  private func all(with client: KubeClient) async throws -> [KubeResource] {
    let task = asked ?? Task { try await Discovery(client: client).resources() }
    asked = task
    do {
      return try await task.value
    } catch {
      asked = nil
      throw error
    }
  }
}

/// Asks a server for its kinds: in two requests where it gives them together (1.26 and later), else
/// in one for each version of each group.
struct Discovery {
  let client: KubeClient

  /// All kinds, the core group first, each in the version that the server prefers.
  func resources() async throws -> [KubeResource] {
    async let core = group("/api")
    async let named = group("/apis")
    var seen: Set<String> = []
    return (try await core + named).filter { seen.insert($0.qualified).inserted }
  }

  private func group(_ path: String) async throws -> [KubeResource] {
    var request = APIRequest(path, subject: "list the kinds of objects")
    request.accept =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
      + "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
    let answer = try await client.json(request)
    switch answer["kind"]?.string {
    case "APIGroupDiscoveryList": return Discovery.aggregated(answer)
    case "APIVersions":
      let versions = (answer["versions"]?.array ?? []).compactMap(\.string)
      return try await each(versions.map { "/api/\($0)" })
    default:
      let versions = (answer["groups"]?.array ?? []).flatMap { group in
        let preferred = group["preferredVersion"]?["groupVersion"]?.string
        let all = (group["versions"]?.array ?? []).compactMap { $0["groupVersion"]?.string }
        return all.filter { $0 == preferred } + all.filter { $0 != preferred }
      }
      return try await each(versions.map { "/apis/\($0)" })
    }
  }

  /// The kinds of several versions, in their order. An extension's API server that is down must not
  /// hide what all others have.
  private func each(_ paths: [String]) async throws -> [KubeResource] {
    try await withThrowingTaskGroup(of: (Int, [KubeResource]).self) { group in
      for (index, path) in paths.enumerated() {
        group.addTask {
          do {
            let list = try await client.json(APIRequest(path, subject: "list the kinds of \(path)"))
            return (index, Discovery.resources(ofVersion: list))
          } catch let error as KubeError
            where [.serverFailed, .notFound, .forbidden].contains(error.code)
          {
            return (index, [])
          }
        }
      }
      var found: [Int: [KubeResource]] = [:]
      for try await (index, resources) in group { found[index] = resources }
      return paths.indices.flatMap { found[$0] ?? [] }
    }
  }

  /// Reads an `APIResourceList`.
  static func resources(ofVersion list: JSON) -> [KubeResource] {
    let words = (list["groupVersion"]?.string ?? "").split(separator: "/").map(String.init)
    guard let version = words.last else { return [] }
    let group = words.count == 2 ? words[0] : ""
    return (list["resources"]?.array ?? []).compactMap { item in
      guard let name = item["name"]?.string, !name.contains("/"), let kind = item["kind"]?.string
      else { return nil }
      return KubeResource(
        group: group, version: version, plural: name,
        singular: named(item["singularName"], kind), kind: kind,
        shortNames: texts(item["shortNames"]), categories: texts(item["categories"]),
        isNamespaced: item["namespaced"]?.bool ?? true)
    }
  }

  /// Reads an `APIGroupDiscoveryList`.
  static func aggregated(_ list: JSON) -> [KubeResource] {
    (list["items"]?.array ?? []).flatMap { group in
      (group["versions"]?.array ?? []).flatMap { version in
        (version["resources"]?.array ?? []).compactMap { item -> KubeResource? in
          guard let name = item["resource"]?.string,
            let kind = item["responseKind"]?["kind"]?.string
          else { return nil }
          return KubeResource(
            group: group["metadata"]?["name"]?.string ?? "",
            version: version["version"]?.string ?? "", plural: name,
            singular: named(item["singularResource"], kind), kind: kind,
            shortNames: texts(item["shortNames"]), categories: texts(item["categories"]),
            isNamespaced: item["scope"]?.string != "Cluster")
        }
      }
    }
  }

  private static func named(_ json: JSON?, _ kind: String) -> String {
    json?.string.flatMap { $0.isEmpty ? nil : $0 } ?? kind.lowercased()
  }

  private static func texts(_ json: JSON?) -> [String] {
    (json?.array ?? []).compactMap(\.string)
  }
}
