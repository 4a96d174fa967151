public import KubeExec

/// What running tests in pods needs to be allowed, asked before anything is done.
public enum PodPermissions {
  /// For commands in pods, and to see how these are.
  public static func forPods(
    in namespace: String, with client: KubeClient
  ) async throws -> [Permission] {
    // From 1.35 on the WebSocket counts as what it does, too.
    let verbs = try await client.version().minor >= 35 ? ["get", "create"] : ["get"]
    return ["list", "watch"].map {
      Permission(verb: $0, resource: .pods, namespace: namespace)
    }
      + verbs.map {
        Permission(verb: $0, resource: .pods, subresource: "exec", namespace: namespace)
      }
  }

  /// For Jobs, beside that.
  public static func forJobs(in namespace: String) -> [Permission] {
    ["create", "list", "delete"].map {
      Permission(verb: $0, resource: .jobs, namespace: namespace)
    }
  }

  /// Throws where one of them is not there. Servers that may not be asked are believed.
  public static func require(_ wanted: [Permission], with client: KubeClient) async throws {
    var missing: [Permission] = []
    for permission in wanted {
      do {
        if try await !client.isAllowed(permission).isAllowed { missing.append(permission) }
      } catch let error as KubeError where error.code == .forbidden {
        return
      }
    }
    guard let first = missing.first else { return }
    let words = missing.map { permission in
      let part = permission.subresource.map { "/\($0)" } ?? ""
      return "\(permission.verb) \(permission.resource.plural)\(part)"
    }
    throw KubeError(
      .forbidden,
      "tests cannot be run in namespace \"\(first.namespace ?? "")\": \(client.access.source) may not "
        + words.joined(separator: ", "),
      hint: "a Role has to allow that; nothing was changed")
  }
}
