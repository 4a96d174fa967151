internal import JSON
internal import OrderedCollections

/// Hides what the AWS CLI prints and nobody may see: results stand in journals.
enum AWSSecrets {
  /// Members that are secrets wherever they stand.
  private static let members: Set<String> = [
    "secretstring", "secretbinary", "secretaccesskey", "sessiontoken", "password",
    "masteruserpassword", "adminuserpassword", "authorizationtoken", "privatekey", "plaintext",
    "keymaterial", "privatekeyplaintext", "passworddata", "token", "serviceaccesskey",
    "authtoken", "randompassword", "webhooksecret", "clientsecret",
  ]
  /// `token` is a secret of these services only: elsewhere it marks a page or a request.
  private static let tokenServices: Set<String> = ["eks", "codeartifact", "sso", "sso-oidc"]

  static let mask = "********"

  /// The result of an operation with its secrets hidden. The keys of a secret that holds a JSON
  /// object are kept, as `SecretKeys`: which there are is no secret, and has to be checked.
  static func masked(_ json: JSON, of service: String) -> JSON {
    switch json {
    case .array(let items): return .array(items.map { masked($0, of: service) })
    case .object(let members):
      var shown: OrderedDictionary<String, JSON> = [:]
      for (name, value) in members {
        guard isSecret(name, value, beside: members, of: service) else {
          shown[name] = masked(value, of: service)
          continue
        }
        shown[name] = .string(mask)
        if name == "SecretString", let text = value.string,
          let keys = (try? JSON(parsing: text))?.object?.keys
        {
          shown["SecretKeys"] = .array(keys.map(JSON.string))
        }
      }
      return .object(shown)
    default: return json
    }
  }

  private static func isSecret(
    _ name: String, _ value: JSON, beside members: OrderedDictionary<String, JSON>,
    of service: String
  ) -> Bool {
    guard value.string?.isEmpty == false else { return false }
    let bare = name.lowercased()
    if bare == "token" { return tokenServices.contains(service) }
    // A parameter of Systems Manager says itself what it is.
    if bare == "value" { return members["Type"] == "SecureString" }
    return AWSSecrets.members.contains(bare)
  }
}
