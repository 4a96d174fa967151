internal import Diagnostics
internal import HTTPClient
internal import JSON
internal import KubeExec
internal import OrderedCollections
internal import Runbooks

/// A Secret of the environment's cluster. What was there before is kept in another Secret beside it,
/// named for the run.
struct KubernetesSecretStore: SecretStore {
  let name: String
  let namespace: String?
  let cluster: RunCluster

  var title: String { "secret \"\(namespace.map { "\($0)/" } ?? "")\(name)\"" }

  func read() async throws -> StoredSecret? {
    try await find(name).map { try stored($0) }
  }

  func read(previous: String) async throws -> StoredSecret {
    guard let object = try await find(previous) else {
      throw ActionError(.assertion, "there is no secret \"\(previous)\", which has the old values")
    }
    return try stored(object)
  }

  func write(
    _ contents: SecretContents, over current: StoredSecret, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let copy = try await keep(current, call)
    return (try await replace(contents, over: current), copy)
  }

  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String? {
    try await make(name, contents, labels: [:])
  }

  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let old = try await read(previous: previous)
    guard let current else {
      return (try await make(name, old.contents, labels: [:]), nil)
    }
    return (try await replace(old.contents, over: current), nil)
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

  /// Keeps what is there now, once in a run.
  private func keep(_ current: StoredSecret, _ call: ActionCall) async throws -> String {
    let copy = copyName(call)
    if try await find(copy) == nil {
      _ = try await make(
        copy, current.contents, labels: ["omcops/run": .string(call.run.shortID)])
    }
    return copy
  }

  private func make(
    _ name: String, _ contents: SecretContents, labels: OrderedDictionary<String, JSON>
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
