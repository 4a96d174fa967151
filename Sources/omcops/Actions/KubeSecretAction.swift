internal import HTTPClient
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// `kube.secret`: sets keys of a Secret and leaves the others as they are.
///
/// Where a value comes from is said, not the value: another Secret's key (`from`), or it is made here
/// (`generate`). `value` is for what is no secret, as the name of a user, and for the runbook's `secrets`.
struct KubeSecretAction: Action {
  let cluster: RunCluster

  let name = "kube.secret"
  let effect = Effect.write
  let parameters = [
    ActionParameter("name", .string, isRequired: true), KubeParameters.namespace,
    ActionParameter("set", .array(.any), isRequired: true, takesSecrets: true),
    ActionParameter("create", .bool),
  ]
  let result = Shape.object([
    "before": .any, "keys": .array(.string), "changed": .array(.string),
  ])

  /// Which run made or changed it, and where in the runbook.
  private static let mark = "omcops/run"

  /// The names of its keys; the values are for nobody's journal.
  func observe(_ call: ActionCall) async throws -> Value {
    try await kubeErrors { SecretNames.value(try await find(call).object) }
  }

  func run(_ call: ActionCall) async throws -> ActionOutcome {
    try await kubeErrors(writes: true) {
      let (session, present) = try await find(call)
      let name = call.with["name"]?.string ?? ""
      guard present != nil || call.with["create"]?.bool == true else {
        throw KubeError(
          .notFound, "there is no secret \"\(name)\" in namespace \"\(session.namespace)\"",
          hint: "create: true makes it")
      }
      let wanted = try await values(call, session, present)
      let changed = wanted.filter { present?.data($0.key) != $0.value }.map(\.key).sorted()
      let after =
        if let present {
          try await patch(present, wanted, call, session)
        } else {
          try await create(name, wanted, call, session)
        }
      return ActionOutcome(result: [
        "before": call.before, "keys": .array(after.dataKeys.map { .string($0) }),
        "changed": .array(changed.map { .string($0) }),
      ])
    }
  }

  /// There when every key has the value that it shall have; a value that is made here is there when this
  /// step of this run has made it.
  func recall(_ call: ActionCall) async throws -> Recollection {
    try await kubeErrors {
      let (session, present) = try await find(call)
      guard let present else { return .absent }
      let isOurs = present.annotation(Self.mark) == mark(call)
      for (key, source) in try sources(call, session) {
        guard let now = present.data(key) else { return .absent }
        if let fixed = try await source.fixed() {
          if fixed != now { return .absent }
        } else if !isOurs {
          return .absent
        }
      }
      return .there([
        "before": call.before, "keys": .array(present.dataKeys.map { .string($0) }),
        "changed": [],
      ])
    }
  }

  func command(for with: OrderedDictionary<String, Value>) -> String {
    let keys = (with["set"]?.array ?? []).map { $0["key"]?.text ?? "KEY" }
    return "kubectl patch secret \(shellQuoted(with["name"]?.text ?? "")) --patch-file FILE  "
      + "# sets \(keys.joined(separator: ", "))"
  }

  private func find(_ call: ActionCall) async throws -> (session: KubeSession, object: KubeObject?)
  {
    let session = try cluster.session(for: call)
    let secrets = try await session.client.resource(named: "secret")
    return (
      session,
      try await session.client.find(
        secrets, call.with["name"]?.string ?? "", in: session.namespace)
    )
  }

  private func sources(
    _ call: ActionCall, _ session: KubeSession
  ) throws -> OrderedDictionary<String, SecretValueSource> {
    let fields = call.with["set"]?.array ?? []
    guard !fields.isEmpty else { throw ActionError(.other, "set is empty: it names no key") }
    var sources: OrderedDictionary<String, SecretValueSource> = [:]
    for field in fields {
      guard let key = field["key"]?.string, !key.isEmpty, sources[key] == nil else {
        throw ActionError(.other, "each of set needs a key of its own")
      }
      sources[key] = try SecretValueSource(field, key: key, in: session)
    }
    return sources
  }

  private func values(
    _ call: ActionCall, _ session: KubeSession, _ present: KubeObject?
  ) async throws -> OrderedDictionary<String, [UInt8]> {
    // What another attempt of this step has made is kept: somebody may have it by now.
    let isOurs = present?.annotation(Self.mark) == mark(call)
    var values: OrderedDictionary<String, [UInt8]> = [:]
    for (key, source) in try sources(call, session) {
      let kept = isOurs ? present?.data(key) : nil
      if let fixed = try await source.fixed() {
        values[key] = fixed
      } else {
        values[key] = kept ?? source.generated()
      }
    }
    return values
  }

  private func patch(
    _ present: KubeObject, _ values: OrderedDictionary<String, [UInt8]>, _ call: ActionCall,
    _ session: KubeSession
  ) async throws -> KubeObject {
    // With the version that was read: nobody else's change is lost by ours.
    let patch: JSON = [
      "metadata": [
        "resourceVersion": JSON(present.resourceVersion),
        "annotations": [Self.mark: .string(mark(call))],
      ],
      "data": data(values),
    ]
    let secrets = try await session.client.resource(named: "secret")
    return try await session.client.patch(
      secrets, present.name, in: session.namespace, patch, as: .merge)
  }

  private func create(
    _ name: String, _ values: OrderedDictionary<String, [UInt8]>, _ call: ActionCall,
    _ session: KubeSession
  ) async throws -> KubeObject {
    let object: JSON = [
      "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
      "metadata": [
        "name": .string(name), "annotations": [Self.mark: .string(mark(call))],
      ],
      "data": data(values),
    ]
    let secrets = try await session.client.resource(named: "secret")
    return try await session.client.create(secrets, object, in: session.namespace)
  }

  private func data(_ values: OrderedDictionary<String, [UInt8]>) -> JSON {
    .object(values.mapValues { .string(Base64.encode($0)) })
  }

  private func mark(_ call: ActionCall) -> String { "\(call.run.id)/\(call.place)" }
}

/// Where the value of a Secret's key comes from.
private enum SecretValueSource {
  case value(String)
  case key(SecretKey)
  case random(length: Int)

  init(_ field: Value, key name: String, in session: KubeSession) throws {
    let members = field.object ?? [:]
    let ways = ["value", "from", "generate"].filter { members[$0] != nil }
    guard ways.count == 1, members.count == 2 else {
      throw ActionError(
        .other, "key \(name) of set needs one of value, from (secret/NAME/KEY) and generate")
    }
    switch ways[0] {
    case "value":
      guard let text = members["value"]?.text else {
        throw ActionError(.other, "value of key \(name) must be a text")
      }
      self = .value(text)
    case "from":
      self = .key(
        try SecretKey(members["from"]?.string ?? "", in: session, field: "from of key \(name)"))
    default:
      guard let length = members["generate"]?.int, (16...256).contains(length) else {
        throw ActionError(.other, "generate of key \(name) is how many characters: from 16 to 256")
      }
      self = .random(length: Int(length))
    }
  }

  /// The value; nil for one that has to be made.
  func fixed() async throws -> [UInt8]? {
    switch self {
    case .value(let text): Array(text.utf8)
    case .key(let key): try await key.bytes()
    case .random: nil
    }
  }

  /// A new value of letters and digits, which no quoting and no URL spoils: 5.9 bits a character.
  func generated() -> [UInt8] {
    guard case .random(let length) = self else { return [] }
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    // The kernel's generator.
    var generator = SystemRandomNumberGenerator()
    return (0..<length).map { _ in
      alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
    }
  }
}

/// The names of what a Secret holds.
enum SecretNames {
  static func value(_ secret: KubeObject?) -> Value {
    [
      "exists": .bool(secret != nil),
      "keys": .array((secret?.dataKeys ?? []).map { .string($0) }),
      "version": Value(secret?.resourceVersion),
    ]
  }
}
