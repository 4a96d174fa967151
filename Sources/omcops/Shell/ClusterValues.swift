internal import Alembic
internal import Configuration
internal import Diagnostics
internal import KubeExec

extension Configuration {
  /// Looks up everything for the environment that is meant, in its cluster as well. The cluster is
  /// asked only where a value stands in it.
  func resolved(_ selection: Selection, _ context: Context) async throws -> ResolvedEnvironment {
    let found = try resolve(selection, variables: context.environment)
    guard let name = found.name?.value, !found.unread.isEmpty,
      let session = try cluster(of: name, context)
    else { return found }
    let values = try await ClusterValues(session: session).read(found.unread)
    var resolved = try resolve(selection, variables: context.environment, values: values)
    if var url = resolved.url, case .cluster = url.origin {
      // What stands there is for the service, whose Python may name its driver.
      url.value = try DatabaseURL.libpq(url.value)
      resolved.url = url
    }
    return resolved
  }
}

/// The values of ConfigMaps and Secrets.
struct ClusterValues {
  let session: KubeSession

  /// Reads each object once.
  func read(_ keys: [Located<KubernetesKey>]) async throws -> [KubernetesKey: String] {
    var objects: [String: KubeObject] = [:]
    var values: [KubernetesKey: String] = [:]
    for place in keys {
      let key = place.value
      let name = "\(key.kind.rawValue)/\(key.object)"
      let object = if let known = objects[name] { known } else { try await self.object(place) }
      objects[name] = object
      values[key] = try value(place, of: object)
    }
    return values
  }

  private func object(_ place: Located<KubernetesKey>) async throws -> KubeObject {
    let kind = place.value.kind.rawValue
    do {
      let resource = try await session.client.resource(named: kind)
      return try await session.client.get(resource, place.value.object, in: session.namespace)
    } catch var error as KubeError {
      if error.code == .notFound {
        throw MissingValue(
          message: "\(place.location): there is no \(place.value.title) \(whereabouts)",
          hint: "`omcops kube get \(kind)s -n \(session.namespace)` lists those that there are")
      }
      error.message = "\(place.location): \(error.message)"
      throw error
    }
  }

  /// `in namespace "shop" of context "staging"`.
  private var whereabouts: String {
    "in namespace \"\(session.namespace)\" of \(session.client.access.source)"
  }

  private func value(
    _ place: Located<KubernetesKey>, of object: KubeObject
  ) throws -> String {
    let key = place.value
    guard var bytes = object.data(key.key) else {
      let known = object.dataKeys
      throw MissingValue(
        message: "\(place.location): \(key.title) \(whereabouts) has no key \"\(key.key)\""
          + Suggestion.phrase(for: key.key, among: known),
        hint: known.isEmpty ? "it is empty" : "it has \(known.joined(separator: ", "))")
    }
    // A command that made the object from a file, or with echo, has put a newline at the end.
    if bytes.last == 0x0A { bytes.removeLast() }
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      throw MissingValue(
        message:
          "\(place.location): the key \"\(key.key)\" of \(key.title) \(whereabouts) is no text")
    }
    guard !text.isEmpty else {
      throw MissingValue(
        message: "\(place.location): the key \"\(key.key)\" of \(key.title) \(whereabouts) is empty"
      )
    }
    return text
  }
}

extension KubernetesKey {
  /// `secret "backend"`.
  fileprivate var title: String { "\(kind.rawValue) \"\(object)\"" }
}

/// The cluster does not have a value that the configuration points at.
private struct MissingValue: Failure {
  var message: String
  var hint: String?
  var status: ExitStatus { .usage }
}
