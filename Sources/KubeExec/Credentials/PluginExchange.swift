internal import HTTPClient
internal import JSON
internal import OrderedCollections
internal import Quantities

/// What a credential plugin is told about the cluster when it asks with `provideClusterInfo`.
public struct PluginClusterInfo: Sendable {
  var server: String
  var tlsServerName: String?
  var isInsecure: Bool
  var certificateAuthority: [UInt8]?
  var proxy: String?
  var `extension`: JSON?

  fileprivate var json: JSON {
    var object: OrderedDictionary<String, JSON> = ["server": .string(server)]
    if let tlsServerName { object["tls-server-name"] = .string(tlsServerName) }
    if isInsecure { object["insecure-skip-tls-verify"] = true }
    if let certificateAuthority {
      object["certificate-authority-data"] = .string(
        Base64.encode(certificateAuthority))
    }
    if let proxy { object["proxy-url"] = .string(proxy) }
    object["config"] = self.extension
    return .object(object)
  }
}

/// What is said to a credential plugin and what it answers: the object `ExecCredential`.
enum PluginExchange {
  /// The value of `KUBERNETES_EXEC_INFO`.
  static func question(
    _ plugin: CredentialPlugin, info: PluginClusterInfo?, isInteractive: Bool
  ) -> String {
    var spec: OrderedDictionary<String, JSON> = [:]
    if let info { spec["cluster"] = info.json }
    spec["interactive"] = .bool(isInteractive)
    return JSON.object([
      "kind": "ExecCredential", "apiVersion": .string(plugin.apiVersion), "spec": .object(spec),
    ]).text()
  }

  /// A plugin's answer.
  struct Answer: Sendable {
    var token: Secret?
    var certificate: ClientCertificate?
    var expires: Timestamp?
  }

  /// Reads what a plugin has printed; throws a reason that holds nothing of the answer's values.
  static func answer(_ bytes: [UInt8], to plugin: CredentialPlugin) throws(Unusable) -> Answer {
    let json: JSON
    do throws(JSONError) {
      json = try JSON(parsing: bytes)
    } catch {
      throw Unusable("printed no JSON")
    }
    guard json["kind"]?.string == "ExecCredential" else {
      throw Unusable("printed no ExecCredential")
    }
    guard let version = json["apiVersion"]?.string, version == plugin.apiVersion else {
      throw Unusable(
        "answered in version \"\(json["apiVersion"]?.string ?? "")\", where the kubeconfig says "
          + "\"\(plugin.apiVersion)\"")
    }
    guard let status = json["status"], status.object != nil else {
      throw Unusable("printed an ExecCredential without a status")
    }
    var answer = Answer()
    answer.token = text("token", status).map(Secret.init)
    answer.certificate = try certificate(status)
    if answer.token == nil, answer.certificate == nil {
      throw Unusable("gave neither a token nor a certificate")
    }
    if let text = text("expirationTimestamp", status) {
      guard let expires = Timestamp(parsing: text) else {
        throw Unusable("gave an expirationTimestamp that is no time")
      }
      answer.expires = expires
    }
    return answer
  }

  private static func certificate(_ status: JSON) throws(Unusable) -> ClientCertificate? {
    let certificate = text("clientCertificateData", status)
    let key = text("clientKeyData", status)
    switch (certificate, key) {
    case (nil, nil): return nil
    case (let certificate?, let key?):
      return ClientCertificate(certificate: Array(certificate.utf8), key: Array(key.utf8))
    case (_?, nil): throw Unusable("gave a certificate without its key")
    case (nil, _?): throw Unusable("gave a key without its certificate")
    }
  }

  private static func text(_ key: String, _ status: JSON) -> String? {
    status[key]?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Why an answer cannot be used: the rest of a sentence that begins with the plugin.
  struct Unusable: Error {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }
}
