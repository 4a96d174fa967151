internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.secret.keys`: which of the keys that a service needs a Secret lacks, or holds as the template had
/// them. Names only; no value is shown.
struct KubeSecretKeysAction: Action {
  let cluster: RunCluster

  let name = "kube.secret.keys"
  let effect = Effect.read
  let parameters = [
    ActionParameter("name", .string, isRequired: true), KubeParameters.namespace,
    ActionParameter("keys", .array(.string)),
  ]
  let result = Shape.object([
    "exists": .bool, "keys": .array(.string), "missing": .array(.string),
    "empty": .array(.string), "placeholders": .array(.string),
  ])

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    let session = try cluster.session(for: call)
    return try await kubeErrors {
      let secrets = try await session.client.resource(named: "secret")
      let found = try await session.client.find(
        secrets, call.with["name"]?.string ?? "", in: session.namespace)
      let known = found?.dataKeys ?? []
      let wanted = (call.with["keys"]?.array ?? []).compactMap(\.string)
      func names(_ isOne: (String) -> Bool) -> Value {
        .array(known.filter(isOne).map { .string($0) })
      }
      return ActionOutcome(result: [
        "exists": .bool(found != nil), "keys": names { _ in true },
        "missing": .array(wanted.filter { !known.contains($0) }.map { .string($0) }),
        "empty": names { found?.data($0)?.isEmpty ?? true },
        "placeholders": names { key in
          guard let bytes = found?.data(key), let text = String(validating: bytes, as: UTF8.self)
          else { return false }
          return Self.isPlaceholder(text)
        },
      ])
    }
  }

  /// Whether a value is what templates have in the place of a secret.
  private static func isPlaceholder(_ text: String) -> Bool {
    let text = text.lowercased()
    let letters = text.filter(\.isLetter)
    let words = ["changeme", "changethis", "placeholder", "todo", "secret", "password", "dummy"]
    return words.contains(letters) || (text.hasPrefix("<") && text.hasSuffix(">"))
      || (text.hasPrefix("your") && text.dropFirst(4).first.map { "-_ ".contains($0) } == true)
      || (letters.count > 2 && letters.allSatisfy { $0 == "x" } && letters.count == text.count)
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    "omcops kube get secret \(shellQuoted(with["name"]?.text ?? "")) --output yaml"
  }
}
