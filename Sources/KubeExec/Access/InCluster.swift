internal import SystemPackage

extension ClusterAccess {
  /// What Kubernetes gives to each pod: the server in two variables, and a service account's token
  /// and authority in files. Nil where this is no pod.
  static func inCluster(
    _ selection: AccessSelection, in surroundings: AccessSurroundings
  ) throws -> ClusterAccess? {
    let variables = surroundings.variables
    let folder = surroundings.serviceAccountFolder
    guard let host = variables["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = variables["KUBERNETES_SERVICE_PORT"], !port.isEmpty,
      let token = try? SmallFile.read(folder + "/token"), !token.isEmpty
    else { return nil }
    let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    guard let server = ServerAddress("https://\(name):\(port)") else {
      throw KubeError(
        .badConfiguration,
        "KUBERNETES_SERVICE_HOST and _PORT name no server: \"\(host)\", \"\(port)\"")
    }
    var access = ClusterAccess(source: "the pod's service account", server: server)
    access.isInPod = true
    access.certificateAuthority = try? SmallFile.read(folder + "/ca.crt")
    access.credentials.header = .tokenFile(folder + "/token", fallback: nil)
    access.credentials.owner = "the pod's service account"
    access.namespace =
      selection.namespace ?? nonEmpty(variables["POD_NAMESPACE"])
      ?? nonEmpty((try? SmallFile.read(folder + "/namespace")).map(trimmed)) ?? "default"
    access.impersonation = selection.impersonation
    if selection.isInsecure {
      access.isInsecure = true
      access.certificateAuthority = nil
      access.warnings.append("the certificate of \(server) is not checked")
    }
    return access
  }

  private static func nonEmpty(_ text: String?) -> String? {
    text.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// The text of a small file without the white space around it.
func trimmed(_ bytes: [UInt8]) -> String {
  func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
  let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0
  return String(decoding: bytes[..<end].drop(while: isSpace), as: UTF8.self)
}
