internal import JSON
internal import OrderedCollections
internal import Runbooks
internal import Text

/// A secret of AWS Secrets Manager, by the AWS CLI, which reads it from a pipe.
struct AWSSecretStore: SecretStore {
  let id: String
  let targets: RunTargets

  var title: String { "secret \"\(id)\" of AWS Secrets Manager" }

  func read() async throws -> StoredSecret? {
    do {
      return try await read([:])
    } catch let error as ActionError where error.message.contains(text: "ResourceNotFoundException")
    {
      return nil
    }
  }

  func read(previous: String) async throws -> StoredSecret {
    try await read(["version-id": .string(previous)])
  }

  private func read(_ more: OrderedDictionary<String, Value>) async throws -> StoredSecret {
    var arguments = more
    arguments["secret-id"] = .string(id)
    let answer = try await run("get-secret-value", arguments, writes: false)
    guard let text = answer["SecretString"]?.string else {
      throw ActionError(.refused, "\(title) holds bytes and no text")
    }
    return StoredSecret(
      contents: SecretContents(jsonOrText: text), version: answer["VersionId"]?.string,
      original: try? JSON(parsing: text))
  }

  func write(
    _ contents: SecretContents, over current: StoredSecret, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    let answer = try await run(
      "put-secret-value",
      [
        "secret-id": .string(id),
        "secret-string": .string(contents.jsonOrText(over: current.original)),
      ], writes: true)
    return (answer["VersionId"]?.string, current.version)
  }

  func create(_ contents: SecretContents, _ call: ActionCall) async throws -> String? {
    let answer = try await run(
      "create-secret",
      ["name": .string(id), "secret-string": .string(contents.jsonOrText(over: nil))],
      writes: true)
    return answer["VersionId"]?.string
  }

  /// Versions keep their contents: only the stage moves.
  func bringBack(
    _ previous: String, over current: StoredSecret?, _ call: ActionCall
  ) async throws -> (version: String?, previous: String?) {
    if current?.version == previous { return (previous, nil) }
    _ = try await run(
      "update-secret-version-stage",
      [
        "secret-id": .string(id), "version-stage": "AWSCURRENT",
        "move-to-version-id": .string(previous),
        "remove-from-version-id": Value(current?.version),
      ], writes: true)
    return (previous, current?.version)
  }

  func word(forBefore version: String?, _ call: ActionCall) async throws -> String? { version }

  private func run(
    _ operation: String, _ arguments: OrderedDictionary<String, Value>, writes: Bool
  ) async throws -> JSON {
    try await targets.proveAccount()
    return try await AWSCommand("secretsmanager", operation, arguments, try targets.chosen())
      .run(writes: writes)
  }
}

extension SecretContents {
  /// A JSON object of texts has keys; all else is one text.
  init(jsonOrText text: String) {
    guard let members = (try? JSON(parsing: text))?.object, !members.isEmpty else {
      self = .text(text)
      return
    }
    var values: OrderedDictionary<String, String> = [:]
    for (key, value) in members { values[key] = value.string ?? value.text() }
    self = .keyed(values)
  }

  /// What is kept where one text is kept. Numbers and booleans that stay as they are stay what they
  /// are.
  func jsonOrText(over original: JSON?) -> String {
    guard case .keyed(let values) = self else {
      if case .text(let text) = self { return text }
      return ""
    }
    var members: OrderedDictionary<String, JSON> = [:]
    for (key, value) in values {
      let old = original?[key]
      members[key] =
        old.map { $0.string == nil && $0.text() == value } == true ? old : .string(value)
    }
    return JSON.object(members).text()
  }
}
