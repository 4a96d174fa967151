internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// A Secret of the environment's cluster. What was there before is kept in another Secret beside it,
/// named for the run, which also says what the run has changed: only that is brought back, and what
/// somebody else has changed meanwhile stays.
struct KubernetesSecretStore: SecretStore {
  let name: String
  let namespace: String?
  let cluster: RunCluster

  /// The keys that the run has changed, on the Secret with the old values.
  private static let changed = "omcops/changed-keys"

  var title: String { "secret \"\(namespace.map { "\($0)/" } ?? "")\(name)\"" }

  func read() async throws -> StoredSecret? {
    try await find(name).map { try stored($0) }
  }

  func read(previous: String) async throws -> StoredSecret {
    try stored(try await copy(previous))
  }

  private func copy(_ name: String) async throws -> KubeObject {
    guard let object = try await find(name) else {
      throw ActionError(.assertion, "there is no secret \"\(name)\", which has the old values")
    }
    return object
  }

  func contents(
    with previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> SecretContents {
    let copy = try await copy(previous)
    let old = try stored(copy).contents
    guard case .keyed(let before) = old, case .keyed(var values)? = current?.contents,
      let changed = copy.annotation(Self.changed)
    else { return old }
    for key in changed.split(separator: ",").map(String.init) { values[key] = before[key] }
    return .keyed(values)
  }

  func write(
    _ contents: SecretContents, over current: StoredSecret, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let copy = try await keep(
      current, changing: contents.keys(differingFrom: current.contents), call)
    return (try await replace(contents, over: current), copy)
  }

  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String? {
    try await make(name, contents)
  }

  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let contents = try await contents(with: previous, over: current, call)
    guard let current else { return (try await make(name, contents), nil) }
    return (try await replace(contents, over: current), nil)
  }

  func word(forBefore version: String?, _ call: ActionCall) async throws -> String? {
    try await find(copyName(call)) == nil ? nil : copyName(call)
  }

  private func copyName(_ call: ActionCall) -> String { "\(name)-before-\(call.run.shortID)" }

  private func find(_ name: String) async throws -> KubeObject? {
    try await kubeErrors {
      let session = try cluster.session()
      let secrets = try await session.client.resource(named: "secret")
      return try await session.client.find(secrets, name, in: namespace ?? session.namespace)
    }
  }

  /// Keeps what is there before the run's first change, and which keys its changes are about.
  private func keep(
    _ current: StoredSecret, changing keys: [String], _ call: ActionCall
  ) async throws -> String {
    let copy = copyName(call)
    guard let present = try await find(copy) else {
      _ = try await make(
        copy, current.contents, labels: ["omcops/run": .string(call.run.shortID)],
        annotations: [Self.changed: .string(keys.joined(separator: ","))])
      return copy
    }
    // One of an earlier omcops has no such note: then all of it is meant.
    guard let noted = present.annotation(Self.changed) else { return copy }
    let all = Set(noted.split(separator: ",").map(String.init)).union(keys).sorted()
    try await kubeErrors(writes: true) {
      let session = try cluster.session()
      _ = try await session.client.patch(
        try await session.client.resource(named: "secret"), copy,
        in: namespace ?? session.namespace,
        ["metadata": ["annotations": [Self.changed: .string(all.joined(separator: ","))]]],
        as: .merge)
    }
    return copy
  }

  private func make(
    _ name: String, _ contents: SecretContents, labels: OrderedDictionary<String, JSON> = [:],
    annotations: OrderedDictionary<String, JSON> = [:]
  ) async throws -> String? {
    let data = try data(of: contents)
    return try await kubeErrors(writes: true) {
      let session = try cluster.session()
      let secrets = try await session.client.resource(named: "secret")
      let space = namespace ?? session.namespace
      let object: JSON = [
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": [
          "name": .string(name), "namespace": .string(space), "labels": .object(labels),
          "annotations": .object(annotations),
        ],
        "data": .object(data),
      ]
      return try await session.client.create(secrets, object, in: space).resourceVersion
    }
  }

  /// Replaces all keys, unless somebody else has changed the object since it was read.
  private func replace(
    _ contents: SecretContents, over current: StoredSecret
  ) async throws -> String? {
    var data = try data(of: contents)
    for key in current.contents.keys where data[key] == nil { data[key] = .null }
    return try await kubeErrors(writes: true) {
      let session = try cluster.session()
      let secrets = try await session.client.resource(named: "secret")
      return try await session.client.patch(
        secrets, name, in: namespace ?? session.namespace,
        ["metadata": ["resourceVersion": JSON(current.version)], "data": .object(data)],
        as: .merge
      ).resourceVersion
    }
  }

  private func data(of contents: SecretContents) throws -> OrderedDictionary<String, JSON> {
    guard case .keyed(let values) = contents else {
      throw ActionError(.refused, "\(title) has keys: give values, by key")
    }
    return values.mapValues { .string(Base64.encode(Array($0.utf8))) }
  }

  /// Values that are no texts cannot be handled, and must not be lost.
  private func stored(_ object: KubeObject) throws -> StoredSecret {
    var values: OrderedDictionary<String, String> = [:]
    for key in object.dataKeys {
      guard let bytes = object.data(key), let text = String(validating: bytes, as: UTF8.self) else {
        throw ActionError(.refused, "key \"\(key)\" of \(title) is no text")
      }
      values[key] = text
    }
    return StoredSecret(contents: .keyed(values), version: object.resourceVersion)
  }
}
