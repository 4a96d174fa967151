internal import Configuration
internal import Diagnostics
internal import KubeExec
internal import Runbooks

/// A value in a Secret of the run's cluster, named as `secret/NAME/KEY`. An action that is given the name
/// reads the value itself, so that it stands in no field, no record and no output.
struct SecretKey {
  private let key: KubernetesKey
  private let session: KubeSession

  /// Reads the name in a field of a call.
  init(_ text: String, in session: KubeSession, field: String) throws {
    guard let key = KubernetesKey(parsing: text), key.kind == .secret else {
      throw ActionError(
        .other, "\(field) is \"\(text.prefix(80))\"; it must be secret/NAME/KEY",
        hint: "the value itself has no place in a runbook")
    }
    (self.key, self.session) = (key, session)
  }

  /// The bytes; throws where there is no such Secret or key.
  func bytes() async throws -> [UInt8] {
    let secret = try await session.client.resource(named: "secret")
    let object = try await session.client.get(secret, key.object, in: session.namespace)
    guard let bytes = object.data(key.key) else {
      throw KubeError(
        .notFound,
        "secret \"\(key.object)\" in namespace \"\(session.namespace)\" has no key \"\(key.key)\""
          + Suggestion.phrase(for: key.key, among: object.dataKeys),
        hint: object.dataKeys.isEmpty
          ? "it is empty" : "it has \(object.dataKeys.joined(separator: ", "))")
    }
    return bytes
  }

  /// The text, without the newline that `echo` leaves at the end.
  func text() async throws -> String {
    var bytes = try await bytes()
    if bytes.last == 0x0A { bytes.removeLast() }
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self), !text.isEmpty
    else {
      throw KubeError(
        .invalid, "the key \"\(key.key)\" of secret \"\(key.object)\" is empty, or no text")
    }
    return text
  }
}
